// SPDX-License-Identifier: BSD-2-Clause
#include "telemetry/read_impl.h"

#include "base/parse.h"
#include "telemetry/json_read.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define NUMBER_MAX 320 /* bytes: those of the longest double written without an exponent */

/* Whether a line is a window or a note shows only at its end: keys come in any order. */
struct line_parse {
	struct window_parse window;
	size_t next; /* the column that our files have next */
	struct telemetry_host host;
	bool note;
};

/* Copies the literal of a number or a boolean to where a parser of numbers finds its end. */
static int scalar_text(const struct json_value *value, char *text, size_t size)
{
	if (value->type == JSON_BOOL) {
		memcpy(text, value->truth ? "1" : "0", 2);
		return 0;
	}
	if (value->type != JSON_NUMBER || value->length >= size)
		return -EBADMSG;
	memcpy(text, value->text, value->length);
	text[value->length] = '\0';
	return 0;
}

/*
 * Newer files of the harness have the dtype as a number: it is taken as it is written, moved by one
 * byte, over what has been read, so that its NUL meets nothing that has not.
 */
static int take_text(struct window_parse *parse, size_t column, const struct json_value *value,
		     struct errmsg *msg)
{
	char *text = value->text;

	if (value->type == JSON_NUMBER) {
		memmove(text - 1, text, value->length);
		text--;
		text[value->length] = '\0';
	} else if (value->type != JSON_TEXT) {
		return errmsg_set(msg, -EBADMSG, "%s is no text", telemetry_columns[column].name);
	}
	return window_take(parse, column, text, msg);
}

/* A file of ours has the columns in the order of the table. */
static size_t find_column(struct line_parse *parse, const char *key)
{
	size_t guess = parse->next;

	if (guess >= TELEMETRY_COLUMNS || strcmp(telemetry_columns[guess].name, key) != 0)
		guess = telemetry_column_find(key);
	parse->next = guess + 1;
	return guess;
}

static int take_member(struct window_parse *parse, size_t column, const struct json_value *value,
		       struct errmsg *msg)
{
	char number[NUMBER_MAX];

	if (column == TELEMETRY_COLUMNS || value->type == JSON_NULL)
		return 0;
	if (telemetry_columns[column].type == COLUMN_TEXT)
		return take_text(parse, column, value, msg);
	if (scalar_text(value, number, sizeof(number)))
		return errmsg_set(msg, -EBADMSG, "%s is no number", telemetry_columns[column].name);
	return window_take(parse, column, number, msg);
}

static void copy_text(char *to, size_t size, const struct json_value *value)
{
	if (value->type == JSON_TEXT)
		snprintf(to, size, "%s", value->text);
}

/* A fact of the harness's system_info. What is not as it writes it is not known. */
static void take_fact(struct telemetry_host *host, const char *key, const struct json_value *value)
{
	char number[NUMBER_MAX];

	if (strcmp(key, "os") == 0)
		copy_text(host->os, sizeof(host->os), value);
	else if (strcmp(key, "cpu") == 0)
		copy_text(host->cpu, sizeof(host->cpu), value);
	else if (strcmp(key, "hostname") == 0)
		copy_text(host->hostname, sizeof(host->hostname), value);
	else if (scalar_text(value, number, sizeof(number)))
		return;
	else if (strcmp(key, "cpu_count") == 0)
		parse_u32(number, 0, UINT32_MAX, &host->cpus);
	else if (strcmp(key, "total_ram_mb") == 0)
		parse_u64(number, 0, UINT64_MAX, &host->ram_mb);
}

static int take_members(struct line_parse *parse, struct json_cursor *cursor,
			struct errmsg *problem)
{
	struct json_value value;
	char *key;
	int got = json_enter_object(cursor), bad = 0;

	if (got)
		return got;
	while ((got = json_next(cursor, &key, &value)) > 0) {
		if (strcmp(key, "_type") == 0)
			parse->note = value.type != JSON_NULL;
		take_fact(&parse->host, key, &value);
		/* The first problem counts, and only if the line turns out to be a window. */
		if (!bad)
			bad = take_member(&parse->window, find_column(parse, key), &value, problem);
	}
	return got ? got : json_finish(cursor);
}

int read_ndjson_line(struct telemetry_reader *reader, char *line, size_t length,
		     struct telemetry_window *ret, struct errmsg *msg)
{
	struct line_parse parse = {.window = {.window = ret}};
	struct errmsg problem = {""};
	struct json_cursor cursor;

	telemetry_window_clear(ret);
	json_cursor_begin(&cursor, line, length);
	if (take_members(&parse, &cursor, &problem))
		return errmsg_set(msg, -EBADMSG, "byte %zu: expected %s",
				  (size_t)(cursor.at - line) + 1, cursor.problem);
	if (parse.note) {
		reader->reading.host = parse.host;
		reader->reading.n_notes++;
		return 0;
	}
	if (problem.text[0])
		return errmsg_set(msg, -EBADMSG, "%s", problem.text);
	return window_check(&parse.window, msg) ? -EBADMSG : 1;
}
