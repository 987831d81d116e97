/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_SAMPLE_RECORD_REFS_H
#define ENERGYTRACE_SAMPLE_RECORD_REFS_H

/*
 * The numbers that a record's lines use for containers, cgroups and users: one for each content, with a
 * line that says it before its first use. Only record_write.c uses this.
 */

#include "sample/sample.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct record_ref;

/* Of one kind. */
struct record_dictionary {
	struct record_ref *table;
	struct record_ref **of; /* by index in the sample's array; NULL: no row needs it */
	size_t room;
	int32_t next;  /* the lowest number that was never given */
	int32_t *free; /* numbers whose content is forgotten */
	size_t n_free, free_room;
	size_t sweep_at; /* the size at which the next sweep is due */
};

struct record_refs {
	struct record_dictionary containers, cgroups, users;
	/* In the order that they were met, which is that in which a reader finds them. */
	struct record_ref *unwritten, **last_unwritten;
	struct record_ref *removed, **last_removed; /* cgroups, in this sample */
	char *key;				    /* scratch */
	size_t key_length, key_room;
	uint64_t ticks;
};

/* Gives a number to all that the sample's rows name. 0 or -ENOMEM, after which it may be tried again. */
int record_refs_take(struct record_refs *refs, const struct sample *sample);

/* Writes the lines of the numbers that are new since the last call. */
void record_refs_write(struct record_refs *refs, FILE *stream);

/* The number of the sample's element, SAMPLE_UNKNOWN of SAMPLE_UNKNOWN. */
int32_t record_refs_of(const struct record_dictionary *dictionary, int32_t index);

/* Writes a line for each cgroup of the sample that is removed in it. */
void record_refs_write_removed(const struct record_refs *refs, FILE *stream);

/*
 * The sample has been written: forgets what was not used for long, when there is much. Its numbers are
 * given again, so neither a writer nor a reader grows with all that ever was.
 */
void record_refs_sweep(struct record_refs *refs);

/* Takes a zeroed one. */
void record_refs_done(struct record_refs *refs);

#endif
