// SPDX-License-Identifier: BSD-2-Clause
#include "telemetry/compare.h"

#include "base/cleanup.h"
#include "telemetry/array.h"

#include <errno.h>
#include <math.h>
#include <string.h>

static bool same_text(const struct telemetry_label *a, const struct telemetry_label *b)
{
	if (!a->text || !b->text)
		return a->text == b->text;
	return !a->mixed && !b->mixed && strcmp(a->text, b->text) == 0;
}

/* A dtype that only one of them tells is no difference. */
static bool shapes_differ(const struct telemetry_series *a, const struct telemetry_series *b)
{
	return a->w != b->w || a->h != b->h || a->c != b->c || a->fs_hz != b->fs_hz ||
	       (a->dtype.text && b->dtype.text && !same_text(&a->dtype, &b->dtype));
}

/* Why the two can't be compared, or NULL. */
static const char *why_not(const struct compare_kernel *kernel, enum measure measure,
			   const struct compare_measure *of)
{
	bool energy = measure == MEASURE_ENERGY;

	if (of->n_a == 0 && of->n_b == 0)
		return energy ? "neither run has joules" : "neither run has windows that count";
	if (of->n_a == 0)
		return energy ? "the baseline has no joules"
			      : "the baseline has no windows that count";
	if (of->n_b == 0)
		return energy ? "the run has no joules" : "the run has no windows that count";
	if (energy && !same_text(&kernel->a->series->energy_kind, &kernel->b->series->energy_kind))
		return "the joules are not of the same kind";
	return NULL;
}

static int compare_measure(const struct compare_kernel *kernel, enum measure measure,
			   struct compare_measure *ret)
{
	const struct telemetry_distribution *a = difference_of(kernel->a, measure);
	const struct telemetry_distribution *b = difference_of(kernel->b, measure);
	int err;

	ret->n_a = a->n;
	ret->n_b = b->n;
	for (int s = 0; s < STATISTIC_N; s++) {
		ret->a[s] = difference_statistic(a, (enum statistic)s);
		ret->b[s] = difference_statistic(b, (enum statistic)s);
	}
	ret->why = why_not(kernel, measure, ret);
	if (ret->why) {
		ret->verdict = COMPARE_NOT_COMPARED;
		return 0;
	}
	err = rank_test(a->sorted, a->n, b->sorted, b->n, &ret->rank);
	if (!err)
		err = difference_make(kernel->a, kernel->b, measure, ret->difference,
				      &ret->by_repeats);
	/* Where the other can't be told, nothing is shown. */
	ret->p = isfinite(ret->difference[STATISTIC_P50].p)
			 ? fmax(ret->rank.p, ret->difference[STATISTIC_P50].p)
			 : 1;
	return err;
}

static struct compare_measure *measure_of(const struct comparison *comparison, size_t i)
{
	struct compare_kernel *kernel = &comparison->kernels[i / 2];

	return i % 2 ? &kernel->energy_j : &kernel->latency_ns;
}

static enum compare_verdict judge(const struct compare_measure *measure)
{
	double median = measure->difference[STATISTIC_P50].estimate;

	if (!(measure->p_adjusted < COMPARE_ALPHA))
		return COMPARE_NOT_SHOWN;
	if (measure->rank.delta > 0 && median > 0)
		return COMPARE_HIGHER;
	return measure->rank.delta < 0 && median < 0 ? COMPARE_LOWER : COMPARE_NOT_SHOWN;
}

/* All measures that were compared, in one family. */
static int judge_all(struct comparison *comparison)
{
	size_t most = comparison->n_kernels * 2, n = 0;
	_cleanup_free_ double *p = array_new(most, sizeof(*p));
	_cleanup_free_ double *adjusted = array_new(most, sizeof(*adjusted));
	int err;

	if (!p || !adjusted)
		return -ENOMEM;
	for (size_t i = 0; i < most; i++) {
		if (!measure_of(comparison, i)->why)
			p[n++] = measure_of(comparison, i)->p;
	}
	err = rank_test_holm(p, n, adjusted);
	n = 0;
	for (size_t i = 0; !err && i < most; i++) {
		struct compare_measure *measure = measure_of(comparison, i);

		if (measure->why)
			continue;
		measure->p_adjusted = adjusted[n++];
		measure->verdict = judge(measure);
	}
	return err;
}

static const struct telemetry_stats *find_kernel(const struct telemetry_results *results,
						 const char *name)
{
	for (size_t i = 0; i < results->n; i++) {
		if (strcmp(results->stats[i].series->name, name) == 0)
			return &results->stats[i];
	}
	return NULL;
}

int compare_runs(const struct telemetry_results *a, const struct telemetry_results *b,
		 struct comparison *ret)
{
	struct comparison comparison = {.a = a->run, .b = b->run};
	int err = 0;

	comparison.kernels = array_new(b->n, sizeof(*comparison.kernels));
	if (!comparison.kernels)
		return -ENOMEM;
	for (size_t i = 0; !err && i < b->n; i++) {
		struct compare_kernel *kernel = &comparison.kernels[comparison.n_kernels];

		kernel->b = &b->stats[i];
		kernel->a = find_kernel(a, kernel->b->series->name);
		if (!kernel->a)
			continue;
		comparison.n_kernels++;
		kernel->shapes_differ = shapes_differ(kernel->a->series, kernel->b->series);
		err = compare_measure(kernel, MEASURE_LATENCY, &kernel->latency_ns);
		if (!err)
			err = compare_measure(kernel, MEASURE_ENERGY, &kernel->energy_j);
	}
	if (!err)
		err = judge_all(&comparison);
	if (err) {
		comparison_done(&comparison);
		return err;
	}
	*ret = comparison;
	return 0;
}

void comparison_done(struct comparison *comparison)
{
	free(comparison->kernels);
	*comparison = (struct comparison){0};
}

const char *compare_magnitude(double delta)
{
	delta = fabs(delta);
	if (delta < 0.147)
		return "negligible";
	if (delta < 0.33)
		return "small";
	return delta < 0.474 ? "medium" : "large";
}
