// SPDX-License-Identifier: BSD-2-Clause
/* The supply of rows, over plain memory and a kernel made of a few lines. */
#include "ledger/rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct ledger_memory {
	struct row_pool pool;
	struct ledger_cpu *cpus;
	uint64_t *rings;
	bool *online;
	uint8_t *taken; /* by row: the kernel has it */
};

static void begin_with(struct ledger_memory *memory, uint32_t n_rows, uint32_t n_cpus,
		       const uint32_t *online, uint32_t n_online, bool can_ask)
{
	memory->cpus = calloc(n_cpus, sizeof(*memory->cpus));
	memory->rings =
		calloc((size_t)row_pool_ring_size(n_rows, n_cpus) * n_cpus, sizeof(*memory->rings));
	memory->online = calloc(n_cpus, sizeof(*memory->online));
	memory->taken = calloc(n_rows, sizeof(*memory->taken));
	assert_true(memory->cpus && memory->rings && memory->online && memory->taken);
	for (uint32_t i = 0; i < n_online; i++)
		memory->online[online ? online[i] : i] = true;
	assert_int_equal(
		row_pool_init(&memory->pool, n_rows, n_cpus, memory->online, can_ask, memory->cpus),
		0);
	for (uint32_t cpu = 0; cpu < n_cpus; cpu++)
		memory->cpus[cpu].stamp = memory->online[cpu];
}

/* CPUs below `n_online` are online; they cannot ask. */
static void begin(struct ledger_memory *memory, uint32_t n_rows, uint32_t n_cpus,
		  const uint32_t *online, uint32_t n_online)
{
	begin_with(memory, n_rows, n_cpus, online, n_online, false);
}

static void end(struct ledger_memory *memory)
{
	row_pool_done(&memory->pool);
	free(memory->cpus);
	free(memory->rings);
	free(memory->online);
	free(memory->taken);
}

/* What ask_for_rows of bpf/ledger_row.h does: whether it wakes user space. */
static bool kernel_asks(struct ledger_cpu *cpu)
{
	uint32_t at_hand = cpu->ring_tail - cpu->ring_head + cpu->fresh_end - cpu->fresh_next;

	if (at_hand >= cpu->ask_below || cpu->asked == cpu->ring_tail + 1)
		return false;
	cpu->asked = cpu->ring_tail + 1;
	return true;
}

/* What take_free_row of bpf/ledger_row.h does. */
static uint32_t kernel_takes(struct ledger_memory *memory, uint32_t id)
{
	struct ledger_cpu *cpu = &memory->cpus[id];
	uint32_t ring_size = memory->pool.ring_size, row;

	if (cpu->ring_head != cpu->ring_tail) {
		row = (uint32_t)memory
			      ->rings[(size_t)id * ring_size + (cpu->ring_head & (ring_size - 1))];
		cpu->ring_head++;
	} else {
		row = cpu->fresh_next;
		if (row >= cpu->fresh_end)
			return LEDGER_ROW_NONE;
		cpu->fresh_next = row + 1;
	}
	if (row == LEDGER_ROW_IDLE || row >= memory->pool.n_rows)
		fail_msg("CPU %u is given row %u of %u", id, row, memory->pool.n_rows);
	if (memory->taken[row])
		fail_msg("CPU %u is given row %u, which is taken", id, row);
	memory->taken[row] = true;
	return row;
}

/* Takes until there are none, and returns how many there were. */
static uint32_t kernel_takes_all(struct ledger_memory *memory, uint32_t id)
{
	uint32_t n = 0;

	while (kernel_takes(memory, id) != LEDGER_ROW_NONE)
		n++;
	return n;
}

static void gather(struct ledger_memory *memory)
{
	row_pool_gather(&memory->pool, memory->cpus, memory->rings);
}

static void refill(struct ledger_memory *memory)
{
	row_pool_refill(&memory->pool, memory->cpus, memory->rings);
}

