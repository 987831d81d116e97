/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_OUTPUT_OUTPUT_H
#define ENERGYTRACE_OUTPUT_OUTPUT_H

/*
 * Where reports go. A format is one file with one `const struct output_format`, and one line in the
 * table of output.c.
 */

#include "base/errmsg.h"
#include "report/report.h"
#include "telemetry/settings.h"

#include <stdbool.h>
#include <stdio.h>

struct output;	    /* an open output: a format and its target */
struct output_spec; /* what was asked for: output/spec.h */
struct target;	    /* where the bytes go: output/target.h */

/* An option of the run that a replay needs to give the same bytes: "pid" "12", "window" "10". */
struct output_setting {
	const char *name;
	const char *value;
};

struct output_options {
	const struct run *run;		       /* outlives the output */
	const struct output_setting *settings; /* n_settings of them; outlive the output */
	size_t n_settings;
	enum entity_kind kind; /* --by; an output may want another (by=KIND, or its format) */
	bool kind_given;       /* by the command line */
	const struct telemetry_settings
		*telemetry; /* what the run was told of its windows, or NULL */
	bool replayed;	    /* ticks come as fast as they are read: none is drawn over the last */

	/* Set by output_open, whatever the caller says. */
	const struct output_spec *spec;
	struct target *target;
	bool terminal;		    /* the target is one that takes commands, and may be drawn on */
	unsigned int columns, rows; /* of the terminal at this report; 0: not known */
};

/* Takes the name of a performance counter, or NULL for those that the CPU has by default. 0 or a negative errno. */
typedef int (*output_take_counter)(void *userdata, const char *name);

struct output_format {
	const char *name; /* the word of --output */
	const char *help;
	bool needs_target;	 /* "-" has to be asked for */
	bool needs_folder;	 /* and is no target: windows of telemetry are files */
	const char *const *keys; /* of KEY=VALUE, besides by=, ended by NULL; may be NULL */
	const char *by;		 /* what it reports without by= and --by; NULL: processes */

	bool calls; /* wants the calls of the report, where the run has functions */

	/* Checks target and values without opening anything: 0 or -EINVAL. May be NULL. */
	int (*check)(const struct output_spec *spec, struct errmsg *msg);

	/* As output_counters. May be NULL. */
	int (*counters)(const struct output_spec *spec, output_take_counter take, void *userdata);

	/* Opens its own kind of target. NULL: a file or standard output. */
	int (*open_target)(const struct output_options *options, struct target **ret,
			   struct errmsg *msg);

	/*
	 * Makes the format's state for the stream, and writes what comes at the start. `stream` and
	 * `options` stay the caller's and outlive the state; columns and rows change. Returns 0 or a
	 * negative errno with `msg` filled. May be NULL with no state.
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

	/* As output_complaint. May be NULL. */
	const char *(*complaint)(void *state);

	void (*close)(void *state); /* writes nothing; takes NULL; may be NULL */
};

/* The table, ended by NULL. */
extern const struct output_format *const output_formats[];

/*
 * Opens FORMAT[:TARGET][,KEY=VALUE…] (output/spec.h). TARGET is a file, emptied if it is there, or "-"
 * (standard output, the default), if the format has no other kinds. Returns 0 or a negative errno with
 * `msg` filled: -EINVAL for an unknown format or key (the nearest one is named) or a target that is
 * missing.
 */
int output_open(const char *spec, const struct output_options *options, struct output **ret,
		struct errmsg *msg);

/*
 * The kind of entity that the output is to be given reports and totals of: that of its by=, else of --by, else
 * the format's own.
 */
enum entity_kind output_kind(const struct output *output);

/* Checks a spec without opening anything. 0 or -EINVAL with `msg` filled. */
int output_check(const char *spec, struct errmsg *msg);

/* The format of a checked spec wants the calls of the report; the output does. */
bool output_spec_takes_calls(const char *spec);
bool output_takes_calls(const struct output *output);

/*
 * The performance counters that a checked spec wants of a live run, one after the other to `take`. 0, -ENOMEM, or
 * what `take` returned if that is not 0.
 */
int output_counters(const char *spec, output_take_counter take, void *userdata);

/*
 * Writes a report in one piece: a reader sees whole ticks, a full disk keeps whole ones (what fitted
 * of a tick is cut off the file again). Returns 0 or a negative errno with `msg` filled (what
 * failed, on which file); -EPIPE when the reader is gone (the caller ignores SIGPIPE).
 */
int output_report(struct output *output, const struct report *report, struct errmsg *msg);
int output_totals(struct output *output, const struct totals *totals, struct errmsg *msg);

/*
 * Between the ticks: when the descriptor (-1: never) is readable, output_wake has something to do for a
 * target that does not take everything at once. Neither blocks.
 */
int output_wake_fd(const struct output *output);
void output_wake(struct output *output);

/*
 * The run is over: waits, for a bounded time, until the target has what it took. What it has not then
 * is in its next complaint.
 */
void output_finish(struct output *output);

/*
 * What a person should know that is no failure (a receiver that is not there, reports that were dropped):
 * the next sentence, good until the next call; NULL: no more. Each is given once.
 */
const char *output_complaint(struct output *output);

/*
 * Opens the target file anew if its name is no longer that of the open one (SIGHUP, log rotation);
 * nothing for standard output. On failure, with `msg` filled, the old file stays open and in use.
 */
int output_reopen(struct output *output, struct errmsg *msg);

/* Takes NULL. Returns the error of the close (a file server may be late with it), 0 or negative. */
int output_close(struct output *output);

#endif
