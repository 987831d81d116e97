// SPDX-License-Identifier: BSD-2-Clause
/*
 * LXC's paths are also LXD's and Incus's, which are built on it: whose a container is shows by whose
 * folder has it. Proxmox VE keeps LXC's configuration in its own.
 */

#include "entity/container_source.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *folder;
	enum container_runtime runtime;
} folders[] = {
	{"var/lib/incus/containers", CONTAINER_INCUS},
	{"var/lib/lxd/containers", CONTAINER_LXD},
	{"var/snap/lxd/common/lxd/containers", CONTAINER_LXD},
	{"var/lib/lxc", CONTAINER_LXC},
};

/* LXD and Incus: an instance of another project than "default" is PROJECT_INSTANCE to LXC. */
static void offer_instance(const char *id, struct container_facts *facts)
{
	const char *mark = strchr(id, '_');
	char project[NAME_MAX + 1];

	if (mark && mark > id && mark[1]) {
		snprintf(project, sizeof(project), "%.*s", (int)(mark - id), id);
		container_facts_offer(facts, CONTAINER_NAMESPACE, project);
		id = mark + 1;
	}
	container_facts_offer(facts, CONTAINER_NAME, id);
}

bool lxc_look_up(struct container_state *state, const struct container_path *path,
		 struct container_facts *facts)
{
	struct container_stamp stamp = {0};
	char file[PATH_MAX];

	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders) && !stamp.inode; i++) {
		snprintf(file, sizeof(file), "%s/%s", folders[i].folder, path->id);
		stamp = container_root_stamp(&state->root, file);
		if (stamp.inode)
			facts->runtime = folders[i].runtime;
	}
	if (facts->runtime == CONTAINER_LXD || facts->runtime == CONTAINER_INCUS) {
		offer_instance(path->id, facts);
		strncat(file, "/backup.yaml", sizeof(file) - strlen(file) - 1);
		container_offer_value(state, file, "image.description", CONTAINER_IMAGE, facts);
	}
	snprintf(file, sizeof(file), "etc/pve/lxc/%s.conf", path->id);
	container_offer_value(state, file, "hostname", CONTAINER_NAME, facts);
	container_facts_offer(facts, CONTAINER_NAME, path->id);
	return stamp.inode != 0;
}
