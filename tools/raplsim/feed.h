/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RAPLSIM_FEED_H
#define RAPLSIM_FEED_H

/* The loop that lets the counters of a tree run. */

#include "base/errmsg.h"
#include "raplsim/load.h"
#include "raplsim/options.h"
#include "raplsim/tree.h"
#include "raplsim/zone.h"

#include <signal.h>
#include <stdint.h>

struct feed {
	struct options *options; /* its faults change */
	struct tree *tree;
	struct zones *zones;
	struct load *load; /* NULL unless a package follows it */
};

/* Begins the faults of time 0: no reader sees the tree without them. 0 or a negative errno. */
int feed_begin(struct feed *feed, struct errmsg *msg);

/*
 * Runs from time 0, now, to the end that the options name, and writes the counters of that end.
 * The signals of feed_block have to be blocked. Returns 0, the status to exit with in `ret_status`
 * and the time of the end, or a negative errno with `msg` filled.
 */
int feed_run(struct feed *feed, const sigset_t *mask, int *ret_status, uint64_t *ret_end_ns,
	     struct errmsg *msg);

/* Blocks the signals that feed_run takes; `ret_mask` is the mask before, for the command. */
void feed_block(sigset_t *ret_mask);

#endif
