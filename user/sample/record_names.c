// SPDX-License-Identifier: BSD-2-Clause
#include "sample/record_names.h"

#include "base/cleanup.h"
#include "base/grow.h"

#include <stdlib.h>
#include <string.h>

/* One definition, and where it is in the sample of the tick that used it last. */
struct record_name {
	union {
		struct sample_container container;
		struct sample_cgroup cgroup; /* its container is a ref */
		struct sample_user user;
	};
	char *line; /* what the texts are in */
	uint64_t tick;
	int32_t index;
};

/* Puts the definition in its place, which then owns its line. 0 or an error of `lines`. */
static int place(struct record_name_list *list, struct record_lines *lines, enum record_kind kind,
		 uint32_t ref, const struct record_name *name)
{
	struct record_name *moved;

	/* Refs come without a gap, so a number in the file never decides how much is allocated. */
	if (ref > list->n)
		return record_lines_bad(lines, "%s: ref=%u, but the next new one is %zu",
					record_kind_name(kind), ref, list->n);
	if (ref == list->n) {
		moved = grow_array(list->names, list->n, &list->room, sizeof(*moved));
		if (!moved)
			return record_lines_no_memory(lines);
		list->names = moved;
		list->n++;
	} else {
		free(list->names[ref].line);
	}
	list->names[ref] = *name;
	return 0;
}

static int parse_container(struct record_lines *lines, char *keys, struct record_name *name,
			   uint32_t *ret_ref)
{
	struct record_container line;
	int err;

	err = record_lines_parse(lines, RECORD_CONTAINER, keys, &line);
	if (err)
		return err;
	name->container = line.container;
	*ret_ref = line.ref;
	return 0;
}

static int parse_cgroup(const struct record_names *names, struct record_lines *lines, char *keys,
			struct record_name *name, uint32_t *ret_ref)
{
	struct record_cgroup line = {.cgroup.removed = false};
	int err;

	err = record_lines_parse(lines, RECORD_CGROUP, keys, &line);
	if (err)
		return err;
	if (line.cgroup.container != SAMPLE_UNKNOWN &&
	    (line.cgroup.container < 0 || (size_t)line.cgroup.container >= names->containers.n))
		return record_lines_bad(lines, "cgroup: container=%d is not defined",
					line.cgroup.container);
	name->cgroup = line.cgroup;
	*ret_ref = line.ref;
	return 0;
}

static int parse_user(struct record_lines *lines, char *keys, struct record_name *name,
		      uint32_t *ret_ref)
{
	struct record_user line;
	int err;

	err = record_lines_parse(lines, RECORD_USER, keys, &line);
	if (err)
		return err;
	name->user = line.user;
	*ret_ref = line.ref;
	return 0;
}

int record_names_define(struct record_names *names, struct record_lines *lines,
			enum record_kind kind, const char *keys)
{
	/* Texts are decoded in place, so a copy of the line holds all of them. */
	_cleanup_free_ char *copy = strdup(keys);
	struct record_name_list *list;
	struct record_name name = {.line = copy};
	uint32_t ref = 0;
	int err;

	if (!copy)
		return record_lines_no_memory(lines);
	switch (kind) {
	case RECORD_CONTAINER:
		list = &names->containers;
		err = parse_container(lines, copy, &name, &ref);
		break;
	case RECORD_CGROUP:
		list = &names->cgroups;
		err = parse_cgroup(names, lines, copy, &name, &ref);
		break;
	default:
		list = &names->users;
		err = parse_user(lines, copy, &name, &ref);
		break;
	}
	if (!err)
		err = place(list, lines, kind, ref, &name);
	if (!err)
		copy = NULL;
	return err;
}

void record_names_begin(struct record_names *names)
{
	names->tick++;
}

/* 0 where the ref has a definition, else an error of `lines`. */
static int check_ref(const struct record_name_list *list, struct record_lines *lines,
		     enum record_kind kind, const char *key, int32_t ref)
{
	if (ref >= 0 && (size_t)ref < list->n)
		return 0;
	return record_lines_bad(lines, "%s: %s=%d is not defined", record_kind_name(kind), key,
				ref);
}

/* Notes where the sample has it. */
static int settle(const struct record_names *names, struct record_lines *lines,
		  struct record_name *name, int index)
{
	if (index < 0)
		return record_lines_no_memory(lines);
	name->tick = names->tick;
	name->index = index;
	return 0;
}

static int place_container(struct record_names *names, struct record_lines *lines,
			   int32_t *container, struct sample *sample)
{
	struct record_name *name;
	int err = 0;

	if (*container == SAMPLE_UNKNOWN)
		return 0;
	name = &names->containers.names[*container];
	if (name->tick != names->tick)
		err = settle(names, lines, name, sample_add_container(sample, &name->container));
	*container = name->index;
	return err;
}

int record_names_cgroup(struct record_names *names, struct record_lines *lines,
			enum record_kind kind, int32_t *cgroup, struct sample *sample)
{
	struct record_name *name;
	struct sample_cgroup placed;
	int err;

	if (*cgroup == SAMPLE_UNKNOWN)
		return 0;
	err = check_ref(&names->cgroups, lines, kind, "cgroup", *cgroup);
	if (err)
		return err;
	name = &names->cgroups.names[*cgroup];
	if (name->tick != names->tick) {
		placed = name->cgroup;
		err = place_container(names, lines, &placed.container, sample);
		if (!err)
			err = settle(names, lines, name, sample_add_cgroup(sample, &placed));
	}
	*cgroup = name->index;
	return err;
}

int record_names_user(struct record_names *names, struct record_lines *lines, enum record_kind kind,
		      int32_t *user, struct sample *sample)
{
	struct record_name *name;
	int err;

	if (*user == SAMPLE_UNKNOWN)
		return 0;
	err = check_ref(&names->users, lines, kind, "user", *user);
	if (err)
		return err;
	name = &names->users.names[*user];
	if (name->tick != names->tick)
		err = settle(names, lines, name, sample_add_user(sample, &name->user));
	*user = name->index;
	return err;
}

static void list_done(struct record_name_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->names[i].line);
	free(list->names);
}

void record_names_done(struct record_names *names)
{
	list_done(&names->containers);
	list_done(&names->cgroups);
	list_done(&names->users);
	memset(names, 0, sizeof(*names));
}
