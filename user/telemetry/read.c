// SPDX-License-Identifier: BSD-2-Clause
#include "telemetry/read.h"

#include "base/parse.h"
#include "telemetry/read_impl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* More than any joules, milliwatts or hertz there are: sums and squares of these stay finite. */
#define MEASURE_MAX 1e18

int telemetry_reader_new(FILE *stream, enum telemetry_format format, struct telemetry_reader **ret)
{
	struct telemetry_reader *reader = calloc(1, sizeof(*reader));

	if (!reader)
		return -ENOMEM;
	reader->stream = stream;
	reader->format = format;
	*ret = reader;
	return 0;
}

void telemetry_reader_free(struct telemetry_reader *reader)
{
	if (!reader)
		return;
	free(reader->line);
	free(reader);
}

const struct telemetry_reading *telemetry_reader_reading(const struct telemetry_reader *reader)
{
	return &reader->reading;
}

static int parse_member(const struct telemetry_column *column, const char *text, void *member)
{
	uint64_t truth;
	int64_t with_sign;
	int err;

	switch (column->type) {
	case COLUMN_TEXT:
		*(const char **)member = text;
		return 0;
	case COLUMN_U64:
		return parse_u64(text, 0, UINT64_MAX, member);
	case COLUMN_U32:
		return parse_u32(text, 0, UINT32_MAX, member);
	case COLUMN_BOOL:
		err = parse_u64(text, 0, 1, &truth);
		if (!err)
			*(bool *)member = truth;
		return err;
	case COLUMN_I32:
		err = parse_i64(text, INT32_MIN, INT32_MAX, &with_sign);
		if (!err)
			*(int32_t *)member = (int32_t)with_sign;
		return err;
	case COLUMN_DOUBLE:
		return parse_double(text, -MEASURE_MAX, MEASURE_MAX, member);
	}
	return -EINVAL;
}

int window_take(struct window_parse *parse, size_t column, const char *text, struct errmsg *msg)
{
	const struct telemetry_column *type = &telemetry_columns[column];
	int err;

	if (parse->seen & UINT64_C(1) << column)
		return errmsg_set(msg, -EBADMSG, "%s is there twice", type->name);
	parse->seen |= UINT64_C(1) << column;
	err = parse_member(type, text, (char *)parse->window + type->offset);
	if (!err)
		return 0;
	return errmsg_set(msg, -EBADMSG, "%s: \"%.40s\"%s %s", type->name, text,
			  strlen(text) > 40 ? "…" : "",
			  err == -ERANGE ? "is out of range" : "is not a number");
}

/*
 * The harness wrote the joules, if at all, as a 0 that nobody had counted. Ours say whose they are, so
 * that a 0 of ours is one.
 */
static void drop_uncounted(struct telemetry_window *window)
{
	struct telemetry_window cleared;

	if (window->energy_kind || window->energy_j > 0)
		return;
	telemetry_window_clear(&cleared);
	window->energy_j = cleared.energy_j;
	window->power_mw = cleared.power_mw;
}

int window_check(const struct window_parse *parse, struct errmsg *msg)
{
	struct telemetry_window *window = parse->window;

	for (size_t i = 0; i < TELEMETRY_COLUMNS; i++) {
		if (telemetry_columns[i].required && !(parse->seen & UINT64_C(1) << i))
			return errmsg_set(msg, -EBADMSG, "%s is missing",
					  telemetry_columns[i].name);
	}
	if (!window->plugin || !window->plugin[0])
		return errmsg_set(msg, -EBADMSG, "plugin is empty");
	if (window->end_ts_ns < window->start_ts_ns && !window->window_failed)
		return errmsg_set(msg, -EBADMSG, "it ends before it starts");
	if (window->energy_j < 0)
		return errmsg_set(msg, -EBADMSG, "energy_j is negative");
	drop_uncounted(window);
	return 0;
}

static void note_problem(struct telemetry_reader *reader, const struct errmsg *problem)
{
	struct telemetry_reading *reading = &reader->reading;

	if (reading->n_broken < TELEMETRY_PROBLEMS_MAX) {
		struct telemetry_problem *noted = &reading->problems[reading->n_broken];

		noted->line = reader->number;
		snprintf(noted->text, sizeof(noted->text), "%s", problem->text);
	}
	reading->n_broken++;
}

/* Reads a line, without its end and a byte order mark. Its length, or -1 at the end. */
static ssize_t next_line(struct telemetry_reader *reader)
{
	ssize_t length = getline(&reader->line, &reader->room, reader->stream);

	if (length < 0)
		return length;
	reader->number++;
	while (length > 0 && strchr("\r\n", reader->line[length - 1]) && reader->line[length - 1])
		reader->line[--length] = '\0';
	if (reader->number == 1 && strncmp(reader->line, "\xef\xbb\xbf", 3) == 0) {
		length -= 3;
		memmove(reader->line, reader->line + 3, (size_t)length + 1);
	}
	return length;
}

/* 1: a window; 0: none; -EBADMSG: broken; -ENODATA: and so is all that follows. */
static int take_line(struct telemetry_reader *reader, size_t length, struct telemetry_window *ret,
		     struct errmsg *problem)
{
	char *line = reader->line;

	if (line[strspn(line, " \t")] == '\0' && strlen(line) == length)
		return 0;
	if (reader->format == TELEMETRY_NDJSON)
		return read_ndjson_line(reader, line, length, ret, problem);
	if (line[0] == '#') {
		read_csv_note(reader, line);
		return 0;
	}
	if (strlen(line) != length)
		return errmsg_set(problem, reader->n_fields ? -EBADMSG : -ENODATA,
				  "it holds a NUL");
	if (reader->n_fields == 0)
		return read_csv_header(reader, line, problem) ? -ENODATA : 0;
	return read_csv_line(reader, line, ret, problem);
}

static int stream_end(const struct telemetry_reader *reader, struct errmsg *msg)
{
	int err = errno;

	if (!ferror(reader->stream))
		return feof(reader->stream) ? 0 : errmsg_set(msg, -ENOMEM, "no memory for a line");
	err = err > 0 ? err : EIO;
	return errmsg_set(msg, -err, "line %zu: %s", reader->number + 1, strerror(err));
}

int telemetry_read(struct telemetry_reader *reader, struct telemetry_window *ret,
		   struct errmsg *msg)
{
	ssize_t length;

	while ((length = next_line(reader)) >= 0) {
		struct errmsg problem = {""};
		int got = take_line(reader, (size_t)length, ret, &problem);

		if (got > 0) {
			reader->reading.n_windows++;
			return got;
		}
		if (got == -ENODATA)
			return errmsg_set(msg, -EBADMSG, "line %zu: %s", reader->number,
					  problem.text);
		if (got < 0)
			note_problem(reader, &problem);
	}
	return stream_end(reader, msg);
}
