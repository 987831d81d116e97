// SPDX-License-Identifier: BSD-2-Clause
#include "telemetry/stats.h"

#include "telemetry/array.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_S 1e9
#define J_PER_KWH 3.6e6

typedef double (*point_value)(const struct telemetry_point *point);

static double energy_of(const struct telemetry_point *point)
{
	return point->energy_j;
}

static double power_of(const struct telemetry_point *point)
{
	return point->power_w;
}

/* NaN for one that is due at no time. */
static double deadline_of(const struct telemetry_point *point)
{
	if (point->deadline_ns <= point->release_ns)
		return NAN;
	return (double)(point->deadline_ns - point->release_ns);
}

/* Those values that are known. */
static int distribute(const struct telemetry_series *series, point_value value,
		      struct telemetry_distribution *ret)
{
	double *values = array_new(series->n, sizeof(*values));
	size_t n = 0;

	if (!values)
		return -ENOMEM;
	for (size_t i = 0; i < series->n; i++) {
		double of_point = value(&series->points[i]);

		if (isfinite(of_point))
			values[n++] = of_point;
	}
	telemetry_distribution_make(values, n, ret);
	return 0;
}

static int by_repeat(const void *a, const void *b)
{
	const struct telemetry_point *x = *(const struct telemetry_point *const *)a;
	const struct telemetry_point *y = *(const struct telemetry_point *const *)b;

	return (x->repeat > y->repeat) - (x->repeat < y->repeat);
}

/* The figures of the points' values, known ones only; `values` has room for them. */
static void repeat_figures(const struct telemetry_point *const *points, size_t n, point_value value,
			   double *values, struct telemetry_distribution *ret)
{
	size_t known = 0;

	for (size_t i = 0; i < n; i++) {
		values[known] = value(points[i]);
		known += isfinite(values[known]) != 0;
	}
	telemetry_distribution_make(values, known, ret);
	ret->sorted = NULL;
}

static void make_repeat(const struct telemetry_point *const *points, size_t n, double *values,
			struct telemetry_repeat *ret)
{
	*ret = (struct telemetry_repeat){.repeat = points[0]->repeat,
					 .first_end_ns = points[0]->end_ns,
					 .last_end_ns = points[0]->end_ns};
	repeat_figures(points, n, telemetry_latency_ns, values, &ret->latency_ns);
	repeat_figures(points, n, energy_of, values, &ret->energy_j);
	for (size_t i = 0; i < n; i++) {
		ret->n_missed += points[i]->missed && isfinite(deadline_of(points[i]));
		if (points[i]->end_ns < ret->first_end_ns)
			ret->first_end_ns = points[i]->end_ns;
		if (points[i]->end_ns > ret->last_end_ns)
			ret->last_end_ns = points[i]->end_ns;
	}
}

static int make_repeats(struct telemetry_stats *stats)
{
	const struct telemetry_series *series = stats->series;
	const struct telemetry_point **points = array_new(series->n, sizeof(const void *));
	double *values = array_new(series->n, sizeof(*values));
	size_t n = 0;
	int err = points && values ? 0 : -ENOMEM;

	for (size_t i = 0; !err && i < series->n; i++)
		points[i] = &series->points[i];
	if (!err && series->n > 0)
		qsort(points, series->n, sizeof(const void *), by_repeat);
	for (size_t i = 0; !err && i < series->n; i++)
		n += i == 0 || points[i]->repeat != points[i - 1]->repeat;
	stats->repeats = err ? NULL : array_new(n, sizeof(*stats->repeats));
	if (!stats->repeats)
		err = -ENOMEM;
	for (size_t from = 0, to; !err && from < series->n; from = to) {
		for (to = from + 1; to < series->n; to++) {
			if (points[to]->repeat != points[from]->repeat)
				break;
		}
		make_repeat(points + from, to - from, values, &stats->repeats[stats->n_repeats++]);
	}
	free(points);
	free(values);
	return err;
}

static void take_throughput(struct telemetry_stats *stats)
{
	double n = 0, span_ns = 0;

	for (size_t i = 0; i < stats->n_repeats; i++) {
		const struct telemetry_repeat *repeat = &stats->repeats[i];

		n += (double)(repeat->latency_ns.n - 1);
		span_ns += (double)(repeat->last_end_ns - repeat->first_end_ns);
	}
	stats->per_second = n > 0 && span_ns > 0 ? n / (span_ns / NS_PER_S) : NAN;
}

static int take_deadlines(struct telemetry_stats *stats)
{
	struct telemetry_distribution deadlines;
	int err = distribute(stats->series, deadline_of, &deadlines);

	if (err)
		return err;
	stats->deadline_ns = deadlines.p50;
	stats->utilization = stats->latency_ns.p99 / deadlines.p50;
	stats->n_due = deadlines.n;
	telemetry_distribution_done(&deadlines);
	for (size_t i = 0; i < stats->n_repeats; i++)
		stats->n_missed += stats->repeats[i].n_missed;
	stats->miss_rate = stats->n_due ? (double)stats->n_missed / (double)stats->n_due : NAN;
	return 0;
}

int telemetry_stats_make(const struct telemetry_series *series, struct telemetry_stats *ret)
{
	struct telemetry_stats stats = {.series = series};
	int err;

	err = distribute(series, telemetry_latency_ns, &stats.latency_ns);
	if (!err)
		err = distribute(series, energy_of, &stats.energy_j);
	if (!err)
		err = distribute(series, power_of, &stats.power_w);
	if (!err)
		err = make_repeats(&stats);
	if (!err)
		err = take_deadlines(&stats);
	if (err) {
		telemetry_stats_done(&stats);
		return err;
	}
	stats.jitter_p95_ns = stats.latency_ns.p95 - stats.latency_ns.p50;
	stats.jitter_p99_ns = stats.latency_ns.p99 - stats.latency_ns.p50;
	take_throughput(&stats);
	*ret = stats;
	return 0;
}

void telemetry_stats_done(struct telemetry_stats *stats)
{
	telemetry_distribution_done(&stats->latency_ns);
	telemetry_distribution_done(&stats->energy_j);
	telemetry_distribution_done(&stats->power_w);
	free(stats->repeats);
	stats->repeats = NULL;
	stats->n_repeats = 0;
}

double telemetry_grams(double joules, double g_per_kwh)
{
	return joules / J_PER_KWH * g_per_kwh;
}
