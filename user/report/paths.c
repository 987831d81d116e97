// SPDX-License-Identifier: BSD-2-Clause
#include "report/paths.h"

#include <stdlib.h>
#include <string.h>

struct path *path_reference(struct path *path)
{
	path->references++;
	return path;
}

struct path *paths_take(struct paths *paths, const char *text)
{
	size_t length = strlen(text);
	struct path *path;

	HASH_FIND(hh, paths->table, text, length, path);
	if (path)
		return path_reference(path);
	path = calloc(1, sizeof(*path) + length + 1);
	if (!path)
		return NULL;
	memcpy(path->text, text, length + 1);
	HASH_ADD_KEYPTR(hh, paths->table, path->text, length, path);
	if (!path->hh.tbl) {
		free(path);
		return NULL;
	}
	return path_reference(path);
}

void paths_put(struct paths *paths, struct path *path)
{
	if (!path || --path->references > 0)
		return;
	HASH_DEL(paths->table, path);
	free(path);
}
