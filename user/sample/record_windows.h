/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_SAMPLE_RECORD_WINDOWS_H
#define ENERGYTRACE_SAMPLE_RECORD_WINDOWS_H

/*
 * The windows of calls in a tick that is read: their lines, and what must hold of them. Only
 * record_read.c uses this.
 */

#include "sample/record_head.h"
#include "sample/record_lines.h"
#include "sample/sample.h"

#include <stddef.h>

/* Zeroed: there are none. */
struct record_windows {
	struct record_thread *threads; /* of the open tick, by their numbers */
	size_t n_threads, room;
};

/* A tick begins. */
void record_windows_begin(struct record_windows *windows);

/* Each takes the keys of a line of its kind. 0 or an error of `lines`. */
int record_windows_add_totals(const struct record_head *head, struct record_lines *lines,
			      char *keys, struct sample *sample);
int record_windows_add_thread(struct record_windows *windows, struct record_lines *lines,
			      char *keys);
int record_windows_add(const struct record_windows *windows, const struct record_head *head,
		       struct record_lines *lines, char *keys, struct sample *sample);

/* 0 when the tick may end as it is, else an error of `lines`. */
int record_windows_end(const struct record_head *head, struct record_lines *lines,
		       const struct sample *sample);

/* Takes a zeroed one. */
void record_windows_done(struct record_windows *windows);

#endif
