/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_TELEMETRY_STATS_H
#define ENERGYTRACE_TELEMETRY_STATS_H

/* The aggregates of a kernel: of all its windows that count, and of each repeat. */

#include "telemetry/distribution.h"
#include "telemetry/series.h"

#include <stdint.h>

/* Within a repeat. Its distributions hold no values any more, only their figures. */
struct telemetry_repeat {
	uint32_t repeat;
	struct telemetry_distribution latency_ns, energy_j;
	size_t n_missed;
	uint64_t first_end_ns, last_end_ns;
};

struct telemetry_stats {
	const struct telemetry_series *series;
	struct telemetry_distribution latency_ns;
	struct telemetry_distribution energy_j, power_w; /* n is 0 where nobody counted */
	double jitter_p95_ns, jitter_p99_ns;		 /* less p50 */

	/* Of the windows that have a deadline after their release; NaN where none has. */
	double deadline_ns; /* from release, the median */
	double utilization; /* p99 of the latency / deadline */
	double miss_rate;   /* 0 to 1 */
	size_t n_due, n_missed;

	/*
	 * Windows that ended per second: n - 1 over the time from the first end to the last, summed
	 * over the repeats, so that the time between them does not count. NaN without two in one.
	 */
	double per_second;

	struct telemetry_repeat *repeats; /* ascending */
	size_t n_repeats;
};

/* `series` outlives the stats. 0 or -ENOMEM. */
int telemetry_stats_make(const struct telemetry_series *series, struct telemetry_stats *ret);
void telemetry_stats_done(struct telemetry_stats *stats);

/* gCO2e of the joules; NaN where either is not known. */
double telemetry_grams(double joules, double g_per_kwh);

#endif
