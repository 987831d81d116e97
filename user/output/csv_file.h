/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_OUTPUT_CSV_FILE_H
#define ENERGYTRACE_OUTPUT_CSV_FILE_H

/* One file of comma-separated rows under one header, which programs add to one after the other. */

#include "base/errmsg.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct csv_file {
	char *path;
	char *header; /* without the end of its line */
	int fd;
	off_t before; /* its size before the last csv_file_write */
};

/*
 * Opens it to add rows, and makes it if it is not there. Returns 0 or a negative errno with `msg` filled:
 * -EEXIST when it holds something else than rows under this header, -EBUSY when another program
 * adds to it. A last line that was cut short (a killed run's) is taken off.
 */
int csv_file_open(const char *path, const char *header, struct csv_file *ret, struct errmsg *msg);

/* Adds whole rows, behind the header where the file is empty. 0 or a negative errno: see csv_file_undo. */
int csv_file_write(struct csv_file *file, const char *rows, size_t size);

/* Takes off again what the last write has written, if only in part. */
void csv_file_undo(struct csv_file *file);

/* Its path still leads to it. */
bool csv_file_is_current(const struct csv_file *file);

/* Takes a zeroed one with fd -1. 0 or the negative errno of the close. */
int csv_file_close(struct csv_file *file);

#endif
