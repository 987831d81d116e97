// SPDX-License-Identifier: BSD-2-Clause
/* What counters counted: the bookkeeping, and the programs on the running kernel (root). */
#include "counters/counters.h"
#include "ledger/counts.h"
#include "ledger/ledger.h"

#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define N_ROWS 4
#define N_CPUS 2

static void assert_count(const struct sample_count *count, uint64_t value, uint64_t enabled_ns,
			 uint64_t running_ns)
{
	assert_int_equal(count->value, value);
	assert_int_equal(count->enabled_ns, enabled_ns);
	assert_int_equal(count->running_ns, running_ns);
}

static void test_what_came_since_it_was_told(void **state)
{
	struct ledger_count rows[N_ROWS * 2] = {}, cpus[N_CPUS * 2] = {};
	struct ledger_counts counts = {};

	(void)state;
	assert_int_equal(ledger_counts_init(&counts, 2, N_ROWS, N_CPUS), 0);
	counts.rows = rows;
	counts.cpus = cpus;
	rows[3 * 2] = (struct ledger_count){5, 6, 7};
	rows[3 * 2 + 1] = (struct ledger_count){50, 60, 70};
	cpus[1 * 2 + 1] = (struct ledger_count){UINT64_MAX, 1, 1};
	assert_count(&ledger_counts_of_row(&counts, 3)[0], 5, 6, 7);
	rows[3 * 2 + 1].value = 51;
	assert_count(&ledger_counts_of_row(&counts, 3)[1], 1, 0, 0);
	assert_count(&ledger_counts_of_row(&counts, 3)[1], 0, 0, 0);
	assert_count(&ledger_counts_of_row(&counts, 2)[0], 0, 0, 0);
	assert_count(&ledger_counts_of_cpu(&counts, 1)[0], 0, 0, 0);
	assert_count(&ledger_counts_of_cpu(&counts, 1)[1], 0, 0, 0); /* told a line above */
	ledger_counts_done(&counts);
}

/* Another event on a CPU that was offline begins at 0. */
static void test_a_counter_that_begins_anew_is_told_whole(void **state)
{
	struct ledger_count rows[N_ROWS] = {}, cpus[N_CPUS] = {};
	struct ledger_counts counts = {};

	(void)state;
	assert_int_equal(ledger_counts_init(&counts, 1, N_ROWS, N_CPUS), 0);
	counts.rows = rows;
	counts.cpus = cpus;
	cpus[0] = (struct ledger_count){1000, 2000, 3000};
	assert_count(ledger_counts_of_cpu(&counts, 0), 1000, 2000, 3000);
	cpus[0] = (struct ledger_count){10, 20, 30};
	assert_count(ledger_counts_of_cpu(&counts, 0), 10, 20, 30);
	ledger_counts_done(&counts);
}

/* The running kernel. */

enum {
	CPU_CLOCK,
	PAGE_FAULTS,
	N_COUNTERS,
};

struct fixture {
	struct counters *counters;
	struct ledger *ledger;
	uint64_t own_ns, busy_ns;
	struct sample_count own[N_COUNTERS], tasks[N_COUNTERS], cpus[N_COUNTERS];
};

static void sum(struct sample_count *sums, const struct sample_count *counts)
{
	for (int i = 0; i < N_COUNTERS; i++) {
		sums[i].value += counts[i].value;
		sums[i].enabled_ns += counts[i].enabled_ns;
		sums[i].running_ns += counts[i].running_ns;
	}
}

static int note_entry(void *userdata, const struct ledger_entry *entry)
{
	struct fixture *f = userdata;

	assert_true((entry->counts != NULL) == (entry->cpu_ns > 0));
	if (!entry->counts)
		return 0;
	sum(f->tasks, entry->counts);
	if (entry->pid != (uint32_t)getpid())
		return 0;
	sum(f->own, entry->counts);
	f->own_ns += entry->cpu_ns;
	return 0;
}

static int note_span(void *userdata, const struct ledger_span *span)
{
	struct fixture *f = userdata;

	assert_non_null(span->counts);
	sum(f->cpus, span->counts);
	f->busy_ns += span->busy_ns;
	return 0;
}

static void tick(struct fixture *f)
{
	const struct ledger_visitor visitor = {
		.entry = note_entry, .span = note_span, .userdata = f};
	uint64_t losses[LOSS_N] = {};

	f->own_ns = f->busy_ns = 0;
	memset(f->own, 0, sizeof(f->own));
	memset(f->tasks, 0, sizeof(f->tasks));
	memset(f->cpus, 0, sizeof(f->cpus));
	assert_int_equal(ledger_mark(f->ledger), 0);
	assert_int_equal(ledger_collect(f->ledger, &visitor, losses), 0);
}

static void end(struct fixture *f)
{
	ledger_close(f->ledger);
	counters_close(f->counters);
	free(f);
}

