/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_TELEMETRY_DISTRIBUTION_H
#define ENERGYTRACE_TELEMETRY_DISTRIBUTION_H

/* What is said of many values by a few. */

#include <stddef.h>

/* NaN where there are too few values: one for all but the deviation, which takes two. */
struct telemetry_distribution {
	double *sorted; /* ascending, `n` of them; owned */
	size_t n;
	double min, p5, p25, p50, p75, p95, p99, max;
	double sum, mean;
	double deviation; /* of the sample: n - 1 */
};

/* Sorts `values` and takes them over, also on failure (there is none). */
void telemetry_distribution_make(double *values, size_t n, struct telemetry_distribution *ret);

void telemetry_distribution_done(struct telemetry_distribution *distribution);

/* Ascending; no NaN among them. */
void telemetry_sort(double *values, size_t n);

/*
 * The quantile p, 0 to 1, by linear interpolation between the values at h = (n - 1)p, rounded down
 * and up: type 7 of Hyndman & Fan, "Sample Quantiles in Statistical Packages", The American
 * Statistician 50 (1996), which R, NumPy and Python's statistics ("inclusive") take. NaN for n = 0.
 */
double telemetry_quantile(const double *sorted, size_t n, double p);

/*
 * The number of equal bins for a histogram of `n` sorted values from `low` to `high`: widths of
 * 2 IQR n^(-1/3) (Freedman & Diaconis, Zeitschrift für Wahrscheinlichkeitstheorie 57, 1981), within
 * the bounds; where the quartiles meet, Sturges' 1 + log2 n. 1 when low and high are one.
 */
size_t telemetry_bins(const double *sorted, size_t n, double low, double high, size_t least,
		      size_t most);

#endif
