// SPDX-License-Identifier: BSD-2-Clause
#include "entity/unit.h"

#include "base/parse.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* man 5 systemd.unit: what may have a cgroup, and what may be in a unit's name. */
static const char *const types[] = {".service", ".scope", ".slice", ".socket", ".mount", ".swap"};
static const char *const marks = ":-_.\\";

static const char *ending(const char *name, const char *end)
{
	size_t length = strlen(name), end_length = strlen(end);

	return length > end_length && strcmp(name + length - end_length, end) == 0
		       ? name + length - end_length
		       : NULL;
}

/* NAME.TYPE or TEMPLATE@INSTANCE.TYPE; no template by itself has a cgroup. */
static bool is_unit(const char *name)
{
	const char *at = strchr(name, '@'), *end = NULL;

	for (size_t i = 0; i < sizeof(types) / sizeof(*types) && !end; i++)
		end = ending(name, types[i]);
	if (!end || at == name || (at && at + 1 == end))
		return false;
	for (const char *c = name; c < end; c++) {
		if (!isalnum((unsigned char)*c) && !strchr(marks, *c) && !(at && *c == '@'))
			return false;
	}
	return true;
}

/*
 * The unit that the first component of the path names, without the _ that systemd puts before what the
 * kernel might take for a file of its own (cg_escape). The rest of the path, or NULL: no unit.
 */
static const char *take_unit(const char *path, char name[static UNIT_NAME_LEN])
{
	size_t length;

	path += strspn(path, "/");
	length = strcspn(path, "/");
	if (*path == '_')
		path++, length--;
	if (length >= UNIT_NAME_LEN)
		return NULL;
	memcpy(name, path, length);
	name[length] = '\0';
	return is_unit(name) ? path + length : NULL;
}

/* Behind the slices that the path begins with; *ret_slice is the last of them, "" where none is. */
static const char *skip_slices(const char *path, char ret_slice[static UNIT_NAME_LEN])
{
	char name[UNIT_NAME_LEN];
	const char *rest;

	ret_slice[0] = '\0';
	while ((rest = take_unit(path, name)) && ending(name, ".slice")) {
		strcpy(ret_slice, name);
		path = rest;
	}
	return path;
}

/* "user@UID.service" */
static bool is_user_manager(const char *name, uint32_t *ret_uid)
{
	const char *uid = name + strlen("user@"), *end = ending(name, ".service");
	char digits[sizeof("4294967295")];

	if (strncmp(name, "user@", strlen("user@")) != 0 || !end || end < uid ||
	    (size_t)(end - uid) >= sizeof(digits))
		return false;
	memcpy(digits, uid, (size_t)(end - uid));
	digits[end - uid] = '\0';
	return parse_u32(digits, 0, UINT32_MAX - 1, ret_uid) == 0;
}

/* Slices, then a unit or the end. */
static int unit_below(const char *whole, const char *path, struct unit_path *ret)
{
	char slice[UNIT_NAME_LEN], name[UNIT_NAME_LEN];
	const char *at = skip_slices(path, slice), *rest = take_unit(at, name);

	if (!rest && !slice[0])
		return -ENOENT;
	strcpy(ret->name, rest ? name : slice);
	ret->prefix_len = (size_t)((rest ? rest : at) - whole);
	return 0;
}

int unit_of(const char *path, struct unit_path *ret)
{
	struct unit_path unit = {.uid = -1}, of_user = {0};
	uint32_t uid;
	int err;

	err = unit_below(path, path, &unit);
	if (err)
		return err;
	if (is_user_manager(unit.name, &uid) &&
	    unit_below(path, path + unit.prefix_len, &of_user) == 0) {
		unit = of_user;
		unit.uid = uid;
	}
	*ret = unit;
	return 0;
}