/* Frees the row at a place of `active`. */
static void finish(struct ledger_memory *memory, size_t at)
{
	struct row_pool *pool = &memory->pool;
	uint32_t row = pool->active[at];

	assert_true(memory->taken[row]);
	pool->active[at] = pool->active[--pool->n_active];
	memory->taken[row] = false;
	row_pool_release(pool, row);
}

static void finish_all(struct ledger_memory *memory)
{
	while (memory->pool.n_active)
		finish(memory, memory->pool.n_active - 1);
}

static void test_ring_sizes_are_powers_of_two(void **state)
{
	(void)state;
	for (uint32_t n_rows = 64; n_rows <= 16U * 1024 * 1024; n_rows = n_rows * 3 - 7) {
		for (uint32_t n_cpus = 1; n_cpus <= 8192; n_cpus = n_cpus * 2 + 1) {
			uint32_t size = row_pool_ring_size(n_rows, n_cpus);

			assert_true(size >= 16 && (size & (size - 1)) == 0);
		}
	}
}

static void test_first_rows_are_the_low_ones_in_order(void **state)
{
	struct ledger_memory memory;

	(void)state;
	begin(&memory, 1001, 2, NULL, 2);
	assert_int_equal(memory.cpus[0].fresh_next, 1);
	assert_int_equal(memory.cpus[0].fresh_end, 251);
	assert_int_equal(memory.cpus[1].fresh_next, 251);
	assert_int_equal(memory.cpus[1].fresh_end, 501);
	assert_int_equal(memory.pool.reserve, 501);
	for (uint32_t i = 1; i <= 3; i++)
		assert_int_equal(kernel_takes(&memory, 0), i);
	assert_int_equal(kernel_takes(&memory, 1), 251);
	gather(&memory);
	assert_int_equal(memory.pool.n_active, 4);
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(memory.pool.active[i], i + 1);
	assert_int_equal(memory.pool.active[3], 251);
	assert_int_equal(memory.pool.accounts[251].phase, ROW_TAKEN);
	assert_int_equal(memory.pool.accounts[4].phase, ROW_FREE);
	gather(&memory); /* each once */
	assert_int_equal(memory.pool.n_active, 4);
	end(&memory);
}

static void test_what_came_back_goes_out_before_what_was_never_used(void **state)
{
	struct ledger_memory memory;

	(void)state;
	begin(&memory, 1001, 1, NULL, 1);
	for (uint32_t i = 1; i <= 100; i++)
		kernel_takes(&memory, 0);
	gather(&memory);
	for (size_t i = 0; i < 10; i++)
		finish(&memory, i); /* 1, 100, … the last takes its place */
	refill(&memory);
	/* 100 were missing: the ten that came back, and 90 from the reserve behind them. */
	assert_int_equal(memory.cpus[0].ring_tail, 100);
	assert_int_equal(memory.pool.n_free, 0);
	assert_int_equal(memory.pool.reserve, 591);
	for (int i = 0; i < 10; i++)
		assert_true(kernel_takes(&memory, 0) <= 100);
	assert_int_equal(kernel_takes(&memory, 0), 501);
	end(&memory);
}

static void test_rows_in_use_stay_dense(void **state)
{
	struct ledger_memory memory;

	(void)state;
	begin(&memory, 65536, 2, NULL, 2);
	/* 200 a tick on each CPU, of which none lives for two. */
	for (int i = 0; i < 2000; i++) {
		for (int k = 0; k < 200; k++) {
			assert_int_not_equal(kernel_takes(&memory, 0), LEDGER_ROW_NONE);
			assert_int_not_equal(kernel_takes(&memory, 1), LEDGER_ROW_NONE);
		}
		gather(&memory);
		assert_int_equal(memory.pool.n_active, 400);
		finish_all(&memory);
		refill(&memory);
	}
	assert_int_equal(memory.pool.reserve, 1 + 2 * (65535 / 4));
	assert_int_equal(memory.cpus[0].fresh_next, 201);
	assert_int_equal(memory.cpus[1].fresh_next, 1 + 65535 / 4 + 200);
	end(&memory);
}

