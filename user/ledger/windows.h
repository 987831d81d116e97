/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_LEDGER_WINDOWS_H
#define ENERGYTRACE_LEDGER_WINDOWS_H

/*
 * Single calls as windows: probes at functions and markers that read the ledger at the begin and at the
 * end of each call, in each thread. bpf/windows_shared.h tells how it is exact. What is where in a file
 * is found by windows/locate.h; what the windows cost is said by windows/energy.h.
 */

#include "base/errmsg.h"
#include "windows/window.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LEDGER_WINDOW_FUNCTIONS 64U /* at most */

struct ledger;
struct ledger_windows;

struct ledger_windows_options {
	const struct window_probe *probes; /* need not outlive the call */
	size_t n_probes;
	const uint32_t *pids; /* of the processes to follow */
	size_t n_pids;
	/*
	 * What descends from these too, also what is born later. The probes are then met by every
	 * process that has the files mapped, and left at once by those that are not followed.
	 */
	bool descendants;
	uint32_t ring_bytes; /* for windows that wait to be read; 0: 4 MiB, some 47,000 of them */

	/* Told of each window, in the order they ended in (within a thread). Nonzero ends the telling. */
	int (*finished)(void *userdata, const struct window *window);
	void *userdata;
};

/* Loads and attaches. 0 or a negative errno with `msg` filled: as ledger_open, -ESRCH for a pid. */
int ledger_windows_open(struct ledger *ledger, const struct ledger_windows_options *options,
			struct ledger_windows **ret, struct errmsg *msg);

/* Readable when the room is half used: ledger_windows_drain is wanted before the tick. */
int ledger_windows_fd(const struct ledger_windows *windows);

/*
 * Tells of the windows that have ended since the last call: at least once a second, and right after
 * ledger_mark, so that all of the tick are there. 0, or what `finished` returned (what was not told then stays).
 */
int ledger_windows_drain(struct ledger_windows *windows);

/* Since the open, of one function. Those that are still open are begun less all that has come of them. */
void ledger_windows_counts(const struct ledger_windows *windows, uint32_t function,
			   struct window_totals *ret);

/* Takes the probes away; what has ended before can still be drained. */
void ledger_windows_detach(struct ledger_windows *windows);

/* Before ledger_close. Takes NULL and half-built objects. */
void ledger_windows_close(struct ledger_windows *windows);

#endif
