// SPDX-License-Identifier: BSD-2-Clause
#include "energy/counter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka wants those four before it. */
#include <cmocka.h>

#define S UINT64_C(1000000000)
#define MS UINT64_C(1000000)
#define J UINT64_C(1000000)
#define RANGE UINT64_C(262143328850) /* of a server: 2^32 - 1 counts of 61 µJ */

static struct energy_counter start(uint64_t max_range_uj, uint64_t raw_uj, uint64_t now_ns)
{
	struct sample_energy total = {0};
	struct energy_counter counter;

	energy_counter_init(&counter, max_range_uj);
	assert_false(counter.primed);
	energy_counter_update(&counter, raw_uj, now_ns, &total);
	assert_true(counter.primed);
	assert_int_equal(total.uj, 0);
	return counter;
}

static void assert_total(const struct sample_energy *total, uint64_t uj, uint32_t wraps,
			 uint32_t resets)
{
	assert_int_equal(total->uj, uj);
	assert_int_equal(total->wraps, wraps);
	assert_int_equal(total->resets, resets);
	assert_int_equal(total->gaps, 0);
}

static void first_reading_only_primes(void **state)
{
	struct sample_energy total = {0};
	struct energy_counter counter;

	(void)state;
	energy_counter_init(&counter, RANGE);
	energy_counter_update(&counter, 200000 * J, 5 * S, &total);
	assert_total(&total, 0, 0, 0);
	energy_counter_update(&counter, 200060 * J, 6 * S, &total);
	assert_total(&total, 60 * J, 0, 0);
}

static void steps_add_up(void **state)
{
	struct energy_counter counter = start(RANGE, 7, 0);
	struct sample_energy total = {0};

	(void)state;
	for (uint64_t i = 1; i <= 1000; i++)
		energy_counter_update(&counter, 7 + i * 123457, i * MS * 10, &total);
	assert_total(&total, 123457000, 0, 0);
}

static void same_value_adds_nothing(void **state)
{
	struct energy_counter counter = start(RANGE, 5 * J, 0);
	struct sample_energy total = {0};

	(void)state;
	energy_counter_update(&counter, 5 * J, 1 * S, &total);
	energy_counter_update(&counter, 5 * J, 1 * S, &total);
	assert_total(&total, 0, 0, 0);
	assert_int_equal(counter.moved_ns, 0);
	assert_int_equal(counter.last_ns, 1 * S);
}

static void wrap_adds_up_to_the_modulus(void **state)
{
	struct energy_counter counter = start(RANGE, RANGE - 40 * J, 0);
	struct sample_energy total = {0};

	(void)state;
	/* 40 J to the last value, one unit to 0, and 60 J more: 100 W. */
	energy_counter_update(&counter, 60 * J, 1 * S, &total);
	assert_total(&total, 100 * J + 1, 1, 0);
	energy_counter_update(&counter, 61 * J, 2 * S, &total);
	assert_total(&total, 101 * J + 1, 1, 0);
}

static void wrap_from_the_last_value_to_zero_is_one_unit(void **state)
{
	struct energy_counter counter = start(RANGE, RANGE, 0);
	struct sample_energy total = {0};

	(void)state;
	energy_counter_update(&counter, 0, 1 * S, &total);
	assert_total(&total, 1, 1, 0);
}

static void impossible_wrap_is_a_reset_and_primes_anew(void **state)
{
	struct energy_counter counter = start(RANGE, 1000 * J, 0);
	struct sample_energy total = {0};

	(void)state;
	energy_counter_update(&counter, 3 * J, 1 * S, &total);
	assert_total(&total, 0, 0, 1);
	energy_counter_update(&counter, 53 * J, 2 * S, &total);
	assert_total(&total, 50 * J, 0, 1);
}

static void wrap_is_judged_at_2000_watts(void **state)
{
	struct energy_counter counter = start(RANGE, RANGE - 1000 * J, 0);
	struct sample_energy total = {0};

	(void)state;
	energy_counter_update(&counter, 1000 * J - 1, 1 * S, &total);
	assert_total(&total, 2000 * J, 1, 0);

	counter = start(RANGE, RANGE - 1000 * J, 0);
	total = (struct sample_energy){0};
	energy_counter_update(&counter, 1000 * J, 1 * S, &total);
	assert_total(&total, 0, 0, 1);
}

static void smaller_value_at_the_same_instant_is_a_reset(void **state)
{
	struct energy_counter counter = start(1000000, 999999, 4 * S);
	struct sample_energy total = {0};

	(void)state;
	energy_counter_update(&counter, 0, 4 * S, &total);
	assert_total(&total, 0, 0, 1);
	/* And a clock that goes back is no time either. */
	energy_counter_update(&counter, 10, 5 * S, &total);
	energy_counter_update(&counter, 9, 3 * S, &total);
	assert_total(&total, 10, 0, 2);
}

