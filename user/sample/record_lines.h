/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_SAMPLE_RECORD_LINES_H
#define ENERGYTRACE_SAMPLE_RECORD_LINES_H

/*
 * The lines of a record's stream, counted, and the sentences on what is wrong with one of them. Only
 * record_read.c and record_head.c use this.
 */

#include "base/errmsg.h"
#include "sample/record_schema.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct record_lines {
	FILE *stream;
	const char *name; /* of the file, for the sentences */
	char *text;	  /* the line, without its newline */
	size_t room;
	uint64_t number; /* of the line, from 1 */
	bool unread;	 /* set to be given the same line again */
	bool cut;	 /* the file ends in the middle of this line */
	struct errmsg msg;
};

/* Reads the next line: 1, 0 at the end of the file or in a line that is cut, or a negative errno. */
int record_lines_next(struct record_lines *lines);

/*
 * The same, passing over lines of kinds that are not known, down to one that is; `*ret_keys` is where
 * its keys begin.
 */
int record_lines_next_known(struct record_lines *lines, enum record_kind *ret, char **ret_keys);

/* Parses the rest of the line, `keys`, into *object: 0 or a negative errno. */
int record_lines_parse(struct record_lines *lines, enum record_kind kind, char *keys, void *object);

/* All write to lines->msg and return what they say: */

/* -EBADMSG, "FILE:LINE: …" */
__attribute__((format(printf, 2, 3))) int record_lines_bad(struct record_lines *lines,
							   const char *format, ...);
/* -EBADMSG: a line of this kind can't be where it is */
int record_lines_misplaced(struct record_lines *lines, enum record_kind kind);
/* errno after a read that failed */
int record_lines_failed(struct record_lines *lines);
/* -ENOMEM */
int record_lines_no_memory(struct record_lines *lines);

#endif
