/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_SAMPLE_COLLECT_WINDOWS_H
#define ENERGYTRACE_SAMPLE_COLLECT_WINDOWS_H

/* The windows of calls of a live run: found, heard of in mid-tick, and put in the tick's sample. */

#include "base/errmsg.h"
#include "ledger/windows.h"
#include "sample/sample.h"

#include <stddef.h>
#include <stdint.h>

struct collector_options;

/* Zeroed: there are none. */
struct collect_windows {
	struct ledger_windows *ledger;
	struct window *heard; /* since the last tick */
	size_t n_heard, room;
	int err;	   /* the first that went wrong in mid-tick */
	uint64_t *dropped; /* by function: more than we hold until the tick, since the start */
};

/* Finds what was asked for in the files of the processes, names it in the run, and begins. */
int collect_windows_open(struct collect_windows *windows, struct ledger *ledger,
			 const struct collector_options *options, struct run *run,
			 struct errmsg *msg);

int collect_windows_fd(const struct collect_windows *windows);

/* Takes what there is. Of more than a million in a tick the rest are counted as dropped. 0 or -ENOMEM. */
int collect_windows_hear(struct collect_windows *windows);

/* Gives the sample all that was heard, and the totals. 0 or -ENOMEM. */
int collect_windows_take(struct collect_windows *windows, const struct run *run,
			 struct sample *sample);

/* Before the ledger is closed. Takes a zeroed one. */
void collect_windows_close(struct collect_windows *windows);

#endif
