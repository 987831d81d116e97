// SPDX-License-Identifier: BSD-2-Clause
/*
 * What a tick tells of rows that end and of CPUs that come and go, over plain memory. The kernel side
 * is played as bpf/ledger.bpf.c would have it.
 */
#include "ledger/ledger_impl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#define N_ROWS 64
#define N_CPUS 2
#define S 1000000000ULL
#define MS 1000000ULL
#define BEYOND_NS 3000ULL /* how long after the mark */

struct fixture {
	struct ledger ledger;
	struct ledger_cpu cpus[N_CPUS];
	struct ledger_row *kernel_rows;
	__u64 tick_at;
	uint64_t now;
	int fd;
	uint32_t ends_beyond; /* this row's task dies between the mark and the reading; 0: none */

	/* What the last tick told. */
	struct ledger_span spans[N_CPUS];
	uint64_t row_ns;
	size_t n_told, n_first, n_last;
};

static int note_entry(void *userdata, const struct ledger_entry *entry)
{
	struct fixture *f = userdata;

	f->row_ns += entry->cpu_ns;
	f->n_told++;
	f->n_first += entry->first;
	f->n_last += entry->last;
	return 0;
}

static int note_span(void *userdata, const struct ledger_span *span)
{
	struct fixture *f = userdata;

	f->spans[span->cpu] = *span;
	return 0;
}

static void begin(struct fixture *f)
{
	static const bool online[N_CPUS] = {true, true};
	struct ledger *ledger = &f->ledger;

	memset(f, 0, sizeof(*f));
	f->now = 100 * S;
	ledger->n_cpus = N_CPUS;
	ledger->anchored = true;
	ledger->cpus = f->cpus;
	ledger->tick_at = &f->tick_at;
	ledger->accounts = calloc(N_CPUS, sizeof(*ledger->accounts));
	ledger->snapshots = calloc(N_CPUS, sizeof(*ledger->snapshots));
	ledger->rings =
		calloc((size_t)row_pool_ring_size(N_ROWS, N_CPUS) * N_CPUS, sizeof(*ledger->rings));
	f->fd = memfd_create("rows", MFD_CLOEXEC);
	assert_int_equal(ftruncate(f->fd, 2 * 4096), 0);
	f->kernel_rows = mmap(NULL, 2 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, f->fd, 0);
	assert_true(f->kernel_rows != MAP_FAILED);
	assert_int_equal(row_map_init(&ledger->rows, f->fd, N_ROWS), 0);
	assert_int_equal(row_pool_init(&ledger->pool, N_ROWS, N_CPUS, online, false, f->cpus), 0);
}

static void end(struct fixture *f)
{
	row_pool_done(&f->ledger.pool);
	row_map_done(&f->ledger.rows);
	munmap(f->kernel_rows, 2 * 4096);
	close(f->fd);
	free(f->ledger.accounts);
	free(f->ledger.snapshots);
	free(f->ledger.rings);
}

/* The CPU's next row, for a task that runs from now on. */
static uint32_t switch_to_new(struct fixture *f, uint32_t id)
{
	struct ledger_cpu *cpu = &f->cpus[id];
	uint32_t row = cpu->fresh_next++;

	f->kernel_rows[row].state = LEDGER_ROW_LIVE;
	f->kernel_rows[row].next = row;
	cpu->row = row;
	cpu->tid = 1000 + row;
	cpu->stamp = f->now;
	cpu->seq += 2;
	return row;
}

/* Writes down the counts at T, then adds the slice to what ran (charge of ledger.bpf.c). */
static void charge(struct fixture *f, uint32_t id, uint32_t index, uint64_t until, uint64_t t)
{
	struct ledger_cpu *cpu = &f->cpus[id];
	uint64_t slice = until - cpu->stamp, part = t > cpu->stamp ? t - cpu->stamp : 0;
	__u64 *count = index == LEDGER_ROW_IDLE	  ? &cpu->idle_ns
		       : index == LEDGER_ROW_NONE ? &cpu->lost_ns
						  : &cpu->busy_ns;

	if (cpu->closed_at != t) {
		cpu->closed_idle_ns = cpu->idle_ns;
		cpu->closed_busy_ns = cpu->busy_ns;
		cpu->closed_lost_ns = cpu->lost_ns;
		*(index == LEDGER_ROW_IDLE   ? &cpu->closed_idle_ns
		  : index == LEDGER_ROW_NONE ? &cpu->closed_lost_ns
					     : &cpu->closed_busy_ns) += part;
		cpu->closed_seq = cpu->seq;
		cpu->closed_at = t;
	}
	if (index != LEDGER_ROW_IDLE && index != LEDGER_ROW_NONE) {
		if (f->kernel_rows[index].closed_at != t) {
			f->kernel_rows[index].closed_ns = f->kernel_rows[index].cpu_ns + part;
			f->kernel_rows[index].closed_at = t;
		}
		f->kernel_rows[index].cpu_ns += slice;
	}
	*count += slice;
	cpu->stamp = until;
}

