/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_TELEMETRY_WRITE_H
#define ENERGYTRACE_TELEMETRY_WRITE_H

/*
 * Windows as lines. Numbers are the same in every locale and read back as the same value; what is not
 * known is null in NDJSON and empty in CSV. Errors of the stream are the caller's to find.
 */

#include "telemetry/window.h"

#include <stdio.h>

enum telemetry_format {
	TELEMETRY_NDJSON,
	TELEMETRY_CSV, /* RFC 4180, its header on line 1 */
};

/* "ndjson" or "csv": the words of `format=`, and how the files' names end. */
const char *telemetry_format_name(enum telemetry_format format);

/* 0 or -EINVAL. */
int telemetry_format_from_name(const char *name, enum telemetry_format *ret);

/* What stands before the first window: nothing, or the CSV's header. */
void telemetry_write_head(FILE *stream, enum telemetry_format format);

/*
 * A whole line. So that a line of the file is a window, a control character in a text is '?' in a CSV
 * (in NDJSON it has its escape).
 */
void telemetry_write(FILE *stream, enum telemetry_format format,
		     const struct telemetry_window *window);

#endif
