/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_OUTPUT_JSON_H
#define ENERGYTRACE_OUTPUT_JSON_H

/*
 * JSON written as it comes: the caller opens and closes in order, the writer sets the commas. `key`
 * is NULL for what has none (an array's elements, the outermost value) and is written as it is: keys
 * are the program's own words. Nothing here depends on the locale. What is written gathers in a
 * buffer and goes to the stream when that is full and at json_flush. The stream is not locked: one
 * thread at a time. Its errors are the caller's to find.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define JSON_BUFFER_SIZE 16384

struct json {
	FILE *stream;
	bool comma; /* the next element is not the first */
	size_t used;
	char buffer[JSON_BUFFER_SIZE];
};

void json_begin(struct json *json, FILE *stream);
/* Ends a line of JSON: the next value is an outermost one again. */
void json_newline(struct json *json);
void json_flush(struct json *json);

void json_object(struct json *json, const char *key);
void json_object_end(struct json *json);
void json_array(struct json *json, const char *key);
void json_array_end(struct json *json);

/* NULL is null. Bytes that are no UTF-8 become U+FFFD, one for each. */
void json_text(struct json *json, const char *key, const char *text);
void json_u64(struct json *json, const char *key, uint64_t value);
/* The integer as a string: readers keep all its digits, whatever their numbers are. */
void json_u64_text(struct json *json, const char *key, uint64_t value);
/* Shortest form that reads back as the same double; null for what JSON has no number for. */
void json_double(struct json *json, const char *key, double value);
void json_bool(struct json *json, const char *key, bool value);
void json_null(struct json *json, const char *key);
/* CLOCK_REALTIME as "2026-01-12T10:20:18.428Z", cut (not rounded) to the millisecond. */
void json_utc_ms(struct json *json, const char *key, int64_t realtime_ns);

/* Bytes that another writer made: one or more whole elements. */
void json_splice(struct json *json, const char *bytes, size_t length);

#endif
