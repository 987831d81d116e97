// SPDX-License-Identifier: BSD-2-Clause
#include "entity/container_json.h"

#include <errno.h>
#include <string.h>

/* config.json of the OCI is nested 6 deep (linux.seccomp.syscalls[].args[]). */
#define MAX_DEPTH 32

/*
 * json-c takes about 900 bytes for an empty object of 2 bytes. A file of 4 MiB that has a container in
 * every 400 bytes has 5 brackets for each.
 */
#define MAX_BRACKETS 65536

static void cleanup_tokener(json_tokener **tokener)
{
	if (*tokener)
		json_tokener_free(*tokener);
}

/* Those in strings count too; it is no matter. */
static size_t count_brackets(const char *text, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < size; i++)
		n += text[i] == '{' || text[i] == '[';
	return n;
}

int container_json_parse(const char *text, size_t size, json_object **ret)
{
	_cleanup_(cleanup_tokener) json_tokener *tokener = NULL;
	_cleanup_json_ json_object *value = NULL;

	if (size > INT32_MAX || count_brackets(text, size) > MAX_BRACKETS)
		return -EFBIG;
	tokener = json_tokener_new_ex(MAX_DEPTH);
	if (!tokener)
		return -ENOMEM;
	value = json_tokener_parse_ex(tokener, text, (int)size);
	if (!json_object_is_type(value, json_type_object) &&
	    !json_object_is_type(value, json_type_array))
		return -EINVAL;
	*ret = TAKE_PTR(value);
	return 0;
}

json_object *container_json_get(json_object *object, const char *key)
{
	json_object *value = NULL;

	if (json_object_is_type(object, json_type_object))
		json_object_object_get_ex(object, key, &value);
	return value;
}

const char *container_json_text(json_object *object, const char *key)
{
	json_object *value = container_json_get(object, key);
	const char *text;

	if (!json_object_is_type(value, json_type_string))
		return NULL;
	text = json_object_get_string(value);
	if (!text[0] || strlen(text) != (size_t)json_object_get_string_len(value))
		return NULL;
	return text;
}
