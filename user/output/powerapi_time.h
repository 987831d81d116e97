/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_OUTPUT_POWERAPI_TIME_H
#define ENERGYTRACE_OUTPUT_POWERAPI_TIME_H

#include <stddef.h>
#include <stdint.h>

#define POWERAPI_ISO_SIZE 32

/*
 * CLOCK_REALTIME in UTC as "2026-01-12T10:20:18.428999", cut to the microsecond: with a fraction and no zone,
 * which is what PowerAPI 2.10 takes and the newest file reader takes too. Returns the length.
 */
size_t powerapi_iso(int64_t realtime_ns, char text[POWERAPI_ISO_SIZE]);

/* Of one output: the epoch milliseconds that were last told. Begins as zeros. */
struct powerapi_clock {
	int64_t last_ms;
};

/*
 * Epoch milliseconds of the tick: to a reader two ticks in one millisecond are one report, and one that goes back
 * ends its reading. So it is at least one more than the last, as long as the clock is back by less than a
 * second; a clock that is set back further is followed.
 */
int64_t powerapi_ms(struct powerapi_clock *clock, int64_t realtime_ns);

#endif
