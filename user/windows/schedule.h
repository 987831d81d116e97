/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_WINDOWS_SCHEDULE_H
#define ENERGYTRACE_WINDOWS_SCHEDULE_H

/*
 * When a window was due: release and deadline beside its begin and end. With a period, a thread's
 * outermost windows of a function are due one period after the other, from the begin of its first on;
 * one that was slept through is not made up for. Without a period each is released as it begins.
 */

#include "windows/window.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct window_schedule;

struct window_timing {
	uint64_t release_ns, deadline_ns; /* CLOCK_MONOTONIC; a deadline of 0: there is none */
	bool missed;			  /* it ended after the deadline */
};

/*
 * The period is H / Fs (windows_period_ns), 0 for none; the deadline counts from the release, 0: the next
 * release, or none at all without a period. 0 or -ENOMEM.
 */
int window_schedule_new(uint64_t period_ns, uint64_t deadline_ns, struct window_schedule **ret);

/* H samples at Fs a second in ns, to the nearest; 0 where one of them is not known. */
uint64_t windows_period_ns(uint32_t h, double fs_hz);

/*
 * Windows of one thread in the order they began, inner ones (of which each is released at its begin)
 * anywhere between. A window that begins before its release was released with its begin, and the rest of
 * the schedule moves with it. 0 or -ENOMEM.
 */
int windows_schedule(struct window_schedule *schedule, const struct window *window,
		     struct window_timing *ret);

/* Takes NULL. */
void window_schedule_free(struct window_schedule *schedule);

#endif
