// SPDX-License-Identifier: BSD-2-Clause
/* The live run. */
#include "cli/cli.h"
#include "cli/pipeline.h"
#include "cli/wait.h"

#include "base/log.h"
#include "sample/collect.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

struct trace {
	const struct config *config;
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

static int open_trace(struct trace *trace, struct errmsg *msg)
{
	const struct config *config = trace->config;
	const struct collector_options options = {
		.source = config->source,
		.sysfs = config->sysfs,
		.procfs = config->procfs,
		.pids = config->pids,
		.n_pids = config->n_pids,
		.ledger_rows = config->ledger_rows,
		.no_task_storage = config->no_task_storage,
		.no_rq_clock = config->no_rq_clock,
	};
	struct waiter_options waiter_options = {
		.interval_ns = to_ns(config->interval_s),
		.pids = config->pids,
		.n_pids = config->n_pids,
	};
	int err;

	/* Signals are blocked first: one that comes early still ends the run in order. */
	err = collector_open(&options, &trace->collector, msg);
	if (err)
		return err;
	waiter_options.poll_interval_ns = collector_poll_interval_ns(trace->collector);
	err = waiter_new(&waiter_options, &trace->waiter, msg);
	if (err)
		return err;
	trace->max_ticks = ticks_to_make(config);
	return pipeline_open(config, collector_run(trace->collector), &trace->pipeline, msg);
}

static void say_once(struct trace *trace)
{
	const char *complaint;

	while ((complaint = collector_complaint(trace->collector)))
		log_info("%s", complaint);
}

static int one_tick(struct trace *trace, struct errmsg *msg)
{
	int err;

	err = collector_tick(trace->collector, &trace->sample, msg);
	if (err)
		return err;
	say_once(trace);
	return pipeline_tick(trace->pipeline, &trace->sample, msg);
}

/* The start mark, then tick after tick. */
static int run_ticks(struct trace *trace, struct errmsg *msg)
{
	bool stop = false;
	int err, events;

	err = waiter_start(trace->waiter);
	if (err)
		return errmsg_set(msg, err, "cannot start the timer of the tick");
	err = one_tick(trace, msg);
	while (!err && !stop && trace->ticks < trace->max_ticks &&
	       !pipeline_all_ended(trace->pipeline)) {
		events = waiter_next(trace->waiter);
		if (events < 0)
			return errmsg_set(msg, events, "cannot wait for the tick");
		if (events & WAIT_POLL)
			collector_poll_energy(trace->collector);
		if (events & WAIT_HUP)
			err = pipeline_reopen(trace->pipeline, msg);
		if (!err && (events & (WAIT_TICK | WAIT_STOP | WAIT_ENDED))) {
			err = one_tick(trace, msg);
			trace->ticks++;
		}
		stop = events & WAIT_STOP;
	}
	return err;
}

static void close_trace(struct trace *trace)
{
	pipeline_close(trace->pipeline);
	waiter_free(trace->waiter);
	collector_close(trace->collector);
	sample_done(&trace->sample);
}

int cli_trace(const struct config *config)
{
	struct trace trace = {.config = config};
	enum exit_status status = EXIT_DONE;
	struct errmsg msg = {}, last = {};
	int err, finish_err;

	err = open_trace(&trace, &msg);
	if (err) {
		log_error("%s", msg.text);
		close_trace(&trace);
		return cli_status_of(err);
	}
	err = run_ticks(&trace, &msg);
	finish_err = pipeline_finish(trace.pipeline, &last);
	if (err && err != -EPIPE) {
		log_error("%s", msg.text);
		status = EXIT_FAILED;
	}
	if (finish_err && finish_err != -EPIPE) {
		log_error("%s", last.text);
		status = EXIT_FAILED;
	}
	close_trace(&trace);
	return status;
}
