/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_REPORT_WINDOW_H
#define ENERGYTRACE_REPORT_WINDOW_H

#include "report/entities.h"

/* What one entity ran in one tick. */
struct window_row {
	struct handle entity;
	uint64_t ns;
};

struct window_tick {
	struct window_row *rows;
	size_t n_rows;
	uint64_t active_ns, active_jiffies; /* of the host */
};

/*
 * The last `size` ticks. The sum of each entity is kept in its window_ns; a tick that comes
 * adds to those that ran in it, one that goes subtracts from those that ran in that.
 */
struct window {
	struct window_tick *ticks; /* a ring of `size` */
	double *joules;		   /* of the host, in the same order */
	uint32_t size, held, next;
	uint64_t active_ns, active_jiffies; /* of the host, over all ticks held */
};

/* Returns 0 or -ENOMEM. */
int window_init(struct window *window, uint32_t size);

/* A tick's host figures, and its entities: those of `present` that have run. */
struct window_entry {
	uint64_t active_ns, active_jiffies;
	double joules;
	struct tracked *const *present;
	size_t n_present;
};

/*
 * Puts a tick in, and the oldest out when the window is full. `entities` holds the entities.
 * Returns 0, or -ENOMEM with nothing changed.
 */
int window_push(struct window *window, const struct entities *entities,
		const struct window_entry *entry);

/* Joules of the host over the ticks held. */
double window_joules(const struct window *window);

/* Takes a zeroed one. */
void window_done(struct window *window);

#endif
