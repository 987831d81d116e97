// SPDX-License-Identifier: BSD-2-Clause
#include "telemetry/rank_test.h"

#include "base/cleanup.h"
#include "telemetry/array.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

/* Both samples in one order. */
struct ranking {
	size_t n_a, n_b;
	double rank_sum_b; /* mid-ranks from 1 */
	double ties;	   /* the sum of t^3 - t over the groups of equal values */
	uint32_t *doubled; /* twice the mid-rank of each place, whole numbers; NULL: not wanted */
};

static void rank(const double *a, const double *b, struct ranking *ranking)
{
	size_t i = 0, j = 0, n = ranking->n_a + ranking->n_b;

	while (i + j < n) {
		bool from_a = j == ranking->n_b || (i < ranking->n_a && a[i] <= b[j]);
		double value = from_a ? a[i] : b[j], size;
		size_t first = i + j, first_b = j;

		while (i < ranking->n_a && a[i] <= value)
			i++;
		while (j < ranking->n_b && b[j] <= value)
			j++;
		size = (double)(i + j - first);
		/* The ranks first + 1 … i + j. */
		ranking->rank_sum_b += (double)(j - first_b) * (double)(first + 1 + i + j) / 2;
		ranking->ties += size * size * size - size;
		for (size_t at = first; ranking->doubled && at < i + j; at++)
			ranking->doubled[at] = (uint32_t)(first + 1 + i + j);
	}
}

/*
 * The ways to choose n_b of the places, by the sum of their doubled ranks: counts[k][s] for k of the
 * places so far. They are whole numbers below 2^53 for the sizes that come here.
 */
static int count_ways(const struct ranking *ranking, size_t sums, double **ret)
{
	size_t n = ranking->n_a + ranking->n_b, rows = ranking->n_b + 1;
	double *counts = array_new(rows * sums, sizeof(*counts));

	if (!counts)
		return -ENOMEM;
	counts[0] = 1;
	for (size_t place = 0; place < n; place++) {
		size_t weight = ranking->doubled[place];

		for (size_t k = rows - 1; k > 0; k--) {
			for (size_t s = weight; s < sums; s++)
				counts[k * sums + s] += counts[(k - 1) * sums + s - weight];
		}
	}
	*ret = counts;
	return 0;
}

static int exact_p(const struct ranking *ranking, double *ret)
{
	size_t n = ranking->n_a + ranking->n_b, sums = n * (n + 1) + 1;
	double middle = (double)ranking->n_b * (double)(n + 1);
	double off = fabs(2 * ranking->rank_sum_b - middle), all = 0, as_far = 0;
	_cleanup_free_ double *counts = NULL;
	int err = count_ways(ranking, sums, &counts);

	if (err)
		return err;
	for (size_t s = 0; s < sums; s++) {
		double ways = counts[ranking->n_b * sums + s];

		all += ways;
		if (fabs((double)s - middle) >= off)
			as_far += ways;
	}
	*ret = as_far / all;
	return 0;
}

static double normal_p(const struct ranking *ranking, double u)
{
	double n_a = (double)ranking->n_a, n_b = (double)ranking->n_b, n = n_a + n_b;
	double variance = n_a * n_b / 12 * (n + 1 - ranking->ties / (n * (n - 1)));
	double off = fabs(u - n_a * n_b / 2) - 0.5;

	if (variance <= 0 || off <= 0)
		return 1;
	return erfc(off / sqrt(variance) * M_SQRT1_2);
}

int rank_test(const double *a, size_t n_a, const double *b, size_t n_b, struct rank_test *ret)
{
	uint32_t doubled[RANK_TEST_EXACT_MAX];
	struct ranking ranking = {.n_a = n_a, .n_b = n_b};
	struct rank_test test = {.exact = n_a + n_b <= RANK_TEST_EXACT_MAX};
	double pairs = (double)n_a * (double)n_b;
	int err = 0;

	if (n_a == 0 || n_b == 0)
		return -EINVAL;
	if (test.exact)
		ranking.doubled = doubled;
	rank(a, b, &ranking);
	test.u = ranking.rank_sum_b - (double)n_b * (double)(n_b + 1) / 2;
	test.delta = 2 * test.u / pairs - 1;
	if (test.exact)
		err = exact_p(&ranking, &test.p);
	else
		test.p = normal_p(&ranking, test.u);
	if (!err)
		*ret = test;
	return err;
}

int rank_test_holm(const double *p, size_t n, double *adjusted)
{
	_cleanup_free_ size_t *order = array_new(n, sizeof(*order));
	double greatest = 0;

	if (!order)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		size_t at = i;

		for (; at > 0 && p[order[at - 1]] > p[i]; at--)
			order[at] = order[at - 1];
		order[at] = i;
	}
	for (size_t i = 0; i < n; i++) {
		double scaled = p[order[i]] * (double)(n - i);

		if (scaled > greatest)
			greatest = scaled;
		adjusted[order[i]] = greatest < 1 ? greatest : 1;
	}
	return 0;
}
