// SPDX-License-Identifier: BSD-2-Clause
#include "telemetry/distribution.h"

#include <math.h>
#include <stdlib.h>

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

void telemetry_sort(double *values, size_t n)
{
	if (n > 1)
		qsort(values, n, sizeof(*values), compare);
}

double telemetry_quantile(const double *sorted, size_t n, double p)
{
	double h, fraction;
	size_t below;

	if (n == 0)
		return NAN;
	h = (double)(n - 1) * p;
	below = (size_t)h;
	if (below >= n - 1)
		return sorted[n - 1];
	fraction = h - (double)below;
	return sorted[below] + fraction * (sorted[below + 1] - sorted[below]);
}

/* Two passes: the squares are taken from the mean, so that nothing cancels. */
static void take_moments(struct telemetry_distribution *distribution)
{
	double squares = 0;
	size_t n = distribution->n;

	for (size_t i = 0; i < n; i++)
		distribution->sum += distribution->sorted[i];
	distribution->mean = n > 0 ? distribution->sum / (double)n : NAN;
	for (size_t i = 0; i < n; i++) {
		double off = distribution->sorted[i] - distribution->mean;

		squares += off * off;
	}
	distribution->deviation = n > 1 ? sqrt(squares / (double)(n - 1)) : NAN;
}

void telemetry_distribution_make(double *values, size_t n, struct telemetry_distribution *ret)
{
	telemetry_sort(values, n);
	*ret = (struct telemetry_distribution){
		.sorted = values,
		.n = n,
		.min = telemetry_quantile(values, n, 0),
		.p5 = telemetry_quantile(values, n, 0.05),
		.p25 = telemetry_quantile(values, n, 0.25),
		.p50 = telemetry_quantile(values, n, 0.50),
		.p75 = telemetry_quantile(values, n, 0.75),
		.p95 = telemetry_quantile(values, n, 0.95),
		.p99 = telemetry_quantile(values, n, 0.99),
		.max = telemetry_quantile(values, n, 1),
	};
	take_moments(ret);
}

void telemetry_distribution_done(struct telemetry_distribution *distribution)
{
	free(distribution->sorted);
	distribution->sorted = NULL;
	distribution->n = 0;
}

size_t telemetry_bins(const double *sorted, size_t n, double low, double high, size_t least,
		      size_t most)
{
	double iqr = telemetry_quantile(sorted, n, 0.75) - telemetry_quantile(sorted, n, 0.25);
	double bins;

	if (n == 0 || !(high > low))
		return 1;
	if (iqr > 0)
		bins = ceil((high - low) / (2 * iqr / cbrt((double)n)));
	else
		bins = 1 + ceil(log2((double)n));
	if (bins < (double)least)
		return least;
	return bins > (double)most ? most : (size_t)bins;
}
