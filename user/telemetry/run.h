/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_TELEMETRY_RUN_H
#define ENERGYTRACE_TELEMETRY_RUN_H

/* A run that was recorded, read whole: its facts, and the windows of each kernel. */

#include "base/errmsg.h"
#include "telemetry/facts.h"
#include "telemetry/series.h"

#include <stddef.h>

/* A file of windows in the run. */
struct telemetry_run_file {
	char *path;   /* below the run's folder */
	char *folder; /* that it is in, below the run's folder; "" for that itself */
	const struct telemetry_series *series; /* of its first window, or NULL */
	struct telemetry_reading reading;
	char error[160]; /* why the rest of it could not be read, or "" */
};

struct telemetry_run {
	char *path;
	struct telemetry_facts facts;	  /* what run.json says, or else the harness's own files */
	char facts_error[160];		  /* why run.json could not be read, or "" */
	struct telemetry_series **series; /* by the names of the folders, then as they came */
	size_t n_series;
	struct telemetry_run_file *files;
	size_t n_files;
	size_t n_broken; /* lines of all files */
};

/*
 * Reads RUN/kernel-data/NAME/telemetry.ndjson or .csv of every NAME, and where there are no such
 * folders RUN/telemetry.ndjson or .csv. Of two formats in one folder the NDJSON is read. Broken
 * lines and files are noted in the run and no error. Returns 0 or a negative errno with `msg`
 * filled: -ENOENT where there is no telemetry, and what was probably meant.
 */
int telemetry_run_load(const char *path, struct telemetry_run **ret, struct errmsg *msg);

/* The series of a kernel, or NULL. */
const struct telemetry_series *telemetry_run_find(const struct telemetry_run *run,
						  const char *name);

/* Takes NULL. */
void telemetry_run_free(struct telemetry_run *run);

#endif
