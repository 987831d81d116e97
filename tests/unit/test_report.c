// SPDX-License-Identifier: BSD-2-Clause
#include "report/jiffies.h"
#include "reporter_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_start_mark_lists_what_it_holds_with_zeros(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, 10, NULL, 0);
	next(&f);
	process(&f, 42, 5 * S, "energytrace")->self = true;
	tick(&f);
	assert_true(f.report->first);
	assert_false(f.report->selective);
	assert_int_equal(f.report->n_entities, 1);
	assert_entity(&f, 0, 42, 0);
	assert_true(f.report->entities[0]->self);
	assert_figures(&f.report->entities[0]->total, 0, 0);
	assert_int_equal(f.report->host.span_ns, 0);
	assert_int_equal(f.report->host.window_samples, 0);
	assert_true(f.report->entities[0]->window_share == 0);
	next(&f);
	tick(&f);
	assert_false(f.report->first);
	assert_int_equal(f.report->n_entities, 0);
	assert_int_equal(f.report->host.window_samples, 1);
	end(&f);
}

/* 16 of 846 jiffies and 93.317 J, in ten ticks. */
static void test_window_of_the_documents_example(void **state)
{
	const uint64_t mine[] = {0, 2, 1, 3, 0, 4, 2, 1, 3, 0};
	const struct entity *entity;
	struct fixture f;

	(void)state;
	begin(&f, 10, (const uint32_t[]){95030}, 1);
	next(&f);
	process(&f, 95030, S, "app");
	tick(&f);
	for (size_t i = 0; i < 10; i++) {
		next(&f);
		process(&f, 95030, S, "app");
		ran(&f, 0, mine[i] * 10 * MS);
		process(&f, 7, S, "rest");
		ran(&f, 1, (83 - mine[i] + (i < 8 ? 2 : 0)) * 10 * MS);
		f.sample.energy[0].uj = i == 0 ? 3317000 : 0;
		f.sample.energy[2].uj = i == 4 ? 90000000 : 0;
		tick(&f);
	}
	assert_int_equal(f.report->n_entities, 1);
	entity = f.report->entities[0];
	assert_int_equal(f.report->host.window_samples, 10);
	assert_int_equal(f.report->host.window_active_jiffies, 846);
	assert_int_equal(entity->window_jiffies, 16);
	assert_near(f.report->host.window_joules, 93.317);
	assert_near(entity->window_share, 0.018912529550827423);
	assert_near(entity->window_joules, 1.7648605200945628);
	assert_near(entity->window_grams, 2.3286354084581035e-4);
	end(&f);
}

static void test_host_and_packages_of_a_tick(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, 10, NULL, 0);
	next(&f);
	tick(&f);
	next(&f);
	process(&f, 20, 2 * S, "two");
	ran(&f, 0, 100 * MS);
	ran(&f, 1, 300 * MS);
	process(&f, 10, S, "one");
	ran(&f, 0, 300 * MS);
	f.sample.cpus[0].lost_ns = 400 * MS;
	f.sample.cpus[0].idle_ns -= 400 * MS;
	f.sample.energy[0].uj = 8000000;
	f.sample.energy[2].uj = 5000000;
	tick(&f);
	assert_int_equal(f.report->n_entities, 2);
	assert_entity(&f, 0, 10, 300 * MS);
	assert_figures(&f.report->entities[0]->tick, 300 * MS, 3);
	assert_figures(&f.report->entities[1]->tick, 400 * MS, 6);
	assert_figures(&f.report->host.unattributed, 400 * MS, 4);
	assert_figures(&f.report->host.idle, 900 * MS, 0);
	assert_figures(&f.report->host.others, 0, 0);
	assert_figures(&f.report->host.total, 2 * S, 13);
	assert_int_equal(f.report->host.span_ns, 2 * S);
	assert_int_equal(f.report->host.active_ns, 1100 * MS);
	assert_int_equal(f.report->host.active_jiffies, 110);
	assert_int_equal(f.report->host.idle_jiffies, 90);
	/* The window is host-wide whatever the packages are. */
	assert_near(f.report->entities[0]->window_joules, 13.0 * 300 / 1100);
	next(&f);
	f.sample.energy[0].uj = 1000000;
	tick(&f);
	assert_int_equal(f.report->n_entities, 0);
	assert_figures(&f.report->host.idle, 2 * S, 1);
	assert_figures(&f.report->host.total_idle, 2900 * MS, 1);
	assert_figures(&f.report->host.total_unattributed, 400 * MS, 4);
	assert_figures(&f.report->host.total, 4 * S, 14);
	end(&f);
}

