/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_TELEMETRY_READ_H
#define ENERGYTRACE_TELEMETRY_READ_H

/*
 * Windows from a file of ours or of the harness that the format comes from: NDJSON, of which lines
 * with a `_type` are no windows (its system_info), and CSV, of which lines with a `#` before them
 * are none either. Columns may come in any order, unknown ones are passed over, and those that old
 * files lack stay cleared. A line that is no good window is counted and named, and the rest is read.
 */

#include "base/errmsg.h"
#include "telemetry/window.h"
#include "telemetry/write.h"

#include <stdio.h>

#define TELEMETRY_PROBLEMS_MAX 8

/* What the harness says of the machine. Empty or 0: not said. */
struct telemetry_host {
	char os[128];
	char cpu[128];
	char hostname[72];
	uint32_t cpus;
	uint64_t ram_mb;
};

struct telemetry_problem {
	size_t line;
	char text[160]; /* what is wrong with it */
};

struct telemetry_reading {
	size_t n_windows;
	size_t n_broken; /* lines that were to be windows */
	size_t n_notes;	 /* lines that are none: system_info, comments */
	struct telemetry_problem problems[TELEMETRY_PROBLEMS_MAX]; /* of the first broken lines */
	struct telemetry_host host;
};

struct telemetry_reader;

/* `stream` stays the caller's and outlives the reader. 0 or -ENOMEM. */
int telemetry_reader_new(FILE *stream, enum telemetry_format format, struct telemetry_reader **ret);

/*
 * The next good window: 1, or 0 at the end. Its texts are good until the next call. A negative errno
 * with `msg` filled (no file, but the line) when nothing can be read any more: the stream fails,
 * or a CSV has no header with the columns that a window needs.
 */
int telemetry_read(struct telemetry_reader *reader, struct telemetry_window *ret,
		   struct errmsg *msg);

/* What has been read so far. Good as long as the reader. */
const struct telemetry_reading *telemetry_reader_reading(const struct telemetry_reader *reader);

/* Takes NULL. */
void telemetry_reader_free(struct telemetry_reader *reader);

#endif
