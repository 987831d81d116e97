// SPDX-License-Identifier: BSD-2-Clause
/* Windows of calls, what needs no kernel: what is asked for, their joules, their schedule. */
#include "windows/energy.h"
#include "windows/history.h"
#include "windows/request.h"
#include "windows/schedule.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MS 1000000U
#define MANY 256

static void assert_near(double value, double expected)
{
	if (!(fabs(value - expected) <= 1e-9 * (1 + fabs(expected))))
		fail_msg("%.17g is not %.17g", value, expected);
}

/* --- requests */

static void test_function_is_what_follows_the_last_colon(void **state)
{
	struct window_request request = {0};

	(void)state;
	assert_int_equal(window_request_function("/opt/a:b/server:handle", &request, NULL), 0);
	assert_false(request.markers);
	assert_string_equal(request.place, "/opt/a:b/server");
	assert_string_equal(request.function, "handle");
	assert_null(request.end);
	window_request_done(&request);
	assert_null(request.place);
}

static void test_request_that_is_none_is_told_with_an_example(void **state)
{
	static const char *const functions[] = {"", ":", "server", "server:", ":handle"};
	static const char *const markers[] = {"",     "a",  "a:b",     "a:b:", ":b:c",
					      "a::c", "::", "a:b:c:d", "a:b:b"};
	struct window_request request = {0};
	struct errmsg msg;

	(void)state;
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		assert_int_equal(window_request_function(functions[i], &request, &msg), -EINVAL);
		assert_non_null(strstr(msg.text, "libc.so.6:qsort"));
	}
	for (size_t i = 0; i < sizeof(markers) / sizeof(markers[0]); i++) {
		assert_int_equal(window_request_markers(markers[i], &request, &msg), -EINVAL);
		assert_null(request.place);
	}
	assert_string_equal(msg.text, "\"a:b:b\" begins and ends with the same marker: two "
				      "different ones are needed");
}

static void test_markers_are_a_provider_and_two_names(void **state)
{
	struct window_request request = {0};

	(void)state;
	assert_int_equal(window_request_markers("node:gc__start:gc__done", &request, NULL), 0);
	assert_true(request.markers);
	assert_string_equal(request.place, "node");
	assert_string_equal(request.function, "gc__start");
	assert_string_equal(request.end, "gc__done");
	window_request_done(&request);
}

/* --- joules */

struct told {
	struct window_cost costs[MANY];
	struct window windows[MANY];
	size_t n;
	double own;
};

static int note_cost(void *userdata, const struct window *window, const struct window_cost *cost)
{
	struct told *told = userdata;

	assert_true(told->n < MANY);
	told->windows[told->n] = *window;
	told->costs[told->n++] = *cost;
	if (!isnan(cost->own_joules)) {
		assert_true(cost->own_joules >= 0);
		told->own += cost->own_joules;
	}
	return 0;
}

static struct window_energy *make(uint64_t update_ns)
{
	struct window_energy *energy;

	assert_int_equal(window_energy_new(update_ns, &energy), 0);
	return energy;
}

/* Thread 7 of process 7, a tick of 100 ms. */
static void tick(struct window_energy *energy, unsigned int number, uint64_t cpu_ns, double joules)
{
	const struct window_thread_use use = {.tid = 7,
					      .pid = 7,
					      .start_ns = 5,
					      .process_start_ns = 5,
					      .cpu_ns = cpu_ns,
					      .joules = joules};
	const struct window_tick now = {.begin_ns = (uint64_t)number * 100 * MS,
					.end_ns = (uint64_t)(number + 1) * 100 * MS,
					.uses = &use,
					.n_uses = 1};

	assert_int_equal(window_energy_tick(energy, &now), 0);
}

