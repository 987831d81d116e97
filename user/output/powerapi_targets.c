// SPDX-License-Identifier: BSD-2-Clause
#include "output/powerapi_targets.h"

#include "base/grow.h"
#include "output/utf8.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define ESCAPED 4 /* bytes of \xHH */

/* The length of the character that may stay as it is, or 0. */
static size_t plain_length(const char *text)
{
	uint32_t code;
	size_t length = utf8_decode(text, &code);

	return length > 0 && code >= 0x20 && code != 0x7f ? length : 0;
}

static bool is_plain(const char *text)
{
	while (*text) {
		size_t length = plain_length(text);

		if (length == 0)
			return false;
		text += length;
	}
	return true;
}

/* Writes the text, escaped; returns its end. */
static char *put_escaped(char *at, const char *text)
{
	static const char hex[] = "0123456789abcdef";

	while (*text) {
		size_t length = plain_length(text);
		unsigned char byte = (unsigned char)*text;

		if (length > 0) {
			memcpy(at, text, length);
			at += length;
			text += length;
			continue;
		}
		*at++ = '\\';
		*at++ = 'x';
		*at++ = hex[byte >> 4];
		*at++ = hex[byte & 15];
		text++;
	}
	*at = '\0';
	return at;
}

/* NAME[ID], or the ID alone where name is NULL. */
static const char *compose(struct arena *arena, const char *name, const char *id)
{
	size_t length = (name ? strlen(name) : 0) + strlen(id);
	char *text = malloc(ESCAPED * length + sizeof("[]")), *at = text;
	const char *copy;

	if (!text)
		return NULL;
	if (name) {
		at = put_escaped(at, name);
		*at++ = '[';
	}
	at = put_escaped(at, id);
	if (name)
		strcpy(at, "]");
	copy = arena_copy(arena, text);
	free(text);
	return copy;
}

static bool is_path(enum entity_kind kind)
{
	return kind == ENTITY_CGROUP || kind == ENTITY_UNIT;
}

/* NULL when memory is out. */
static const char *name_of(struct arena *arena, const struct entity *entity, const char *id)
{
	const char *name = entity->group || is_path(entity->kind) ? NULL : entity->name;

	if (!name && is_plain(id))
		return id;
	return compose(arena, name, id);
}

/* The id, that of a path from the base on; NULL: it is not below the base. */
static const char *from_base(const struct entity *entity, const char *base)
{
	const char *path = is_path(entity->kind) ? entity->id : entity->cgroup;
	size_t length = base ? strlen(base) : 0;

	if (length == 0)
		return entity->id;
	if (!path || strncmp(path, base, length) != 0 ||
	    (path[length] != '/' && path[length] != '\0'))
		return NULL;
	if (!is_path(entity->kind))
		return entity->id;
	return path[length] ? path + length : "/";
}

static void add_figures(struct figures *to, const struct figures *from)
{
	to->cpu_ns += from->cpu_ns;
	to->joules += from->joules;
	to->grams += from->grams;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(((const struct powerapi_target *)a)->name,
		      ((const struct powerapi_target *)b)->name);
}

/* Escaping can give two entities one name: to a reader they are one target. */
static void merge(struct powerapi_targets *targets)
{
	size_t kept = 0;

	for (size_t i = 0; i < targets->n; i++) {
		struct powerapi_target *target = &targets->list[i];

		if (kept > 0 && strcmp(targets->list[kept - 1].name, target->name) == 0)
			add_figures(&targets->list[kept - 1].tick, &target->tick);
		else
			targets->list[kept++] = *target;
	}
	targets->n = kept;
}

int powerapi_targets_take(struct powerapi_targets *targets, const struct report *report,
			  const char *base)
{
	targets->n = 0;
	targets->left_out = (struct figures){0};
	arena_reset(&targets->names);
	for (size_t i = 0; i < report->n_entities; i++) {
		const struct entity *entity = report->entities[i];
		const char *id = from_base(entity, base), *name;
		void *moved;

		if (!id) {
			add_figures(&targets->left_out, &entity->tick);
			continue;
		}
		name = name_of(&targets->names, entity, id);
		moved = name ? grow_array(targets->list, targets->n, &targets->room,
					  sizeof(*targets->list))
			     : NULL;
		if (!moved)
			return -ENOMEM;
		targets->list = moved;
		targets->list[targets->n++] = (struct powerapi_target){name, entity, entity->tick};
	}
	if (targets->n > 0)
		qsort(targets->list, targets->n, sizeof(*targets->list), compare_names);
	merge(targets);
	return 0;
}

void powerapi_targets_done(struct powerapi_targets *targets)
{
	free(targets->list);
	arena_done(&targets->names);
	*targets = (struct powerapi_targets){0};
}
