/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_TELEMETRY_RANK_TEST_H
#define ENERGYTRACE_TELEMETRY_RANK_TEST_H

/*
 * Whether values of one kind tend to be greater than those of another, whatever their distribution:
 * Mann & Whitney, Annals of Mathematical Statistics 18 (1947), two-sided, ties by their mid-ranks.
 */

#include <stdbool.h>
#include <stddef.h>

/*
 * Up to here, both together, p is counted out over all ways to share out the ranks, ties as they are;
 * beyond, the normal approximation with the variance less the ties' and a correction of a half.
 */
#define RANK_TEST_EXACT_MAX 50

struct rank_test {
	double u;     /* pairs in which b is the greater, a tie counts half */
	double delta; /* Cliff's: (pairs with b greater - pairs with a greater) / all, -1 to 1 */
	double p; /* that chance alone gives a delta as far from 0; 1 where all values are one */
	bool exact;
};

/* Both ascending. 0, -EINVAL where one is empty, or -ENOMEM. */
int rank_test(const double *a, size_t n_a, const double *b, size_t n_b, struct rank_test *ret);

/*
 * Holm's step-down (Scandinavian Journal of Statistics 6, 1979): p for each of `n` tests done at once, so
 * that the chance of one wrong among them is what p says. `adjusted` has room for n. 0 or -ENOMEM.
 */
int rank_test_holm(const double *p, size_t n, double *adjusted);

#endif
