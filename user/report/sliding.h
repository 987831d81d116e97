/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_REPORT_SLIDING_H
#define ENERGYTRACE_REPORT_SLIDING_H

#include "report/entities.h"

/* What one entity ran in one tick. */
struct sliding_row {
	struct handle entity;
	uint64_t ns;
};

struct sliding_tick {
	struct sliding_row *rows;
	size_t n_rows;
	uint64_t active_ns, active_jiffies; /* of the host */
};

/*
 * The last `size` ticks. The sum of each entity is kept in its window_ns; a tick that comes
 * adds to those that ran in it, one that goes subtracts from those that ran in that.
 */
struct sliding {
	struct sliding_tick *ticks; /* a ring of `size` */
	double *joules;		    /* of the host, in the same order */
	uint32_t size, held, next;
	uint64_t active_ns, active_jiffies; /* of the host, over all ticks held */
};

/* Returns 0 or -ENOMEM. */
int sliding_init(struct sliding *sliding, uint32_t size);

/* A tick's host figures, and its entities: those of `present` that have run. */
struct sliding_entry {
	uint64_t active_ns, active_jiffies;
	double joules;
	struct tracked *const *present;
	size_t n_present;
};

/*
 * Puts a tick in, and the oldest out when the window is full. `entities` holds the entities.
 * Returns 0, or -ENOMEM with nothing changed.
 */
int sliding_push(struct sliding *sliding, const struct entities *entities,
		 const struct sliding_entry *entry);

/* Joules of the host over the ticks held. */
double sliding_joules(const struct sliding *sliding);

/* Takes a zeroed one. */
void sliding_done(struct sliding *sliding);

#endif
