/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_TESTS_UNIT_KINDS_FIXTURE_H
#define ENERGYTRACE_TESTS_UNIT_KINDS_FIXTURE_H

/* Samples with all that an entity of any kind is made of, on top of the selection's fixture. */

#include "selection_fixture.h"

#include <stdlib.h>

#define PACKAGE_J 7.000001 /* of conserving_tick, on CPU 0 */

/* Texts that break lines, JSON and terminals, if anything does: none is longer than a comm. */
#define HOSTILE_COMM "\n\"\\\x1b[2J\xff\xc3\x28\t\x7f"

static inline int32_t add_container(struct fixture *f, const char *id, const char *path,
				    const char *name)
{
	const struct sample_container container = {
		.runtime = "docker", .id = id, .path = path, .name = name};
	int index = sample_add_container(&f->sample, &container);

	assert_true(index >= 0);
	return index;
}

static inline int32_t add_cgroup_in(struct fixture *f, const char *path, int32_t container)
{
	const struct sample_cgroup cgroup = {.path = path, .container = container};
	int index = sample_add_cgroup(&f->sample, &cgroup);

	assert_true(index >= 0);
	return index;
}

static inline int32_t add_removed(struct fixture *f, const char *path)
{
	const struct sample_cgroup cgroup = {
		.path = path, .container = SAMPLE_UNKNOWN, .removed = true};
	int index = sample_add_cgroup(&f->sample, &cgroup);

	assert_true(index >= 0);
	return index;
}

static inline int32_t add_user(struct fixture *f, uint32_t uid, const char *name)
{
	int index = sample_add_user(&f->sample, &(struct sample_user){uid, name});

	assert_true(index >= 0);
	return index;
}

static inline struct sample_task *last_task(struct fixture *f)
{
	return &f->sample.tasks[f->sample.n_tasks - 1];
}

/* Time of the leader of the process last added, in its cgroup and as its user. */
static inline struct sample_task *leader_ran(struct fixture *f, uint64_t ns)
{
	const struct sample_process *of = &f->sample.processes[f->sample.n_processes - 1];

	ran(f, 0, ns);
	last_task(f)->tid = of->pid;
	last_task(f)->start_ns = of->start_ns;
	last_task(f)->cgroup = of->cgroup;
	last_task(f)->user = of->user;
	memcpy(last_task(f)->comm, of->comm, sizeof(of->comm));
	return last_task(f);
}

/* The same of another of its threads. */
static inline struct sample_task *thread_ran(struct fixture *f, uint32_t tid, const char *comm,
					     uint64_t ns)
{
	struct sample_task *task = leader_ran(f, ns);

	task->tid = tid;
	task->start_ns += tid;
	snprintf(task->comm, sizeof(task->comm), "%.15s", comm);
	return task;
}

/* A process that ran in the cgroup. */
static inline struct sample_process *ran_in(struct fixture *f, uint32_t pid, int32_t cgroup,
					    uint64_t ns)
{
	struct sample_process *added = process(f, pid, pid, "p");

	added->cgroup = cgroup;
	leader_ran(f, ns);
	return added;
}

static inline const struct entity *find_entity(const struct fixture *f, const char *id)
{
	for (size_t i = 0; i < f->report->n_entities; i++) {
		if (strcmp(f->report->entities[i]->id, id) == 0)
			return f->report->entities[i];
	}
	return NULL;
}

static inline const struct entity *entity_of(const struct fixture *f, const char *id)
{
	const struct entity *entity = find_entity(f, id);

	if (!entity)
		fail_msg("no entity %s", id);
	return entity;
}

/* The ids of all that is in the report, in its order. */
static inline void assert_ids(const struct fixture *f, const char *const *ids, size_t n)
{
	for (size_t i = 0; i < n && i < f->report->n_entities; i++)
		assert_string_equal(f->report->entities[i]->id, ids[i]);
	assert_int_equal(f->report->n_entities, n);
}

#define ASSERT_IDS(f, ...)                                  \
	assert_ids((f), (const char *const[]){__VA_ARGS__}, \
		   sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

/* The line of the totals, which has so many entities and so much time in it. */
static inline void assert_total(const struct fixture *f, const char *name, uint64_t count,
				uint64_t cpu_ns)
{
	struct totals totals;
	size_t i = 0;

	assert_int_equal(reporter_totals(f->reporter, &totals), 0);
	while (i < totals.n_lines && strcmp(totals.lines[i].name, name) != 0)
		i++;
	if (i == totals.n_lines)
		fail_msg("no line %s", name);
	assert_int_equal(totals.lines[i].count, count);
	assert_int_equal(totals.lines[i].figures.cpu_ns, cpu_ns);
	totals_done(&totals);
}

/* The start mark, in which nothing is but this program. */
static inline void begin_empty(struct fixture *f, enum entity_kind kind)
{
	begin_kind(f, kind, (struct reporter_options){0});
	next(f);
	tick(f);
}

#endif
