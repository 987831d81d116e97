/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_SAMPLE_RECORD_TEXT_H
#define ENERGYTRACE_SAMPLE_RECORD_TEXT_H

/*
 * One line of a record, written from a structure and parsed into one. Only user/sample/record_*.c
 * use this.
 */

#include "base/errmsg.h"
#include "sample/record_schema.h"

#include <stdio.h>

/* Writes a whole line. Errors of the stream are the caller's to find. */
void record_line_write(FILE *stream, enum record_kind kind, const void *object);

/*
 * Parses the keys of a line, taking `keys` apart, and sets every member of *object that the kind has
 * a key for; members that are pointers point into `keys`. Returns 0 or -EBADMSG with `msg` filled
 * (no file, no line number).
 */
int record_line_parse(enum record_kind kind, char *keys, void *object, struct errmsg *msg);

#endif
