/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the programs share. They read "START UNTIL" (hundredths of a second of CLOCK_BOOTTIME, as in
 * /proc/uptime) from standard input and sleep until START, so that several begin and end together.
 */
#ifndef SPAN_H
#define SPAN_H

#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define NS_PER_HUNDREDTH 10000000ULL

static inline uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

static inline uint64_t now_ns(void)
{
	return clock_ns(CLOCK_BOOTTIME);
}

static inline void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set) != 0) {
		perror("sched_setaffinity");
		exit(1);
	}
}

static inline void sleep_until(uint64_t ns)
{
	struct timespec at = {.tv_sec = (time_t)(ns / 1000000000U),
			      .tv_nsec = (long)(ns % 1000000000U)};

	while (clock_nanosleep(CLOCK_BOOTTIME, TIMER_ABSTIME, &at, NULL) != 0)
		;
}

/* Returns when to stop. */
static inline uint64_t wait_for_start(void)
{
	unsigned long long start, until;

	if (scanf("%llu %llu", &start, &until) != 2)
		exit(1);
	sleep_until(start * NS_PER_HUNDREDTH);
	return until * NS_PER_HUNDREDTH;
}

/* Stays until standard input is closed. */
static inline void wait_for_hang_up(void)
{
	while (getchar() != EOF)
		;
}

#endif
