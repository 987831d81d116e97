// SPDX-License-Identifier: BSD-2-Clause
/* One live run: from the start mark to the last tick. */
#include "cli/trace.h"

#include "base/log.h"
#include "cli/wait.h"
#include "entity/cgroup.h"
#include "sample/collect.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The last switch-out of a process that has exited is microseconds away, if a CPU is free. */
#define LAST_TICKS 200
#define LAST_TICK_NS 500000

struct trace {
	const struct config *config;
	struct child *child; /* NULL: none */
	struct collector *collector;
	struct pipeline *pipeline;
	struct waiter *waiter;
	struct sample sample;
	uint64_t ticks, max_ticks;
};

/* -n and -d, whichever comes first, in ticks; the last tick of -d may be short. */
static uint64_t ticks_to_make(const struct config *config)
{
	uint64_t ticks = config->count ? config->count : UINT64_MAX;
	double by_time = ceil(config->duration_s / config->interval_s - 1e-9);

	if (config->duration_s > 0 && by_time < (double)ticks)
		ticks = (uint64_t)by_time;
	return ticks;
}

static uint64_t to_ns(double seconds)
{
	return (uint64_t)llround(seconds * 1e9);
}

/* Windows of ticks have it of what was asked for; calls bring their own. */
static bool wants_resident(const struct config *config)
{
	bool selective = config->n_pids || config->n_cgroups || config->n_containers || config->top;

	for (size_t i = 0; i < config->n_outputs && selective && !config->n_windows; i++) {
		if (output_spec_takes_calls(config->outputs[i]))
			return true;
	}
	return false;
}

int trace_open(const struct config *config, struct child *child, const char *program,
	       struct trace **ret, struct errmsg *msg)
{
	const struct collector_options options = {
		.source = config->source,
		.estimate = config->estimate,
		.sysfs = config->sysfs,
		.procfs = config->procfs,
		.pids = config->pids,
		.n_pids = config->n_pids,
		.cgroup_version = config->cgroup_version,
		.windows = config->windows,
		.n_windows = config->n_windows,
		.descendants = config->children,
		.program = child ? program : NULL,
		.resident = wants_resident(config),
		.tick_ns = to_ns(config->interval_s),
		.counters = (const char *const *)config->events,
		.n_counters = config->n_events,
		.ledger_rows = config->ledger_rows,
		.no_task_storage = config->no_task_storage,
		.no_rq_clock = config->no_rq_clock,
		.no_births = config->no_births,
	};
	struct waiter_options waiter_options = {
		.interval_ns = to_ns(config->interval_s),
		.pids = config->pids,
		.n_pids = config->n_pids,
		.pass_signals = child != NULL,
	};
	struct trace *trace;
	int err;

	trace = calloc(1, sizeof(*trace));
	if (!trace)
		return errmsg_set(msg, -ENOMEM, "out of memory");
	trace->config = config;
	trace->child = child;
	trace->max_ticks = ticks_to_make(config);
	err = collector_open(&options, &trace->collector, msg);
	if (!err) {
		waiter_options.poll_interval_ns = collector_poll_interval_ns(trace->collector);
		err = waiter_new(&waiter_options, &trace->waiter, msg);
	}
	if (!err) {
		err = pipeline_open(config, collector_run(trace->collector), &trace->pipeline, msg);
		/* A file that is not there is no lack of the machine's. */
		if (err == -ENOENT || err == -EACCES || err == -EPERM || err == -ENODEV)
			err = -EIO;
	}
	if (err) {
		trace_close(trace);
		return err;
	}
	waiter_watch(trace->waiter, collector_wake_fd(trace->collector));
	waiter_watch(trace->waiter, collector_windows_fd(trace->collector));
	for (size_t i = 0; i < pipeline_n_outputs(trace->pipeline); i++)
		waiter_watch(trace->waiter, pipeline_wake_fd(trace->pipeline, i));
	*ret = trace;
	return 0;
}