static void test_jiffies_carry_their_remainder(void **state)
{
	uint64_t active = 0, idle = 0;
	struct fixture f;

	(void)state;
	begin(&f, 3, NULL, 0);
	next(&f);
	tick(&f);
	for (uint64_t i = 1; i <= 1000; i++) {
		uint64_t own;

		next(&f);
		process(&f, 1, 1, "init");
		ran(&f, 0, 3 * MS + 333333);
		tick(&f);
		assert_true(f.report->host.active_jiffies <= 1);
		active += f.report->host.active_jiffies;
		idle += f.report->host.idle_jiffies;
		assert_int_equal(active, i * 3333333 / (10 * MS));
		own = f.report->entities[0]->window_jiffies;
		assert_int_equal(own, i * 3333333 / (10 * MS) -
					      (i < 3 ? 0 : (i - 3) * 3333333 / (10 * MS)));
		assert_int_equal(f.report->host.window_active_jiffies, own);
	}
	assert_int_equal(active, 333);
	assert_int_equal(idle, 200000 - 333 - 1);
	end(&f);
}

static void test_jiffies_do_not_overflow(void **state)
{
	const uint64_t values[] = {0, 1, 9999999, 10 * MS, S - 1, S, UINT64_MAX / 3, UINT64_MAX};
	const uint32_t rates[] = {100, 250, 300, 1000, 1024, UINT32_MAX};
	uint64_t rest = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		for (size_t h = 0; h < sizeof(rates) / sizeof(*rates); h++) {
			unsigned __int128 product = (unsigned __int128)values[i] * rates[h];

			assert_true(jiffies_of(values[i], rates[h]) == (uint64_t)(product / S));
			assert_true(jiffies_next(values[i], rates[h], &(uint64_t){S - 1}) ==
				    (uint64_t)((product + S - 1) / S));
		}
	}
	assert_int_equal(jiffies_next(15 * MS, 100, &rest), 1);
	assert_int_equal(jiffies_next(5 * MS, 100, &rest), 1);
	assert_int_equal(rest, 0);
}

static void test_selected_is_listed_in_every_tick_until_it_has_ended(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, 2, (const uint32_t[]){30, 10, 30}, 3);
	next(&f);
	process(&f, 30, 3, "c");
	process(&f, 10, 10 * S, "a");
	tick(&f);
	assert_true(f.report->selective);
	assert_int_equal(f.report->n_entities, 2);
	assert_entity(&f, 0, 10, 0);
	assert_entity(&f, 1, 30, 0);
	next(&f);
	process(&f, 30, 3, "c");
	ran(&f, 0, 200 * MS);
	process(&f, 20, 3, "b");
	ran(&f, 0, 300 * MS);
	f.sample.energy[0].uj = 5000000;
	tick(&f);
	assert_int_equal(f.report->n_entities, 2);
	assert_entity(&f, 0, 10, 0);
	assert_entity(&f, 1, 30, 200 * MS);
	assert_true(f.report->entities[1]->selected);
	assert_figures(&f.report->host.others, 300 * MS, 3);
	next(&f); /* missing from the sample: listed all the same, with the window it still has */
	tick(&f);
	assert_entity(&f, 1, 30, 0);
	assert_int_equal(f.report->entities[1]->window_ns, 200 * MS);
	assert_near(f.report->entities[1]->window_joules, 2);
	next(&f);
	process(&f, 30, 3, "c")->ended = true;
	tick(&f);
	assert_int_equal(f.report->n_entities, 2);
	assert_true(f.report->entities[1]->ended);
	assert_int_equal(f.report->entities[1]->window_ns, 0);
	assert_figures(&f.report->entities[1]->total, 200 * MS, 2);
	assert_false(reporter_all_ended(f.reporter));
	next(&f);
	process(&f, 10, 10 * S, "a")->ended = true;
	ran(&f, 1, MS);
	tick(&f);
	assert_int_equal(f.report->n_entities, 1);
	assert_entity(&f, 0, 10, MS);
	assert_true(reporter_all_ended(f.reporter));
	next(&f);
	tick(&f);
	assert_int_equal(f.report->n_entities, 0);
	assert_true(reporter_all_ended(f.reporter));
	assert_figures(&f.report->host.total_others, 300 * MS, 3);
	end(&f);
}

