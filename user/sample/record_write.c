// SPDX-License-Identifier: BSD-2-Clause
#include "sample/record.h"

#include "sample/record_refs.h"
#include "sample/record_text.h"
#include "sample/record_threads.h"

#include <errno.h>
#include <stdlib.h>

struct record_writer {
	FILE *stream;
	const struct run *run;
	struct record_refs refs;
	struct record_threads threads;
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
	for (size_t i = 0; i < run->n_counters; i++)
		record_line_write(stream, RECORD_COUNTER, &run->counters[i]);
	for (size_t i = 0; i < run->n_functions; i++)
		record_line_write(stream, RECORD_FUNCTION, &run->functions[i]);
	*ret = writer;
	return 0;
}

void record_write_setting(struct record_writer *writer, const char *name, const char *value)
{
	struct record_setting setting = {.name = (char *)name, .value = (char *)value};

	record_line_write(writer->stream, RECORD_SETTING, &setting);
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

/* Of a task or a CPU; what did not count has no line. */
static void write_counts(struct record_writer *writer, enum record_kind kind, uint32_t of,
			 const struct sample_count *counts)
{
	for (size_t i = 0; i < writer->run->n_counters; i++) {
		struct record_count line = {of, (uint32_t)i, counts[i]};

		if (counts[i].value || counts[i].enabled_ns || counts[i].running_ns)
			record_line_write(writer->stream, kind, &line);
	}
}

static void write_spans(struct record_writer *writer, const struct sample *sample)
{
	size_t n = writer->run->n_counters;

	for (size_t i = 0; i < sample->n_cpus; i++)
		record_line_write(writer->stream, RECORD_SPAN, &sample->cpus[i]);
	for (size_t i = 0; i < sample->n_cpus && (i + 1) * n <= sample->n_cpu_counts; i++)
		write_counts(writer, RECORD_CPU_COUNT, sample->cpus[i].cpu,
			     sample->cpu_counts + i * n);
}

static void write_rows(struct record_writer *writer, const struct sample *sample)
{
	size_t n = writer->run->n_counters;

	for (size_t i = 0; i < sample->n_processes; i++) {
		struct sample_process process = sample->processes[i];

		process.cgroup = record_refs_of(&writer->refs.cgroups, process.cgroup);
		process.user = record_refs_of(&writer->refs.users, process.user);
		record_line_write(writer->stream, RECORD_PROCESS, &process);
	}
	for (size_t i = 0; i < sample->n_tasks; i++) {
		struct sample_task task = sample->tasks[i];

		task.cgroup = record_refs_of(&writer->refs.cgroups, task.cgroup);
		task.user = record_refs_of(&writer->refs.users, task.user);
		record_line_write(writer->stream, RECORD_TASK, &task);
		if ((i + 1) * n <= sample->n_counts)
			write_counts(writer, RECORD_COUNT, (uint32_t)i, sample->counts + i * n);
	}
}

static void write_window(struct record_writer *writer, const struct window *window)
{
	struct record_window line = {
		.thread = record_threads_of(&writer->threads, window),
		.function = window->function,
		.begin_ns = window->begin_ns,
		.wall_ns = window->end_ns - window->begin_ns,
		.cpu_ns = window->cpu_ns,
		.inner_ns = window->cpu_ns - window->own_ns,
		.outer_ns = window->begin_ns - window->root_ns,
		.depth = window->depth,
		.unresolved = window->unresolved,
		.rss_bytes = window->rss_bytes,
		.domain = window->domain_begin,
		.domain_end = window->domain_end,
	};

	if (line.domain_end == line.domain)
		line.domain_end = RECORD_SAME_DOMAIN;
	record_line_write(writer->stream, RECORD_WINDOW, &line);
}

static void write_windows(struct record_writer *writer, const struct sample *sample)
{
	for (size_t i = 0; i < sample->n_window_totals; i++) {
		struct record_calls calls = {(uint32_t)i, sample->window_totals[i]};

		record_line_write(writer->stream, RECORD_CALLS, &calls);
	}
	record_threads_write(&writer->threads, writer->stream);
	for (size_t i = 0; i < sample->n_windows; i++)
		write_window(writer, &sample->windows[i]);
}

int record_write_sample(struct record_writer *writer, const struct sample *sample)
{
	struct record_end end = {.tick = sample->seq};
	int err;

	err = record_threads_take(&writer->threads, sample);
	if (!err)
		err = record_refs_take(&writer->refs, sample);
	if (err)
		return err;
	record_line_write(writer->stream, RECORD_TICK, sample);
	write_spans(writer, sample);
	write_energy(writer, sample);
	record_refs_write(&writer->refs, writer->stream);
	write_rows(writer, sample);
	record_refs_write_removed(&writer->refs, writer->stream);
	write_windows(writer, sample);
	for (unsigned int i = 0; i < LOSS_N; i++) {
		struct record_loss loss = {.cause = (enum sample_loss)i,
					   .count = sample->losses[i]};

		if (loss.count)
			record_line_write(writer->stream, RECORD_LOSS, &loss);
	}
	record_line_write(writer->stream, RECORD_END, &end);
	record_refs_sweep(&writer->refs);
	return 0;
}

void record_writer_free(struct record_writer *writer)
{
	if (!writer)
		return;
	record_refs_done(&writer->refs);
	record_threads_done(&writer->threads);
	free(writer);
}
