/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_SAMPLE_RECORD_HEAD_H
#define ENERGYTRACE_SAMPLE_RECORD_HEAD_H

/* The head of a record: all before the first tick. Only record_read.c and record_windows.c use this. */

#include "sample/record.h"
#include "sample/record_lines.h"

#include <stdbool.h>
#include <stddef.h>

struct record_head {
	struct run run;
	size_t cpus_room, domains_room, counters_room, functions_room;
	bool has_run; /* the run line was there */
	struct record_setting *settings;
	size_t n_settings, settings_room;
};

/*
 * Reads the head into a zeroed object, up to the first tick's line (which is the next line again) or
 * the end of the file. Returns 0 or a negative errno, as record_reader_new.
 */
int record_head_read(struct record_head *head, struct record_lines *lines);

/* 0 when `domain` is one of the run's, or none; else -EBADMSG, on the key of a line of this kind. */
int record_head_check_domain(const struct record_head *head, struct record_lines *lines,
			     enum record_kind kind, const char *key, int32_t domain);

/* Frees what the head holds, not the head. Takes a zeroed one. */
void record_head_done(struct record_head *head);

#endif
