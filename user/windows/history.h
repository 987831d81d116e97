/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_WINDOWS_HISTORY_H
#define ENERGYTRACE_WINDOWS_HISTORY_H

/* What a thread used in the ticks that it ran in, and how much of that has been given to windows. */

#include <stddef.h>
#include <stdint.h>

struct thread_tick {
	uint64_t begin_ns, end_ns;
	uint64_t cpu_ns;
	uint64_t taken_ns; /* of it, by windows */
	double joules;	   /* of all of cpu_ns */
};

/* Zeroed: empty. */
struct thread_history {
	struct thread_tick *ticks; /* oldest first */
	size_t n, room;
};

/* Adds the newest tick, or to it if it is that already. 0 or -ENOMEM. */
int thread_history_add(struct thread_history *history, const struct thread_tick *tick);

/*
 * Takes `ns` of a window's own time and returns their joules; less where the ticks have not so much. In
 * *ret_covered the time of the ticks that lie in the window from end to end.
 */
double thread_history_take(struct thread_history *history, uint64_t begin_ns, uint64_t end_ns,
			   uint64_t ns, uint64_t *ret_covered);

/* Takes a zeroed one. */
void thread_history_done(struct thread_history *history);

#endif
