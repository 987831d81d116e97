/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_ENTITY_CONTAINER_JSON_H
#define ENERGYTRACE_ENTITY_CONTAINER_JSON_H

/*
 * The runtimes' JSON, by json-c: it takes a depth, and it keeps the bytes of a string that is no valid
 * UTF-8 where others (Jansson) refuse the whole file for it. Whatever the text is, what comes out is a
 * value or nothing.
 */

#include "base/cleanup.h"

#include <json-c/json.h>
#include <stddef.h>

static inline void cleanup_json(json_object **value)
{
	json_object_put(*value); /* takes NULL */
}

#define _cleanup_json_ _cleanup_(cleanup_json)

/*
 * 0 or a negative errno: -EINVAL where it does not begin with a whole object or array, or that is nested
 * more deeply than any runtime's is; -EFBIG where it would cost a lot of memory; -ENOMEM.
 */
int container_json_parse(const char *text, size_t size, json_object **ret);

/* The value under the key, NULL where it is missing, or where `object` is NULL or no object. Borrowed. */
json_object *container_json_get(json_object *object, const char *key);

/* The same for a string that is not empty, without NUL inside. Borrowed. */
const char *container_json_text(json_object *object, const char *key);

#endif
