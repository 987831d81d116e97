// SPDX-License-Identifier: BSD-2-Clause
#include "sample/record.h"

#include "sample/record_text.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* An element that could not be added has no table afterwards. */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

/* A path of the file's dictionary. The table is in the order of the refs. */
struct cgroup_ref {
	UT_hash_handle hh;
	int32_t ref;
	char path[];
};

struct record_writer {
	FILE *stream;
	const struct run *run;
	struct cgroup_ref *cgroups;   /* table of all that the file needs, by path */
	struct cgroup_ref *unwritten; /* the first that has no line yet */
	int32_t *refs;		      /* of the sample's cgroups; -1 not looked up yet */
	size_t refs_room;
};

int record_writer_new(FILE *stream, const struct run *run, struct record_writer **ret)
{
	static const struct record_first first = {.version = RECORD_VERSION};
	struct record_writer *writer = calloc(1, sizeof(*writer));

	if (!writer)
		return -ENOMEM;
	writer->stream = stream;
	writer->run = run;
	record_line_write(stream, RECORD_FIRST, &first);
	record_line_write(stream, RECORD_RUN, run);
	for (size_t i = 0; i < run->n_domains; i++)
		record_line_write(stream, RECORD_DOMAIN, &run->domains[i]);
	for (size_t i = 0; i < run->n_cpus; i++)
		record_line_write(stream, RECORD_CPU, &run->cpus[i]);
	*ret = writer;
	return 0;
}

void record_write_setting(struct record_writer *writer, const char *name, const char *value)
{
	struct record_setting setting = {.name = (char *)name, .value = (char *)value};

	record_line_write(writer->stream, RECORD_SETTING, &setting);
}

/* The file's ref of a path: that which it has, or the next. -ENOMEM. */
static int32_t ref_of_path(struct record_writer *writer, const char *path)
{
	size_t length = strlen(path);
	struct cgroup_ref *cgroup;

	HASH_FIND(hh, writer->cgroups, path, length, cgroup);
	if (cgroup)
		return cgroup->ref;
	cgroup = malloc(sizeof(*cgroup) + length + 1);
	if (!cgroup)
		return -ENOMEM;
	cgroup->ref = (int32_t)HASH_COUNT(writer->cgroups);
	memcpy(cgroup->path, path, length + 1);
	HASH_ADD_KEYPTR(hh, writer->cgroups, cgroup->path, length, cgroup);
	if (!cgroup->hh.tbl) {
		free(cgroup);
		return -ENOMEM;
	}
	if (!writer->unwritten)
		writer->unwritten = cgroup;
	return cgroup->ref;
}

/* Looks up one of the sample's cgroups, if that was not done yet. */
static int need_cgroup(struct record_writer *writer, const struct sample *sample, int32_t cgroup)
{
	int32_t ref;

	if (cgroup < 0 || writer->refs[cgroup] >= 0)
		return 0;
	ref = ref_of_path(writer, sample->cgroups[cgroup]);
	if (ref < 0)
		return ref;
	writer->refs[cgroup] = ref;
	return 0;
}

/*
 * Gives every cgroup that a row names its ref, in the order of first use: the order that the reader
 * finds them in. All that can fail is here, before the first line of the sample.
 */
static int need_cgroups(struct record_writer *writer, const struct sample *sample)
{
	int err;

	if (sample->n_cgroups > writer->refs_room) {
		int32_t *refs = reallocarray(writer->refs, sample->n_cgroups, sizeof(*refs));

		if (!refs)
			return -ENOMEM;
		writer->refs = refs;
		writer->refs_room = sample->n_cgroups;
	}
	for (size_t i = 0; i < sample->n_cgroups; i++)
		writer->refs[i] = -1;
	for (size_t i = 0; i < sample->n_processes; i++) {
		err = need_cgroup(writer, sample, sample->processes[i].cgroup);
		if (err)
			return err;
	}
	for (size_t i = 0; i < sample->n_tasks; i++) {
		err = need_cgroup(writer, sample, sample->tasks[i].cgroup);
		if (err)
			return err;
	}
	return 0;
}

/* One line for each domain of the run, whatever the sample has. */
static void write_energy(struct record_writer *writer, const struct sample *sample)
{
	for (size_t i = 0; i < writer->run->n_domains; i++) {
		struct record_energy energy = {.domain = (uint32_t)i};

		if (i < sample->n_energy)
			energy.used = sample->energy[i];
		record_line_write(writer->stream, RECORD_ENERGY, &energy);
	}
}

static void write_new_cgroups(struct record_writer *writer)
{
	for (struct cgroup_ref *cgroup = writer->unwritten; cgroup; cgroup = cgroup->hh.next) {
		struct record_cgroup line = {.ref = (uint32_t)cgroup->ref, .path = cgroup->path};

		record_line_write(writer->stream, RECORD_CGROUP, &line);
	}
	writer->unwritten = NULL;
}

static void write_rows(struct record_writer *writer, const struct sample *sample)
{
	for (size_t i = 0; i < sample->n_processes; i++) {
		struct sample_process process = sample->processes[i];

		if (process.cgroup >= 0)
			process.cgroup = writer->refs[process.cgroup];
		record_line_write(writer->stream, RECORD_PROCESS, &process);
	}
	for (size_t i = 0; i < sample->n_tasks; i++) {
		struct sample_task task = sample->tasks[i];

		if (task.cgroup >= 0)
			task.cgroup = writer->refs[task.cgroup];
		record_line_write(writer->stream, RECORD_TASK, &task);
	}
}

int record_write_sample(struct record_writer *writer, const struct sample *sample)
{
	struct record_end end = {.tick = sample->seq};
	int err;

	err = need_cgroups(writer, sample);
	if (err)
		return err;
	record_line_write(writer->stream, RECORD_TICK, sample);
	for (size_t i = 0; i < sample->n_cpus; i++)
		record_line_write(writer->stream, RECORD_SPAN, &sample->cpus[i]);
	write_energy(writer, sample);
	write_new_cgroups(writer);
	write_rows(writer, sample);
	for (unsigned int i = 0; i < LOSS_N; i++) {
		struct record_loss loss = {.cause = (enum sample_loss)i,
					   .count = sample->losses[i]};

		if (loss.count)
			record_line_write(writer->stream, RECORD_LOSS, &loss);
	}
	record_line_write(writer->stream, RECORD_END, &end);
	return 0;
}

void record_writer_free(struct record_writer *writer)
{
	struct cgroup_ref *cgroup, *next;

	if (!writer)
		return;
	cgroup = writer->cgroups;
	HASH_CLEAR(hh, writer->cgroups); /* the table; the paths are still linked to each other */
	for (; cgroup; cgroup = next) {
		next = cgroup->hh.next;
		free(cgroup);
	}
	free(writer->refs);
	free(writer);
}
