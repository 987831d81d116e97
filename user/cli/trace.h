/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_CLI_TRACE_H
#define ENERGYTRACE_CLI_TRACE_H

#include "base/errmsg.h"
#include "cli/child.h"
#include "cli/options.h"
#include "cli/pipeline.h"

struct trace;

/*
 * Opens all that a run needs. `config` outlives the trace, and so does `child` (NULL: none), which
 * the config selects; `program` is the file that it is, for windows that are in it. 0 or a negative errno
 * with `msg` filled.
 */
int trace_open(const struct config *config, struct child *child, const char *program,
	       struct trace **ret, struct errmsg *msg);

/*
 * From the start mark to the last tick; the totals are the caller's. Releases the command. Returns 0
 * or a negative errno with `msg` filled: -EPIPE when the reader of standard output is gone.
 */
int trace_run(struct trace *trace, struct errmsg *msg);

/* What a person should know before the first tick, said once. */
void trace_say_first(const struct trace *trace);

struct pipeline *trace_pipeline(struct trace *trace);

/* Takes NULL. */
void trace_close(struct trace *trace);

#endif
