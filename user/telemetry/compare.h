/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_TELEMETRY_COMPARE_H
#define ENERGYTRACE_TELEMETRY_COMPARE_H

/*
 * A run against an earlier one: which differences, in latency and in joules, chance would hardly
 * make.
 */

#include "telemetry/difference.h"
#include "telemetry/rank_test.h"
#include "telemetry/results.h"

#include <stddef.h>

#define COMPARE_ALPHA 0.05

enum compare_verdict {
	COMPARE_NOT_SHOWN, /* chance may have made it */
	COMPARE_LOWER,	   /* the run is lower than the baseline */
	COMPARE_HIGHER,
	COMPARE_NOT_COMPARED, /* `why` says why */
};

/*
 * One measure of one kernel. The verdict is lower or higher when two tests say so, in one direction:
 * the rank test, which sees the whole distribution but takes windows for independent, and that
 * of the medians' difference, which does not. p is the greater of theirs (both must hold, so no
 * correction is due for their being two), adjusted by Holm for all measures of the comparison.
 */
struct compare_measure {
	size_t n_a, n_b;
	double a[STATISTIC_N], b[STATISTIC_N];
	struct difference difference[STATISTIC_N]; /* b less a */
	bool by_repeats;
	struct rank_test rank;
	double p, p_adjusted;
	enum compare_verdict verdict;
	const char *why; /* a fixed sentence */
};

struct compare_kernel {
	const struct telemetry_stats *a, *b;
	struct compare_measure latency_ns, energy_j;
	bool shapes_differ; /* W, H, C, Fs or dtype: the windows are not of the same work */
};

struct comparison {
	const struct telemetry_run *a, *b;
	struct compare_kernel *kernels; /* those in both, in the order of b */
	size_t n_kernels;
};

/* `a` is the baseline. Both outlive the comparison. 0 or -ENOMEM. */
int compare_runs(const struct telemetry_results *a, const struct telemetry_results *b,
		 struct comparison *ret);
void comparison_done(struct comparison *comparison);

/* Cliff's delta in a word, by Romano et al. 2006: negligible, small (0.147), medium, large (0.474). */
const char *compare_magnitude(double delta);

#endif