void trace_say_first(const struct trace *trace)
{
	const struct config *config = trace->config;
	struct cgroup_mounts mounts;

	if (!config->carbon_given && collector_run(trace->collector)->kind != ENERGY_NONE)
		log_info("%s", CARBON_DEFAULT_NOTICE);
	if (!config->n_cgroups || cgroup_mounts_read("/proc", &mounts) != 0)
		return;
	for (size_t i = 0; i < config->n_cgroups; i++) {
		if (!strpbrk(config->cgroups[i], "*?[") &&
		    !cgroup_exists(&mounts, config->cgroups[i]))
			log_info("there is no cgroup %s yet: waiting for it", config->cgroups[i]);
	}
}

static void say_once(struct trace *trace)
{
	const char *complaint;

	while ((complaint = collector_complaint(trace->collector))) {
		if (!trace->config->repeated)
			log_info("%s", complaint);
	}
	while ((complaint = pipeline_complaint(trace->pipeline)))
		log_info("%s", complaint);
}

static int one_tick(struct trace *trace, struct errmsg *msg)
{
	int err;

	err = collector_tick(trace->collector, &trace->sample, msg);
	if (err)
		return err;
	err = pipeline_tick(trace->pipeline, &trace->sample, msg);
	/* Below a table that has just been drawn, where the next one leaves it for a while. */
	say_once(trace);
	return err;
}

/* A command's run ends with the command, one of pids when nothing more can come of them. */
static bool has_ended(const struct trace *trace)
{
	return trace->child ? pipeline_pids_ended(trace->pipeline)
			    : pipeline_all_ended(trace->pipeline);
}

/* The command has exited: goes on until its last nanosecond is in. No event tells of that. */
static int finish_command(struct trace *trace, struct errmsg *msg)
{
	const struct timespec nap = {.tv_nsec = LAST_TICK_NS};
	int err = 0;

	for (int i = 0; i < LAST_TICKS && !err && !has_ended(trace); i++) {
		nanosleep(&nap, NULL);
		err = one_tick(trace, msg);
	}
	return err;
}

/* Does what the events ask for. *ret_stop is set when the run is over. */
static int handle(struct trace *trace, int events, bool *ret_stop, struct errmsg *msg)
{
	int err = 0;

	if (events & WAIT_WAKE) {
		collector_wake(trace->collector);
		pipeline_wake(trace->pipeline);
	}
	if (events & WAIT_POLL)
		collector_poll_energy(trace->collector);
	if (events & WAIT_HUP)
		err = pipeline_reopen(trace->pipeline, msg);
	if (events & WAIT_PASS)
		child_kill(trace->child, waiter_signal(trace->waiter));
	if (!err && (events & (WAIT_TICK | WAIT_STOP | WAIT_ENDED))) {
		err = one_tick(trace, msg);
		trace->ticks++;
	}
	if (!err && trace->child && (events & WAIT_ENDED)) {
		err = finish_command(trace, msg);
		*ret_stop = true;
	}
	*ret_stop |= (events & WAIT_STOP) || has_ended(trace) || trace->ticks >= trace->max_ticks;
	return err;
}

int trace_run(struct trace *trace, struct errmsg *msg)
{
	bool stop = false;
	int err, events;

	err = waiter_start(trace->waiter);
	if (err)
		return errmsg_set(msg, err, "cannot start the timer of the tick");
	err = one_tick(trace, msg);
	if (!err && trace->child)
		err = child_release(trace->child, msg);
	while (!err && !stop) {
		events = waiter_next(trace->waiter);
		if (events < 0)
			return errmsg_set(msg, events, "cannot wait for the tick");
		err = handle(trace, events, &stop, msg);
	}
	/* -n or -d came before its end. */
	if (trace->child && !pipeline_pids_ended(trace->pipeline))
		child_kill(trace->child, SIGTERM);
	return err;
}

struct pipeline *trace_pipeline(struct trace *trace)
{
	return trace->pipeline;
}

void trace_close(struct trace *trace)
{
	if (!trace)
		return;
	pipeline_close(trace->pipeline);
	waiter_free(trace->waiter);
	collector_close(trace->collector);
	sample_done(&trace->sample);
	free(trace);
}
