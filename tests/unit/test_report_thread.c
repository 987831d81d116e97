// SPDX-License-Identifier: BSD-2-Clause
/* --by thread. */
#include "kinds_fixture.h"

static void test_threads_have_names_of_their_own(void **state)
{
	const struct entity *leader, *worker;
	struct fixture f;

	(void)state;
	begin_empty(&f, ENTITY_THREAD);
	next(&f);
	process(&f, 50, 500, "server")->ppid = 7;
	f.sample.processes[0].cmdline = "server --all";
	leader_ran(&f, 10 * MS);
	thread_ran(&f, 60, "worker", 30 * MS);
	thread_ran(&f, 51, "io", 20 * MS);
	conserving_tick(&f);
	ASSERT_IDS(&f, "50", "51", "60");
	leader = f.report->entities[0];
	assert_int_equal(leader->kind, ENTITY_THREAD);
	assert_string_equal(leader->name, "server");
	assert_int_equal(leader->start_ns, 500);
	assert_figures(&leader->tick, 10 * MS, PACKAGE_J / 6);
	assert_string_equal(f.report->entities[1]->name, "io");
	assert_figures(&f.report->entities[1]->tick, 20 * MS, PACKAGE_J / 3);
	worker = f.report->entities[2];
	assert_string_equal(worker->name, "worker");
	assert_int_equal(worker->pid, 50);
	assert_int_equal(worker->tid, 60);
	assert_int_equal(worker->ppid, 7);
	assert_int_equal(worker->start_ns, 560);
	assert_string_equal(worker->cmdline, "server --all");
	assert_figures(&worker->tick, 30 * MS, PACKAGE_J / 2);
	end(&f);
}

static void test_a_name_changes_and_a_number_comes_again(void **state)
{
	struct fixture f;

	(void)state;
	begin_empty(&f, ENTITY_THREAD);
	next(&f);
	process(&f, 50, 500, "a");
	leader_ran(&f, MS);
	thread_ran(&f, 60, "old", MS)->ended = true;
	thread_ran(&f, 60, "new", 2 * MS)->start_ns = 700;
	conserving_tick(&f);
	ASSERT_IDS(&f, "50", "60", "60");
	assert_true(f.report->entities[1]->ended);
	assert_string_equal(f.report->entities[1]->name, "old");
	assert_false(f.report->entities[2]->ended);
	next(&f);
	process(&f, 50, 500, "a");
	thread_ran(&f, 60, "renamed", 3 * MS)->start_ns = 700;
	conserving_tick(&f);
	ASSERT_IDS(&f, "60");
	assert_string_equal(f.report->entities[0]->name, "renamed");
	assert_int_equal(f.report->entities[0]->total.cpu_ns, 5 * MS);
	assert_total(&f, "old", 1, MS);
	end(&f);
}

/* What it did counts once; where it is, its process tells. */
static void test_one_thread_in_two_cgroups_is_one(void **state)
{
	const struct entity *entity;
	struct fixture f;
	int32_t a, b;

	(void)state;
	for (int order = 0; order < 2; order++) {
		begin_empty(&f, ENTITY_THREAD);
		next(&f);
		a = add_cgroup(&f, "/a");
		b = add_cgroup(&f, "/b");
		process(&f, 50, 500, "mover")->cgroup = b;
		thread_ran(&f, 60, "t", 10 * MS)->cgroup = order ? a : b;
		thread_ran(&f, 60, "t", 5 * MS)->cgroup = order ? b : a;
		conserving_tick(&f);
		ASSERT_IDS(&f, "60");
		entity = f.report->entities[0];
		assert_string_equal(entity->cgroup, "/b");
		assert_figures(&entity->tick, 15 * MS, PACKAGE_J);
		end(&f);
	}
}

static void test_threads_of_what_was_asked_for(void **state)
{
	struct fixture f;

	(void)state;
	begin_kind(&f, ENTITY_THREAD,
		   (struct reporter_options){.pids = (const uint32_t[]){50}, .n_pids = 1});
	next(&f);
	process(&f, 50, 5, "asked");
	process(&f, 70, 7, "other");
	tick(&f);
	ASSERT_IDS(&f, "50"); /* the leader stands for all until they run */
	assert_true(f.report->entities[0]->selected);
	next(&f);
	process(&f, 50, 5, "asked");
	thread_ran(&f, 60, "worker", 10 * MS);
	process(&f, 70, 7, "other");
	leader_ran(&f, 30 * MS);
	conserving_tick(&f);
	ASSERT_IDS(&f, "50", "60");
	assert_figures(&f.report->host.others, 30 * MS, PACKAGE_J * 3 / 4);
	next(&f); /* each in every tick */
	conserving_tick(&f);
	ASSERT_IDS(&f, "50", "60");
	next(&f);
	process(&f, 50, 5, "asked");
	thread_ran(&f, 60, "worker", MS)->ended = true;
	conserving_tick(&f);
	assert_true(entity_of(&f, "60")->ended);
	next(&f);
	process(&f, 50, 5, "asked")->ended = true; /* and none of its threads has run */
	conserving_tick(&f);
	ASSERT_IDS(&f, "50");
	assert_true(f.report->entities[0]->ended);
	assert_true(reporter_all_ended(f.reporter));
	next(&f);
	conserving_tick(&f);
	assert_int_equal(f.report->n_entities, 0);
	end(&f);
}

