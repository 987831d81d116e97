/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_TELEMETRY_REPORT_H
#define ENERGYTRACE_TELEMETRY_REPORT_H

/*
 * report.html: a run for people, in one file that needs no network and no script. All kernels are in
 * its tables and compared in its figures; each has figures of its own, up to REPORT_KERNELS_MAX
 * of them, beyond which a report has those of the kernel in whose folder it is.
 */

#include "base/errmsg.h"
#include "telemetry/results.h"

#include <stdbool.h>
#include <stdio.h>

#define REPORT_KERNELS_MAX 8

/* Writes the page; `own` is the kernel it is for, NULL: for none. 0 or -ENOMEM. */
int telemetry_report(FILE *stream, const struct telemetry_results *results,
		     const struct telemetry_series *own);

/*
 * Writes report.html beside every file of windows. With `missing` only where there is none, so that one
 * of another program stays. 0 or a negative errno with `msg` filled.
 */
int telemetry_report_files(const struct telemetry_results *results, bool missing,
			   struct errmsg *msg);

/* The same from the run's folder, all of them. */
int telemetry_report_write(const char *run_path, struct errmsg *msg);

#endif