static void window(struct window_energy *energy, uint64_t begin_ms, uint64_t end_ms,
		   uint64_t cpu_ns, uint64_t own_ns, uint32_t depth, uint64_t root_ms)
{
	const struct window added = {.tid = 7,
				     .pid = 7,
				     .start_ns = 5,
				     .process_start_ns = 5,
				     .begin_ns = begin_ms * MS,
				     .end_ns = end_ms * MS,
				     .cpu_ns = cpu_ns,
				     .own_ns = own_ns,
				     .depth = depth,
				     .root_ns = root_ms * MS};

	assert_int_equal(window_energy_add(energy, &added), 0);
}

static const struct window_process *the_process(const struct window_energy *energy)
{
	const struct window_process *processes;
	struct window_gone gone;

	assert_int_equal(window_energy_processes(energy, &processes, &gone), 1);
	assert_near(processes->windows_joules + processes->rest_joules, processes->joules);
	assert_true(processes->rest_joules >= -1e-12);
	return processes;
}

static void test_window_gets_its_part_of_the_tick_it_lies_in(void **state)
{
	struct window_energy *energy = make(1 * MS);
	struct told told = {0};

	(void)state;
	tick(energy, 0, 50 * MS, 10);
	window(energy, 10, 20, 5 * MS, 5 * MS, 0, 10);
	window(energy, 30, 60, 20 * MS, 20 * MS, 0, 30);
	assert_int_equal(windows_attribute(energy, false, note_cost, &told), 0);
	assert_int_equal(told.n, 2);
	assert_near(told.costs[0].joules, 1);
	assert_near(told.costs[1].joules, 4);
	assert_false(told.costs[0].resolved);
	assert_near(the_process(energy)->rest_joules, 5);
	window_energy_free(energy);
}

static void test_window_waits_for_the_tick_it_ends_in(void **state)
{
	struct window_energy *energy = make(1 * MS);
	struct told told = {0};

	(void)state;
	tick(energy, 0, 50 * MS, 10);
	window(energy, 50, 150, 40 * MS, 40 * MS, 0, 50);
	assert_int_equal(windows_attribute(energy, false, note_cost, &told), 0);
	assert_int_equal(told.n, 0);
	tick(energy, 1, 50 * MS, 20);
	assert_int_equal(windows_attribute(energy, false, note_cost, &told), 0);
	assert_int_equal(told.n, 1);
	/* Half of it in each: 20 of 50 ms of both. */
	assert_near(told.costs[0].joules, 4 + 8);
	assert_false(told.costs[0].resolved);
	window_energy_free(energy);
}

/* Of the tick in its middle it has all, whatever wall time would say. */
static void test_long_window_has_the_ticks_within_it_whole(void **state)
{
	struct window_energy *energy = make(1 * MS);
	struct told told = {0};

	(void)state;
	tick(energy, 0, 60 * MS, 6);
	tick(energy, 1, 90 * MS, 27);
	tick(energy, 2, 10 * MS, 5);
	window(energy, 50, 250, 120 * MS, 120 * MS, 0, 50);
	assert_int_equal(windows_attribute(energy, false, note_cost, &told), 0);
	/* 30 ms are left: 15 in each, of which the last tick has 10, so 20 in the first. */
	assert_near(told.costs[0].joules, 27 + 2 + 5);
	assert_true(told.costs[0].resolved);
	assert_near(the_process(energy)->rest_joules, 4);
	window_energy_free(energy);
}

static void test_nested_windows_are_paid_once(void **state)
{
	struct window_energy *energy = make(1 * MS);
	struct told told = {0};

	(void)state;
	tick(energy, 0, 50 * MS, 50);
	window(energy, 20, 30, 8 * MS, 8 * MS, 2, 5);
	window(energy, 10, 40, 20 * MS, 12 * MS, 1, 5);
	window(energy, 50, 60, 10 * MS, 10 * MS, 1, 5);
	window(energy, 5, 90, 40 * MS, 10 * MS, 0, 5);
	assert_int_equal(windows_attribute(energy, false, note_cost, &told), 0);
	assert_near(told.costs[0].joules, 8);
	assert_near(told.costs[1].joules, 20);
	assert_near(told.costs[1].own_joules, 12);
	assert_near(told.costs[3].joules, 40);
	assert_near(told.costs[3].own_joules, 10);
	assert_near(told.own, 40);
	assert_near(the_process(energy)->rest_joules, 10);
	window_energy_free(energy);
}

