/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_TELEMETRY_JSON_READ_H
#define ENERGYTRACE_TELEMETRY_JSON_READ_H

/*
 * JSON (RFC 8259) read in one pass over a text that is taken apart: strings are decoded where they
 * stand. Strict in its grammar; bytes that are no UTF-8 pass through strings as they are.
 *
 *	json_cursor_begin(&cursor, text, length);
 *	err = json_enter_object(&cursor);
 *	while (!err && (err = json_next(&cursor, &key, &value)) > 0)
 *		…
 */

#include <stdbool.h>
#include <stddef.h>

enum json_type {
	JSON_NULL,
	JSON_BOOL,
	JSON_NUMBER,
	JSON_TEXT,
	JSON_OBJECT, /* its text, for a cursor of its own */
	JSON_ARRAY,  /* its text */
};

/* `text` is good as long as the text that is read. A number's is that of a number of the grammar. */
struct json_value {
	enum json_type type;
	bool truth; /* of JSON_BOOL */
	char *text; /* of the last four, `length` bytes; strings end with a NUL */
	size_t length;
};

struct json_cursor {
	char *at, *end;
	bool first;	     /* no member has been read yet */
	const char *problem; /* after an error: what was expected */
};

/* The byte behind the text is not looked at. */
void json_cursor_begin(struct json_cursor *cursor, char *text, size_t length);

/* Each returns a negative errno, -EBADMSG, with `problem` set, when the text is no JSON. */
int json_enter_object(struct json_cursor *cursor);

/* The next member: 1, or 0 behind the last (`}` is taken). */
int json_next(struct json_cursor *cursor, char **ret_key, struct json_value *ret);

/* That nothing but white space follows: 0 or -EBADMSG. */
int json_finish(struct json_cursor *cursor);

#endif
