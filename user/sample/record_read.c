// SPDX-License-Identifier: BSD-2-Clause
#include "sample/record.h"

#include "sample/record_head.h"
#include "sample/record_lines.h"
#include "sample/record_names.h"
#include "sample/record_windows.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct record_reader {
	struct record_lines lines;
	char *name;

	struct record_head head;

	struct record_names names;
	struct record_windows windows;
	uint64_t *span_ticks; /* for each CPU the tick that last had a span of it */

	uint64_t ticks; /* begun so far */
	uint64_t seq;	/* of the one that is open */
	bool in_tick;
	int err; /* what ended the reading for good */
};

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
	record_names_begin(&reader->names);
	record_windows_begin(&reader->windows);
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
	if (!added || sample_add_cpu_counts(sample, NULL, reader->head.run.n_counters) < 0)
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
	err = record_names_cgroup(&reader->names, &reader->lines, RECORD_PROCESS, &process.cgroup,
				  sample);
	if (!err)
		err = record_names_user(&reader->names, &reader->lines, RECORD_PROCESS,
					&process.user, sample);
	if (!err && sample_copy_text(sample, process.cmdline, &process.cmdline) < 0)
		err = record_lines_no_memory(&reader->lines);
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
	err = record_head_check_domain(&reader->head, &reader->lines, RECORD_TASK, "domain",
				       task.domain);
	if (err)
		return err;
	err = record_names_cgroup(&reader->names, &reader->lines, RECORD_TASK, &task.cgroup,
				  sample);
	if (!err)
		err = record_names_user(&reader->names, &reader->lines, RECORD_TASK, &task.user,
					sample);
	if (err)
		return err;
	added = sample_add_task(sample);
	if (!added || sample_add_counts(sample, NULL, reader->head.run.n_counters) < 0)
		return record_lines_no_memory(&reader->lines);
	*added = task;
	return 0;
}

/* Into its place among `all`, that of element `at`. */
static int put_count(struct record_reader *reader, enum record_kind kind,
		     const struct record_count *line, struct sample_count *all, size_t at)
{
	size_t n = reader->head.run.n_counters;
	struct sample_count *count;

	if (line->counter >= n)
		return record_lines_bad(&reader->lines,
					"%s: counter=%u, but there are %zu counters",
					record_kind_name(kind), line->counter, n);
	count = &all[at * n + line->counter];
	if (count->value || count->enabled_ns || count->running_ns)
		return record_lines_bad(&reader->lines, "%s: counter=%u is there twice",
					record_kind_name(kind), line->counter);
	*count = line->count;
	return 0;
}

static int add_count(struct record_reader *reader, char *keys, struct sample *sample)
{
	struct record_count line;
	int err;

	err = record_lines_parse(&reader->lines, RECORD_COUNT, keys, &line);
	if (err)
		return err;
	if (line.of >= sample->n_tasks)
		return record_lines_bad(&reader->lines,
					"count: task=%u, but this tick has %zu tasks so far",
					line.of, sample->n_tasks);
	return put_count(reader, RECORD_COUNT, &line, sample->counts, line.of);
}

static int add_cpu_count(struct record_reader *reader, char *keys, struct sample *sample)
{
	struct record_count line;
	size_t at = 0;
	int err;

	err = record_lines_parse(&reader->lines, RECORD_CPU_COUNT, keys, &line);
	if (err)
		return err;
	while (at < sample->n_cpus && sample->cpus[at].cpu != line.of)
		at++;
	if (at == sample->n_cpus)
		return record_lines_bad(&reader->lines,
					"cpucount: cpu=%u has no span in this tick so far",
					line.of);
	return put_count(reader, RECORD_CPU_COUNT, &line, sample->cpu_counts, at);
}

static int add_removed(struct record_reader *reader, char *keys, struct sample *sample)
{
	struct record_removed removed;
	int err;

	err = record_lines_parse(&reader->lines, RECORD_REMOVED, keys, &removed);
	if (!err && removed.cgroup == SAMPLE_UNKNOWN)
		err = record_lines_bad(&reader->lines, "removed: cgroup=%d is not defined",
				       removed.cgroup);
	if (!err)
		err = record_names_cgroup(&reader->names, &reader->lines, RECORD_REMOVED,
					  &removed.cgroup, sample);
	if (!err)
		sample->cgroups[removed.cgroup].removed = true;
	return err;
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
	err = record_windows_end(&reader->head, &reader->lines, sample);
	if (err)
		return err;
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
	case RECORD_CONTAINER:
	case RECORD_CGROUP:
	case RECORD_USER:
		return record_names_define(&reader->names, &reader->lines, kind, keys);
	case RECORD_REMOVED:
		return add_removed(reader, keys, sample);
	case RECORD_PROCESS:
		return add_process(reader, keys, sample);
	case RECORD_TASK:
		return add_task(reader, keys, sample);
	case RECORD_COUNT:
		return add_count(reader, keys, sample);
	case RECORD_CPU_COUNT:
		return add_cpu_count(reader, keys, sample);
	case RECORD_CALLS:
		return record_windows_add_totals(&reader->head, &reader->lines, keys, sample);
	case RECORD_THREAD:
		return record_windows_add_thread(&reader->windows, &reader->lines, keys);
	case RECORD_WINDOW:
		return record_windows_add(&reader->windows, &reader->head, &reader->lines, keys,
					  sample);
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
	record_names_done(&reader->names);
	record_windows_done(&reader->windows);
	free(reader->span_ticks);
	record_head_done(&reader->head);
	free(reader->lines.text);
	free(reader->name);
	free(reader);
}
