/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_TESTS_UNIT_REPORT_FIXTURE_H
#define ENERGYTRACE_TESTS_UNIT_REPORT_FIXTURE_H

/*
 * A report built by hand: two CPUs, a package and its dram, one tick of a second in which two
 * processes ran. A test changes what it is about.
 */

#include "output/formats.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* After what it needs. */
#include <cmocka.h>

#define FIXTURE_REALTIME_NS INT64_C(1768213218428999999) /* 2026-01-12T10:20:18.428999999Z */
#define FIXTURE_BOOT_NS INT64_C(1768213000000000000)	 /* 2026-01-12T10:16:40Z */

struct fixture {
	struct run run;
	struct run_cpu cpus[2];
	struct run_domain domains[2];
	struct sample sample;
	struct sample_cpu spans[2];
	struct sample_energy energy[2];
	struct carbon carbon;
	struct entity worker, self;
	struct entity *entities[2];
	struct report report;
};

static inline void fixture_run(struct fixture *fixture)
{
	fixture->domains[0] = (struct run_domain){
		.type = DOMAIN_PACKAGE, .name = "package-0", .node = "intel-rapl:0"};
	fixture->domains[1] =
		(struct run_domain){.type = DOMAIN_DRAM, .name = "dram", .node = "intel-rapl:0:1"};
	fixture->run = (struct run){
		.host = "testhost",
		.version = "0.1",
		.user_hz = 100,
		.boot_realtime_ns = FIXTURE_BOOT_NS,
		.source = "powercap",
		.kind = ENERGY_MEASURED,
		.cpus = fixture->cpus,
		.n_cpus = 2,
		.domains = fixture->domains,
		.n_domains = 2,
	};
	fixture->cpus[1].id = 1;
	fixture->carbon = (struct carbon){"GLOBAL", 475};
}

static inline void fixture_entities(struct fixture *fixture)
{
	fixture->worker = (struct entity){
		.kind = ENTITY_PROCESS,
		.id = "95030",
		.name = fixture->worker.comm,
		.pid = 95030,
		.ppid = 1,
		.start_ns = 1500000000,
		.comm = "worker",
		.cgroup = "/system.slice/worker.service",
		.tick = {500000000, 19.88, 0.00262},
		.total = {1500000000, 45.5, 0.006},
		.window_ns = 1500000000,
		.window_jiffies = 150,
		.window_share = 0.75,
		.window_joules = 45,
		.window_grams = 0.0059375,
	};
	fixture->self = (struct entity){
		.kind = ENTITY_PROCESS,
		.id = "4242",
		.name = fixture->self.comm,
		.pid = 4242,
		.ppid = 1,
		.start_ns = 210000000000,
		.comm = "energytrace",
		.self = true,
		.tick = {1000000, 0.04, 0.000005},
		.total = {3000000, 0.1, 0.000013},
		.window_ns = 3000000,
		.window_share = 0.0015,
		.window_joules = 0.09,
		.window_grams = 0.000011875,
	};
	fixture->entities[0] = &fixture->self;
	fixture->entities[1] = &fixture->worker;
}

static inline void fixture_tick(struct fixture *fixture)
{
	fixture->spans[0] = (struct sample_cpu){0, 501000000, 499000000, 0};
	fixture->spans[1] = (struct sample_cpu){1, 0, 998000000, 2000000};
	fixture->energy[0] = (struct sample_energy){.uj = 20000000, .wraps = 1};
	fixture->energy[1] = (struct sample_energy){.uj = 1250000};
	fixture->sample = (struct sample){
		.seq = 3,
		.realtime_ns = FIXTURE_REALTIME_NS,
		.monotonic_ns = 218000000000,
		.boottime_ns = 218000000000,
		.interval_ns = 1000000000,
		.cpus = fixture->spans,
		.n_cpus = 2,
		.energy = fixture->energy,
		.n_energy = 2,
	};
	fixture->report = (struct report){
		.run = &fixture->run,
		.sample = &fixture->sample,
		.carbon = &fixture->carbon,
		.kind = ENTITY_PROCESS,
		.entities = fixture->entities,
		.n_entities = 2,
		.host =
			{
				.span_ns = 2000000000,
				.active_ns = 503000000,
				.idle_ns = 1497000000,
				.active_jiffies = 50,
				.idle_jiffies = 150,
				.joules = 20,
				.self = {1000000, 0.04, 0.000005},
				.total_self = {3000000, 0.1, 0.000013},
				.idle = {1497000000, 0, 0},
				.unattributed = {2000000, 0.08, 0.00001},
				.total_idle = {4500000000, 0, 0},
				.total_unattributed = {2000000, 0.08, 0.00001},
				.window_samples = 3,
				.window_active_ns = 2000000000,
				.window_active_jiffies = 200,
				.window_joules = 60,
			},
	};
}

static inline void fixture_init(struct fixture *fixture)
{
	memset(fixture, 0, sizeof(*fixture));
	fixture_run(fixture);
	fixture_entities(fixture);
	fixture_tick(fixture);
}

/* The start mark: no time, no energy, no span. */
static inline void fixture_start(struct fixture *fixture)
{
	struct report *report = &fixture->report;

	fixture_init(fixture);
	report->first = true;
	report->host = (struct report_host){0};
	fixture->sample.interval_ns = 0;
	fixture->sample.n_cpus = 0;
	fixture->sample.n_energy = 0;
	for (size_t i = 0; i < 2; i++) {
		struct entity *entity = fixture->entities[i];

		entity->tick = entity->total = (struct figures){0};
		entity->window_ns = entity->window_jiffies = 0;
		entity->window_share = entity->window_joules = entity->window_grams = 0;
	}
}

/* What a format writes of a report. The caller frees it. */
static inline char *fixture_render(const struct output_format *format, const struct report *report)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	assert_non_null(stream);
	assert_int_equal(format->report(NULL, stream, report), 0);
	assert_int_equal(fclose(stream), 0);
	return text;
}

#define assert_renders(format, report, expected)                  \
	do {                                                      \
		char *text_ = fixture_render((format), (report)); \
		assert_string_equal(text_, (expected));           \
		free(text_);                                      \
	} while (0)

#endif