static void switch_to_idle(struct fixture *f, uint32_t id)
{
	charge(f, id, f->cpus[id].row, f->now, f->tick_at);
	f->cpus[id].row = LEDGER_ROW_IDLE;
	f->cpus[id].tid = 0;
	f->cpus[id].seq += 2;
}

/* The first switch of a CPU that is back: from its idle task, which it was not seen to switch to. */
static void return_and_switch(struct fixture *f, uint32_t id)
{
	struct ledger_cpu *cpu = &f->cpus[id];
	uint64_t told = cpu->gone_at ? cpu->gone_at : f->tick_at;

	cpu->switch_missed++;
	if (told > cpu->stamp)
		charge(f, id, cpu->row, told, told);
	charge(f, id, LEDGER_ROW_NONE, f->now, f->tick_at);
	switch_to_new(f, id);
}

/* As ledger_mark does, but for finding the stamp. */
static void mark(struct fixture *f)
{
	struct ledger *ledger = &f->ledger;

	ledger->span_ns = ledger->marked_at ? f->now - ledger->marked_at : 0;
	ledger->marked_before = ledger->marked_at;
	ledger->marked_at = f->tick_at = f->now;
}

static void end_beyond(struct fixture *f)
{
	f->now += BEYOND_NS;
	switch_to_idle(f, 1);
	f->now -= BEYOND_NS;
	f->kernel_rows[f->ends_beyond].state = LEDGER_ROW_FINISHED;
	f->ends_beyond = 0;
}

/* CPU 0 is where this program runs; the other one is online or not. */
static void tick(struct fixture *f, bool online)
{
	const struct ledger_visitor visitor = {
		.entry = note_entry, .span = note_span, .userdata = f};
	uint64_t losses[LOSS_N] = {}, busy = 0;
	struct ledger_cpu *own = &f->cpus[0];

	own->stamp = f->now;
	own->seq += 2;
	own->row = LEDGER_ROW_IDLE;
	f->cpus[0].idle_ns = f->now - 100 * S;
	mark(f);
	ledger_set_online(&f->ledger, 1, online);
	if (f->ends_beyond)
		end_beyond(f);
	memset(f->spans, 0, sizeof(f->spans));
	f->row_ns = 0;
	f->n_told = f->n_first = f->n_last = 0;
	assert_int_equal(ledger_collect(&f->ledger, &visitor, losses), 0);
	for (uint32_t id = 0; id < N_CPUS; id++)
		busy += f->spans[id].busy_ns;
	assert_int_equal(busy, f->row_ns);
}

static void assert_told(const struct fixture *f, size_t told, size_t first, size_t last)
{
	assert_int_equal(f->n_told, told);
	assert_int_equal(f->n_first, first);
	assert_int_equal(f->n_last, last);
}

static void assert_span(const struct fixture *f, uint64_t busy, uint64_t idle, uint64_t lost)
{
	assert_int_equal(f->spans[1].busy_ns, busy);
	assert_int_equal(f->spans[1].idle_ns, idle);
	assert_int_equal(f->spans[1].lost_ns, lost);
}

/* Up to its end, a CPU that ran from 100 s on what it runs at the end as well. */
static void run_to_the_end(struct fixture *f)
{
	begin(f);
	switch_to_new(f, 1);
	f->now += 1;
	tick(f, true);
	f->now += S;
	tick(f, true);
	assert_span(f, S, 0, 0);
}

