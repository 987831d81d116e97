// SPDX-License-Identifier: BSD-2-Clause
#include "entity/process.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* Above what a kernel gives as a pid (PID_MAX_LIMIT): such a process is gone for sure. */
#define GONE 5000000U
/* A table that has grown to this many is swept. */
#define SWEEP_AT 4096U

static struct process_table *table;

static int make_table(void **state)
{
	(void)state;
	return process_table_new(&table);
}

static int free_table(void **state)
{
	(void)state;
	process_table_free(table);
	return 0;
}

static struct process *get(uint32_t pid, uint64_t start_ns, bool wanted_new)
{
	bool is_new = !wanted_new;
	struct process *process = process_table_get(table, pid, start_ns, &is_new);

	assert_non_null(process);
	assert_int_equal(is_new, wanted_new);
	assert_int_equal(process->pid, pid);
	assert_int_equal(process->start_ns, start_ns);
	return process;
}

struct sum {
	size_t n;
	uint64_t pids;
};

static void add(struct process *process, void *userdata)
{
	struct sum *sum = userdata;

	sum->n++;
	sum->pids += process->pid;
}

static struct sum all(void)
{
	struct sum sum = {0};

	process_table_each(table, add, &sum);
	return sum;
}

static void test_process_is_made_once_and_zeroed(void **state)
{
	const struct process zeroed = {.pid = 7, .start_ns = 1000};
	struct process *process;

	(void)state;
	process = get(7, 1000, true);
	assert_memory_equal(process->comm, zeroed.comm, sizeof(zeroed.comm));
	assert_int_equal(process->rows, 0);
	assert_int_equal(process->cgroup_version, 0);
	assert_false(process->watched || process->kept || process->named || process->group_dead);
	process->rows = 3;
	assert_ptr_equal(get(7, 1000, false), process);
	assert_int_equal(process->rows, 3);
}

static void test_reused_pid_is_another_process(void **state)
{
	struct process *first, *second;

	(void)state;
	first = get(7, 1000, true);
	second = get(7, 1001, true);
	assert_ptr_not_equal(first, second);
	assert_ptr_equal(get(7, 1000, false), first);
	assert_ptr_equal(get(7, 1001, false), second);
	/* Nor is one number taken for the other. */
	get(1000, 7, true);
	assert_int_equal(all().n, 3);
}

static void test_removed_process_is_made_anew(void **state)
{
	(void)state;
	get(7, 1000, true)->rows = 3;
	get(8, 1000, true);
	process_table_remove(table, get(7, 1000, false));
	assert_int_equal(all().n, 1);
	assert_int_equal(all().pids, 8);
	assert_int_equal(get(7, 1000, true)->rows, 0);
}

static void remove_odd(struct process *process, void *userdata)
{
	if (process->pid % 2)
		process_table_remove(userdata, process);
}

static void test_the_visited_may_be_removed(void **state)
{
	(void)state;
	for (uint32_t pid = 1; pid <= 100; pid++)
		get(pid, 1, true);
	process_table_each(table, remove_odd, table);
	assert_int_equal(all().n, 50);
	assert_int_equal(all().pids, 2550);
}

static void fill(uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i++)
		get(GONE + i, 1, true);
}

static void test_sweep_waits_for_a_large_table(void **state)
{
	(void)state;
	fill(0, SWEEP_AT - 1);
	process_table_sweep(table);
	assert_int_equal(all().n, SWEEP_AT - 1);
	fill(SWEEP_AT - 1, SWEEP_AT);
	process_table_sweep(table);
	assert_int_equal(all().n, 0);
}

static void test_sweep_keeps_what_lives_is_watched_or_has_rows(void **state)
{
	(void)state;
	get((uint32_t)getpid(), 1, true);
	fill(0, SWEEP_AT);
	get(GONE + 5, 1, false)->rows = 1;
	get(GONE + 6, 1, false)->watched = true;
	get(GONE + 7, 1, false)->kept = true; /* for its name, which is needed no more */
	process_table_sweep(table);
	assert_int_equal(all().n, 3);
	assert_int_equal(all().pids, (uint64_t)getpid() + 2 * GONE + 11);
}

static void test_next_sweep_is_due_when_the_table_has_doubled(void **state)
{
	(void)state;
	fill(0, 3 * SWEEP_AT);
	for (uint32_t i = 0; i < 3 * SWEEP_AT; i++)
		get(GONE + i, 1, false)->rows = 1;
	process_table_sweep(table);
	assert_int_equal(all().n, 3 * SWEEP_AT);
	fill(3 * SWEEP_AT, 6 * SWEEP_AT - 1);
	process_table_sweep(table);
	assert_int_equal(all().n, 6 * SWEEP_AT - 1);
	fill(6 * SWEEP_AT - 1, 6 * SWEEP_AT);
	process_table_sweep(table);
	assert_int_equal(all().n, 3 * SWEEP_AT);
}

static void test_end_takes_the_last_thread_and_the_last_row(void **state)
{
	(void)state;
	assert_false(process_has_ended(&(struct process){.rows = 0}));
	assert_false(process_has_ended(&(struct process){.rows = 1, .group_dead = true}));
	assert_true(process_has_ended(&(struct process){.rows = 0, .group_dead = true}));
}

static void test_free_takes_null(void **state)
{
	(void)state;
	process_table_free(NULL);
}

#define with_table(test) cmocka_unit_test_setup_teardown(test, make_table, free_table)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_table(test_process_is_made_once_and_zeroed),
		with_table(test_reused_pid_is_another_process),
		with_table(test_removed_process_is_made_anew),
		with_table(test_the_visited_may_be_removed),
		with_table(test_sweep_waits_for_a_large_table),
		with_table(test_sweep_keeps_what_lives_is_watched_or_has_rows),
		with_table(test_next_sweep_is_due_when_the_table_has_doubled),
		cmocka_unit_test(test_end_takes_the_last_thread_and_the_last_row),
		cmocka_unit_test(test_free_takes_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