static void test_released_row_is_a_new_one(void **state)
{
	struct ledger_memory memory;

	(void)state;
	begin(&memory, 64, 1, NULL, 1);
	kernel_takes(&memory, 0);
	gather(&memory);
	memory.pool.accounts[1] =
		(struct row_account){.value_ns = 123, .phase = ROW_READ, .finished = true};
	finish(&memory, 0);
	assert_int_equal(memory.pool.accounts[1].phase, ROW_FREE);
	assert_false(memory.pool.accounts[1].finished);
	/* Counters go on from one owner to the next. */
	assert_int_equal(memory.pool.accounts[1].value_ns, 123);
	assert_int_equal(memory.pool.n_free, 1);
	end(&memory);
}

static void test_one_cpu_gets_all_that_the_other_does_not_need(void **state)
{
	struct ledger_memory memory;
	uint32_t n = 0, more;

	(void)state;
	begin(&memory, 1001, 2, NULL, 2);
	do {
		more = kernel_takes_all(&memory, 0);
		n += more;
		gather(&memory);
		refill(&memory);
	} while (more);
	assert_int_equal(n, 750);
	assert_int_equal(kernel_takes_all(&memory, 1), 250);
	gather(&memory);
	assert_int_equal(memory.pool.n_active, 1000);
	end(&memory);
}

static void test_ledger_far_too_small(void **state)
{
	struct ledger_memory memory;
	uint32_t n = 0;

	(void)state;
	begin(&memory, 64, 256, NULL, 256);
	for (uint32_t cpu = 0; cpu < 256; cpu++)
		n += kernel_takes_all(&memory, cpu);
	assert_int_equal(n, 63);
	gather(&memory);
	refill(&memory);
	assert_int_equal(memory.pool.n_active, 63);
	for (uint32_t cpu = 0; cpu < 256; cpu++)
		assert_int_equal(kernel_takes(&memory, cpu), LEDGER_ROW_NONE);
	finish_all(&memory);
	refill(&memory);
	for (uint32_t cpu = 0; cpu < 256; cpu++)
		n += kernel_takes_all(&memory, cpu);
	assert_int_equal(n, 126);
	end(&memory);
}

/* Virtual machines have more possible CPUs than they ever bring up. */
static void test_two_online_of_many_possible_get_most_rows(void **state)
{
	static const uint32_t online[] = {0, 1023};
	struct ledger_memory memory;

	(void)state;
	begin(&memory, 65536, 1024, online, 2);
	for (int i = 0; i < 2; i++) {
		/* A thousand processes begin on a CPU in one tick, and still do in the next. */
		for (int tick = 0; tick < 5; tick++) {
			uint32_t n = kernel_takes_all(&memory, online[i]);

			if (n < 500)
				fail_msg("CPU %u has %u rows in tick %d", online[i], n, tick);
			gather(&memory);
			refill(&memory);
		}
	}
	/* A CPU that comes up runs threads before the next tick. */
	assert_true(kernel_takes_all(&memory, 512) >= 8);
	end(&memory);
}

static void test_offline_cpus_do_not_eat_a_small_ledger(void **state)
{
	static const uint32_t online[] = {0, 1023};
	struct ledger_memory memory;
	uint32_t n = 0, more;

	(void)state;
	begin(&memory, 64, 1024, online, 2);
	assert_int_equal(kernel_takes_all(&memory, 0), 15);
	assert_int_equal(kernel_takes_all(&memory, 1023), 15);
	do {
		gather(&memory);
		refill(&memory);
		more = kernel_takes_all(&memory, 0);
		n += more;
	} while (more);
	/* Half of the ledger at the start, and at least a quarter where it is needed. */
	assert_true(n >= 63 / 4);
	end(&memory);
}

