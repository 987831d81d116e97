// SPDX-License-Identifier: BSD-2-Clause
/* Which stamps will do to close a tick at, over clocks that the test moves. */
#include "ledger/freshness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define US 1000
#define MS 1000000
#define S 1000000000LL

/* Two clocks: the ledger's, and user space's, which is `ahead` of it. */
struct clocks {
	int64_t now, ahead;
};

/* Looks at a stamp that is so old. */
static bool look(struct freshness *freshness, const struct clocks *clocks, int64_t age_ns,
		 unsigned int naps)
{
	int64_t stamp = clocks->now - age_ns;

	return freshness_accepts(freshness, clocks->now + clocks->ahead - stamp, naps);
}

/* The first round, whose naps make stamps of 5, 3, 9 and 4 us. */
static void meet(struct freshness *freshness, const struct clocks *clocks)
{
	static const int64_t ages[] = {5 * US, 3 * US, 9 * US, 4 * US};

	memset(freshness, 0, sizeof(*freshness));
	freshness_begin(freshness, 0);
	assert_false(look(freshness, clocks, 200 * US, 0));
	for (unsigned int nap = 1; nap < FRESHNESS_NAPS; nap++)
		assert_false(look(freshness, clocks, ages[nap - 1], nap));
	assert_true(look(freshness, clocks, ages[3], FRESHNESS_NAPS));
}

static void test_clocks_that_never_met_ask_for_naps(void **state)
{
	struct clocks clocks = {.now = 100 * S, .ahead = -70 * S};
	struct freshness freshness;

	(void)state;
	meet(&freshness, &clocks);
	assert_true(freshness.known);
	assert_int_equal(freshness.least_ns, clocks.ahead + 3 * US);
}

static void test_old_stamp_is_refused_and_a_young_one_taken(void **state)
{
	struct clocks clocks = {.now = 100 * S, .ahead = 5 * S};
	struct freshness freshness;

	(void)state;
	meet(&freshness, &clocks);
	clocks.now += S;
	freshness_begin(&freshness, S);
	assert_false(look(&freshness, &clocks, 4 * MS, 0));
	assert_false(look(&freshness, &clocks, 3 * US + FRESH_NS + S / 65536, 0));
	assert_true(look(&freshness, &clocks, 3 * US + FRESH_NS - 1, 0));
	assert_true(look(&freshness, &clocks, 6 * US, 1));
}

static void test_younger_stamp_than_any_before_is_the_measure_from_then_on(void **state)
{
	struct clocks clocks = {.now = 100 * S, .ahead = 5 * S};
	struct freshness freshness;

	(void)state;
	meet(&freshness, &clocks);
	freshness_begin(&freshness, 0);
	assert_true(look(&freshness, &clocks, 1 * US, 0));
	assert_int_equal(freshness.least_ns, clocks.ahead + 1 * US);
	assert_false(look(&freshness, &clocks, 1 * US + FRESH_NS, 0));
}

/* A machine whose clocks go apart by 15 ppm (towards each other just as well): no naps for years. */
static void test_drift_is_followed_either_way(void **state)
{
	static const int64_t drifts[] = {15 * US, -15 * US, -400 * US};

	(void)state;
	for (size_t i = 0; i < sizeof(drifts) / sizeof(drifts[0]); i++) {
		struct clocks clocks = {.now = 100 * S};
		struct freshness freshness;

		meet(&freshness, &clocks);
		for (int tick = 0; tick < 100000; tick++) {
			clocks.now += S;
			clocks.ahead += drifts[i];
			freshness_begin(&freshness, S);
			assert_true(look(&freshness, &clocks, 10 * US, 0));
		}
	}
}

/* A long tick allows for no more drift than half of what is fresh: nor for a stamp of a millisecond. */
static void test_long_tick_takes_no_old_stamp(void **state)
{
	struct clocks clocks = {.now = 100 * S};
	struct freshness freshness;

	(void)state;
	meet(&freshness, &clocks);
	clocks.now += 3600 * S;
	freshness_begin(&freshness, 3600 * S);
	assert_false(look(&freshness, &clocks, 100 * US, 0));
	assert_true(look(&freshness, &clocks, 10 * US, 1));
}

/* User space's clock leaps: the naps of one round, and the new distance is the measure. */
static void test_leap_costs_one_round_of_naps(void **state)
{
	struct clocks clocks = {.now = 100 * S};
	struct freshness freshness;

	(void)state;
	meet(&freshness, &clocks);
	clocks.now += S;
	clocks.ahead += 2 * S;
	freshness_begin(&freshness, S);
	for (unsigned int nap = 0; nap < FRESHNESS_NAPS; nap++)
		assert_false(look(&freshness, &clocks, (nap == 2 ? 2 : 7) * US, nap));
	assert_true(look(&freshness, &clocks, 7 * US, FRESHNESS_NAPS));
	assert_int_equal(freshness.least_ns, clocks.ahead + 2 * US);
	freshness_begin(&freshness, 0);
	assert_true(look(&freshness, &clocks, 7 * US, 0));
	assert_false(look(&freshness, &clocks, 200 * US, 0));
}

static void test_age_grows_with_the_time_since_and_is_no_more_than_the_search(void **state)
{
	const struct freshness freshness = {.least_ns = 3 * S, .known = true};

	(void)state;
	assert_int_equal(freshness_age_ns(&freshness, 3 * S + 7 * US, 90 * US), 7 * US);
	/* It was preempted since. */
	assert_int_equal(freshness_age_ns(&freshness, 3 * S + 12 * MS, 13 * MS), 12 * MS);
	/* A stamp younger than any before. */
	assert_int_equal(freshness_age_ns(&freshness, 3 * S - 2 * US, 10 * US), 0);
	/* Another CPU's clock. */
	assert_int_equal(freshness_age_ns(&freshness, 3 * S + 4 * MS, 100 * US),
			 100 * US + FRESH_NS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clocks_that_never_met_ask_for_naps),
		cmocka_unit_test(test_old_stamp_is_refused_and_a_young_one_taken),
		cmocka_unit_test(test_younger_stamp_than_any_before_is_the_measure_from_then_on),
		cmocka_unit_test(test_drift_is_followed_either_way),
		cmocka_unit_test(test_long_tick_takes_no_old_stamp),
		cmocka_unit_test(test_leap_costs_one_round_of_naps),
		cmocka_unit_test(test_age_grows_with_the_time_since_and_is_no_more_than_the_search),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
