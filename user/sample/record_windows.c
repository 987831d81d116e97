// SPDX-License-Identifier: BSD-2-Clause
#include "sample/record_windows.h"

#include "base/grow.h"

#include <inttypes.h>
#include <stdlib.h>

void record_windows_begin(struct record_windows *windows)
{
	windows->n_threads = 0;
}

static int check_function(const struct record_head *head, struct record_lines *lines,
			  enum record_kind kind, uint32_t function)
{
	if (function < head->run.n_functions)
		return 0;
	return record_lines_bad(lines, "%s: function=%u, but there are %zu functions",
				record_kind_name(kind), function, head->run.n_functions);
}

/*
 * How the counts stand to each other is not looked at: they were read one CPU's after the other
 * while calls went on, so more may have ended than begun.
 */
int record_windows_add_totals(const struct record_head *head, struct record_lines *lines,
			      char *keys, struct sample *sample)
{
	struct record_calls calls;
	int err;

	err = record_lines_parse(lines, RECORD_CALLS, keys, &calls);
	if (!err)
		err = check_function(head, lines, RECORD_CALLS, calls.function);
	if (err)
		return err;
	if (calls.function != sample->n_window_totals)
		return record_lines_bad(lines, "calls: function=%u where function=%zu is next",
					calls.function, sample->n_window_totals);
	if (sample_add_window_totals(sample, &calls.totals) < 0)
		return record_lines_no_memory(lines);
	return 0;
}

int record_windows_add_thread(struct record_windows *windows, struct record_lines *lines,
			      char *keys)
{
	struct record_thread *moved;
	int err;

	moved = grow_array(windows->threads, windows->n_threads, &windows->room, sizeof(*moved));
	if (!moved)
		return record_lines_no_memory(lines);
	windows->threads = moved;
	err = record_lines_parse(lines, RECORD_THREAD, keys, &moved[windows->n_threads]);
	if (err)
		return err;
	windows->n_threads++;
	return 0;
}

static int check_times(const struct record_window *line, struct record_lines *lines)
{
	if (line->wall_ns > UINT64_MAX - line->begin_ns)
		return record_lines_bad(lines, "window: wall_ns=%" PRIu64 " has no end in 64 bits",
					line->wall_ns);
	if (line->outer_ns > line->begin_ns)
		return record_lines_bad(lines, "window: outer_ns=%" PRIu64 " is before time 0",
					line->outer_ns);
	if (line->inner_ns > line->cpu_ns)
		return record_lines_bad(lines,
					"window: inner_ns=%" PRIu64 " is more than cpu_ns=%" PRIu64,
					line->inner_ns, line->cpu_ns);
	if (line->unresolved && line->cpu_ns)
		return record_lines_bad(lines, "window: is unresolved, and yet cpu_ns=%" PRIu64,
					line->cpu_ns);
	return 0;
}

static int check(const struct record_windows *windows, const struct record_head *head,
		 struct record_lines *lines, const struct record_window *line)
{
	int err;

	if (line->thread >= windows->n_threads)
		return record_lines_bad(lines,
					"window: thread=%u, but this tick has %zu threads so far",
					line->thread, windows->n_threads);
	err = check_function(head, lines, RECORD_WINDOW, line->function);
	if (!err)
		err = record_head_check_domain(head, lines, RECORD_WINDOW, "domain", line->domain);
	if (!err && line->domain_end != RECORD_SAME_DOMAIN)
		err = record_head_check_domain(head, lines, RECORD_WINDOW, "domain_end",
					       line->domain_end);
	return err ? err : check_times(line, lines);
}

int record_windows_add(const struct record_windows *windows, const struct record_head *head,
		       struct record_lines *lines, char *keys, struct sample *sample)
{
	const struct record_thread *thread;
	struct record_window line;
	struct window window;
	int err;

	err = record_lines_parse(lines, RECORD_WINDOW, keys, &line);
	if (!err)
		err = check(windows, head, lines, &line);
	if (err)
		return err;
	thread = &windows->threads[line.thread];
	window = (struct window){
		.function = line.function,
		.tid = thread->tid,
		.pid = thread->pid,
		.start_ns = thread->start_ns,
		.process_start_ns = thread->process_start_ns,
		.begin_ns = line.begin_ns,
		.end_ns = line.begin_ns + line.wall_ns,
		.cpu_ns = line.cpu_ns,
		.own_ns = line.cpu_ns - line.inner_ns,
		.root_ns = line.begin_ns - line.outer_ns,
		.depth = line.depth,
		.unresolved = line.unresolved,
		.rss_bytes = line.rss_bytes,
		.domain_begin = line.domain,
		.domain_end = line.domain_end == RECORD_SAME_DOMAIN ? line.domain : line.domain_end,
	};
	return sample_add_window(sample, &window) < 0 ? record_lines_no_memory(lines) : 0;
}

int record_windows_end(const struct record_head *head, struct record_lines *lines,
		       const struct sample *sample)
{
	if (sample->n_window_totals == 0 || sample->n_window_totals == head->run.n_functions)
		return 0;
	return record_lines_bad(lines,
				"end: tick %" PRIu64 " has the calls of %zu functions of %zu",
				sample->seq, sample->n_window_totals, head->run.n_functions);
}

void record_windows_done(struct record_windows *windows)
{
	free(windows->threads);
}
