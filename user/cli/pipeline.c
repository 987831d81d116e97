// SPDX-License-Identifier: BSD-2-Clause
#include "cli/pipeline.h"

#include "output/output.h"
#include "report/report.h"

#include <errno.h>
#include <stdlib.h>

struct pipeline {
	struct reporter *reporter;
	struct output **outputs;
	bool *failed; /* by output: gets nothing more */
	size_t n_outputs;
};

static int open_outputs(struct pipeline *pipeline, const struct config *config,
			const struct run *run, struct errmsg *msg)
{
	static const char *const by_default = "table";
	const struct output_options options = {
		.run = run, .settings = config->settings, .n_settings = config->n_settings};
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

int pipeline_open(const struct config *config, const struct run *run, struct pipeline **ret,
		  struct errmsg *msg)
{
	const struct reporter_options options = {
		.pids = config->pids,
		.n_pids = config->n_pids,
		.children = config->children,
		.cgroups = (const char *const *)config->cgroups,
		.n_cgroups = config->n_cgroups,
		.top = config->top,
		.window = config->window,
		.carbon = config->carbon,
		.model = config->model,
	};
	struct pipeline *pipeline = calloc(1, sizeof(*pipeline));
	int err;

	if (!pipeline)
		return errmsg_set(msg, -ENOMEM, "out of memory");
	err = reporter_new(&options, run, &pipeline->reporter);
	if (err)
		errmsg_set(msg, err, "out of memory");
	else
		err = open_outputs(pipeline, config, run, msg);
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
	const struct report *report;
	int ret = 0, err;

	err = reporter_tick(pipeline->reporter, sample, &report);
	if (err)
		return errmsg_set(msg, err, "out of memory for the report of a tick");
	for (size_t i = 0; i < pipeline->n_outputs; i++) {
		struct errmsg text = {};

		if (pipeline->failed[i])
			continue;
		err = output_report(pipeline->outputs[i], report, &text);
		if (!err)
			continue;
		pipeline->failed[i] = true;
		keep_error(err, &text, &ret, msg);
	}
	return ret;
}

bool pipeline_all_ended(const struct pipeline *pipeline)
{
	return reporter_all_ended(pipeline->reporter);
}

bool pipeline_pids_ended(const struct pipeline *pipeline)
{
	return reporter_pids_ended(pipeline->reporter);
}

int pipeline_totals(const struct pipeline *pipeline, struct totals *ret)
{
	return reporter_totals(pipeline->reporter, ret);
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

int pipeline_finish(struct pipeline *pipeline, struct errmsg *msg)
{
	struct totals totals = {};
	int ret = 0, err;

	err = reporter_totals(pipeline->reporter, &totals);
	if (err)
		return errmsg_set(msg, err, "out of memory for the totals");
	for (size_t i = 0; i < pipeline->n_outputs; i++) {
		struct errmsg text = {};

		if (pipeline->failed[i])
			continue;
		err = output_totals(pipeline->outputs[i], &totals, &text);
		if (!err)
			continue;
		pipeline->failed[i] = true;
		keep_error(err, &text, &ret, msg);
	}
	totals_done(&totals);
	return ret;
}

void pipeline_close(struct pipeline *pipeline)
{
	if (!pipeline)
		return;
	for (size_t i = 0; i < pipeline->n_outputs; i++)
		output_close(pipeline->outputs[i]);
	reporter_free(pipeline->reporter);
	free(pipeline->outputs);
	free(pipeline->failed);
	free(pipeline);
}
