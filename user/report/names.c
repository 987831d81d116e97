// SPDX-License-Identifier: BSD-2-Clause
#include "report/names.h"

#include "entity/unit.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int names_begin(struct names *names, const struct sample *sample)
{
	size_t room;
	void *moved;

	if (sample->n_cgroups > names->cgroups_room) {
		room = sample->n_cgroups + sample->n_cgroups / 2;
		moved = reallocarray(names->cgroups, room, sizeof(*names->cgroups));
		if (!moved)
			return -ENOMEM;
		names->cgroups = moved;
		names->cgroups_room = room;
	}
	if (sample->n_users > names->users_room) {
		room = sample->n_users + sample->n_users / 2;
		moved = reallocarray(names->users, room, sizeof(struct text *));
		if (!moved)
			return -ENOMEM;
		names->users = moved;
		names->users_room = room;
	}
	for (size_t i = 0; i < sample->n_cgroups; i++)
		names->cgroups[i] = (struct cgroup_names){0};
	for (size_t i = 0; i < sample->n_users; i++)
		names->users[i] = NULL;
	names->sample = sample;
	return 0;
}

/* The unit that the path is in, as its name and the path up to it. 0 or -ENOMEM. */
static int name_unit(struct texts *texts, struct cgroup_names *cgroup)
{
	struct unit_path unit;
	char *path;

	if (unit_of(cgroup->path->text, &unit) < 0)
		return 0;
	cgroup->unit = texts_take(texts, unit.name);
	path = strndup(cgroup->path->text, unit.prefix_len);
	if (path)
		cgroup->unit_path = texts_take(texts, path);
	free(path);
	return cgroup->unit && cgroup->unit_path ? 0 : -ENOMEM;
}

static void put_cgroup(struct names *names, struct cgroup_names *cgroup)
{
	texts_put(names->texts, cgroup->path);
	texts_put(names->texts, cgroup->unit);
	texts_put(names->texts, cgroup->unit_path);
	container_labels_put(names->containers, cgroup->container);
	*cgroup = (struct cgroup_names){0};
}

const struct cgroup_names *names_cgroup(struct names *names, int32_t index)
{
	const struct sample *sample = names->sample;
	struct cgroup_names *cgroup;
	int32_t container;

	assert(index >= 0 && (size_t)index < sample->n_cgroups);
	cgroup = &names->cgroups[index];
	if (cgroup->made)
		return cgroup;
	cgroup->path = texts_take(names->texts, sample->cgroups[index].path);
	cgroup->made = cgroup->path && name_unit(names->texts, cgroup) == 0;
	container = sample->cgroups[index].container;
	if (cgroup->made && container >= 0) {
		assert((size_t)container < sample->n_containers);
		cgroup->container =
			container_labels_take(names->containers, &sample->containers[container]);
		cgroup->made = cgroup->container;
	}
	if (cgroup->made)
		return cgroup;
	put_cgroup(names, cgroup);
	return NULL;
}

struct text *names_user(struct names *names, int32_t index)
{
	const struct sample_user *user;
	char number[24];

	assert(index >= 0 && (size_t)index < names->sample->n_users);
	user = &names->sample->users[index];
	if (!names->users[index]) {
		snprintf(number, sizeof(number), "%u", user->uid);
		names->users[index] = texts_take(names->texts, user->name ? user->name : number);
	}
	return names->users[index];
}

void names_end(struct names *names)
{
	for (size_t i = 0; i < names->sample->n_cgroups; i++) {
		if (names->cgroups[i].made)
			put_cgroup(names, &names->cgroups[i]);
	}
	for (size_t i = 0; i < names->sample->n_users; i++) {
		texts_put(names->texts, names->users[i]);
		names->users[i] = NULL;
	}
}

void names_done(struct names *names)
{
	free(names->cgroups);
	free(names->users);
	memset(names, 0, sizeof(*names));
}
