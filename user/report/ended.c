// SPDX-License-Identifier: BSD-2-Clause
#include "report/ended.h"

#include <stdlib.h>
#include <string.h>

/* The line of the name, made if it is new and there is room for it. */
static struct ended_name *line_of(struct ended *ended, const char *of)
{
	struct ended_name *name;

	HASH_FIND_STR(ended->table, of, name);
	if (name)
		return name;
	if (HASH_COUNT(ended->table) >= ENDED_MAX_NAMES)
		return &ended->more;
	name = calloc(1, sizeof(*name));
	if (!name)
		return &ended->more;
	name->name = strdup(of);
	if (name->name)
		HASH_ADD_KEYPTR(hh, ended->table, name->name, strlen(name->name), name);
	if (!name->hh.tbl) {
		free(name->name);
		free(name);
		return &ended->more;
	}
	return name;
}

void ended_add(struct ended *ended, const struct tracked *tracked)
{
	struct ended_name *name = line_of(ended, tracked->entity.name);

	if (name->count++ == 0)
		name->pid = tracked->entity.pid;
	running_add(&name->total, &tracked->entity.total);
}

size_t ended_count(const struct ended *ended)
{
	return HASH_COUNT(ended->table) + (ended->more.count > 0);
}

void ended_done(struct ended *ended)
{
	struct ended_name *name = ended->table, *next;

	/* Frees the table only: its elements stay linked. */
	HASH_CLEAR(hh, ended->table);
	for (; name; name = next) {
		next = name->hh.next;
		free(name->name);
		free(name);
	}
	memset(ended, 0, sizeof(*ended));
}
