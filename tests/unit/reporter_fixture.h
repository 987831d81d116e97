/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_TESTS_UNIT_REPORTER_FIXTURE_H
#define ENERGYTRACE_TESTS_UNIT_REPORTER_FIXTURE_H

/* A reporter fed with samples made by hand, one second apart. */

#include "report/report.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* After what it needs. */
#include <cmocka.h>

#define S 1000000000ULL
#define MS 1000000ULL

/* Two packages of one CPU each, and a dram that must never count. */
static struct run_cpu cpus[] = {{.id = 0, .domain = 0}, {.id = 1, .domain = 2}};
static struct run_domain domains[] = {
	{.type = DOMAIN_PACKAGE},
	{.type = DOMAIN_DRAM},
	{.type = DOMAIN_PACKAGE},
};
static const struct run run = {
	.user_hz = 100,
	.kind = ENERGY_MEASURED,
	.cpus = cpus,
	.n_cpus = 2,
	.domains = domains,
	.n_domains = 3,
};

/* A reporter, the sample being made for it, and its last report. */
struct fixture {
	struct reporter *reporter;
	struct sample sample;
	const struct report *report;
	uint64_t seq;
};

static inline void begin(struct fixture *f, uint32_t window, const uint32_t *pids, size_t n_pids)
{
	const struct reporter_options options = {
		.pids = pids,
		.n_pids = n_pids,
		.kind = ENTITY_PROCESS,
		.window = window,
		.carbon = {.code = "GLOBAL", .grams_per_kwh = 475},
		.model = &attribution_share,
	};

	memset(f, 0, sizeof(*f));
	assert_int_equal(reporter_new(&options, &run, &f->reporter), 0);
}

/* An empty sample, 1 s after the one before: both CPUs idle, 0 J. The first closes at 10 s. */
static inline void next(struct fixture *f)
{
	sample_reset(&f->sample);
	f->sample.seq = f->seq++;
	f->sample.boottime_ns = (10 + f->sample.seq) * S;
	f->sample.monotonic_ns = (3 + f->sample.seq) * S;
	if (f->sample.seq == 0)
		return;
	f->sample.interval_ns = S;
	for (uint32_t i = 0; i < 2; i++) {
		struct sample_cpu *cpu = sample_add_cpu(&f->sample);

		cpu->cpu = i;
		cpu->idle_ns = S;
	}
	for (size_t d = 0; d < 3; d++)
		sample_add_energy(&f->sample)->uj = d == 1 ? 77000000 : 0;
}

static inline struct sample_process *process(struct fixture *f, uint32_t pid, uint64_t start_ns,
					     const char *comm)
{
	struct sample_process *added = sample_add_process(&f->sample);

	added->pid = pid;
	added->start_ns = start_ns;
	added->cgroup = added->user = SAMPLE_UNKNOWN;
	snprintf(added->comm, sizeof(added->comm), "%s", comm);
	return added;
}

/* In no container. Its index in the sample. */
static inline int32_t add_cgroup(struct fixture *f, const char *path)
{
	const struct sample_cgroup cgroup = {.path = path, .container = SAMPLE_UNKNOWN};
	int index = sample_add_cgroup(&f->sample, &cgroup);

	assert_true(index >= 0);
	return index;
}

/* Time of the process last added, on CPU `cpu`, out of its idle time. */
static inline void ran(struct fixture *f, uint32_t cpu, uint64_t ns)
{
	struct sample_task *task = sample_add_task(&f->sample);

	task->process = (uint32_t)f->sample.n_processes - 1;
	task->domain = cpus[cpu].domain;
	task->cgroup = task->user = SAMPLE_UNKNOWN;
	task->cpu_ns = ns;
	f->sample.cpus[cpu].busy_ns += ns;
	f->sample.cpus[cpu].idle_ns -= ns;
}

static inline void tick(struct fixture *f)
{
	assert_int_equal(reporter_tick(f->reporter, &f->sample, &f->report), 0);
	assert_ptr_equal(f->report->sample, &f->sample);
}

static inline void end(struct fixture *f)
{
	reporter_free(f->reporter);
	sample_done(&f->sample);
}

static inline void assert_near(double value, double wanted)
{
	if (!(fabs(value - wanted) <= 1e-12 * fabs(wanted)))
		fail_msg("%.17g is not %.17g", value, wanted);
}

static inline void assert_figures(const struct figures *figures, uint64_t cpu_ns, double joules)
{
	assert_int_equal(figures->cpu_ns, cpu_ns);
	assert_near(figures->joules, joules);
	assert_near(figures->grams, joules / 3.6e6 * 475);
}

static inline void assert_entity(const struct fixture *f, size_t i, uint32_t pid, uint64_t tick_ns)
{
	assert_true(i < f->report->n_entities);
	assert_int_equal(f->report->entities[i]->pid, pid);
	assert_int_equal(f->report->entities[i]->tick.cpu_ns, tick_ns);
}

#endif
