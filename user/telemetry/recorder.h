/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_TELEMETRY_RECORDER_H
#define ENERGYTRACE_TELEMETRY_RECORDER_H

/*
 * A run being written: each window goes to the file of its kernel. Lines are written whole, so that a
 * run that is cut off, by a signal or a full disk, is readable up to its last window.
 */

#include "base/errmsg.h"
#include "telemetry/facts.h"
#include "telemetry/window.h"
#include "telemetry/write.h"

struct telemetry_recorder;

/*
 * Makes the run's folder in `dir` (telemetry_rundir_create, with `run` as its name or NULL) and its
 * run.json. Of `facts`, started_ns must be known; `run` is filled in. 0 or a negative errno with
 * `msg` filled.
 */
int telemetry_recorder_new(const char *dir, const char *run, enum telemetry_format format,
			   const struct telemetry_facts *facts, struct telemetry_recorder **ret,
			   struct errmsg *msg);

/* The path of the run's folder. */
const char *telemetry_recorder_path(const struct telemetry_recorder *recorder);

/*
 * Takes a window; its `plugin` says which kernel's it is. It reaches its file at the next flush, or
 * when about a megabyte has gathered. 0 or a negative errno with `msg` filled.
 */
int telemetry_recorder_add(struct telemetry_recorder *recorder,
			   const struct telemetry_window *window, struct errmsg *msg);

/*
 * Writes what has gathered: once a tick. After a failure the files end with whole lines, and the
 * windows that were not written are counted in `dropped`.
 */
int telemetry_recorder_flush(struct telemetry_recorder *recorder, struct errmsg *msg);

/*
 * Ends the run: the last windows, run.json with what is known now (`run` and `run_id` stay), and
 * report.html in the folder of each kernel. A failure of one does not keep the others from being
 * written; the first one's errno and sentence are returned.
 */
int telemetry_recorder_finish(struct telemetry_recorder *recorder,
			      const struct telemetry_facts *facts, struct errmsg *msg);

/* Takes NULL. Writes nothing. */
void telemetry_recorder_free(struct telemetry_recorder *recorder);

#endif