static void spike_upwards_is_a_reset(void **state)
{
	struct energy_counter counter = start(RANGE, 10 * J, 0);
	struct sample_energy total = {0};

	(void)state;
	energy_counter_update(&counter, 110 * J, 1 * S, &total);
	/* 250 kJ in a second. */
	energy_counter_update(&counter, 250110 * J, 2 * S, &total);
	assert_total(&total, 100 * J, 0, 1);
	energy_counter_update(&counter, 250210 * J, 3 * S, &total);
	assert_total(&total, 200 * J, 0, 1);
}

static void coarse_updates_are_neither_spikes_nor_resets(void **state)
{
	struct energy_counter counter = start(RANGE, RANGE - 500 * J, 0);
	struct sample_energy total = {0};

	(void)state;
	/* Read every 10 ms, updated every 500 ms with 150 J: 300 W, across the wrap too. */
	for (uint64_t i = 1; i <= 500; i++) {
		uint64_t used_uj = i / 50 * 150 * J;
		uint64_t raw_uj = used_uj <= 500 * J ? RANGE - 500 * J + used_uj
						     : used_uj - 500 * J - 1;

		energy_counter_update(&counter, raw_uj, i * 10 * MS, &total);
	}
	assert_total(&total, 1500 * J, 1, 0);
}

static void reset_of_an_idle_counter_is_not_taken_for_a_wrap(void **state)
{
	struct energy_counter counter = start(RANGE, 200000 * J, 0);
	struct sample_energy total = {0};

	(void)state;
	for (uint64_t i = 1; i <= 3600; i++)
		energy_counter_update(&counter, 200000 * J, i * S, &total);
	energy_counter_update(&counter, 0, 3601 * S, &total);
	assert_total(&total, 0, 0, 1);
}

static void small_range_counts_every_wrap_when_read_in_time(void **state)
{
	struct energy_counter counter = start(1000000, 0, 0);
	struct sample_energy total = {0};

	(void)state;
	assert_int_equal(energy_counter_max_read_interval_ns(&counter), MS);
	/* 90 W, read every 5 ms: 0.45 J a step. */
	for (uint64_t i = 1; i <= 200; i++)
		energy_counter_update(&counter, i * 450000 % 1000001, i * 5 * MS, &total);
	assert_total(&total, 90 * J, 89, 0);
}

static void value_beyond_its_range_never_underflows(void **state)
{
	struct energy_counter counter = start(1000, 5000, 0);
	struct sample_energy total = {0};

	(void)state;
	energy_counter_update(&counter, 10, 1 * S, &total);
	assert_total(&total, 0, 0, 1);
}

static void unknown_range_never_wraps(void **state)
{
	struct energy_counter counter = start(0, 1000 * J, 0);
	struct sample_energy total = {0};

	(void)state;
	assert_int_equal(counter.modulus_uj, UINT64_MAX);
	energy_counter_update(&counter, 5 * J, 1000 * S, &total);
	assert_total(&total, 0, 0, 1);
	/* No overflow at the ends of what 64 bits hold. */
	counter = start(UINT64_MAX, UINT64_MAX - 1, 0);
	total = (struct sample_energy){0};
	energy_counter_update(&counter, 9, UINT64_MAX, &total);
	assert_total(&total, 10, 1, 0);
}

static void read_interval_is_half_the_wrap_time(void **state)
{
	struct energy_counter counter;

	(void)state;
	energy_counter_init(&counter, 4000 * J - 1);
	assert_int_equal(energy_counter_max_read_interval_ns(&counter), 1 * S);
	energy_counter_init(&counter, UINT64_MAX);
	assert_true(energy_counter_max_read_interval_ns(&counter) > 365 * (86400 * S));
	energy_counter_init(&counter, 1);
	assert_int_equal(energy_counter_max_read_interval_ns(&counter), MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_reading_only_primes),
		cmocka_unit_test(steps_add_up),
		cmocka_unit_test(same_value_adds_nothing),
		cmocka_unit_test(wrap_adds_up_to_the_modulus),
		cmocka_unit_test(wrap_from_the_last_value_to_zero_is_one_unit),
		cmocka_unit_test(impossible_wrap_is_a_reset_and_primes_anew),
		cmocka_unit_test(wrap_is_judged_at_2000_watts),
		cmocka_unit_test(smaller_value_at_the_same_instant_is_a_reset),
		cmocka_unit_test(spike_upwards_is_a_reset),
		cmocka_unit_test(coarse_updates_are_neither_spikes_nor_resets),
		cmocka_unit_test(reset_of_an_idle_counter_is_not_taken_for_a_wrap),
		cmocka_unit_test(small_range_counts_every_wrap_when_read_in_time),
		cmocka_unit_test(value_beyond_its_range_never_underflows),
		cmocka_unit_test(unknown_range_never_wraps),
		cmocka_unit_test(read_interval_is_half_the_wrap_time),
	};

	return cmocka_run_group_tests_name("counter", tests, NULL, NULL);
}
