/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_TELEMETRY_RUNDIR_H
#define ENERGYTRACE_TELEMETRY_RUNDIR_H

/*
 * The folders of a run:
 *
 *	DIR/RUN/run.json
 *	DIR/RUN/kernel-data/NAME/telemetry.ndjson (or .csv), report.html
 *	DIR/RUN/analysis/
 */

#include "base/errmsg.h"

#include <stdint.h>
#include <stdio.h>

#define TELEMETRY_KERNEL_DATA "kernel-data"
#define TELEMETRY_DIRNAME_SIZE 256 /* NAME_MAX and a NUL */

/*
 * Makes the folder of a new run, and DIR if it is not there. Its name is `name`, which must not be
 * there yet, or, for NULL, run-YYYY-MM-DD-NNN: the day of `realtime_ns` in UTC, and the number behind
 * the greatest of that day. The kernel lets one mkdir of a name win, so that two runs at once get
 * two folders. Returns 0 with its path, which the caller frees, or a negative errno with `msg`
 * filled: -EINVAL for a name that is no file name, -EEXIST for one that is taken.
 */
int telemetry_rundir_create(const char *dir, const char *name, int64_t realtime_ns, char **ret,
			    struct errmsg *msg);

/*
 * The name of a kernel's folder: the kernel's own, with %XX for what is no plain character of a file
 * name, so that no two share one; one of more than 200 bytes is cut and gets a hash of the whole.
 */
void telemetry_dirname(const char *plugin, char ret[TELEMETRY_DIRNAME_SIZE]);

/* Makes a folder that may be there already. 0 or a negative errno with `msg` filled. */
int telemetry_mkdir(const char *path, struct errmsg *msg);

/* `dir`/`name`, which the caller frees, or NULL. */
char *telemetry_path(const char *dir, const char *name);

/*
 * A file that is there whole or as it was before: written under another name and then renamed.
 *
 *	err = telemetry_file_open(&file, path, &msg);
 *	fprintf(file.stream, …);
 *	err = telemetry_file_close(&file, &msg);
 */
struct telemetry_file {
	FILE *stream;
	char *path, *temporary;
};

int telemetry_file_open(struct telemetry_file *file, const char *path, struct errmsg *msg);

/* Puts the file in its place, or, after an error of the stream, takes it away. */
int telemetry_file_close(struct telemetry_file *file, struct errmsg *msg);

/* Takes it away. */
void telemetry_file_drop(struct telemetry_file *file);

#endif
