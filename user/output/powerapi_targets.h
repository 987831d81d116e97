/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_OUTPUT_POWERAPI_TARGETS_H
#define ENERGYTRACE_OUTPUT_POWERAPI_TARGETS_H

/*
 * The entities of a report as PowerAPI's targets: by names that are unique, that do not change while the entity
 * lives if its own name does not, and that are the same in every report of the tick.
 *
 * The name is the path of a cgroup or unit, and NAME[ID] of all others; a group's is its own,
 * "(kernel)". Bytes that are control characters or no UTF-8 are written as \xHH. Readers of CSV need the
 * targets sorted as bytes.
 */

#include "base/arena.h"
#include "report/report.h"

#include <stddef.h>

struct powerapi_target {
	const char *name;
	const struct entity *entity;
	struct figures tick;
};

struct powerapi_targets {
	struct powerapi_target *list; /* sorted by name, no name twice */
	size_t n;
	struct figures left_out; /* of entities that are not below the base */

	size_t room;
	struct arena names; /* those that are not texts of the entities */
};

/*
 * Takes the entities of the tick. With a base (the path of a cgroup, or NULL) only what is below it or is it, named
 * from there on. Pointers last until the next call. 0 or -ENOMEM.
 */
int powerapi_targets_take(struct powerapi_targets *targets, const struct report *report,
			  const char *base);

/* Takes a zeroed one. */
void powerapi_targets_done(struct powerapi_targets *targets);

#endif