static void test_span_of_an_offline_cpu_ends(void **state)
{
	struct fixture f;

	(void)state;
	run_to_the_end(&f);
	for (int i = 0; i < 3; i++) {
		f.now += S;
		tick(&f, false);
		assert_span(&f, 0, 0, 0);
		assert_int_equal(f.spans[0].idle_ns, S);
	}
	end(&f);
}

static void test_what_was_told_before_it_went_is_where_it_goes_on(void **state)
{
	struct fixture f;
	uint64_t told;

	(void)state;
	run_to_the_end(&f);
	told = f.now;
	f.now += S;
	tick(&f, false);
	assert_int_equal(f.cpus[1].gone_at, told);
	f.now += S;
	tick(&f, false);
	assert_int_equal(f.cpus[1].gone_at, told);
	f.now += S;
	end(&f);
}

/* Neither the task that ran last nor (unattributed) gets the time that it was away. */
static void test_time_away_is_nobodys(void **state)
{
	struct fixture f;

	(void)state;
	run_to_the_end(&f);
	for (int i = 0; i < 3; i++) {
		f.now += S;
		tick(&f, false);
	}
	f.now += 600 * MS;
	return_and_switch(&f, 1);
	f.now += 100 * MS;
	switch_to_idle(&f, 1);
	f.now += 300 * MS;
	tick(&f, true);
	assert_span(&f, 100 * MS, 300 * MS, 0);
	assert_int_equal(f.cpus[1].gone_at, 0);
	assert_false(f.ledger.accounts[1].gone);
	/* And it is a CPU as any other from there. */
	f.now += S;
	tick(&f, true);
	assert_span(&f, 0, S, 0);
	end(&f);
}

/* It is listed as online some time before its first switch. */
static void test_back_but_not_switched_yet_is_still_away(void **state)
{
	struct fixture f;

	(void)state;
	run_to_the_end(&f);
	f.now += S;
	tick(&f, false);
	f.now += S;
	tick(&f, true);
	assert_span(&f, 0, 0, 0);
	assert_int_not_equal(f.cpus[1].gone_at, 0);
	f.now += 50 * MS;
	return_and_switch(&f, 1);
	f.now += 950 * MS;
	tick(&f, true);
	assert_span(&f, 950 * MS, 0, 0);
	end(&f);
}

/* The dying CPU's last switch was seen by the program: its idle task's slice holds the absence. */
static void test_idle_slice_around_the_absence_is_cut(void **state)
{
	struct fixture f;

	(void)state;
	run_to_the_end(&f);
	switch_to_idle(&f, 1);
	for (int i = 0; i < 3; i++) {
		f.now += S;
		tick(&f, false);
		assert_span(&f, 0, 0, 0);
	}
	f.now += 500 * MS;
	charge(&f, 1, LEDGER_ROW_IDLE, f.now, f.tick_at);
	switch_to_new(&f, 1);
	f.now += 500 * MS;
	tick(&f, true);
	assert_span(&f, 500 * MS, 500 * MS, 0);
	end(&f);
}

static void test_gone_and_back_and_gone_within_one_tick(void **state)
{
	struct fixture f;
	uint64_t told;

	(void)state;
	run_to_the_end(&f);
	f.now += S;
	tick(&f, false);
	told = f.now;
	f.now += 300 * MS;
	return_and_switch(&f, 1);
	f.now += 200 * MS;
	charge(&f, 1, f.cpus[1].row, f.now, f.tick_at);
	switch_to_new(&f, 1); /* the last one */
	f.now += 500 * MS;
	tick(&f, false);
	assert_span(&f, 200 * MS, 0, 0);
	assert_true(f.ledger.accounts[1].gone);
	assert_int_equal(f.cpus[1].gone_at, told);
	f.now += S;
	tick(&f, false);
	assert_span(&f, 0, 0, 0);
	f.now += 100 * MS;
	return_and_switch(&f, 1);
	f.now += 900 * MS;
	tick(&f, true);
	assert_span(&f, 900 * MS, 0, 0);
	end(&f);
}

