/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_REPORT_ENDED_H
#define ENERGYTRACE_REPORT_ENDED_H

#include "report/entities.h"

#define ENDED_MAX_NAMES 65536
#define ENDED_MORE "(more)"

/* The sum of all entities that ended under one name. */
struct ended_name {
	UT_hash_handle hh;
	char *name;
	uint32_t pid; /* of the first */
	uint64_t count;
	struct running total;
};

/*
 * What is kept of entities that are gone: memory follows their names, not their number. Names
 * beyond ENDED_MAX_NAMES are summed under ENDED_MORE.
 */
struct ended {
	struct ended_name *table;
	struct ended_name more;
};

/* Adds the entity's total to its name. Always succeeds: without memory it goes to ENDED_MORE. */
void ended_add(struct ended *ended, const struct tracked *tracked);
size_t ended_count(const struct ended *ended);
void ended_done(struct ended *ended);

#endif
