/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_TELEMETRY_DIFFERENCE_H
#define ENERGYTRACE_TELEMETRY_DIFFERENCE_H

/*
 * How far off the difference of two medians, 95th percentiles or means may be by chance.
 *
 * Windows of one repeat have much in common (clock frequency, temperature, where memory lies), so a
 * thousand of them are not a thousand witnesses. Where both runs have DIFFERENCE_REPEATS repeats or
 * more, each repeat is one: Welch's t interval (Biometrika 34, 1947) of their statistics.
 *
 * With fewer, the values are drawn again with replacement, many times (Efron & Tibshirani, "An
 * Introduction to the Bootstrap", 1993), in blocks of n^(1/3) windows that follow each other, since
 * neighbours are alike (Carlstein, Annals of Statistics 14, 1986). What differs from one repeat to
 * the next is then not known, and not in the interval.
 */

#include "telemetry/stats.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DIFFERENCE_REPEATS 3
#define DIFFERENCE_DRAWS 1000
#define DIFFERENCE_SEED UINT64_C(20260112) /* any: fixed, so that a report can be made again */
#define DIFFERENCE_LEVEL 0.95

enum statistic {
	STATISTIC_P50,
	STATISTIC_P95,
	STATISTIC_MEAN,
	STATISTIC_N,
};

/* Which of a kernel's quantities. */
enum measure {
	MEASURE_LATENCY, /* ns */
	MEASURE_ENERGY,	 /* J */
};

struct difference {
	double estimate;  /* b less a, over all repeats */
	double low, high; /* the interval; NaN: can't be told */
	double p;	  /* that chance alone makes one as far from 0; NaN as well */
};

/* Of b less a, whose distributions hold values. Puts whether the repeats were the witnesses. */
int difference_make(const struct telemetry_stats *a, const struct telemetry_stats *b,
		    enum measure measure, struct difference ret[STATISTIC_N], bool *ret_by_repeats);

const struct telemetry_distribution *difference_of(const struct telemetry_stats *stats,
						   enum measure measure);

double difference_statistic(const struct telemetry_distribution *distribution,
			    enum statistic statistic);

/* The two ways, for tests. Each needs what is said above: two repeats each, or a value each. */
void difference_by_repeats(const struct telemetry_stats *a, const struct telemetry_stats *b,
			   enum measure measure, struct difference ret[STATISTIC_N]);
int difference_by_blocks(const struct telemetry_series *a, const struct telemetry_series *b,
			 enum measure measure, struct difference ret[STATISTIC_N]);

#endif
