/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_REPORT_JIFFIES_H
#define ENERGYTRACE_REPORT_JIFFIES_H

#include <stdint.h>

#define NS_PER_S 1000000000ULL

/*
 * Nanoseconds to jiffies, rounded down. Whole seconds go apart: the remainder times any 32-bit
 * user_hz fits in 64 bits, where the whole product would not after some CPU-years.
 */
static inline uint64_t jiffies_of(uint64_t ns, uint32_t user_hz)
{
	return ns / NS_PER_S * user_hz + ns % NS_PER_S * user_hz / NS_PER_S;
}

/*
 * The same for the next piece of a sum of times. What is rounded off stays in *rest, so that the
 * jiffies of all pieces add up to jiffies_of(the sum).
 */
static inline uint64_t jiffies_next(uint64_t ns, uint32_t user_hz, uint64_t *rest)
{
	uint64_t part = ns % NS_PER_S * user_hz + *rest;

	*rest = part % NS_PER_S;
	return ns / NS_PER_S * user_hz + part / NS_PER_S;
}

#endif