/* Told for the last time when it is over, and free in the tick after that. */
static void test_row_of_a_dead_task_goes_back_a_tick_after_its_last_count(void **state)
{
	struct fixture f;
	uint32_t row;

	(void)state;
	begin(&f);
	row = switch_to_new(&f, 1);
	f.now += 500 * MS;
	tick(&f, true);
	assert_told(&f, 1, 1, 0);
	f.now += 200 * MS;
	switch_to_idle(&f, 1);
	f.kernel_rows[row].flags = LEDGER_TASK_DEAD;
	f.kernel_rows[row].state = LEDGER_ROW_FINISHED;
	f.now += 300 * MS;
	tick(&f, true);
	assert_told(&f, 1, 0, 1);
	assert_int_equal(f.row_ns, 200 * MS);
	assert_int_equal(f.ledger.pool.n_active, 1);
	f.now += S;
	tick(&f, true);
	assert_told(&f, 0, 0, 0);
	assert_int_equal(f.ledger.pool.n_active, 0);
	assert_int_equal(f.kernel_rows[row].state, LEDGER_ROW_FREE);
	end(&f);
}

/* It ends after the mark and before the tick is read: the rest of its time is the next tick's. */
static void test_row_that_ended_beyond_the_mark_is_told_once_more(void **state)
{
	struct fixture f;
	uint32_t row;

	(void)state;
	begin(&f);
	row = switch_to_new(&f, 1);
	f.now += 500 * MS;
	tick(&f, true);
	f.now += S;
	f.ends_beyond = row;
	tick(&f, true);
	assert_told(&f, 1, 0, 0);
	assert_int_equal(f.row_ns, S);
	assert_span(&f, S, 0, 0);
	f.now += S;
	tick(&f, true);
	assert_told(&f, 1, 0, 1);
	assert_int_equal(f.row_ns, BEYOND_NS);
	f.now += S;
	tick(&f, true);
	assert_int_equal(f.ledger.pool.n_active, 0);
	end(&f);
}

/* A task with a row in each of two cgroups: the end of the one that ran last is the end of both. */
static void test_rows_of_a_circle_end_together(void **state)
{
	struct fixture f;
	uint32_t first, second;

	(void)state;
	begin(&f);
	first = switch_to_new(&f, 1);
	f.now += 100 * MS;
	charge(&f, 1, first, f.now, f.tick_at);
	second = switch_to_new(&f, 1);
	f.kernel_rows[first].next = second;
	f.kernel_rows[second].next = first;
	f.now += 100 * MS;
	tick(&f, true);
	assert_told(&f, 2, 2, 0);
	f.now += 100 * MS;
	switch_to_idle(&f, 1);
	f.kernel_rows[second].state = LEDGER_ROW_FINISHED;
	f.now += 100 * MS;
	tick(&f, true);
	assert_told(&f, 2, 0, 2);
	assert_int_equal(f.row_ns, 100 * MS);
	f.now += S;
	tick(&f, true);
	assert_told(&f, 0, 0, 0);
	assert_int_equal(f.ledger.pool.n_active, 0);
	end(&f);
}

/* The program has taken the row's index and not yet written down whose it is. */
static void test_row_without_an_owner_yet_is_told_later(void **state)
{
	struct fixture f;
	uint32_t row;

	(void)state;
	begin(&f);
	switch_to_idle(&f, 1);
	f.cpus[1].stamp = f.now;
	row = f.cpus[1].fresh_next++;
	f.now += S;
	tick(&f, true);
	assert_told(&f, 0, 0, 0);
	assert_int_equal(f.ledger.pool.n_active, 1);
	f.kernel_rows[row].next = row;
	f.kernel_rows[row].state = LEDGER_ROW_LIVE;
	f.now += S;
	tick(&f, true);
	assert_told(&f, 1, 1, 0);
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_row_of_a_dead_task_goes_back_a_tick_after_its_last_count),
		cmocka_unit_test(test_row_that_ended_beyond_the_mark_is_told_once_more),
		cmocka_unit_test(test_rows_of_a_circle_end_together),
		cmocka_unit_test(test_row_without_an_owner_yet_is_told_later),
		cmocka_unit_test(test_span_of_an_offline_cpu_ends),
		cmocka_unit_test(test_what_was_told_before_it_went_is_where_it_goes_on),
		cmocka_unit_test(test_time_away_is_nobodys),
		cmocka_unit_test(test_back_but_not_switched_yet_is_still_away),
		cmocka_unit_test(test_idle_slice_around_the_absence_is_cut),
		cmocka_unit_test(test_gone_and_back_and_gone_within_one_tick),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
