// SPDX-License-Identifier: BSD-2-Clause
#include "output/tcp_backoff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* After what it needs. */
#include <cmocka.h>

static void assert_between(uint64_t value, uint64_t least, uint64_t most)
{
	assert_true(value >= least && value <= most);
}

static void test_delays_double_up_to_the_longest(void **state)
{
	const uint64_t limits[] = {500, 1000, 2000, 4000, 5000, 5000, 5000};
	struct tcp_backoff backoff;

	(void)state;
	for (uint64_t seed = 0; seed < 1000; seed++) {
		tcp_backoff_init(&backoff, 500, 5000, seed);
		for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
			assert_between(tcp_backoff_next_ns(&backoff), limits[i] / 2, limits[i]);
	}
}

static void test_success_begins_again(void **state)
{
	struct tcp_backoff backoff;

	(void)state;
	tcp_backoff_init(&backoff, 100, 100000, 7);
	for (int i = 0; i < 5; i++)
		tcp_backoff_next_ns(&backoff);
	assert_between(tcp_backoff_next_ns(&backoff), 1600, 3200);
	tcp_backoff_reset(&backoff);
	assert_between(tcp_backoff_next_ns(&backoff), 50, 100);
}

/* Senders that lost one receiver at one moment spread over the half of the delay. */
static void test_chance_spreads_senders(void **state)
{
	unsigned int quarters[4] = {0};
	struct tcp_backoff backoff;

	(void)state;
	for (uint64_t seed = 0; seed < 1000; seed++) {
		tcp_backoff_init(&backoff, 8000, 8000, seed);
		quarters[(tcp_backoff_next_ns(&backoff) - 4000) * 4 / 4001]++;
	}
	for (size_t i = 0; i < 4; i++)
		assert_between(quarters[i], 200, 300);
}

static void test_one_seed_one_course(void **state)
{
	struct tcp_backoff one, other;

	(void)state;
	tcp_backoff_init(&one, 1000000, 64000000, 42);
	tcp_backoff_init(&other, 1000000, 64000000, 42);
	for (int i = 0; i < 20; i++)
		assert_int_equal(tcp_backoff_next_ns(&one), tcp_backoff_next_ns(&other));
}

static void test_longest_that_is_no_power_times_the_first(void **state)
{
	struct tcp_backoff backoff;

	(void)state;
	tcp_backoff_init(&backoff, 300, 1000, 1);
	assert_between(tcp_backoff_next_ns(&backoff), 150, 300);
	assert_between(tcp_backoff_next_ns(&backoff), 300, 600);
	assert_between(tcp_backoff_next_ns(&backoff), 500, 1000);
	assert_between(tcp_backoff_next_ns(&backoff), 500, 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_delays_double_up_to_the_longest),
		cmocka_unit_test(test_success_begins_again),
		cmocka_unit_test(test_chance_spreads_senders),
		cmocka_unit_test(test_one_seed_one_course),
		cmocka_unit_test(test_longest_that_is_no_power_times_the_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
