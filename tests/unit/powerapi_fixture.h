/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_TESTS_UNIT_POWERAPI_FIXTURE_H
#define ENERGYTRACE_TESTS_UNIT_POWERAPI_FIXTURE_H

/*
 * A report by cgroup on two sockets (of which one has two dies), and what the format powerapi makes of it.
 */

#include "output/spec.h"
#include "report_fixture.h"

#include <errno.h>

#define SCENE_ENTITIES 8

struct scene {
	struct fixture fixture;
	struct run_cpu cpus[4];
	struct run_domain domains[6];
	struct sample_energy energy[6];
	struct entity entity[SCENE_ENTITIES];
	struct entity *entities[SCENE_ENTITIES];
	struct output_spec spec;
	struct output_options options;
	struct errmsg msg;
	void *format; /* its state */
	char *text;
	size_t size;
	FILE *stream;
};

static inline struct entity *add_entity(struct scene *scene, enum entity_kind kind, const char *id,
					uint64_t cpu_ns, double joules)
{
	struct report *report = &scene->fixture.report;
	struct entity *entity = &scene->entity[report->n_entities];

	assert_true(report->n_entities < SCENE_ENTITIES);
	*entity = (struct entity){.kind = kind, .id = id, .name = id, .tick = {cpu_ns, joules, 0}};
	entity->subtree_tick = entity->tick;
	scene->entities[report->n_entities++] = entity;
	return entity;
}

/* Socket 0 is package-0 with CPUs 2 and 0, socket 1 two dies with CPUs 1 and 3. */
static inline void scene_domains(struct scene *scene)
{
	static const struct run_domain domains[] = {
		{.type = DOMAIN_PACKAGE, .name = "package-0", .package = 0, .die = -1},
		{.type = DOMAIN_DRAM, .name = "dram", .package = 0, .die = -1},
		{.type = DOMAIN_PACKAGE, .name = "package-1-die-0", .package = 1, .die = 0},
		{.type = DOMAIN_PACKAGE, .name = "package-1-die-1", .package = 1, .die = 1},
		{.type = DOMAIN_DRAM, .name = "dram", .package = 1, .die = -1},
		{.type = DOMAIN_PSYS, .name = "psys", .package = -1, .die = -1},
	};
	static const uint64_t uj[] = {1500000, 250000, 1000000, 500000, 125000, 10000001};
	static const int packages[] = {0, 0, 1, 1}, ids[] = {2, 0, 1, 3};

	memcpy(scene->domains, domains, sizeof(domains));
	for (size_t i = 0; i < 6; i++)
		scene->energy[i].uj = uj[i];
	for (size_t i = 0; i < 4; i++)
		scene->cpus[i] = (struct run_cpu){.id = (uint32_t)ids[i], .package = packages[i]};
	scene->fixture.run.domains = scene->domains;
	scene->fixture.run.n_domains = 6;
	scene->fixture.run.cpus = scene->cpus;
	scene->fixture.run.n_cpus = 4;
	scene->fixture.sample.energy = scene->energy;
	scene->fixture.sample.n_energy = 6;
}

static inline int scene_set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	struct report *report;

	assert_non_null(scene);
	fixture_init(&scene->fixture);
	scene_domains(scene);
	report = &scene->fixture.report;
	report->kind = ENTITY_CGROUP;
	report->entities = scene->entities;
	report->n_entities = 0;
	report->host.joules = 3;
	report->host.active_ns = 750000000;
	report->host.idle = (struct figures){.cpu_ns = 3250000000, .joules = 0.5};
	report->host.unattributed = (struct figures){.cpu_ns = 50000000, .joules = 0.25};
	scene->fixture.sample.interval_ns = 500000000;
	add_entity(scene, ENTITY_CGROUP, "/b", 200000000, 0.75);
	add_entity(scene, ENTITY_CGROUP, "/a", 500000000, 1.5);
	*state = scene;
	return 0;
}

static inline int scene_tear_down(void **state)
{
	struct scene *scene = *state;

	output_powerapi.close(scene->format);
	output_spec_done(&scene->spec);
	if (scene->stream)
		fclose(scene->stream);
	free(scene->text);
	free(scene);
	return 0;
}

static inline void open_format(struct scene *scene, const char *spec)
{
	if (output_spec_parse(spec, &scene->spec, &scene->msg) != 0)
		fail_msg("%s", scene->msg.text);
	scene->options = (struct output_options){
		.run = &scene->fixture.run,
		.spec = &scene->spec,
	};
	scene->stream = open_memstream(&scene->text, &scene->size);
	assert_non_null(scene->stream);
	if (output_powerapi.open(scene->stream, &scene->options, &scene->format, &scene->msg) != 0)
		fail_msg("%s", scene->msg.text);
}

/* What one report is written as. */
static inline const char *render(struct scene *scene)
{
	const struct report *report = &scene->fixture.report;

	rewind(scene->stream);
	assert_int_equal(output_powerapi.report(scene->format, scene->stream, report), 0);
	assert_int_equal(fflush(scene->stream), 0);
	return scene->text;
}

#define test_in_scene(test) cmocka_unit_test_setup_teardown(test, scene_set_up, scene_tear_down)

#endif
