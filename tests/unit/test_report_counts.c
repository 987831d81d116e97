// SPDX-License-Identifier: BSD-2-Clause
/* Performance counters of entities. */
#include "report/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define S 1000000000ULL

static struct run_cpu cpus[] = {{.id = 0, .domain = 0}, {.id = 1, .domain = 1}};
static struct run_domain domains[] = {{.type = DOMAIN_PACKAGE}, {.type = DOMAIN_PACKAGE}};
static struct run_counter counters[] = {{"cycles", COUNTER_CORE}, {"TSC", COUNTER_MSR}};

static const struct run with_counters = {
	.user_hz = 100,
	.kind = ENERGY_MEASURED,
	.cpus = cpus,
	.n_cpus = 2,
	.domains = domains,
	.n_domains = 2,
	.counters = counters,
	.n_counters = 2,
};

static void begin_sample(struct sample *sample, uint64_t seq)
{
	sample_reset(sample);
	sample->seq = seq;
	sample->boottime_ns = (10 + seq) * S;
	sample->monotonic_ns = (3 + seq) * S;
	sample->interval_ns = seq ? S : 0;
	for (uint32_t i = 0; i < 2 && seq; i++) {
		struct sample_cpu *cpu = sample_add_cpu(sample);

		cpu->cpu = i;
		cpu->busy_ns = S;
		sample_add_energy(sample);
	}
}

static void add_process(struct sample *sample, uint32_t pid)
{
	struct sample_process *process = sample_add_process(sample);

	process->pid = pid;
	process->start_ns = pid;
	process->cgroup = process->user = SAMPLE_UNKNOWN;
}

static void add_task(struct sample *sample, uint32_t process, int32_t domain, uint64_t cycles)
{
	const struct sample_count counts[] = {{cycles, cycles * 2, cycles}, {0, 0, 0}};
	struct sample_task *task = sample_add_task(sample);

	task->process = process;
	task->tid = 100 + process;
	task->domain = domain;
	task->cgroup = task->user = SAMPLE_UNKNOWN;
	task->cpu_ns = S / 4;
	assert_int_equal(sample_add_counts(sample, counts, 2), 0);
}

static struct reporter *begin(const struct run *run, const uint32_t *pids, size_t n_pids)
{
	const struct reporter_options options = {
		.pids = pids,
		.n_pids = n_pids,
		.kind = ENTITY_PROCESS,
		.window = 2,
		.carbon = {.code = "GLOBAL", .grams_per_kwh = 475},
		.model = &attribution_share,
	};
	struct reporter *reporter;

	assert_int_equal(reporter_new(&options, run, &reporter), 0);
	return reporter;
}

static void test_counts_are_summed_by_entity_and_by_domain(void **state)
{
	struct reporter *reporter = begin(&with_counters, NULL, 0);
	const struct report *report;
	const struct entity *entity;
	struct sample sample = {0};

	(void)state;
	begin_sample(&sample, 0);
	assert_int_equal(reporter_tick(reporter, &sample, &report), 0);
	begin_sample(&sample, 1);
	add_process(&sample, 7);
	add_process(&sample, 8);
	add_task(&sample, 0, 0, 100);
	add_task(&sample, 1, 1, 5);
	add_task(&sample, 0, 1, 30);
	add_task(&sample, 0, SAMPLE_NO_DOMAIN, 1);
	assert_int_equal(reporter_tick(reporter, &sample, &report), 0);
	assert_int_equal(report->n_entities, 2);
	entity = report->entities[0];
	assert_int_equal(entity->pid, 7);
	assert_int_equal(entity->counts[0].value, 131);
	assert_int_equal(entity->counts[0].enabled_ns, 262);
	assert_int_equal(entity->counts[0].running_ns, 131);
	assert_int_equal(entity->counts[1].value, 0);
	assert_int_equal(entity->domain_counts[0 * 2 + 0].value, 100);
	assert_int_equal(entity->domain_counts[1 * 2 + 0].value, 30);
	entity = report->entities[1];
	assert_int_equal(entity->counts[0].value, 5);
	assert_int_equal(entity->domain_counts[0 * 2 + 0].value, 0);
	assert_int_equal(entity->domain_counts[1 * 2 + 0].value, 5);
	/* Of the next tick alone. */
	begin_sample(&sample, 2);
	add_process(&sample, 8);
	add_task(&sample, 0, 1, 2);
	assert_int_equal(reporter_tick(reporter, &sample, &report), 0);
	assert_int_equal(report->n_entities, 1);
	assert_int_equal(report->entities[0]->counts[0].value, 2);
	reporter_free(reporter);
	sample_done(&sample);
}

/* One that was asked for is reported also where it did not run. */
static void test_who_is_not_in_the_sample_has_no_counts(void **state)
{
	static const uint32_t pids[] = {7};
	struct reporter *reporter = begin(&with_counters, pids, 1);
	const struct report *report;
	struct sample sample = {0};

	(void)state;
	begin_sample(&sample, 0);
	add_process(&sample, 7);
	assert_int_equal(reporter_tick(reporter, &sample, &report), 0);
	begin_sample(&sample, 1);
	add_process(&sample, 7);
	add_process(&sample, 8);
	add_task(&sample, 0, 0, 100);
	add_task(&sample, 1, 0, 1000);
	assert_int_equal(reporter_tick(reporter, &sample, &report), 0);
	assert_int_equal(report->n_entities, 1);
	assert_int_equal(report->entities[0]->counts[0].value, 100);
	begin_sample(&sample, 2);
	assert_int_equal(reporter_tick(reporter, &sample, &report), 0);
	assert_int_equal(report->n_entities, 1);
	assert_null(report->entities[0]->counts);
	assert_null(report->entities[0]->domain_counts);
	reporter_free(reporter);
	sample_done(&sample);
}

static void test_without_counters_there_are_no_counts(void **state)
{
	struct run run = with_counters;
	struct reporter *reporter;
	const struct report *report;
	struct sample sample = {0};

	(void)state;
	run.n_counters = 0;
	reporter = begin(&run, NULL, 0);
	begin_sample(&sample, 0);
	assert_int_equal(reporter_tick(reporter, &sample, &report), 0);
	begin_sample(&sample, 1);
	add_process(&sample, 7);
	add_task(&sample, 0, 0, 100);
	assert_int_equal(reporter_tick(reporter, &sample, &report), 0);
	assert_null(report->entities[0]->counts);
	reporter_free(reporter);
	sample_done(&sample);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counts_are_summed_by_entity_and_by_domain),
		cmocka_unit_test(test_who_is_not_in_the_sample_has_no_counts),
		cmocka_unit_test(test_without_counters_there_are_no_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
