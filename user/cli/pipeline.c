// SPDX-License-Identifier: BSD-2-Clause
#include "cli/pipeline.h"

#include "output/output.h"
#include "report/report.h"

#include <errno.h>
#include <stdlib.h>

struct pipeline {
	/* One for each kind of entity that an output wants; `primary` is that of --by. */
	struct reporter *reporters[ENTITY_N_KINDS];
	const struct report *reports[ENTITY_N_KINDS]; /* of this tick */
	struct reporter *primary;
	struct output **outputs;
	bool *failed; /* by output: gets nothing more */
	size_t n_outputs;
};

static bool wants_calls(const struct pipeline *pipeline, enum entity_kind kind)
{
	for (size_t i = 0; i < pipeline->n_outputs; i++) {
		if (output_kind(pipeline->outputs[i]) == kind &&
		    output_takes_calls(pipeline->outputs[i]))
			return true;
	}
	return false;
}

static int need_reporter(struct pipeline *pipeline, const struct config *config,
			 const struct run *run, enum entity_kind kind, struct errmsg *msg)
{
	const struct reporter_options options = {
		.pids = config->pids,
		.n_pids = config->n_pids,
		.children = config->children,
		.cgroups = (const char *const *)config->cgroups,
		.n_cgroups = config->n_cgroups,
		.containers = config->containers,
		.n_containers = config->n_containers,
		.kind = kind,
		.calls = run->n_functions > 0 && wants_calls(pipeline, kind),
		.top = config->top,
		.window = config->window,
		.carbon = config->carbon,
		.model = config->model,
	};
	int err = 0;

	if (!pipeline->reporters[kind])
		err = reporter_new(&options, run, &pipeline->reporters[kind]);
	return err ? errmsg_set(msg, err, "out of memory") : 0;
}

static int open_outputs(struct pipeline *pipeline, const struct config *config,
			const struct run *run, struct errmsg *msg)
{
	static const char *const by_default = "table";
	const struct output_options options = {
		.run = run,
		.settings = config->settings,
		.n_settings = config->n_settings,
		.kind = config->by,
		.kind_given = config->by_given,
		.telemetry = &config->telemetry,
		.replayed = config->command == COMMAND_REPLAY,
	};
	/* A command has its summary; its own output is not to be mixed with tables. */
	size_t n = config->n_outputs ? config->n_outputs : config->argv ? 0 : 1;
	int err;

	pipeline->outputs = calloc(n + 1, sizeof(struct output *));
	pipeline->failed = calloc(n + 1, sizeof(*pipeline->failed));
	if (!pipeline->outputs || !pipeline->failed)
		return errmsg_set(msg, -ENOMEM, "out of memory");
	for (size_t i = 0; i < n; i++) {
		err = output_open(config->n_outputs ? config->outputs[i] : by_default, &options,
				  &pipeline->outputs[i], msg);
		if (err)
			return err;
		pipeline->n_outputs++;
	}
	return 0;
}

static int make_reporters(struct pipeline *pipeline, const struct config *config,
			  const struct run *run, struct errmsg *msg)
{
	int err;

	err = need_reporter(pipeline, config, run, config->by, msg);
	for (size_t i = 0; i < pipeline->n_outputs && !err; i++)
		err = need_reporter(pipeline, config, run, output_kind(pipeline->outputs[i]), msg);
	pipeline->primary = pipeline->reporters[config->by];
	return err;
}

int pipeline_open(const struct config *config, const struct run *run, struct pipeline **ret,
		  struct errmsg *msg)
{
	struct pipeline *pipeline = calloc(1, sizeof(*pipeline));
	int err;

	if (!pipeline)
		return errmsg_set(msg, -ENOMEM, "out of memory");
	err = open_outputs(pipeline, config, run, msg);
	if (!err)
		err = make_reporters(pipeline, config, run, msg);
	if (err) {
		pipeline_close(pipeline);
		return err;
	}
	*ret = pipeline;
	return 0;
}

/* Keeps the first error, but lets one of a reader that is gone give way to a real one. */
static void keep_error(int err, const struct errmsg *text, int *ret, struct errmsg *msg)
{
	if (*ret && (*ret != -EPIPE || err == -EPIPE))
		return;
	*ret = err;
	*msg = *text;
}

