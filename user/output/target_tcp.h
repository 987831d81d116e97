/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_OUTPUT_TARGET_TCP_H
#define ENERGYTRACE_OUTPUT_TARGET_TCP_H

#include "output/target.h"
#include "output/tcp_address.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * A connection to a server that takes lines. It holds up no tick: what the server does not take waits, within
 * a bound, and then is dropped, oldest first. `patient`: the ticks can wait (a replay makes them as fast
 * as they are taken), so nothing is dropped, and a server that takes nothing is a failure of the
 * output. `capacity`: bytes that may wait. Returns 0 or a negative errno with `msg` filled.
 */
int target_tcp_open(const struct tcp_address *address, size_t capacity, bool patient,
		    struct target **ret, struct errmsg *msg);

#endif
