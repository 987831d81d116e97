/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_OUTPUT_TELEMETRY_IMPL_H
#define ENERGYTRACE_OUTPUT_TELEMETRY_IMPL_H

/* Shared by telemetry.c, which keeps the run, and the two that make windows of a report. */

#include "output/output.h"
#include "output/telemetry_settings.h"
#include "telemetry/recorder.h"
#include "windows/schedule.h"

/* Of a function whose calls are windows. */
struct telemetry_function {
	const char *plugin;
	struct telemetry_shape shape;
	struct window_schedule *schedule;
	uint64_t n; /* windows so far */
};

struct telemetry {
	const struct run *run;
	const struct output_options *options;
	struct telemetry_keys keys;
	struct telemetry_recorder *recorder;
	struct telemetry_facts facts;
	char run_id[32];
	uint64_t first_ns, last_ns; /* CLOCK_MONOTONIC: of the start mark, of the last tick */
	uint64_t scheduled_ns;	    /* … when the tick that comes should begin */
	int64_t realtime_ns;	    /* of the last tick */
	uint64_t ticks;

	struct telemetry_function *functions; /* run.n_functions; NULL: windows are ticks */
	struct telemetry_facts_function *facts_functions;
	const struct report *report; /* the last one */

	bool finished, told_path;
	size_t told_functions; /* those of them that have been spoken of at the end */
	char complaint[1024];

	/* What the last report or the end failed with: the target's `send` says it. */
	int err;
	struct errmsg msg;
};

/* What the run and the report say of any window. */
struct telemetry_window telemetry_window_of(const struct telemetry *telemetry,
					    const struct report *report,
					    const struct telemetry_shape *shape);

/* The tick's windows, one of each entity. 0 or a negative errno with `msg` filled. */
int telemetry_add_ticks(struct telemetry *telemetry, const struct report *report,
			struct errmsg *msg);

/* What calls need to be known of beforehand. 0 or -ENOMEM. */
int telemetry_calls_begin(struct telemetry *telemetry);

/* A window of each call that the report tells of. 0 or a negative errno with `msg` filled. */
int telemetry_add_calls(struct telemetry *telemetry, const struct report *report,
			struct errmsg *msg);

/* What has come of all calls, for run.json. */
void telemetry_calls_facts(struct telemetry *telemetry);

/* What a person should know of the calls when the run is over: the next sentence, or NULL. */
const char *telemetry_calls_complaint(struct telemetry *telemetry);

void telemetry_calls_done(struct telemetry *telemetry);

#endif
