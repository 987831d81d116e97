// SPDX-License-Identifier: BSD-2-Clause
#include "sample/collect_windows.h"

#include "base/grow.h"
#include "sample/collect.h"
#include "windows/locate.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIBRARY_CACHE "/etc/ld.so.cache"
#define MAX_HEARD (1U << 20) /* some 450 MB with all that is made of them in a tick */

static int hear(void *userdata, const struct window *window)
{
	struct collect_windows *windows = userdata;
	struct window *moved;

	if (windows->n_heard >= MAX_HEARD) {
		windows->dropped[window->function]++;
		return 0;
	}
	moved = grow_array(windows->heard, windows->n_heard, &windows->room, sizeof(*moved));
	if (!moved)
		return -ENOMEM;
	windows->heard = moved;
	windows->heard[windows->n_heard++] = *window;
	return 0;
}

/* What one of the processes has is enough: they need not be of one program. */
static int locate_in_pids(const struct collector_options *options, uint32_t function,
			  struct window_probes *probes, struct errmsg *msg)
{
	struct window_target target = {.procfs = options->procfs, .cache = LIBRARY_CACHE};
	struct errmsg first = {""};
	int err = 0, first_err = 0;
	bool found = false;

	for (size_t i = 0; i < options->n_pids; i++) {
		target.pid = options->pids[i];
		err = windows_locate(&options->windows[function], function, &target, probes, msg);
		found |= !err;
		if (err && !first_err) {
			first_err = err;
			first = *msg;
		}
	}
	if (found)
		return 0;
	*msg = first;
	return first_err;
}

static bool begin_together(const struct window_probe *one, const struct window_probe *other)
{
	return one->function != other->function && one->kind == other->kind &&
	       one->kind != WINDOW_END && one->offset == other->offset && one->path == other->path;
}

/* Of two windows that begin at once the second looks like one in the place of the first, which it ends. */
static int check_apart(const struct window_request *requests, const struct window_probes *probes,
		       struct errmsg *msg)
{
	for (size_t i = 0; i < probes->n; i++) {
		const struct window_request *one = &requests[probes->at[i].function];

		for (size_t j = 0; j < i; j++) {
			const struct window_request *other = &requests[probes->at[j].function];

			if (begin_together(&probes->at[j], &probes->at[i]))
				return errmsg_set(
					msg, -EINVAL,
					"%s:%s and %s:%s begin at the same place: take one "
					"of them away",
					other->place, other->function, one->place, one->function);
		}
	}
	return 0;
}

static int locate(const struct collector_options *options, struct window_probes *probes,
		  struct errmsg *msg)
{
	const struct window_target program = {
		.program = options->program, .procfs = options->procfs, .cache = LIBRARY_CACHE};
	int err = 0;

	for (uint32_t i = 0; i < options->n_windows && !err; i++)
		err = options->program
			      ? windows_locate(&options->windows[i], i, &program, probes, msg)
			      : locate_in_pids(options, i, probes, msg);
	return err ? err : check_apart(options->windows, probes, msg);
}

/* By the function alone, or where several are called that, with the place before it. */
static char *name_of(const struct collector_options *options, size_t index)
{
	const struct window_request *request = &options->windows[index];
	char *name = NULL;

	for (size_t i = 0; i < options->n_windows; i++) {
		if (i == index || strcmp(options->windows[i].function, request->function) != 0)
			continue;
		if (asprintf(&name, "%s:%s%s%s", request->place, request->function,
			     request->end ? ":" : "", request->end ? request->end : "") < 0)
			return NULL;
		return name;
	}
	return strdup(request->function);
}

static int name_functions(const struct collector_options *options, struct run *run)
{
	run->functions = calloc(options->n_windows, sizeof(*run->functions));
	if (!run->functions)
		return -ENOMEM;
	run->n_functions = options->n_windows;
	for (size_t i = 0; i < run->n_functions; i++) {
		run->functions[i].name = name_of(options, i);
		run->functions[i].place = strdup(options->windows[i].place);
		if (!run->functions[i].name || !run->functions[i].place)
			return -ENOMEM;
	}
	return 0;
}

int collect_windows_open(struct collect_windows *windows, struct ledger *ledger,
			 const struct collector_options *options, struct run *run,
			 struct errmsg *msg)
{
	struct ledger_windows_options ledger_options = {
		.pids = options->pids,
		.n_pids = options->n_pids,
		.descendants = options->descendants,
		.finished = hear,
		.userdata = windows,
	};
	struct window_probes probes = {0};
	int err;

	if (!options->n_windows)
		return 0;
	windows->dropped = calloc(options->n_windows, sizeof(*windows->dropped));
	if (!windows->dropped || name_functions(options, run) != 0)
		return errmsg_set(msg, -ENOMEM, "out of memory");
	err = locate(options, &probes, msg);
	ledger_options.probes = probes.at;
	ledger_options.n_probes = probes.n;
	if (!err)
		err = ledger_windows_open(ledger, &ledger_options, &windows->ledger, msg);
	window_probes_done(&probes);
	return err;
}

int collect_windows_fd(const struct collect_windows *windows)
{
	return windows->ledger ? ledger_windows_fd(windows->ledger) : -1;
}

int collect_windows_hear(struct collect_windows *windows)
{
	int err = windows->ledger ? ledger_windows_drain(windows->ledger) : 0;

	if (err)
		windows->err = err;
	return err;
}

int collect_windows_take(struct collect_windows *windows, const struct run *run,
			 struct sample *sample)
{
	struct window *spent = sample->windows;
	size_t room = sample->windows_room;
	int err;

	if (!windows->ledger)
		return 0;
	err = collect_windows_hear(windows);
	if (!err)
		err = windows->err;
	sample->windows = windows->heard;
	sample->n_windows = windows->n_heard;
	sample->windows_room = windows->room;
	windows->heard = spent;
	windows->n_heard = 0;
	windows->room = room;
	for (uint32_t i = 0; i < run->n_functions && !err; i++) {
		struct window_totals totals;

		ledger_windows_counts(windows->ledger, i, &totals);
		totals.ended -= windows->dropped[i];
		totals.dropped += windows->dropped[i];
		err = sample_add_window_totals(sample, &totals);
	}
	return err;
}

void collect_windows_close(struct collect_windows *windows)
{
	ledger_windows_close(windows->ledger);
	free(windows->heard);
	free(windows->dropped);
	*windows = (struct collect_windows){0};
}
