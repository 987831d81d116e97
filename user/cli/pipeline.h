/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_CLI_PIPELINE_H
#define ENERGYTRACE_CLI_PIPELINE_H

/* From a sample on: attribution, report, outputs. The same for a live run and a replay. */

#include "base/errmsg.h"
#include "cli/options.h"
#include "report/report.h"
#include "sample/sample.h"

#include <stdbool.h>

struct pipeline;

/* `config` and `run` outlive the pipeline. 0 or a negative errno with `msg` filled. */
int pipeline_open(const struct config *config, const struct run *run, struct pipeline **ret,
		  struct errmsg *msg);

/*
 * One sample to every output. Returns 0, or a negative errno with `msg` filled; -EPIPE when the
 * reader of standard output is gone.
 */
int pipeline_tick(struct pipeline *pipeline, const struct sample *sample, struct errmsg *msg);

/* As reporter_all_ended and reporter_pids_ended. */
bool pipeline_all_ended(const struct pipeline *pipeline);
bool pipeline_pids_ended(const struct pipeline *pipeline);

/* The totals so far; totals_done frees them. 0 or -ENOMEM. */
int pipeline_totals(const struct pipeline *pipeline, struct totals *ret);

/* Opens the files of the outputs anew. */
int pipeline_reopen(struct pipeline *pipeline, struct errmsg *msg);

/*
 * The totals, to every output that still works. The first error is returned, with `msg` filled;
 * -EPIPE as above.
 */
int pipeline_finish(struct pipeline *pipeline, struct errmsg *msg);

/* As output_wake_fd of each output, and output_wake of all. */
size_t pipeline_n_outputs(const struct pipeline *pipeline);
int pipeline_wake_fd(const struct pipeline *pipeline, size_t output);
void pipeline_wake(struct pipeline *pipeline);

/* As output_complaint, of the first output that has one. */
const char *pipeline_complaint(struct pipeline *pipeline);

/* Takes NULL. */
void pipeline_close(struct pipeline *pipeline);

#endif