static void test_reused_pid_is_another_process(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, 10, (const uint32_t[]){10}, 1);
	next(&f);
	process(&f, 10, 10 * S, "old");
	tick(&f);
	next(&f);
	process(&f, 10, 10 * S, "old")->ended = true;
	ran(&f, 0, 5 * MS);
	process(&f, 10, 10 * S + 1, "new");
	ran(&f, 0, 7 * MS);
	tick(&f);
	assert_int_equal(f.report->n_entities, 1);
	assert_string_equal(f.report->entities[0]->comm, "old");
	assert_entity(&f, 0, 10, 5 * MS);
	assert_int_equal(f.report->host.others.cpu_ns, 7 * MS);
	next(&f);
	process(&f, 10, 10 * S + 1, "new");
	ran(&f, 0, 7 * MS);
	tick(&f);
	assert_int_equal(f.report->n_entities, 0);
	assert_int_equal(f.report->host.others.cpu_ns, 7 * MS);
	end(&f);
	/* Without a selection they are two lines, the older first. */
	begin(&f, 10, NULL, 0);
	next(&f);
	tick(&f);
	next(&f);
	process(&f, 10, 200, "new");
	ran(&f, 0, 7 * MS);
	process(&f, 10, 100, "old");
	ran(&f, 0, 5 * MS);
	tick(&f);
	assert_int_equal(f.report->n_entities, 2);
	assert_entity(&f, 0, 10, 5 * MS);
	assert_entity(&f, 1, 10, 7 * MS);
	end(&f);
}

static void test_never_seen_selected_has_not_ended(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, 1, (const uint32_t[]){10}, 1);
	assert_false(reporter_all_ended(f.reporter));
	next(&f);
	tick(&f);
	assert_int_equal(f.report->n_entities, 0);
	assert_false(reporter_all_ended(f.reporter));
	next(&f); /* born after the start mark with its number: not the one asked for */
	process(&f, 10, 10 * S + 1, "new")->ended = true;
	ran(&f, 0, MS);
	tick(&f);
	assert_int_equal(f.report->n_entities, 0);
	assert_int_equal(f.report->host.others.cpu_ns, MS);
	assert_false(reporter_all_ended(f.reporter));
	end(&f);
	begin(&f, 1, NULL, 0);
	assert_false(reporter_all_ended(f.reporter));
	end(&f);
}

static void test_end_is_shown_of_what_was_shown(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, 10, NULL, 0);
	next(&f);
	tick(&f);
	next(&f);
	process(&f, 10, 1, "ran");
	ran(&f, 0, MS);
	process(&f, 11, 1, "still");
	tick(&f);
	assert_int_equal(f.report->n_entities, 1);
	next(&f);
	process(&f, 10, 1, "ran")->ended = true;
	process(&f, 11, 1, "still")->ended = true;
	process(&f, 12, 1, "unseen")->ended = true;
	tick(&f);
	assert_int_equal(f.report->n_entities, 1);
	assert_entity(&f, 0, 10, 0);
	assert_true(f.report->entities[0]->ended);
	assert_int_equal(f.report->entities[0]->total.cpu_ns, MS);
	end(&f);
}

static void test_own_cost_is_told_whoever_is_asked_for(void **state)
{
	static const uint32_t pids[] = {10};
	struct fixture f;

	(void)state;
	begin(&f, 10, pids, 1);
	next(&f);
	process(&f, 10, 1, "asked");
	tick(&f);
	next(&f);
	process(&f, 99, 1, "energytrace")->self = true;
	ran(&f, 0, 3 * MS);
	tick(&f);
	assert_int_equal(f.report->n_entities, 1);
	assert_int_equal(f.report->host.self.cpu_ns, 3 * MS);
	assert_int_equal(f.report->host.others.cpu_ns, 3 * MS);
	assert_int_equal(f.report->host.total_self.cpu_ns, 3 * MS);
	next(&f);
	tick(&f);
	assert_int_equal(f.report->host.self.cpu_ns, 0);
	assert_int_equal(f.report->host.total_self.cpu_ns, 3 * MS);
	end(&f);
}

