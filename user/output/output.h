/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_OUTPUT_OUTPUT_H
#define ENERGYTRACE_OUTPUT_OUTPUT_H

/*
 * Where reports go. A format is one file with one `const struct output_format`, and one line in the
 * table of output.c.
 */

#include "base/errmsg.h"
#include "report/report.h"

#include <stdio.h>

struct output; /* an open output: a format and its target */

/* An option of the run that a replay needs to give the same bytes: "pid" "12", "window" "10". */
struct output_setting {
	const char *name;
	const char *value;
};

struct output_options {
	const struct run *run;		       /* outlives the output */
	const struct output_setting *settings; /* n_settings of them; outlive the output */
	size_t n_settings;
};

struct output_format {
	const char *name; /* the word of --output */
	const char *help;

	/*
	 * Makes the format's state for the stream. `stream` stays the caller's. Returns 0 or a
	 * negative errno with `msg` filled. May be NULL with no state.
	 */
	int (*open)(FILE *stream, const struct output_options *options, void **ret,
		    struct errmsg *msg);

	/* Writes one tick's report. The stream's own errors are found by the caller. */
	int (*report)(void *state, FILE *stream, const struct report *report);

	/* Writes what comes at the end of the run. May be NULL. */
	int (*totals)(void *state, FILE *stream, const struct totals *totals);

	void (*close)(void *state); /* takes NULL; may be NULL */
};

/* The table, ended by NULL. */
extern const struct output_format *const output_formats[];

/*
 * Opens FORMAT[:TARGET]: TARGET is a file or "-" (standard output, the default). Returns 0 or a
 * negative errno with `msg` filled: -EINVAL for an unknown format (the nearest one is named).
 */
int output_open(const char *spec, const struct output_options *options, struct output **ret,
		struct errmsg *msg);

/* Checks the FORMAT of a spec without opening anything. 0 or -EINVAL with `msg` filled. */
int output_check(const char *spec, struct errmsg *msg);

/*
 * Writes a report, and flushes it: a reader sees whole ticks, and a killed run leaves whole lines.
 * Returns 0 or a negative errno: -EPIPE when the reader of standard output is gone, else `msg`
 * says what failed.
 */
int output_report(struct output *output, const struct report *report, struct errmsg *msg);
int output_totals(struct output *output, const struct totals *totals, struct errmsg *msg);

/* Closes and opens the target file again (SIGHUP, log rotation); nothing for standard output. */
int output_reopen(struct output *output, struct errmsg *msg);

/* Takes NULL. Returns the error of the last flush, 0 or a negative errno. */
int output_close(struct output *output);

#endif