static void test_thread_that_left_the_cgroup_ends_all_the_same(void **state)
{
	static const char *const a[] = {"/a"};
	struct fixture f;

	(void)state;
	begin_kind(&f, ENTITY_THREAD, (struct reporter_options){.cgroups = a, .n_cgroups = 1});
	next(&f);
	tick(&f);
	next(&f);
	process(&f, 50, 5, "p")->cgroup = add_cgroup(&f, "/a");
	leader_ran(&f, MS);
	thread_ran(&f, 60, "t", MS);
	conserving_tick(&f);
	ASSERT_IDS(&f, "50", "60");
	next(&f);
	process(&f, 50, 5, "p")->cgroup = add_cgroup(&f, "/b");
	thread_ran(&f, 60, "t", MS)->ended = true;
	conserving_tick(&f);
	assert_true(entity_of(&f, "60")->ended);
	assert_figures(&f.report->host.others, MS, PACKAGE_J);
	next(&f);
	process(&f, 50, 5, "p")->cgroup = add_cgroup(&f, "/b");
	f.sample.processes[0].ended = true;
	conserving_tick(&f);
	ASSERT_IDS(&f, "50");
	assert_true(f.report->entities[0]->ended);
	next(&f);
	conserving_tick(&f);
	assert_int_equal(f.report->n_entities, 0);
	end(&f);
}

/*
 * The thread goes on under the number and the start of the leader that it killed, so nothing tells of
 * its own end: it is forgotten with the process.
 */
static void test_exec_by_another_thread(void **state)
{
	const struct entity *leader;
	struct fixture f;

	(void)state;
	begin_kind(&f, ENTITY_THREAD,
		   (struct reporter_options){.pids = (const uint32_t[]){50}, .n_pids = 1});
	next(&f);
	process(&f, 50, 5, "before");
	tick(&f);
	next(&f);
	process(&f, 50, 5, "before");
	leader_ran(&f, MS);
	thread_ran(&f, 60, "caller", MS);
	thread_ran(&f, 61, "killed", MS)->ended = true;
	conserving_tick(&f);
	next(&f);
	process(&f, 50, 5, "after");
	leader_ran(&f, 2 * MS)->ended = true;
	thread_ran(&f, 60, "caller", 3 * MS);
	leader_ran(&f, 4 * MS);
	conserving_tick(&f);
	ASSERT_IDS(&f, "50", "60");
	leader = f.report->entities[0];
	assert_false(leader->ended);
	assert_string_equal(leader->name, "after");
	assert_int_equal(leader->total.cpu_ns, 7 * MS);
	next(&f);
	process(&f, 50, 5, "after")->ended = true;
	leader_ran(&f, MS)->ended = true;
	conserving_tick(&f);
	assert_true(entity_of(&f, "50")->ended);
	next(&f);
	conserving_tick(&f);
	assert_int_equal(f.report->n_entities, 0);
	assert_total(&f, "caller", 1, 4 * MS);
	assert_total(&f, "after", 1, 8 * MS);
	end(&f);
}

/* What is outside of the pid namespace is one process of number 0, with threads of number 0. */
static void test_threads_without_numbers_end_too(void **state)
{
	struct fixture f;

	(void)state;
	begin_empty(&f, ENTITY_THREAD);
	for (uint32_t i = 0; i < 3; i++) {
		next(&f);
		process(&f, 0, 0, "(outside)");
		leader_ran(&f, MS)->start_ns = 100;
		leader_ran(&f, 2 * MS)->start_ns = 200 + i;
		last_task(&f)->ended = true;
		conserving_tick(&f);
		ASSERT_IDS(&f, "0", "0");
		assert_int_equal(f.report->entities[0]->total.cpu_ns, (i + 1) * MS);
		assert_false(f.report->entities[0]->ended);
		assert_int_equal(f.report->entities[1]->start_ns, 200 + i);
		assert_true(f.report->entities[1]->ended);
	}
	end(&f);
}

static void test_ended_threads_of_one_name_are_one_line(void **state)
{
	struct fixture f;

	(void)state;
	begin_empty(&f, ENTITY_THREAD);
	for (uint32_t i = 0; i < 5; i++) {
		next(&f);
		process(&f, 50, 5, "pool");
		leader_ran(&f, MS);
		thread_ran(&f, 100 + i, "worker", 2 * MS)->ended = true;
		conserving_tick(&f);
		assert_true(entity_of(&f, f.report->entities[1]->id)->ended);
	}
	assert_total(&f, "worker", 5, 10 * MS);
	assert_total(&f, "pool", 1, 5 * MS);
	end(&f);
}

static void test_kernel_threads_are_themselves(void **state)
{
	struct fixture f;

	(void)state;
	begin_empty(&f, ENTITY_THREAD);
	next(&f);
	process(&f, 12, 3, "kworker/0:1")->kernel = true;
	leader_ran(&f, MS);
	conserving_tick(&f);
	ASSERT_IDS(&f, "12");
	assert_true(f.report->entities[0]->kernel);
	assert_false(f.report->entities[0]->group);
	assert_string_equal(f.report->entities[0]->name, "kworker/0:1");
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_threads_have_names_of_their_own),
		cmocka_unit_test(test_a_name_changes_and_a_number_comes_again),
		cmocka_unit_test(test_one_thread_in_two_cgroups_is_one),
		cmocka_unit_test(test_threads_of_what_was_asked_for),
		cmocka_unit_test(test_thread_that_left_the_cgroup_ends_all_the_same),
		cmocka_unit_test(test_exec_by_another_thread),
		cmocka_unit_test(test_threads_without_numbers_end_too),
		cmocka_unit_test(test_ended_threads_of_one_name_are_one_line),
		cmocka_unit_test(test_kernel_threads_are_themselves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
