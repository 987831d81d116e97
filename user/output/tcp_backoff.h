/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_OUTPUT_TCP_BACKOFF_H
#define ENERGYTRACE_OUTPUT_TCP_BACKOFF_H

#include "base/random.h"

#include <stdint.h>

/*
 * How long to wait before the next try: doubled each time up to a limit, and between half and all of that
 * by chance, so that many senders of one receiver do not come back at one moment.
 */
struct tcp_backoff {
	uint64_t first_ns, longest_ns;
	uint64_t limit_ns; /* of the next delay */
	struct random random;
};

static inline void tcp_backoff_init(struct tcp_backoff *backoff, uint64_t first_ns,
				    uint64_t longest_ns, uint64_t seed)
{
	*backoff = (struct tcp_backoff){first_ns, longest_ns, first_ns, {seed}};
}

/* It worked: the next delay is one of the first again. */
static inline void tcp_backoff_reset(struct tcp_backoff *backoff)
{
	backoff->limit_ns = backoff->first_ns;
}

static inline uint64_t tcp_backoff_next_ns(struct tcp_backoff *backoff)
{
	uint64_t limit_ns = backoff->limit_ns, half_ns = limit_ns / 2;

	backoff->limit_ns = limit_ns > backoff->longest_ns / 2 ? backoff->longest_ns : 2 * limit_ns;
	return half_ns + random_u64(&backoff->random) % (limit_ns - half_ns + 1);
}

#endif
