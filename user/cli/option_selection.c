// SPDX-License-Identifier: BSD-2-Clause
#include "cli/option_selection.h"

#include "base/parse.h"
#include "cli/option_table.h"
#include "entity/cgroup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PID_LIMIT 4194304U /* PID_MAX_LIMIT on 64-bit, include/linux/threads.h */

/* A selection on the command line of a replay stands instead of the recorded one. */
static void replace_selection(struct config *config)
{
	if (!config->from_record)
		return;
	config->from_record = false;
	config->n_pids = 0;
	config->children = config->children_given;
	config_drop_settings(config, "pid");
	config_drop_settings(config, "cgroup");
	config_drop_settings(config, "container");
	if (!config->children_given)
		config_drop_settings(config, "children");
	while (config->n_cgroups)
		free(config->cgroups[--config->n_cgroups]);
	while (config->n_containers)
		free((char *)(uintptr_t)config->containers[--config->n_containers]);
}

/* Probes that are set twice in one process would take each call for two. */
static bool is_selected(const struct config *config, uint32_t pid)
{
	for (size_t i = 0; i < config->n_pids; i++) {
		if (config->pids[i] == pid)
			return true;
	}
	return false;
}

int option_take_pid(struct config *config, const char *value, struct errmsg *msg)
{
	const char *at = value;
	uint32_t *moved;
	uint32_t pid;
	char text[16];
	size_t length;

	replace_selection(config);
	for (;; at += length + 1) {
		length = strcspn(at, ",");
		snprintf(text, sizeof(text), "%.*s", (int)(length < 15 ? length : 15), at);
		if (length > 15 || parse_u32(text, 1, PID_LIMIT, &pid) != 0)
			return option_bad_number(msg, -EINVAL, "-p", value,
						 "process ids separated by commas");
		moved = reallocarray(config->pids, config->n_pids + 1, sizeof(*moved));
		if (!moved)
			return errmsg_set(msg, -ENOMEM, "out of memory");
		config->pids = moved;
		if (!is_selected(config, pid))
			config->pids[config->n_pids++] = pid;
		if (at[length] == '\0')
			return 0;
	}
}

int option_take_children(struct config *config, const char *value, struct errmsg *msg)
{
	(void)value;
	(void)msg;
	config->children = true;
	config->children_given = !config->taking_record;
	return 0;
}

/* As people have it: below the mount point, or with the mount point before it. */
static const char *below_mount(const char *path, const char *mount_point)
{
	size_t length = strlen(mount_point);

	if (length == 0 || strncmp(path, mount_point, length) != 0 ||
	    (path[length] != '/' && path[length] != '\0'))
		return path;
	return path[length] ? path + length : "/";
}

int option_take_cgroup(struct config *config, const char *value, struct errmsg *msg)
{
	struct cgroup_mounts mounts = {};
	char **moved, *path;

	if (value[0] == '\0')
		return errmsg_set(msg, -EINVAL, "-c takes the path of a cgroup, not an empty word");
	replace_selection(config);
	cgroup_mounts_read("/proc", &mounts);
	value = below_mount(below_mount(value, mounts.v1), mounts.v2);
	moved = reallocarray(config->cgroups, config->n_cgroups + 1, sizeof(char *));
	if (!moved || asprintf(&path, "%s%s", value[0] == '/' ? "" : "/", value) < 0) {
		config->cgroups = moved ? moved : config->cgroups;
		return errmsg_set(msg, -ENOMEM, "out of memory");
	}
	config->cgroups = moved;
	config->cgroups[config->n_cgroups++] = path;
	return 0;
}

int option_take_container(struct config *config, const char *value, struct errmsg *msg)
{
	const char **moved;
	char *copy;

	if (value[0] == '\0')
		return errmsg_set(
			msg, -EINVAL,
			"--container takes a container's name or the beginning of its id, "
			"not an empty word");
	replace_selection(config);
	moved = reallocarray(config->containers, config->n_containers + 1, sizeof(*moved));
	copy = moved ? strdup(value) : NULL;
	if (moved)
		config->containers = moved;
	if (!copy)
		return errmsg_set(msg, -ENOMEM, "out of memory");
	config->containers[config->n_containers++] = copy;
	return 0;
}

int option_take_by(struct config *config, const char *value, struct errmsg *msg)
{
	const char *names[ENTITY_N_KINDS];

	config->by_given = true;
	if (entity_kind_from_name(value, &config->by) == 0)
		return 0;
	for (int i = 0; i < ENTITY_N_KINDS; i++)
		names[i] = entity_kind_name((enum entity_kind)i);
	return option_unknown_word(msg, "kind of entity", value, names, ENTITY_N_KINDS);
}

int option_take_cgroup_version(struct config *config, const char *value, struct errmsg *msg)
{
	uint32_t version;

	if (parse_u32(value, 1, 2, &version) != 0)
		return option_bad_number(msg, -EINVAL, "--cgroup-version", value, "1 or 2");
	config->cgroup_version = (int)version;
	return 0;
}

int option_take_top(struct config *config, const char *value, struct errmsg *msg)
{
	int err = parse_u32(value, 1, UINT32_MAX, &config->top);

	return err ? option_bad_number(msg, -EINVAL, "-t", value, "a number of entities from 1")
		   : 0;
}