static void test_name_and_cgroup_are_the_latest(void **state)
{
	static const uint32_t both[] = {1, 2};
	const struct entity *a, *b;
	struct fixture f;

	(void)state;
	begin(&f, 10, both, 2);
	next(&f);
	add_cgroup(&f, "/old");
	process(&f, 1, 1, "sh")->cgroup = 0;
	process(&f, 2, 1, "other")->cgroup = 0;
	tick(&f);
	a = f.report->entities[0];
	b = f.report->entities[1];
	assert_string_equal(a->cgroup, "/old");
	assert_ptr_equal(a->cgroup, b->cgroup);
	next(&f); /* the reporter's own copy outlives the sample's */
	assert_string_equal(a->cgroup, "/old");
	add_cgroup(&f, "/new");
	add_cgroup(&f, "/old");
	process(&f, 1, 1, "make")->cgroup = 0;
	ran(&f, 0, MS);
	process(&f, 2, 1, "other")->cgroup = 1;
	ran(&f, 0, MS);
	tick(&f);
	assert_ptr_equal(f.report->entities[0], a);
	assert_string_equal(a->comm, "make");
	assert_string_equal(a->cgroup, "/new");
	assert_string_equal(b->cgroup, "/old");
	next(&f);
	process(&f, 2, 1, "other");
	ran(&f, 0, MS);
	tick(&f);
	assert_null(b->cgroup);
	end(&f);
}

static void test_a_million_ticks_do_not_drift(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, 10, NULL, 0);
	next(&f);
	tick(&f);
	next(&f);
	process(&f, 1, 1, "init");
	ran(&f, 0, 10 * MS);
	f.sample.energy[0].uj = 100000;
	for (int i = 0; i < 1000000; i++)
		tick(&f);
	assert_true(f.report->host.total.joules == 100000);
	assert_true(f.report->entities[0]->total.joules == 100000);
	assert_int_equal(f.report->entities[0]->total.cpu_ns, 10000 * S);
	assert_near(f.report->host.total.grams, 100000 / 3.6e6 * 475);
	assert_true(f.report->host.window_joules == 1);
	end(&f);
}

static void test_without_a_source_there_are_no_joules(void **state)
{
	struct run none = run;
	struct fixture f;

	(void)state;
	none.kind = ENERGY_NONE;
	begin(&f, 10, NULL, 0);
	reporter_free(f.reporter);
	assert_int_equal(reporter_new(&(struct reporter_options){.kind = ENTITY_PROCESS,
								 .window = 10,
								 .carbon = {"GLOBAL", 475},
								 .model = &attribution_share},
				      &none, &f.reporter),
			 0);
	next(&f);
	tick(&f);
	next(&f);
	process(&f, 1, 1, "init");
	ran(&f, 0, 10 * MS);
	f.sample.energy[0].uj = 100000;
	tick(&f);
	assert_figures(&f.report->entities[0]->total, 10 * MS, 0);
	assert_figures(&f.report->host.total, 2 * S, 0);
	assert_true(f.report->entities[0]->window_joules == 0);
	assert_true(f.report->entities[0]->window_share == 1);
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_start_mark_lists_what_it_holds_with_zeros),
		cmocka_unit_test(test_window_of_the_documents_example),
		cmocka_unit_test(test_host_and_packages_of_a_tick),
		cmocka_unit_test(test_jiffies_carry_their_remainder),
		cmocka_unit_test(test_jiffies_do_not_overflow),
		cmocka_unit_test(test_selected_is_listed_in_every_tick_until_it_has_ended),
		cmocka_unit_test(test_reused_pid_is_another_process),
		cmocka_unit_test(test_never_seen_selected_has_not_ended),
		cmocka_unit_test(test_end_is_shown_of_what_was_shown),
		cmocka_unit_test(test_own_cost_is_told_whoever_is_asked_for),
		cmocka_unit_test(test_name_and_cgroup_are_the_latest),
		cmocka_unit_test(test_a_million_ticks_do_not_drift),
		cmocka_unit_test(test_without_a_source_there_are_no_joules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
