// SPDX-License-Identifier: BSD-2-Clause
#include "sample/record.h"

#include "base/grow.h"

#include "sample/record_head.h"
#include "sample/record_lines.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* An entry of the file's dictionary, and where it is in the sample of the tick that used it last. */
struct dictionary_entry {
	char *path;
	uint64_t tick; /* as record_reader.ticks */
	int32_t index;
};

struct record_reader {
	struct record_lines lines;
	char *name;

	struct record_head head;

	struct dictionary_entry *cgroups; /* by ref */
	size_t n_cgroups, cgroups_room;
	uint64_t *span_ticks; /* for each CPU the tick that last had a span of it */

	uint64_t ticks; /* begun so far */
	uint64_t seq;	/* of the one that is open */
	bool in_tick;
	int err; /* what ended the reading for good */
};

/* The dictionary. */

static int define_cgroup(struct record_reader *reader, char *keys)
{
	struct dictionary_entry *entries, *entry;
	struct record_cgroup cgroup;
	char *path;
	int err;

	err = record_lines_parse(&reader->lines, RECORD_CGROUP, keys, &cgroup);
	if (err)
		return err;
	/* Refs come without a gap, so a number in the file never decides how much is allocated. */
	if (cgroup.ref > reader->n_cgroups)
		return record_lines_bad(&reader->lines,
					"cgroup: ref=%u, but the next new one is %zu", cgroup.ref,
					reader->n_cgroups);
	entries = grow_array(reader->cgroups, reader->n_cgroups, &reader->cgroups_room,
			     sizeof(*entries));
	path = strdup(cgroup.path);
	if (entries)
		reader->cgroups = entries;
	if (!entries || !path) {
		free(path);
		return record_lines_no_memory(&reader->lines);
	}
	entry = &entries[cgroup.ref];
	if (cgroup.ref < reader->n_cgroups)
		free(entry->path);
	else
		reader->n_cgroups++;
	*entry = (struct dictionary_entry){.path = path};
	return 0;
}

/* From a ref of the file to an index of the sample, which gets the path when it first needs it. */
static int resolve_cgroup(struct record_reader *reader, enum record_kind kind, int32_t *cgroup,
			  struct sample *sample)
{
	struct dictionary_entry *entry;

	if (*cgroup == -1)
		return 0;
	if (*cgroup < 0 || (size_t)*cgroup >= reader->n_cgroups)
		return record_lines_bad(&reader->lines, "%s: cgroup=%d is not defined",
					record_kind_name(kind), *cgroup);
	entry = &reader->cgroups[*cgroup];
	if (entry->tick != reader->ticks) {
		entry->index = sample_add_cgroup(sample, entry->path);
		if (entry->index < 0)
			return record_lines_no_memory(&reader->lines);
		entry->tick = reader->ticks;
	}
	*cgroup = entry->index;
	return 0;
}

/* The ticks. */

static int begin_tick(struct record_reader *reader, char *keys, struct sample *sample)
{
	int err;

	err = record_lines_parse(&reader->lines, RECORD_TICK, keys, sample);
	if (err)
		return err;
	reader->in_tick = true;
	reader->seq = sample->seq;
	reader->ticks++;
	return 0;
}

static int add_span(struct record_reader *reader, char *keys, struct sample *sample)
{
	struct sample_cpu span, *added;
	int err;

	err = record_lines_parse(&reader->lines, RECORD_SPAN, keys, &span);
	if (err)
		return err;
	if (span.cpu >= reader->head.run.n_cpus)
		return record_lines_bad(&reader->lines, "span: cpu=%u, but there are %zu cpus",
					span.cpu, reader->head.run.n_cpus);
	if (reader->span_ticks[span.cpu] == reader->ticks)
		return record_lines_bad(&reader->lines, "span: cpu=%u is there twice in this tick",
					span.cpu);
	reader->span_ticks[span.cpu] = reader->ticks;
	added = sample_add_cpu(sample);
	if (!added)
		return record_lines_no_memory(&reader->lines);
	*added = span;
	return 0;
}

static int add_energy(struct record_reader *reader, char *keys, struct sample *sample)
{
	struct sample_energy *added;
	struct record_energy energy;
	int err;

	err = record_lines_parse(&reader->lines, RECORD_ENERGY, keys, &energy);
	if (err)
		return err;
	if (energy.domain >= reader->head.run.n_domains)
		return record_lines_bad(&reader->lines,
					"energy: domain=%u, but there are %zu domains",
					energy.domain, reader->head.run.n_domains);
	if (energy.domain != sample->n_energy)
		return record_lines_bad(&reader->lines,
					"energy: domain=%u where domain=%zu is next", energy.domain,
					sample->n_energy);
	added = sample_add_energy(sample);
	if (!added)
		return record_lines_no_memory(&reader->lines);
	*added = energy.used;
	return 0;
}

static int add_process(struct record_reader *reader, char *keys, struct sample *sample)
{
	struct sample_process process, *added;
	int err;

	err = record_lines_parse(&reader->lines, RECORD_PROCESS, keys, &process);
	if (err)
		return err;
	err = resolve_cgroup(reader, RECORD_PROCESS, &process.cgroup, sample);
	if (err)
		return err;
	added = sample_add_process(sample);
	if (!added)
		return record_lines_no_memory(&reader->lines);
	*added = process;
	return 0;
}

