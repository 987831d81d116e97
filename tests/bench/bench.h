/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_BENCH_BENCH_H
#define ENERGYTRACE_BENCH_BENCH_H

/*
 * The benchmark behind docs/overhead.md: prints figures, decides nothing. Each is taken beside a
 * floor or a peer, in rounds that take turns, and told as the median of the rounds.
 */

#include "ledger/ledger.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bench_options {
	unsigned int rounds;
	unsigned int seconds; /* of the idle machine, with and without */
	const char *binary;   /* the program, for what is measured of it from outside */
	const char *target;   /* a file that may be written */
	uint32_t n_cpus;      /* possible */
	const bool *online;   /* by CPU id */
	const int *domains;   /* by CPU id */
	double ns_a_switch;   /* out: of bench_switch, 0 before */
};

/* Each prints one part. 0 or a negative errno, with a word on stderr. */
int bench_switch(struct bench_options *options);
int bench_tick(struct bench_options *options);
int bench_real(struct bench_options *options);
int bench_windows(struct bench_options *options);
int bench_idle(struct bench_options *options);

/*
 * CPU time of this process: what the others on a shared machine take is not in it, as it would be in
 * the time of day; what they do to the caches is.
 */
uint64_t bench_cpu_ns(void);

/* Of n > 0 values, which are sorted by it. */
double bench_median(double *values, size_t n);

/* Opens a real ledger of the machine: with the rows, the lacks and the counters of `how`. */
int bench_open_ledger(const struct bench_options *options, const struct ledger_options *how,
		      struct ledger **ret);

/*
 * Two processes on one CPU that hand a byte to and fro: ns of CPU time a switch. Negative: it failed.
 */
double ping_pong(unsigned int cpu, unsigned int switches);

#endif
