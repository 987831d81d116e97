// SPDX-License-Identifier: BSD-2-Clause
/* The commands that measure: pids, cgroups or all, and -- COMMAND. */
#include "cli/cli.h"
#include "cli/trace.h"

#include "base/log.h"
#include "output/summary.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

/* Says an error, unless it is only a reader that went away. */
static bool is_failure(int err, const struct errmsg *msg)
{
	if (!err || err == -EPIPE)
		return false;
	log_error("%s", msg->text);
	return true;
}

/* Runs to the end and gives every output its totals. */
static enum exit_status run_to_end(struct trace *trace)
{
	struct errmsg msg = {}, last = {};
	const char *complaint;
	bool failed;
	int err;

	err = trace_run(trace, &msg);
	failed = is_failure(err, &msg);
	err = pipeline_finish(trace_pipeline(trace), &last);
	failed |= is_failure(err, &last);
	while ((complaint = pipeline_complaint(trace_pipeline(trace))))
		log_info("%s", complaint);
	return failed ? EXIT_FAILED : EXIT_DONE;
}

int cli_trace(const struct config *config)
{
	enum exit_status status;
	struct errmsg msg = {};
	struct trace *trace;
	int err;

	err = trace_open(config, NULL, NULL, &trace, &msg);
	if (err) {
		log_error("%s", msg.text);
		return (int)cli_status_of(err);
	}
	trace_say_first(trace);
	status = run_to_end(trace);
	trace_close(trace);
	return (int)status;
}

/* Adds the run that has ended to the summary, and prints that after the last one. */
static int summarize(struct trace *trace, const struct config *config, struct summary *summary,
		     bool last)
{
	struct totals totals;
	int err;

	err = pipeline_totals(trace_pipeline(trace), &totals);
	if (err)
		return err;
	err = summary_add(summary, &totals);
	if (!err && last)
		summary_print(summary, &totals, config->argv, stderr);
	totals_done(&totals);
	return err;
}

/* One run of the command, traced. Returns the status to exit with. */
static int run_command(struct config *config, struct summary *summary, bool last)
{
	struct child *child = NULL;
	struct trace *trace = NULL;
	char program[PATH_MAX] = "";
	struct errmsg msg = {};
	int err, missing = 0, status;

	err = child_spawn(config->argv, &child, &msg);
	/* Without windows it is the exec that finds out. */
	if (!err && config->n_windows)
		err = missing = child_program(child, program, sizeof(program), &msg);
	if (!err)
		err = options_select_tree(config, child_pid(child));
	if (!err)
		err = trace_open(config, child, program, &trace, &msg);
	if (err) {
		log_error("%s", msg.text);
		child_free(child);
		if (missing)
			return err == -EACCES ? COMMAND_NOT_EXECUTABLE : COMMAND_NOT_FOUND;
		return (int)cli_status_of(err);
	}
	if (!config->repeated)
		trace_say_first(trace);
	err = run_to_end(trace) == EXIT_DONE ? 0 : -EIO;
	status = child_wait(child);
	if (child_has_run(child) && summarize(trace, config, summary, last) != 0)
		log_error("out of memory for the summary");
	/* One that was never let go, and was ended, has no status of its own. */
	if (err && (child_has_run(child) || !child_was_released(child)))
		status = EXIT_FAILED;
	trace_close(trace);
	child_free(child);
	return status;
}

int cli_command(struct config *config)
{
	uint32_t runs = config->repeat ? config->repeat : 1;
	struct summary summary = {};
	int status = EXIT_DONE;

	for (uint32_t i = 0; i < runs; i++) {
		int one = run_command(config, &summary, i + 1 == runs);

		config->repeated = true;
		/* The first that was not 0 is the status of them all. */
		if (status == EXIT_DONE)
			status = one;
		if (summary.joules.n != i + 1)
			break; /* it could not be run at all */
	}
	summary_done(&summary);
	return status;
}
