// SPDX-License-Identifier: BSD-2-Clause
/*
 * Docker writes what it knows of a container to DATA-ROOT/containers/ID/config.v2.json (moby,
 * container/container.go), before it starts it and whenever that changes.
 */

#include "entity/container_source.h"

#include <limits.h>
#include <stdio.h>

static bool read_config(struct container_state *state, const char *data_root,
			const struct container_path *path, struct container_facts *facts)
{
	_cleanup_json_ json_object *config = NULL;
	json_object *options;
	char file[PATH_MAX];
	const char *name;

	if (snprintf(file, sizeof(file), "%s/containers/%s/config.v2.json", data_root, path->id) >=
	    (int)sizeof(file))
		return false;
	config = container_state_json(state, file, path->uid);
	if (!config)
		return false;
	options = container_json_get(config, "Config");
	/* cri-dockerd's containers have names such as k8s_NAME_POD_NAMESPACE_UID_0. */
	container_facts_offer_kubernetes(facts, container_json_get(options, "Labels"));
	name = container_json_text(config, "Name");
	container_facts_offer(facts, CONTAINER_NAME, name && name[0] == '/' ? name + 1 : name);
	container_facts_offer(facts, CONTAINER_IMAGE, container_json_text(options, "Image"));
	facts->runtime = CONTAINER_DOCKER;
	return true;
}

/* Elsewhere, by /etc/docker/daemon.json: "data-root", before 17.05 "graph". */
static bool read_moved(struct container_state *state, const struct container_path *path,
		       struct container_facts *facts)
{
	_cleanup_json_ json_object *daemon =
		container_state_json(state, "etc/docker/daemon.json", CONTAINER_ANY_OWNER);
	const char *data_root = container_json_text(daemon, "data-root");

	if (!data_root)
		data_root = container_json_text(daemon, "graph");
	return data_root && read_config(state, data_root, path, facts);
}

bool docker_look_up(struct container_state *state, const struct container_path *path,
		    struct container_facts *facts)
{
	char data_root[PATH_MAX];
	const char *home;

	if (path->uid < 0)
		return read_config(state, "var/lib/docker", path, facts) ||
		       read_moved(state, path, facts) ||
		       read_config(state, "var/snap/docker/common/var-lib-docker", path, facts);
	home = user_names_home(state->users, (uint32_t)path->uid);
	if (!home || snprintf(data_root, sizeof(data_root), "%s/.local/share/docker", home) >=
			     (int)sizeof(data_root))
		return false;
	return read_config(state, data_root, path, facts);
}
