/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_SAMPLE_RECORD_NAMES_H
#define ENERGYTRACE_SAMPLE_RECORD_NAMES_H

/*
 * What the numbers in a record's lines stand for: its containers, cgroups and users so far. Only
 * record_read.c uses this.
 */

#include "sample/record_lines.h"

struct record_name;

/* By ref. */
struct record_name_list {
	struct record_name *names;
	size_t n, room;
};

struct record_names {
	struct record_name_list containers, cgroups, users;
	uint64_t tick;
};

/* Takes a line of RECORD_CONTAINER, RECORD_CGROUP or RECORD_USER. 0 or an error of `lines`. */
int record_names_define(struct record_names *names, struct record_lines *lines,
			enum record_kind kind, const char *keys);

/* Another tick begins, with an empty sample. */
void record_names_begin(struct record_names *names);

/*
 * From a ref in a line of `kind` to an index of the sample, which gets the element when it first needs
 * it. 0 or an error of `lines`.
 */
int record_names_cgroup(struct record_names *names, struct record_lines *lines,
			enum record_kind kind, int32_t *cgroup, struct sample *sample);
int record_names_user(struct record_names *names, struct record_lines *lines, enum record_kind kind,
		      int32_t *user, struct sample *sample);

/* Takes a zeroed one. */
void record_names_done(struct record_names *names);

#endif