/* The one at depth 1 was left: what ended in it is within the outermost. */
static void test_windows_within_an_abandoned_one_go_to_the_next_one_out(void **state)
{
	struct window_energy *energy = make(1 * MS);
	struct told told = {0};

	(void)state;
	tick(energy, 0, 50 * MS, 50);
	window(energy, 20, 30, 8 * MS, 8 * MS, 2, 5);
	window(energy, 5, 60, 30 * MS, 22 * MS, 0, 5);
	/* And the outermost of this one was left: the next has nothing of it. */
	window(energy, 65, 66, 1 * MS, 1 * MS, 1, 64);
	window(energy, 70, 80, 4 * MS, 4 * MS, 0, 70);
	assert_int_equal(windows_attribute(energy, false, note_cost, &told), 0);
	assert_near(told.costs[1].joules, 30);
	assert_near(told.costs[1].own_joules, 22);
	assert_near(told.costs[3].joules, 4);
	assert_near(told.own, 8 + 22 + 1 + 4);
	window_energy_free(energy);
}

static void test_unresolved_window_has_no_joules_but_those_within_it(void **state)
{
	struct window_energy *energy = make(1 * MS);
	struct window unresolved = {.tid = 7,
				    .pid = 7,
				    .start_ns = 5,
				    .process_start_ns = 5,
				    .begin_ns = 10 * MS,
				    .end_ns = 20 * MS,
				    .root_ns = 5 * MS,
				    .depth = 1,
				    .unresolved = true};
	struct told told = {0};

	(void)state;
	tick(energy, 0, 50 * MS, 50);
	window(energy, 12, 15, 2 * MS, 2 * MS, 2, 5);
	assert_int_equal(window_energy_add(energy, &unresolved), 0);
	window(energy, 5, 60, 30 * MS, 28 * MS, 0, 5);
	unresolved.tid = 8; /* that no tick has told of */
	assert_int_equal(window_energy_add(energy, &unresolved), 0);
	assert_int_equal(windows_attribute(energy, false, note_cost, &told), 0);
	assert_true(isnan(told.costs[1].joules));
	assert_near(told.costs[2].joules, 30);
	assert_true(isnan(told.costs[3].joules));
	assert_int_equal(the_process(energy)->n_windows, 4);
	window_energy_free(energy);
}

/* A quarter of an hour at 10 ticks a second: the middle is merged, the sum is not hurt. */
static void test_window_over_many_ticks_loses_nothing(void **state)
{
	const uint64_t cpu_ns = (uint64_t)44990 * MS;
	const unsigned int n = 9000;
	struct window_energy *energy = make(1 * MS);
	struct told told = {0};

	(void)state;
	for (unsigned int i = 0; i < n; i++)
		tick(energy, i, 10 * MS, 1);
	window(energy, 450050, 899950, cpu_ns, cpu_ns, 0, 450050);
	assert_int_equal(windows_attribute(energy, false, note_cost, &told), 0);
	assert_true(told.costs[0].resolved);
	assert_near(told.costs[0].joules, 4499);
	assert_near(the_process(energy)->joules, n);
	window_energy_free(energy);
}

static unsigned int pick(unsigned int *seed, unsigned int below)
{
	*seed = *seed * 1103515245U + 12345U;
	return (*seed >> 8) % below;
}

