// SPDX-License-Identifier: BSD-2-Clause
#include "report/report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* As docker ps, podman ps and crictl ps show an id. */
#define SHORT_ID 12

static const char *const kind_names[ENTITY_N_KINDS] = {
	[ENTITY_THREAD] = "thread", [ENTITY_PROCESS] = "process",     [ENTITY_TREE] = "tree",
	[ENTITY_CGROUP] = "cgroup", [ENTITY_CONTAINER] = "container", [ENTITY_UNIT] = "unit",
	[ENTITY_USER] = "user",
};

const char *entity_kind_name(enum entity_kind kind)
{
	return kind_names[kind];
}

int entity_kind_from_name(const char *name, enum entity_kind *ret)
{
	for (int i = 0; i < ENTITY_N_KINDS; i++) {
		if (strcmp(kind_names[i], name) == 0) {
			*ret = (enum entity_kind)i;
			return 0;
		}
	}
	return -EINVAL;
}

const char *entity_container_name(const struct entity_container *container, char *room)
{
	if (container->label)
		return container->label;
	if (container->name)
		return container->name;
	snprintf(room, SHORT_ID + 1, "%s", container->id);
	return room;
}

size_t entity_labels(const struct entity *entity, struct entity_label labels[ENTITY_LABELS_MAX])
{
	static const struct entity_container none;
	const struct entity_container *container = entity->container ? entity->container : &none;
	/* What is the entity's own name or id is no label of it. */
	const struct entity_label all[] = {
		{"cmdline", entity->cmdline},
		{"user", entity->kind == ENTITY_USER ? NULL : entity->user},
		{"unit", entity->kind == ENTITY_UNIT ? NULL : entity->unit},
		{"runtime", container->runtime},
		{"container", entity->kind == ENTITY_CONTAINER ? NULL : container->name},
		{"containerId", entity->kind == ENTITY_CONTAINER ? NULL : container->id},
		{"image", container->image},
		{"pod", container->pod},
		{"namespace", container->pod_namespace},
	};
	size_t n = 0;

	_Static_assert(sizeof(all) / sizeof(all[0]) <= ENTITY_LABELS_MAX, "room for all labels");
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (all[i].value)
			labels[n++] = all[i];
	}
	return n;
}
