/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_SAMPLE_RECORD_THREADS_H
#define ENERGYTRACE_SAMPLE_RECORD_THREADS_H

/*
 * The threads that the windows of a tick are of, numbered, so that thousands of windows tell of
 * theirs by a short number. Only record_write.c uses this.
 */

#include "sample/record_schema.h"

#include <stdint.h>
#include <stdio.h>

struct record_thread_number;

/* Zeroed: there are none. */
struct record_threads {
	struct record_thread_number *table;
	struct record_thread_number *last; /* that was looked for: most often the next one, too */
};

/* Numbers the threads of the sample's windows. 0 or -ENOMEM, after which it may be tried again. */
int record_threads_take(struct record_threads *threads, const struct sample *sample);

/* Writes their lines, in the order of their numbers. */
void record_threads_write(const struct record_threads *threads, FILE *stream);

/* The number of the thread of one of the windows. */
uint32_t record_threads_of(struct record_threads *threads, const struct window *window);

/* Takes a zeroed one. */
void record_threads_done(struct record_threads *threads);

#endif