/* Calls within calls, at random, over ticks of random joules: the sums hold whatever comes. */
static void test_windows_and_the_rest_are_the_process(void **state)
{
	(void)state;
	for (unsigned int round = 0; round < 300; round++) {
		struct window_energy *energy = make(1 * MS);
		unsigned int seed = round, begin = pick(&seed, 300), end = begin + 1;
		struct told told = {0};
		uint64_t cpu = 0;

		for (unsigned int i = 0; i < 10; i++) {
			uint64_t ns = pick(&seed, 101) * (uint64_t)MS;

			tick(energy, i, ns, pick(&seed, 1000) / 10.0 * (ns > 0));
		}
		for (uint32_t depth = 5; depth-- > 0;) {
			uint64_t own = pick(&seed, 60) * (uint64_t)MS;

			end += pick(&seed, 90);
			cpu += own;
			window(energy, begin + depth, end, cpu, own, depth, begin);
		}
		assert_int_equal(windows_attribute(energy, true, note_cost, &told), 0);
		assert_int_equal(told.n, 5);
		assert_near(told.costs[4].joules, told.own);
		assert_near(the_process(energy)->windows_joules, told.own);
		window_energy_free(energy);
	}
}

/* A thousand children a tick that call nothing: they are one when they have ended. */
static void test_processes_without_windows_are_kept_while_they_live(void **state)
{
	struct window_energy *energy = make(0);
	const struct window_process *processes;
	struct window_thread_use uses[1002];
	struct window_gone gone;
	struct told told = {0};

	(void)state;
	for (uint64_t at = 0; at < 10; at++) {
		struct window_tick tick_ = {.begin_ns = at * 100 * MS,
					    .end_ns = (at + 1) * 100 * MS,
					    .uses = uses,
					    .n_uses = 1002};

		for (uint32_t i = 0; i < 1002; i++)
			uses[i] = (struct window_thread_use){
				.tid = i < 2 ? 7 + i : (uint32_t)at * 1000 + i + 10,
				.pid = i < 2 ? 7 + i : (uint32_t)at * 1000 + i + 10,
				.start_ns = 5,
				.process_start_ns = 5,
				.cpu_ns = MS,
				.joules = 0.25,
				.ended = i >= 2 || at == 9,
				.process_ended = i >= 2 || at == 9};
		assert_int_equal(window_energy_tick(energy, &tick_), 0);
		if (at == 0)
			window(energy, 10, 20, MS, MS, 0, 10);
		assert_int_equal(windows_attribute(energy, false, note_cost, &told), 0);
		assert_int_equal(window_energy_processes(energy, &processes, &gone),
				 at < 9 ? 2 : 1);
	}
	assert_int_equal(processes->pid, 7);
	assert_int_equal(processes->n_windows, 1);
	assert_near(processes->joules, 2.5);
	assert_near(gone.sum.joules, 2500 + 2.5);
	assert_near(gone.sum.rest_joules, gone.sum.joules);
	assert_int_equal(gone.n_with_windows, 0);
	window_energy_free(energy);
}

static void test_process_without_joules_is_not_a_number(void **state)
{
	struct window_energy *energy = make(0);
	struct told told = {0};

	(void)state;
	tick(energy, 0, 50 * MS, NAN);
	window(energy, 10, 20, 5 * MS, 5 * MS, 0, 10);
	assert_int_equal(windows_attribute(energy, false, note_cost, &told), 0);
	assert_true(isnan(told.costs[0].joules));
	window_energy_free(energy);
}

/* --- schedule */

static struct window at(uint64_t begin_ms, uint64_t end_ms, uint32_t depth)
{
	return (struct window){
		.tid = 3, .begin_ns = begin_ms * MS, .end_ns = end_ms * MS, .depth = depth};
}

static void expect(struct window_schedule *schedule, struct window window_, uint64_t release_ms,
		   uint64_t deadline_ms, bool missed)
{
	struct window_timing timing;

	assert_int_equal(windows_schedule(schedule, &window_, &timing), 0);
	assert_int_equal(timing.release_ns, release_ms * MS);
	assert_int_equal(timing.deadline_ns, deadline_ms * MS);
	assert_int_equal(timing.missed, missed);
}