static void test_cpu_that_comes_up_is_supplied(void **state)
{
	struct ledger_memory memory;
	uint32_t before;

	(void)state;
	begin(&memory, 1001, 4, NULL, 2);
	before = kernel_takes_all(&memory, 3);
	assert_in_range(before, 1, 16);
	gather(&memory);
	refill(&memory);
	assert_int_equal(kernel_takes(&memory, 3), LEDGER_ROW_NONE); /* not seen running yet */
	memory.cpus[3].stamp = 1;
	refill(&memory);
	assert_int_equal(kernel_takes_all(&memory, 3), 250);
	end(&memory);
}

static void test_supply_is_not_topped_up_twice(void **state)
{
	struct ledger_memory memory;

	(void)state;
	begin(&memory, 1001, 2, NULL, 2);
	for (int i = 0; i < 10; i++)
		refill(&memory);
	assert_int_equal(memory.cpus[0].ring_tail, 0);
	for (int i = 0; i < 7; i++)
		kernel_takes(&memory, 0);
	for (int i = 0; i < 10; i++)
		refill(&memory); /* what was taken is not known before it is gathered */
	assert_int_equal(memory.cpus[0].ring_tail, 0);
	gather(&memory);
	for (int i = 0; i < 10; i++)
		refill(&memory);
	assert_int_equal(memory.cpus[0].ring_tail, 7);
	assert_int_equal(memory.cpus[1].ring_tail, 0);
	end(&memory);
}

/* As after 2^32 rows: head, tail and what was seen of them go through 0. */
static void test_ring_counts_wrap(void **state)
{
	struct ledger_memory memory;

	(void)state;
	begin(&memory, 128, 2, NULL, 2);
	for (uint32_t cpu = 0; cpu < 2; cpu++) {
		memory.cpus[cpu].ring_head = UINT32_MAX - 40;
		memory.cpus[cpu].ring_tail = UINT32_MAX - 40;
		memory.pool.ring_seen[cpu] = UINT32_MAX - 40;
	}
	for (int tick = 0; tick < 20; tick++) {
		for (uint32_t cpu = 0; cpu < 2; cpu++) {
			for (int i = 0; i < 20; i++)
				assert_int_not_equal(kernel_takes(&memory, cpu), LEDGER_ROW_NONE);
		}
		gather(&memory);
		assert_int_equal(memory.pool.n_active, 40);
		finish_all(&memory);
		refill(&memory);
		assert_true(memory.cpus[0].ring_tail - memory.cpus[0].ring_head <=
			    memory.pool.ring_size);
	}
	assert_true(memory.cpus[0].ring_head < 1000);
	assert_true(memory.cpus[0].ring_tail < 1000);
	end(&memory);
}

/* Rows that no CPU has, counted from where they can be: none is lost and none is there twice. */
static void assert_all_rows_accounted_for(const struct ledger_memory *memory)
{
	const struct row_pool *pool = &memory->pool;
	size_t n = pool->n_active + pool->n_free + (pool->n_rows - pool->reserve);

	for (uint32_t cpu = 0; cpu < pool->n_cpus; cpu++)
		n += (memory->cpus[cpu].ring_tail - pool->ring_seen[cpu]) +
		     (memory->cpus[cpu].fresh_end - pool->fresh_seen[cpu]);
	assert_int_equal(n, pool->n_rows - 1);
}

static void take_at_random(struct ledger_memory *memory)
{
	uint32_t n_cpus = memory->pool.n_cpus, n = (uint32_t)rand() % (memory->pool.n_rows / 2);

	for (uint32_t i = 0; i < n; i++) {
		uint32_t cpu = (uint32_t)rand() % n_cpus;

		if (rand() % 3 == 0)
			cpu /= 4; /* some are busier */
		if (memory->cpus[cpu].stamp)
			kernel_takes(memory, cpu);
	}
}

