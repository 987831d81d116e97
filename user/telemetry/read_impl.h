/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_TELEMETRY_READ_IMPL_H
#define ENERGYTRACE_TELEMETRY_READ_IMPL_H

/* What the two formats' readers share. Only user/telemetry/read*.c use this. */

#include "telemetry/read.h"

#define CSV_FIELDS_MAX 256

_Static_assert(TELEMETRY_COLUMNS <= 64, "a bit for each column");

struct telemetry_reader {
	FILE *stream;
	enum telemetry_format format;
	char *line; /* getline's */
	size_t room;
	size_t number; /* of the line, from 1 */
	struct telemetry_reading reading;

	/* Of a CSV, from its header: the column of each field, TELEMETRY_COLUMNS for one unknown. */
	size_t fields[CSV_FIELDS_MAX];
	size_t n_fields; /* 0: the header is still to come */
};

/* A window being put together: the columns that it has so far. */
struct window_parse {
	struct telemetry_window *window;
	uint64_t seen;
};

/*
 * Puts a value's text into its column. `text` stays where it is and good. 0 or -EBADMSG with `msg`
 * filled.
 */
int window_take(struct window_parse *parse, size_t column, const char *text, struct errmsg *msg);

/* Whether it has what a window needs, and makes sense. 0 or -EBADMSG with `msg` filled. */
int window_check(const struct window_parse *parse, struct errmsg *msg);

/*
 * A line without its end, which the parser takes apart. 1: it is a window; 0: a note; -EBADMSG with
 * `msg` filled: neither.
 */
int read_ndjson_line(struct telemetry_reader *reader, char *line, size_t length,
		     struct telemetry_window *ret, struct errmsg *msg);
int read_csv_line(struct telemetry_reader *reader, char *line, struct telemetry_window *ret,
		  struct errmsg *msg);

/* The first line of a CSV that is no comment. 0 or -EBADMSG with `msg` filled. */
int read_csv_header(struct telemetry_reader *reader, char *line, struct errmsg *msg);

/* A comment of the harness's CSV: "# CPU: Apple M1". */
void read_csv_note(struct telemetry_reader *reader, const char *line);

#endif
