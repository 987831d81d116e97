/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_OUTPUT_JSON_H
#define ENERGYTRACE_OUTPUT_JSON_H

/*
 * JSON written as it comes: the caller opens and closes in order, the writer sets the commas. `key`
 * is NULL for what has none (an array's elements, the outermost value) and is written as it is: keys
 * are the program's own words. Nothing here depends on the locale. What is written gathers in a
 * buffer and goes to the stream when that is full and at json_flush. The stream is not locked: one
 * thread at a time. Its errors are the caller's to find.
 *
 * What is small is inline: a line of the format jsonl has fifty keys and words, and the compiler
 * knows the length of each.
 */

#include "output/number.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define JSON_BUFFER_SIZE 16384
#define JSON_ROOM 128 /* for what one call writes: a key and a word or a number */

struct json {
	FILE *stream;
	bool comma; /* the next element is not the first */
	size_t used;
	char buffer[JSON_BUFFER_SIZE + JSON_ROOM];
};

void json_begin(struct json *json, FILE *stream);
void json_flush(struct json *json);

/* Of these two: bytes for which there is room. */
static inline void json_put(struct json *json, const char *bytes, size_t length)
{
	memcpy(json->buffer + json->used, bytes, length);
	json->used += length;
}

static inline void json_put_char(struct json *json, char c)
{
	json->buffer[json->used++] = c;
}

/* Before each of what follows. */
static inline void json_make_room(struct json *json)
{
	if (json->used > JSON_BUFFER_SIZE)
		json_flush(json);
}

/* What comes before a value. Keys have up to 64 bytes. */
static inline void json_key(struct json *json, const char *key)
{
	json_make_room(json);
	if (json->comma)
		json_put_char(json, ',');
	json->comma = true;
	if (!key)
		return;
	json_put_char(json, '"');
	json_put(json, key, strlen(key));
	json_put(json, "\":", 2);
}

static inline void json_open(struct json *json, const char *key, char bracket)
{
	json_key(json, key);
	json_put_char(json, bracket);
	json->comma = false;
}

static inline void json_close(struct json *json, char bracket)
{
	json_make_room(json);
	json_put_char(json, bracket);
	json->comma = true;
}

static inline void json_object(struct json *json, const char *key)
{
	json_open(json, key, '{');
}

static inline void json_object_end(struct json *json)
{
	json_close(json, '}');
}

static inline void json_array(struct json *json, const char *key)
{
	json_open(json, key, '[');
}

static inline void json_array_end(struct json *json)
{
	json_close(json, ']');
}

/* Ends a line: the next value is an outermost one again. */
static inline void json_newline(struct json *json)
{
	json_close(json, '\n');
	json->comma = false;
}

/* One of the program's own words, of up to 32 plain characters. */
static inline void json_word(struct json *json, const char *key, const char *word)
{
	json_key(json, key);
	json_put_char(json, '"');
	json_put(json, word, strlen(word));
	json_put_char(json, '"');
}

static inline void json_u64(struct json *json, const char *key, uint64_t value)
{
	json_key(json, key);
	json->used += number_u64(value, json->buffer + json->used);
}

/* The integer as a string: readers keep all its digits, whatever their numbers are. */
static inline void json_u64_text(struct json *json, const char *key, uint64_t value)
{
	json_key(json, key);
	json_put_char(json, '"');
	json->used += number_u64(value, json->buffer + json->used);
	json_put_char(json, '"');
}

static inline void json_null(struct json *json, const char *key)
{
	json_key(json, key);
	json_put(json, "null", 4);
}

static inline void json_bool(struct json *json, const char *key, bool value)
{
	json_key(json, key);
	json_put(json, value ? "true" : "false", value ? 4 : 5);
}

/* Shortest form that reads back as the same double; null for what JSON has no number for. */
static inline void json_double(struct json *json, const char *key, double value)
{
	if (!isfinite(value)) {
		json_null(json, key);
		return;
	}
	json_key(json, key);
	json->used += number_double(value, json->buffer + json->used);
}

/* NULL is null. Bytes that are no UTF-8 become U+FFFD, one for each. */
void json_text(struct json *json, const char *key, const char *text);

/* CLOCK_REALTIME as "2026-01-12T10:20:18.428Z", cut (not rounded) to the millisecond. */
void json_utc_ms(struct json *json, const char *key, int64_t realtime_ns);

/* Bytes that another writer made: one or more whole elements. */
void json_splice(struct json *json, const char *bytes, size_t length);

#endif
