// SPDX-License-Identifier: BSD-2-Clause
/*
 * The kubelet names the folders of the logs after what is logged (pkg/kubelet/kuberuntime):
 * /var/log/pods/NAMESPACE_POD_UID/CONTAINER/, and a link for each container,
 * /var/log/containers/POD_NAMESPACE_CONTAINER-ID.log. None of the names has a _ in it (RFC 1123).
 */

#include "entity/container_source.h"

#include <limits.h>
#include <string.h>

#define PODS "var/log/pods"
#define CONTAINERS "var/log/containers"

/* A link's name is cut to this, before ".log", on behalf of ext4. */
#define LINK_NAME_MAX (NAME_MAX - strlen(".log"))

struct search {
	const struct container_path *path;
	struct container_facts *facts;
};

/* At the _ and the next _ the text is ended; *ret has what is before, between and behind them. */
static bool split(char *text, char *ret[static 3])
{
	for (size_t i = 0; i < 3; i++)
		ret[i] = strsep(&text, "_");
	return ret[2] && !text;
}

/* "NAMESPACE_POD_UID", for that uid; 1: found. */
static int read_pod(const char *name, void *userdata)
{
	struct search *search = userdata;
	char text[NAME_MAX + 1], *fields[3];

	strncpy(text, name, NAME_MAX);
	text[NAME_MAX] = '\0';
	if (!split(text, fields) || strcmp(fields[2], search->path->pod_uid) != 0)
		return 0;
	container_facts_offer(search->facts, CONTAINER_NAMESPACE, fields[0]);
	container_facts_offer(search->facts, CONTAINER_POD, fields[1]);
	return 1;
}

/* "POD_NAMESPACE_CONTAINER-ID.log", for that id; 1: found. */
static int read_container(const char *name, void *userdata)
{
	struct search *search = userdata;
	size_t length = strlen(name), kept = strlen(".log");
	char text[NAME_MAX + 1], *fields[3], *id;

	if (length > NAME_MAX || length < kept || strcmp(name + length - kept, ".log") != 0)
		return 0;
	length -= kept;
	memcpy(text, name, length);
	text[length] = '\0';
	id = strrchr(text, '-');
	if (!id)
		return 0;
	*id++ = '\0';
	kept = strlen(id);
	if (strncmp(id, search->path->id, kept) != 0 ||
	    (search->path->id[kept] && (length < LINK_NAME_MAX || kept < 12)))
		return 0;
	if (!split(text, fields))
		return 0;
	container_facts_offer(search->facts, CONTAINER_POD, fields[0]);
	container_facts_offer(search->facts, CONTAINER_NAMESPACE, fields[1]);
	container_facts_offer(search->facts, CONTAINER_NAME, fields[2]);
	return 1;
}

bool kubelet_look_up(struct container_state *state, const struct container_path *path,
		     struct container_facts *facts)
{
	struct search search = {.path = path, .facts = facts};
	bool known = false;

	if (!path->pod_uid[0] || path->uid >= 0)
		return false;
	if (path->runtime != CONTAINER_KUBERNETES && !facts->text[CONTAINER_NAME])
		known = container_root_list(&state->root, CONTAINERS, read_container, &search) > 0;
	if (!facts->text[CONTAINER_POD] || !facts->text[CONTAINER_NAMESPACE])
		known |= container_root_list(&state->root, PODS, read_pod, &search) > 0;
	return known;
}