static int add_task(struct record_reader *reader, char *keys, struct sample *sample)
{
	struct sample_task task, *added;
	int err;

	err = record_lines_parse(&reader->lines, RECORD_TASK, keys, &task);
	if (err)
		return err;
	if (task.process >= sample->n_processes)
		return record_lines_bad(&reader->lines,
					"task: process=%u, but this tick has %zu processes so far",
					task.process, sample->n_processes);
	err = record_head_check_domain(&reader->head, &reader->lines, RECORD_TASK, task.domain);
	if (err)
		return err;
	err = resolve_cgroup(reader, RECORD_TASK, &task.cgroup, sample);
	if (err)
		return err;
	added = sample_add_task(sample);
	if (!added)
		return record_lines_no_memory(&reader->lines);
	*added = task;
	return 0;
}

static int add_loss(struct record_reader *reader, char *keys, struct sample *sample)
{
	struct record_loss loss;
	int err;

	err = record_lines_parse(&reader->lines, RECORD_LOSS, keys, &loss);
	if (err)
		return err;
	if (sample->losses[loss.cause])
		return record_lines_bad(&reader->lines,
					"loss: cause=%s is there twice in this tick",
					sample_loss_name(loss.cause));
	sample->losses[loss.cause] = loss.count;
	return 0;
}

/* 1 when the sample is whole, or an error. */
static int end_tick(struct record_reader *reader, char *keys, const struct sample *sample)
{
	struct record_end end;
	int err;

	err = record_lines_parse(&reader->lines, RECORD_END, keys, &end);
	if (err)
		return err;
	if (end.tick != reader->seq)
		return record_lines_bad(&reader->lines,
					"end: tick=%" PRIu64 ", but tick %" PRIu64 " is open",
					end.tick, reader->seq);
	if (sample->n_energy != reader->head.run.n_domains)
		return record_lines_bad(&reader->lines,
					"end: tick %" PRIu64
					" has the energy of %zu domains of %zu",
					reader->seq, sample->n_energy, reader->head.run.n_domains);
	reader->in_tick = false;
	return 1;
}

/* The file, line by line. */

/* The file ends where it must not; the ticks before that have all been returned. */
static int cut_short(struct record_reader *reader)
{
	struct record_lines *lines = &reader->lines;

	if (reader->in_tick)
		return errmsg_set(&lines->msg, -EBADMSG,
				  "%s: the record ends in the middle of tick %" PRIu64
				  " (line %" PRIu64 "); all ticks before it were read",
				  lines->name, reader->seq, lines->number);
	return errmsg_set(&lines->msg, -EBADMSG,
			  "%s: the record ends in the middle of line %" PRIu64
			  "; all ticks before it were read",
			  lines->name, lines->number);
}

/* 1 when the line ends a tick, 0, or an error. */
static int read_line(struct record_reader *reader, enum record_kind kind, char *keys,
		     struct sample *sample)
{
	if (reader->in_tick != (kind > RECORD_TICK))
		return record_lines_misplaced(&reader->lines, kind);
	switch (kind) {
	case RECORD_TICK:
		return begin_tick(reader, keys, sample);
	case RECORD_SPAN:
		return add_span(reader, keys, sample);
	case RECORD_ENERGY:
		return add_energy(reader, keys, sample);
	case RECORD_CGROUP:
		return define_cgroup(reader, keys);
	case RECORD_PROCESS:
		return add_process(reader, keys, sample);
	case RECORD_TASK:
		return add_task(reader, keys, sample);
	case RECORD_LOSS:
		return add_loss(reader, keys, sample);
	case RECORD_END:
		return end_tick(reader, keys, sample);
	default:
		return record_lines_misplaced(&reader->lines, kind);
	}
}

int record_reader_new(FILE *stream, const char *name, struct record_reader **ret,
		      struct errmsg *msg)
{
	struct record_reader *reader = calloc(1, sizeof(*reader));
	int err;

	if (!reader)
		return errmsg_set(msg, -ENOMEM, "%s: out of memory", name);
	reader->lines.stream = stream;
	reader->lines.name = reader->name = strdup(name);
	err = reader->name ? record_head_read(&reader->head, &reader->lines) : -ENOMEM;
	if (!err) {
		reader->span_ticks =
			calloc(reader->head.run.n_cpus + 1, sizeof(*reader->span_ticks));
		if (!reader->span_ticks)
			err = -ENOMEM;
	}
	if (err) {
		if (err == -ENOMEM)
			errmsg_set(msg, err, "%s: out of memory", name);
		else
			errmsg_set(msg, err, "%s", reader->lines.msg.text);
		record_reader_free(reader);
		return err;
	}
	*ret = reader;
	return 0;
}

const struct run *record_reader_run(const struct record_reader *reader)
{
	return &reader->head.run;
}

size_t record_reader_settings(const struct record_reader *reader, const struct record_setting **ret)
{
	*ret = reader->head.settings;
	return reader->head.n_settings;
}

int record_read_sample(struct record_reader *reader, struct sample *sample, struct errmsg *msg)
{
	enum record_kind kind;
	char *keys;
	int got = reader->err;

	sample_reset(sample);
	while (got == 0) {
		got = record_lines_next_known(&reader->lines, &kind, &keys);
		if (got > 0)
			got = read_line(reader, kind, keys, sample);
		else if (got == 0 && !reader->in_tick && !reader->lines.cut)
			return 0;
		else if (got == 0)
			got = cut_short(reader);
	}
	if (got > 0)
		return got;
	reader->err = got;
	sample_reset(sample);
	return errmsg_set(msg, got, "%s", reader->lines.msg.text);
}

void record_reader_free(struct record_reader *reader)
{
	if (!reader)
		return;
	for (size_t i = 0; i < reader->n_cgroups; i++)
		free(reader->cgroups[i].path);
	free(reader->cgroups);
	free(reader->span_ticks);
	record_head_done(&reader->head);
	free(reader->lines.text);
	free(reader->name);
	free(reader);
}