static void test_period_is_h_samples_at_fs(void **state)
{
	(void)state;
	assert_int_equal(windows_period_ns(80, 160), 500 * MS);
	assert_int_equal(windows_period_ns(1, 3), 333333333);
	assert_int_equal(windows_period_ns(0, 160), 0);
	assert_int_equal(windows_period_ns(80, 0), 0);
	assert_int_equal(windows_period_ns(80, NAN), 0);
	assert_int_equal(windows_period_ns(UINT32_MAX, 1e-12), 0);
}

static void test_windows_are_due_one_period_after_the_other(void **state)
{
	struct window_schedule *schedule;

	(void)state;
	assert_int_equal(window_schedule_new(500 * MS, 0, &schedule), 0);
	expect(schedule, at(1000, 1100, 0), 1000, 1500, false);
	expect(schedule, at(1550, 1700, 0), 1500, 2000, false); /* late by 50, in time */
	expect(schedule, at(2100, 2600, 0), 2000, 2500, true);
	expect(schedule, at(2600, 2700, 0), 2500, 3000, false);
	expect(schedule, at(2900, 2950, 0), 2900, 3400, false); /* before its time */
	expect(schedule, at(4500, 4600, 0), 4400, 4900, false); /* two were left out */
	expect(schedule, at(4520, 4530, 1), 4520, 5020, false); /* within another */
	window_schedule_free(schedule);
}

static void test_each_thread_and_function_has_its_own_schedule(void **state)
{
	struct window_schedule *schedule;
	struct window other = at(1200, 1250, 0);

	(void)state;
	assert_int_equal(window_schedule_new(500 * MS, 40 * MS, &schedule), 0);
	expect(schedule, at(1000, 1040, 0), 1000, 1040, false);
	other.tid = 4;
	expect(schedule, other, 1200, 1240, true);
	other = at(1300, 1310, 0);
	other.function = 1;
	expect(schedule, other, 1300, 1340, false);
	expect(schedule, at(1510, 1541, 0), 1500, 1540, true);
	window_schedule_free(schedule);
}

static void test_without_a_period_each_is_released_as_it_begins(void **state)
{
	struct window_schedule *schedule;

	(void)state;
	assert_int_equal(window_schedule_new(0, 10 * MS, &schedule), 0);
	expect(schedule, at(1000, 1005, 0), 1000, 1010, false);
	expect(schedule, at(1007, 1018, 0), 1007, 1017, true);
	window_schedule_free(schedule);
	assert_int_equal(window_schedule_new(0, 0, &schedule), 0);
	expect(schedule, at(1000, 9000, 0), 1000, 0, false);
	window_schedule_free(schedule);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_function_is_what_follows_the_last_colon),
		cmocka_unit_test(test_request_that_is_none_is_told_with_an_example),
		cmocka_unit_test(test_markers_are_a_provider_and_two_names),
		cmocka_unit_test(test_window_gets_its_part_of_the_tick_it_lies_in),
		cmocka_unit_test(test_window_waits_for_the_tick_it_ends_in),
		cmocka_unit_test(test_long_window_has_the_ticks_within_it_whole),
		cmocka_unit_test(test_nested_windows_are_paid_once),
		cmocka_unit_test(test_windows_within_an_abandoned_one_go_to_the_next_one_out),
		cmocka_unit_test(test_unresolved_window_has_no_joules_but_those_within_it),
		cmocka_unit_test(test_window_over_many_ticks_loses_nothing),
		cmocka_unit_test(test_windows_and_the_rest_are_the_process),
		cmocka_unit_test(test_processes_without_windows_are_kept_while_they_live),
		cmocka_unit_test(test_process_without_joules_is_not_a_number),
		cmocka_unit_test(test_period_is_h_samples_at_fs),
		cmocka_unit_test(test_windows_are_due_one_period_after_the_other),
		cmocka_unit_test(test_each_thread_and_function_has_its_own_schedule),
		cmocka_unit_test(test_without_a_period_each_is_released_as_it_begins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
