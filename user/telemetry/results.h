/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_TELEMETRY_RESULTS_H
#define ENERGYTRACE_TELEMETRY_RESULTS_H

/* A recorded run with its aggregates: what reports and analyses are made from. */

#include "base/errmsg.h"
#include "telemetry/run.h"
#include "telemetry/stats.h"

#include <stddef.h>

struct telemetry_results {
	struct telemetry_run *run;
	struct telemetry_stats *stats; /* of each series, in their order */
	size_t n;
};

/* telemetry_run_load, and the stats. 0 or a negative errno with `msg` filled. */
int telemetry_results_load(const char *path, struct telemetry_results *ret, struct errmsg *msg);
void telemetry_results_done(struct telemetry_results *results);

/* From the start to the end by run.json, or else by the windows; NaN: not known. */
double telemetry_results_duration_ns(const struct telemetry_results *results);

#endif