static void run_at_random(uint32_t n_rows, uint32_t n_cpus, uint32_t n_online, int ticks)
{
	struct ledger_memory memory;
	size_t n_taken;

	begin(&memory, n_rows, n_cpus, NULL, n_online);
	for (uint32_t cpu = 0; cpu < n_cpus; cpu++)
		memory.cpus[cpu].ring_head = memory.cpus[cpu].ring_tail =
			memory.pool.ring_seen[cpu] = UINT32_MAX - (uint32_t)rand() % n_rows;
	for (int tick = 0; tick < ticks; tick++) {
		take_at_random(&memory);
		gather(&memory);
		n_taken = 0;
		for (uint32_t row = 0; row < n_rows; row++)
			n_taken += memory.taken[row];
		assert_int_equal(memory.pool.n_active, n_taken);
		for (size_t i = 0; i < memory.pool.n_active; i++)
			assert_true(memory.taken[memory.pool.active[i]]);
		take_at_random(&memory); /* while the tick is being read */
		for (size_t i = 0; i < memory.pool.n_active; i++) {
			if (rand() % 4 != 0)
				finish(&memory, i);
		}
		if (rand() % 8 == 0)
			memory.cpus[(uint32_t)rand() % n_cpus].stamp = 1; /* comes up */
		refill(&memory);
		assert_all_rows_accounted_for(&memory);
	}
	end(&memory);
}

static void test_no_row_is_given_twice_and_none_is_lost(void **state)
{
	(void)state;
	srand(1);
	run_at_random(64, 1, 1, 2000);
	run_at_random(64, 2, 2, 2000);
	run_at_random(64, 100, 3, 500);
	run_at_random(1000, 4, 4, 1000);
	run_at_random(4096, 8, 5, 300);
	run_at_random(65536, 1024, 2, 20);
	run_at_random(100, 64, 64, 500);
}

static void top_up(struct ledger_memory *memory)
{
	gather(memory);
	row_pool_top_up(&memory->pool, memory->cpus, memory->rings);
}

static void test_cpu_asks_once_for_each_time_it_is_given_rows(void **state)
{
	struct ledger_memory memory;

	(void)state;
	begin_with(&memory, 1001, 2, NULL, 2, true);
	for (uint32_t i = 0; i < 63; i++) {
		kernel_takes(&memory, 0);
		assert_false(kernel_asks(&memory.cpus[0]));
	}
	kernel_takes(&memory, 0);
	assert_true(kernel_asks(&memory.cpus[0]));
	kernel_takes(&memory, 0);
	assert_false(kernel_asks(&memory.cpus[0]));
	/* 750 are free: half of them for the one that asked, none for the other. */
	top_up(&memory);
	assert_int_equal(memory.cpus[0].ring_tail, 375);
	assert_int_equal(memory.cpus[1].ring_tail, 0);
	assert_false(kernel_asks(&memory.cpus[0]));
	assert_all_rows_accounted_for(&memory);
	end(&memory);
}

/* Nothing to give: it is not asked for again until there was. */
static void test_empty_ledger_is_not_asked_in_vain_forever(void **state)
{
	struct ledger_memory memory;
	uint32_t n_asked = 0;

	(void)state;
	begin_with(&memory, 64, 1, NULL, 1, true);
	for (uint32_t i = 0; i < 200; i++) {
		kernel_takes(&memory, 0);
		if (kernel_asks(&memory.cpus[0])) {
			n_asked++;
			top_up(&memory);
		}
	}
	/* 15 at first, then 24, 12, 6, 3, 2 and 1; once in vain. */
	assert_int_equal(n_asked, 7);
	assert_int_equal(kernel_takes_all(&memory, 0), 0);
	gather(&memory);
	assert_int_equal(memory.pool.n_active, 63);
	finish_all(&memory);
	refill(&memory);
	assert_true(memory.cpus[0].ask_below > 0);
	assert_int_equal(kernel_takes_all(&memory, 0), 15);
	assert_true(kernel_asks(&memory.cpus[0]));
	end(&memory);
}

