/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_OUTPUT_CSV_H
#define ENERGYTRACE_OUTPUT_CSV_H

/*
 * A target that is a directory of CSV files, a table each. Rows are added to files that are there, if they have
 * the same columns. A tick is in all of its tables or in none.
 */

#include "output/target.h"

#include <stdio.h>

#define CSV_TABLES_MAX 8

/*
 * Opens the directory, and makes it (and those above it) if it is not there. Returns 0 or a negative errno
 * with `msg` filled.
 */
int csv_open(const char *path, struct target **ret, struct errmsg *msg);

/*
 * Opens the table NAME.csv; rows go into *ret, which stays the target's. `header`: the names of the columns,
 * with commas between. Returns 0 or a negative errno with `msg` filled: as csv_file_open.
 */
int csv_add_table(struct target *csv, const char *name, const char *header, FILE **ret,
		  struct errmsg *msg);

/*
 * What is true of all rows of the directory, and of what may be added to them: the file NAME has this
 * line. Returns 0 or a negative errno with `msg` filled: -EEXIST where it has another one.
 */
int csv_claim(struct target *csv, const char *name, const char *line, struct errmsg *msg);

/* Writes a text as one field of a row: in quotes where it needs them (RFC 4180). */
void csv_put_text(FILE *stream, const char *text);

#endif
