/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_REPORT_CALLS_H
#define ENERGYTRACE_REPORT_CALLS_H

/* The windows of calls of a run, and their joules: each is told in the tick that it ended in. */

#include "report/report.h"
#include "report/roster.h"

struct calls {
	struct window_energy *energy; /* NULL: nobody wants them */
	struct window_thread_use *uses;
	size_t uses_room;
	struct report_call *told;
	size_t n_told, told_room;
	uint64_t first_ns; /* CLOCK_MONOTONIC of the start mark */
};

/* 0 or -ENOMEM. Takes a zeroed one, as calls_done does. */
int calls_init(struct calls *calls, const struct run *run);

/*
 * Takes the windows of the report's sample, and what the threads of those in the roster used from
 * `begin_ns` (CLOCK_MONOTONIC) to its close, and puts in the report what has ended. 0 or -ENOMEM.
 */
int calls_take(struct calls *calls, struct report *report, const struct roster *roster,
	       const struct attribution *attribution, uint64_t begin_ns);

void calls_done(struct calls *calls);

#endif