static struct fixture *begin(void)
{
	static const char *const names[N_COUNTERS] = {
		[CPU_CLOCK] = "cpu-clock", [PAGE_FAULTS] = "page-faults"};
	uint32_t n_cpus = (uint32_t)sysconf(_SC_NPROCESSORS_CONF);
	bool *online = malloc(n_cpus * sizeof(*online));
	int *domains = calloc(n_cpus, sizeof(*domains));
	struct fixture *f = calloc(1, sizeof(*f));
	struct ledger_counter read[N_COUNTERS];
	const struct ledger_options options = {
		.rows = 1024,
		.n_cpus = n_cpus,
		.online = online,
		.domains = domains,
		.v2 = true,
		.counters = read,
		.n_counters = N_COUNTERS,
	};
	const struct counters_options counters_options = {
		.sysfs = "/sys", .names = names, .n_names = 2, .n_cpus = n_cpus, .online = online};
	const struct counter *list;
	struct errmsg msg = {};
	int err;

	assert_true(online && domains && f);
	memset(online, true, n_cpus * sizeof(*online));
	assert_int_equal(counters_open(&counters_options, &f->counters, NULL), 0);
	err = counters_list(f->counters, &list) < N_COUNTERS ? -EPERM : 0;
	for (int i = 0; i < N_COUNTERS && !err; i++)
		read[i].fds = list[i].fds;
	if (!err)
		err = ledger_open(&options, &f->ledger, &msg);
	free(online);
	free(domains);
	if (err) {
		print_message("no ledger with counters here: %s\n", msg.text);
		end(f);
		skip();
	}
	tick(f);
	return f;
}

static void test_page_faults_are_the_process_s_own(void **state)
{
	const size_t n = 2000, page = (size_t)sysconf(_SC_PAGESIZE);
	struct fixture *f = begin();
	struct rusage before, after;
	long faults;
	char *memory;

	(void)state;
	memory = mmap(NULL, n * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(memory != MAP_FAILED);
	madvise(memory, n * page, MADV_NOHUGEPAGE);
	tick(f);
	getrusage(RUSAGE_SELF, &before);
	for (size_t i = 0; i < n; i++)
		memory[i * page] = 1;
	getrusage(RUSAGE_SELF, &after);
	tick(f);
	faults = after.ru_minflt - before.ru_minflt + after.ru_majflt - before.ru_majflt;
	/* A sanitizer's shadow is touched too: a page of it for every eight. */
	assert_in_range(faults, n, n + n / 8 + 100);
	/* The rest of the tick is this program's too. */
	assert_in_range(f->own[PAGE_FAULTS].value, faults, faults + 50);
	assert_true(f->tasks[PAGE_FAULTS].value >= f->own[PAGE_FAULTS].value);
	munmap(memory, n * page);
	end(f);
}

static void burn(uint64_t ns)
{
	struct timespec now;
	uint64_t until = 0;

	do {
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
		if (!until)
			until = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec + ns;
	} while ((uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec < until);
}

/* Also of a slice that goes on over the end of the tick. */
static void test_the_cpu_clock_is_the_time_on_the_cpu(void **state)
{
	struct fixture *f = begin();
	uint64_t slack;

	(void)state;
	burn(50000000);
	tick(f);
	slack = f->own_ns / 50 + 1000000; /* what is between the mark and the reading */
	assert_true(f->own_ns > 40000000);
	assert_in_range(f->own[CPU_CLOCK].value, f->own_ns - slack, f->own_ns + slack);
	assert_in_range(f->own[CPU_CLOCK].enabled_ns, f->own_ns - slack, f->own_ns + slack);
	assert_in_range(f->own[CPU_CLOCK].running_ns, f->own_ns - slack, f->own_ns + slack);
	end(f);
}

/* All that a CPU counted while a task ran is some task's; the CPU has idle beside it. */
static void test_no_count_is_given_twice(void **state)
{
	struct fixture *f = begin();

	(void)state;
	for (int i = 0; i < 5; i++) {
		burn(5000000);
		tick(f);
		assert_true(f->tasks[PAGE_FAULTS].value <= f->cpus[PAGE_FAULTS].value + 100);
		assert_true(f->tasks[CPU_CLOCK].value <= f->cpus[CPU_CLOCK].value + 1000000);
		assert_true(f->cpus[CPU_CLOCK].running_ns <= f->cpus[CPU_CLOCK].enabled_ns);
	}
	end(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_came_since_it_was_told),
		cmocka_unit_test(test_a_counter_that_begins_anew_is_told_whole),
		cmocka_unit_test(test_page_faults_are_the_process_s_own),
		cmocka_unit_test(test_the_cpu_clock_is_the_time_on_the_cpu),
		cmocka_unit_test(test_no_count_is_given_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
