/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_CLI_WAIT_H
#define ENERGYTRACE_CLI_WAIT_H

/* What the tick loop waits for, all of it events: timers, signals, the end of processes. */

#include "base/errmsg.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum wait_event {
	WAIT_TICK = 1,	 /* the tick is over */
	WAIT_POLL = 2,	 /* the energy counters want to be read in mid-tick */
	WAIT_STOP = 4,	 /* SIGINT or SIGTERM */
	WAIT_HUP = 8,	 /* SIGHUP */
	WAIT_ENDED = 16, /* every watched process has exited */
	WAIT_PASS = 32,	 /* a signal for the command: waiter_signal tells which */
	WAIT_WAKE = 64,	 /* one of waiter_watch is readable */
};

struct waiter;

struct waiter_options {
	uint64_t interval_ns;
	uint64_t poll_interval_ns; /* UINT64_MAX or more than the interval: no polls */
	const uint32_t *pids;	   /* to be told of when all have exited */
	size_t n_pids;
	bool pass_signals; /* SIGINT, SIGTERM, SIGQUIT, SIGUSR1 and SIGUSR2 are the command's */
};

/* Blocks the signals from here on. Returns 0 or a negative errno with `msg` filled. */
int waiter_new(const struct waiter_options *options, struct waiter **ret, struct errmsg *msg);

#define WAITER_MAX_WAKES 16

/*
 * One more descriptor to wait for, which stays the caller's; -1 is none. Of more than WAITER_MAX_WAKES
 * the rest is looked after at each tick only.
 */
void waiter_watch(struct waiter *waiter, int fd);

/* Begins to count ticks now. */
int waiter_start(struct waiter *waiter);

/*
 * Sleeps until something has come. Returns a set of enum wait_event, or a negative errno. Ticks that
 * were slept through are not made up for.
 */
int waiter_next(struct waiter *waiter);

/* The signal that the last WAIT_PASS came with. */
int waiter_signal(const struct waiter *waiter);

/* Puts the signals back as they were. Takes NULL. */
void waiter_free(struct waiter *waiter);

#endif
