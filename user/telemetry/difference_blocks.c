// SPDX-License-Identifier: BSD-2-Clause
#include "telemetry/difference.h"

#include "base/cleanup.h"
#include "base/random.h"
#include "telemetry/array.h"
#include "telemetry/distribution.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define SMALL 64 /* values that are too few to be drawn in blocks */

/* Values in ascending order, each with its block; a block does not go across two repeats. */
struct block_sample {
	double *sorted;
	uint32_t *block;
	size_t n;
	double *block_sums;
	uint32_t *block_sizes;
	uint32_t n_blocks;
};

struct placed {
	double value;
	uint32_t block;
};

/* Equal values in an order of their own, so that a draw is the same on any machine. */
static int by_value(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;

	if (x->value != y->value)
		return x->value > y->value ? 1 : -1;
	return (x->block > y->block) - (x->block < y->block);
}

/* Windows of a block. */
static size_t block_length(size_t n)
{
	return n < SMALL ? 1 : (size_t)cbrt((double)n);
}

/* The values with their blocks, in the points' order; puts how many there are, and blocks. */
static size_t place(const struct telemetry_series *series, enum measure measure,
		    struct placed *placed, uint32_t *ret_blocks)
{
	size_t length = block_length(series->n), n = 0, in_block = 0;
	const struct telemetry_point *before = NULL;

	*ret_blocks = 0;
	for (size_t i = 0; i < series->n; i++) {
		const struct telemetry_point *point = &series->points[i];
		double of_point = measure == MEASURE_ENERGY ? point->energy_j
							    : telemetry_latency_ns(point);

		if (!isfinite(of_point))
			continue;
		if (!before || in_block == length || point->repeat != before->repeat) {
			(*ret_blocks)++;
			in_block = 0;
		}
		in_block++;
		before = point;
		placed[n++] = (struct placed){.value = of_point, .block = *ret_blocks - 1};
	}
	return n;
}

static int fill_sample(const struct placed *placed, struct block_sample *sample)
{
	sample->sorted = array_new(sample->n, sizeof(*sample->sorted));
	sample->block = array_new(sample->n, sizeof(*sample->block));
	sample->block_sums = array_new(sample->n_blocks, sizeof(*sample->block_sums));
	sample->block_sizes = array_new(sample->n_blocks, sizeof(*sample->block_sizes));
	if (!sample->sorted || !sample->block || !sample->block_sums || !sample->block_sizes)
		return -ENOMEM;
	for (size_t i = 0; i < sample->n; i++) {
		sample->sorted[i] = placed[i].value;
		sample->block[i] = placed[i].block;
		sample->block_sums[placed[i].block] += placed[i].value;
		sample->block_sizes[placed[i].block]++;
	}
	return 0;
}

static void block_sample_free(struct block_sample *sample)
{
	free(sample->sorted);
	free(sample->block);
	free(sample->block_sums);
	free(sample->block_sizes);
	*sample = (struct block_sample){0};
}

static int block_sample_make(const struct telemetry_series *series, enum measure measure,
			     struct block_sample *ret)
{
	_cleanup_free_ struct placed *placed = NULL;
	struct block_sample sample = {0};
	int err;

	if (series->n > UINT32_MAX)
		return -E2BIG;
	placed = array_new(series->n, sizeof(*placed));
	if (!placed)
		return -ENOMEM;
	sample.n = place(series, measure, placed, &sample.n_blocks);
	if (sample.n > 1)
		qsort(placed, sample.n, sizeof(*placed), by_value);
	err = fill_sample(placed, &sample);
	if (err)
		block_sample_free(&sample);
	else
		*ret = sample;
	return err;
}

/* The statistics of the sample as it is. */
static void observe(const struct block_sample *sample, double ret[STATISTIC_N])
{
	double sum = 0;

	for (uint32_t i = 0; i < sample->n_blocks; i++)
		sum += sample->block_sums[i];
	ret[STATISTIC_P50] = telemetry_quantile(sample->sorted, sample->n, 0.50);
	ret[STATISTIC_P95] = telemetry_quantile(sample->sorted, sample->n, 0.95);
	ret[STATISTIC_MEAN] = sample->n > 0 ? sum / (double)sample->n : NAN;
}

/* A walk along the values of a draw, in ascending order: how many are behind it. */
struct walk {
	size_t at;	 /* the next value of the sample */
	uint64_t behind; /* values of the draw */
};

/* The value at `rank` of the draw, from 0. Ranks that are asked for do not go down. */
static double walk_to(const struct block_sample *sample, const uint32_t *times, struct walk *walk,
		      uint64_t rank)
{
	while (walk->behind <= rank)
		walk->behind += times[sample->block[walk->at++]];
	return sample->sorted[walk->at - 1];
}

