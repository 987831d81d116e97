/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_OUTPUT_OUTPUT_H
#define ENERGYTRACE_OUTPUT_OUTPUT_H

/*
 * Where reports go. A format is one file with one `const struct output_format`, and one line in the
 * table of output.c.
 */

#include "base/errmsg.h"
#include "report/report.h"

#include <stdbool.h>
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
	bool replayed; /* ticks come as fast as they are read: none is drawn over the last */

	/* Found out when the target is opened, whatever the caller says. */
	bool terminal;		    /* the target is one that takes commands, and may be drawn on */
	unsigned int columns, rows; /* of the terminal at this report; 0: not known */
};

struct output_format {
	const char *name; /* the word of --output */
	const char *help;
	bool needs_target; /* "-" has to be asked for */

	/*
	 * Makes the format's state for the stream, and writes what comes at the start. `stream` and
	 * `options` stay the caller's and outlive the state; columns and rows change. Returns 0 or a negative errno with `msg` filled. May be NULL with no state.
	 */
	int (*open)(FILE *stream, const struct output_options *options, void **ret,
		    struct errmsg *msg);

	/*
	 * Writes one tick's report. Returns 0 or a negative errno, after which what it wrote is
	 * dropped. The stream's own errors are found by the caller.
	 */
	int (*report)(void *state, FILE *stream, const struct report *report);

	/* Writes what comes at the end of the run. May be NULL. */
	int (*totals)(void *state, FILE *stream, const struct totals *totals);

	void (*close)(void *state); /* writes nothing; takes NULL; may be NULL */
};

/* The table, ended by NULL. */
extern const struct output_format *const output_formats[];

/*
 * Opens FORMAT[:TARGET]: TARGET is a file, emptied if it is there, or "-" (standard output, the
 * default). Returns 0 or a negative errno with `msg` filled: -EINVAL for an unknown format (the
 * nearest one is named), a target that is missing, or a KEY=VALUE (no format has any yet).
 */
int output_open(const char *spec, const struct output_options *options, struct output **ret,
		struct errmsg *msg);

/* Checks a spec without opening anything. 0 or -EINVAL with `msg` filled. */
int output_check(const char *spec, struct errmsg *msg);

/*
 * Writes a report in one piece: a reader sees whole ticks, a full disk keeps whole ones (what fitted
 * of a tick is cut off the file again). Returns 0 or a negative errno with `msg` filled (what
 * failed, on which file); -EPIPE when the reader is gone (the caller ignores SIGPIPE).
 */
int output_report(struct output *output, const struct report *report, struct errmsg *msg);
int output_totals(struct output *output, const struct totals *totals, struct errmsg *msg);

/*
 * Opens the target file anew if its name is no longer that of the open one (SIGHUP, log rotation);
 * nothing for standard output. On failure, with `msg` filled, the old file stays open and in use.
 */
int output_reopen(struct output *output, struct errmsg *msg);

/* Takes NULL. Returns the error of the close (a file server may be late with it), 0 or negative. */
int output_close(struct output *output);

#endif
