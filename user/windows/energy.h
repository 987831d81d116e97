/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_WINDOWS_ENERGY_H
#define ENERGYTRACE_WINDOWS_ENERGY_H

/*
 * What windows cost: in each tick that a window lies in, it gets of its thread's joules (whatever model
 * gave these) what its on-CPU time in the tick is of the thread's. Pure: no clock, no I/O.
 *
 * A window has its own time, and that of the windows within it. Of a tick that it covers from end to end,
 * all of the thread's time is its own that is not theirs. What is left of its own time goes to the ticks
 * that it began and ended in, by how much of them it covers. No time of a thread is given away twice, so
 * for each process the windows' own joules + the rest = the joules of the process, and no part is
 * negative.
 *
 * Of a thread some 500 ticks are known one by one; of more, the older ones are taken two by two, so that
 * memory stays bounded and the begin of a long window is known to within a hundredth of its length.
 */

#include "windows/window.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct window_energy;

/* What one thread used in a tick. Joules: of all domains together, NaN where nobody counts them. */
struct window_thread_use {
	uint32_t tid, pid;
	uint64_t start_ns, process_start_ns;
	uint64_t cpu_ns;
	double joules;
	bool ended;	    /* nothing more will come of the thread */
	bool process_ended; /* nor of the process */
};

/* Two readings of the energy, and what the threads used between them. */
struct window_tick {
	uint64_t begin_ns, end_ns; /* CLOCK_MONOTONIC; the one's end is the next one's begin */
	const struct window_thread_use *uses; /* those of one thread in any order, also several */
	size_t n_uses;
};

struct window_cost {
	double joules;	   /* of the whole call; NaN where they are not known */
	double own_joules; /* without the windows within it: these can be summed */
	bool resolved; /* readings were made within the call: not only its share of longer ones */
};

/* What the windows of one process have used so far, and what else it has. */
struct window_process {
	uint32_t pid;
	uint64_t start_ns;
	double joules;	       /* of the process */
	double windows_joules; /* of the windows that were told: their own */
	double rest_joules;    /* of the rest, windows that are still open too */
	uint64_t n_windows;
};

/* Processes that have ended, as one. */
struct window_gone {
	struct window_process sum; /* pid 0 */
	uint64_t n_with_windows;   /* how many of them had any */
};

/* `update_ns`: how often the counters of the joules move (run.update_ns). 0 or -ENOMEM. */
int window_energy_new(uint64_t update_ns, struct window_energy **ret);

/* Takes the next tick. 0 or -ENOMEM. */
int window_energy_tick(struct window_energy *energy, const struct window_tick *tick);

/* Takes a window that has ended, in the order of ledger_windows_drain. 0 or -ENOMEM. */
int window_energy_add(struct window_energy *energy, const struct window *window);

/*
 * Tells of the windows that ended before the end of the last tick, or (`all`: at the end of the run) of
 * all there are, each once, in the order they were added. 0, or what `each` returned (which loses the
 * rest of them).
 */
int windows_attribute(struct window_energy *energy, bool all,
		      int (*each)(void *userdata, const struct window *window,
				  const struct window_cost *cost),
		      void *userdata);

/*
 * The processes that live, and the first thousand or so of those with windows that have ended; good until the next
 * call. The others, which were in a tick or had windows, are in *ret_gone.
 */
size_t window_energy_processes(const struct window_energy *energy,
			       const struct window_process **ret, struct window_gone *ret_gone);

/* Takes NULL. */
void window_energy_free(struct window_energy *energy);

#endif