int pipeline_tick(struct pipeline *pipeline, const struct sample *sample, struct errmsg *msg)
{
	int ret = 0, err;

	for (int kind = 0; kind < ENTITY_N_KINDS; kind++) {
		if (!pipeline->reporters[kind])
			continue;
		err = reporter_tick(pipeline->reporters[kind], sample, &pipeline->reports[kind]);
		if (err)
			return errmsg_set(msg, err, "out of memory for the report of a tick");
	}
	for (size_t i = 0; i < pipeline->n_outputs; i++) {
		struct errmsg text = {};

		if (pipeline->failed[i])
			continue;
		err = output_report(pipeline->outputs[i],
				    pipeline->reports[output_kind(pipeline->outputs[i])], &text);
		if (!err)
			continue;
		pipeline->failed[i] = true;
		keep_error(err, &text, &ret, msg);
	}
	return ret;
}

bool pipeline_all_ended(const struct pipeline *pipeline)
{
	return reporter_all_ended(pipeline->primary);
}

bool pipeline_pids_ended(const struct pipeline *pipeline)
{
	return reporter_pids_ended(pipeline->primary);
}

int pipeline_totals(const struct pipeline *pipeline, struct totals *ret)
{
	return reporter_totals(pipeline->primary, ret);
}

int pipeline_reopen(struct pipeline *pipeline, struct errmsg *msg)
{
	int ret = 0, err;

	for (size_t i = 0; i < pipeline->n_outputs; i++) {
		struct errmsg text = {};

		err = output_reopen(pipeline->outputs[i], &text);
		if (err)
			keep_error(err, &text, &ret, msg);
	}
	return ret;
}

/* The totals of a kind, to every output that wants that one and still works. */
static int finish_kind(struct pipeline *pipeline, enum entity_kind kind, int *ret,
		       struct errmsg *msg)
{
	struct totals totals = {};
	int err;

	err = reporter_totals(pipeline->reporters[kind], &totals);
	if (err)
		return errmsg_set(msg, err, "out of memory for the totals");
	for (size_t i = 0; i < pipeline->n_outputs; i++) {
		struct errmsg text = {};

		if (pipeline->failed[i] || output_kind(pipeline->outputs[i]) != kind)
			continue;
		err = output_totals(pipeline->outputs[i], &totals, &text);
		if (!err)
			continue;
		pipeline->failed[i] = true;
		keep_error(err, &text, ret, msg);
	}
	totals_done(&totals);
	return 0;
}

int pipeline_finish(struct pipeline *pipeline, struct errmsg *msg)
{
	int ret = 0, err;

	for (int kind = 0; kind < ENTITY_N_KINDS; kind++) {
		if (!pipeline->reporters[kind])
			continue;
		err = finish_kind(pipeline, (enum entity_kind)kind, &ret, msg);
		if (err)
			return err;
	}
	for (size_t i = 0; i < pipeline->n_outputs; i++)
		output_finish(pipeline->outputs[i]);
	return ret;
}

size_t pipeline_n_outputs(const struct pipeline *pipeline)
{
	return pipeline->n_outputs;
}

int pipeline_wake_fd(const struct pipeline *pipeline, size_t output)
{
	return output_wake_fd(pipeline->outputs[output]);
}

void pipeline_wake(struct pipeline *pipeline)
{
	for (size_t i = 0; i < pipeline->n_outputs; i++)
		output_wake(pipeline->outputs[i]);
}

const char *pipeline_complaint(struct pipeline *pipeline)
{
	const char *complaint = NULL;

	for (size_t i = 0; i < pipeline->n_outputs && !complaint; i++)
		complaint = output_complaint(pipeline->outputs[i]);
	return complaint;
}

void pipeline_close(struct pipeline *pipeline)
{
	if (!pipeline)
		return;
	for (size_t i = 0; i < pipeline->n_outputs; i++)
		output_close(pipeline->outputs[i]);
	for (int kind = 0; kind < ENTITY_N_KINDS; kind++)
		reporter_free(pipeline->reporters[kind]);
	free(pipeline->outputs);
	free(pipeline->failed);
	free(pipeline);
}
