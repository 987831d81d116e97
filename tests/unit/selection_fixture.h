/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_TESTS_UNIT_SELECTION_FIXTURE_H
#define ENERGYTRACE_TESTS_UNIT_SELECTION_FIXTURE_H

/* A reporter that is asked for a part of the processes, on top of the reporter's fixture. */

#include "reporter_fixture.h"

static inline void begin_kind(struct fixture *f, enum entity_kind kind,
			      struct reporter_options options)
{
	options.kind = kind;
	options.window = 10;
	options.carbon = (struct carbon){"GLOBAL", 475};
	options.model = &attribution_share;
	memset(f, 0, sizeof(*f));
	assert_int_equal(reporter_new(&options, &run, &f->reporter), 0);
}

static inline void begin_with(struct fixture *f, struct reporter_options options)
{
	begin_kind(f, ENTITY_PROCESS, options);
}

/* A process that lived before the start mark. It runs 1 ms. */
static inline struct sample_process *elder(struct fixture *f, uint32_t pid, uint32_t ppid)
{
	struct sample_process *added = process(f, pid, pid, "elder");

	added->ppid = ppid;
	if (f->sample.seq > 0)
		ran(f, 0, MS);
	return added;
}

static inline void assert_listed(const struct fixture *f, const uint32_t *pids, size_t n)
{
	assert_int_equal(f->report->n_entities, n);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(f->report->entities[i]->pid, pids[i]);
}

#define ASSERT_LISTED(f, ...)                               \
	assert_listed((f), (const uint32_t[]){__VA_ARGS__}, \
		      sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))

/* In every tick all time and all joules are somewhere, once. */
static inline void assert_conserved(const struct fixture *f)
{
	const struct report_host *host = &f->report->host;
	uint64_t ns = host->idle.cpu_ns + host->unattributed.cpu_ns + host->others.cpu_ns;
	double joules = host->idle.joules + host->unattributed.joules + host->others.joules;
	double grams = host->idle.grams + host->unattributed.grams + host->others.grams;

	for (size_t i = 0; i < f->report->n_entities; i++) {
		ns += f->report->entities[i]->tick.cpu_ns;
		joules += f->report->entities[i]->tick.joules;
		grams += f->report->entities[i]->tick.grams;
	}
	assert_int_equal(ns, host->span_ns);
	assert_near(joules, host->joules);
	assert_near(grams, host->joules / 3.6e6 * 475);
}

static inline void conserving_tick(struct fixture *f)
{
	f->sample.energy[0].uj = 7000001;
	f->sample.energy[2].uj = 2000003;
	tick(f);
	assert_conserved(f);
}

#endif