/*
 * Births at `rate` a second on CPU 0, each dead at once, with ticks of a second; user space comes
 * `latency` births after it was woken. A row goes back in the second tick after it was taken. Returns
 * how many births found no row.
 */
static uint32_t births_without_a_row(uint32_t n_cpus, uint32_t rate, uint32_t latency, bool wakes)
{
	struct ledger_memory memory;
	uint32_t without = 0, due = UINT32_MAX;
	size_t n_read = 0; /* the first so many of `active` were read in the tick before */

	begin_with(&memory, 65536, n_cpus, NULL, n_cpus, wakes);
	for (int tick = 0; tick < 10; tick++) {
		for (uint32_t i = 0; i < rate; i++) {
			without += kernel_takes(&memory, 0) == LEDGER_ROW_NONE;
			if (wakes && kernel_asks(&memory.cpus[0]))
				due = latency;
			if (due != UINT32_MAX && due-- == 0)
				top_up(&memory);
		}
		gather(&memory);
		for (size_t i = n_read; i > 0; i--) /* from the end: the last takes its place */
			finish(&memory, i - 1);
		n_read = memory.pool.n_active;
		refill(&memory);
	}
	end(&memory);
	return without;
}

static void test_a_million_births_a_minute_on_one_cpu_find_a_row(void **state)
{
	/* 1 ms, and 6 ms of waiting for a CPU. */
	static const uint32_t latencies[] = {17, 100};
	static const uint32_t n_cpus[] = {1, 2, 8, 64};

	(void)state;
	for (size_t i = 0; i < sizeof(n_cpus) / sizeof(n_cpus[0]); i++) {
		for (size_t j = 0; j < sizeof(latencies) / sizeof(latencies[0]); j++)
			assert_int_equal(births_without_a_row(n_cpus[i], 16700, latencies[j], true),
					 0);
	}
	assert_int_equal(births_without_a_row(256, 16700, latencies[0], true), 0);
	/* What the supply of a tick alone would do. */
	assert_true(births_without_a_row(2, 16700, 0, false) > 0);
	assert_true(births_without_a_row(64, 16700, 0, false) > 100000);
}

static void test_done_takes_a_zeroed_one(void **state)
{
	struct row_pool pool;

	(void)state;
	memset(&pool, 0, sizeof(pool));
	row_pool_done(&pool);
	assert_null(pool.active);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ring_sizes_are_powers_of_two),
		cmocka_unit_test(test_first_rows_are_the_low_ones_in_order),
		cmocka_unit_test(test_what_came_back_goes_out_before_what_was_never_used),
		cmocka_unit_test(test_rows_in_use_stay_dense),
		cmocka_unit_test(test_released_row_is_a_new_one),
		cmocka_unit_test(test_one_cpu_gets_all_that_the_other_does_not_need),
		cmocka_unit_test(test_ledger_far_too_small),
		cmocka_unit_test(test_two_online_of_many_possible_get_most_rows),
		cmocka_unit_test(test_offline_cpus_do_not_eat_a_small_ledger),
		cmocka_unit_test(test_cpu_that_comes_up_is_supplied),
		cmocka_unit_test(test_supply_is_not_topped_up_twice),
		cmocka_unit_test(test_ring_counts_wrap),
		cmocka_unit_test(test_no_row_is_given_twice_and_none_is_lost),
		cmocka_unit_test(test_cpu_asks_once_for_each_time_it_is_given_rows),
		cmocka_unit_test(test_empty_ledger_is_not_asked_in_vain_forever),
		cmocka_unit_test(test_a_million_births_a_minute_on_one_cpu_find_a_row),
		cmocka_unit_test(test_done_takes_a_zeroed_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