/* As telemetry_quantile, of a draw of `n` values. */
static double draw_quantile(const struct block_sample *sample, const uint32_t *times,
			    struct walk *walk, uint64_t n, double p)
{
	double h = (double)(n - 1) * p, low, high;
	uint64_t below = (uint64_t)h;

	low = walk_to(sample, times, walk, below);
	if (below + 1 >= n)
		return low;
	high = walk_to(sample, times, walk, below + 1);
	return low + (h - (double)below) * (high - low);
}

/* The statistics of one draw; `times` has room for how often each block is drawn. */
static void draw(const struct block_sample *sample, struct random *random, uint32_t *times,
		 double ret[STATISTIC_N])
{
	struct walk walk = {0};
	uint64_t n = 0;
	double sum = 0;

	memset(times, 0, sample->n_blocks * sizeof(*times));
	for (uint32_t i = 0; i < sample->n_blocks; i++)
		times[random_below(random, sample->n_blocks)]++;
	for (uint32_t i = 0; i < sample->n_blocks; i++) {
		n += (uint64_t)times[i] * sample->block_sizes[i];
		sum += times[i] * sample->block_sums[i];
	}
	ret[STATISTIC_P50] = draw_quantile(sample, times, &walk, n, 0.50);
	ret[STATISTIC_P95] = draw_quantile(sample, times, &walk, n, 0.95);
	ret[STATISTIC_MEAN] = sum / (double)n;
}

/*
 * The percentile interval, and the chance of a draw on the other side of 0, taken twice; the sample itself
 * counts as a draw, so that a chance is never 0 (Davison & Hinkley, "Bootstrap Methods", 1997, 4.2.4).
 */
static void take_interval(double *differences, struct difference *ret)
{
	size_t below = 0, above = 0;

	for (size_t i = 0; i < DIFFERENCE_DRAWS; i++) {
		below += differences[i] <= 0;
		above += differences[i] >= 0;
	}
	telemetry_sort(differences, DIFFERENCE_DRAWS);
	ret->low = telemetry_quantile(differences, DIFFERENCE_DRAWS, (1 - DIFFERENCE_LEVEL) / 2);
	ret->high = telemetry_quantile(differences, DIFFERENCE_DRAWS, (1 + DIFFERENCE_LEVEL) / 2);
	ret->p = fmin(1,
		      2.0 * (double)((below < above ? below : above) + 1) / (DIFFERENCE_DRAWS + 1));
}

static int compare(const struct block_sample *a, const struct block_sample *b,
		   struct difference ret[STATISTIC_N])
{
	double of_a[STATISTIC_N], of_b[STATISTIC_N];
	_cleanup_free_ double *differences = NULL;
	_cleanup_free_ uint32_t *times = NULL;
	struct random random = {.state = DIFFERENCE_SEED};

	observe(a, of_a);
	observe(b, of_b);
	for (int s = 0; s < STATISTIC_N; s++)
		ret[s] = (struct difference){of_b[s] - of_a[s], NAN, NAN, NAN};
	/* A single block is always drawn as it is. */
	if (a->n_blocks < 2 || b->n_blocks < 2)
		return 0;
	differences = array_new((size_t)STATISTIC_N * DIFFERENCE_DRAWS, sizeof(*differences));
	times = array_new((size_t)(a->n_blocks > b->n_blocks ? a->n_blocks : b->n_blocks),
			  sizeof(*times));
	if (!differences || !times)
		return -ENOMEM;
	for (size_t i = 0; i < DIFFERENCE_DRAWS; i++) {
		draw(a, &random, times, of_a);
		draw(b, &random, times, of_b);
		for (size_t s = 0; s < STATISTIC_N; s++)
			differences[s * DIFFERENCE_DRAWS + i] = of_b[s] - of_a[s];
	}
	for (size_t s = 0; s < STATISTIC_N; s++)
		take_interval(&differences[s * DIFFERENCE_DRAWS], &ret[s]);
	return 0;
}

int difference_by_blocks(const struct telemetry_series *a, const struct telemetry_series *b,
			 enum measure measure, struct difference ret[STATISTIC_N])
{
	struct block_sample of_a = {0}, of_b = {0};
	int err = block_sample_make(a, measure, &of_a);

	if (!err)
		err = block_sample_make(b, measure, &of_b);
	if (!err)
		err = compare(&of_a, &of_b, ret);
	block_sample_free(&of_a);
	block_sample_free(&of_b);
	return err;
}
