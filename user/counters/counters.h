/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_COUNTERS_COUNTERS_H
#define ENERGYTRACE_COUNTERS_COUNTERS_H

/*
 * Performance counters: one perf event for each and each CPU, however many tasks or cgroups there are.
 * Those of group core are read at the switches by the ledger's programs, those of group msr once a
 * tick by counters_read.
 */

#include "base/errmsg.h"
#include "sample/sample.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COUNTERS_MAX_CORE 8 /* what a switch reads: LEDGER_MAX_COUNTERS */

struct counters;

struct counters_options {
	const char *sysfs; /* root: for the msr PMU */
	const char *const
		*names; /* of events, as libpfm4 has them, or software events, or msr ones */
	size_t n_names;
	uint32_t n_cpus;    /* the highest possible CPU id + 1 */
	const bool *online; /* by CPU id */
};

struct counter {
	struct run_counter is;
	int *fds; /* by CPU id, -1: none there */
};

/* The names that PowerAPI's sensor has for the CPU of `procfs`/cpuinfo; 0 for one of another kind. */
size_t counters_default_names(const char *procfs, const char *const **ret);

/*
 * Opens those that the machine has; each that it has not is a complaint. Returns 0, -EINVAL for a name
 * that is no event (with the nearest that is) or is there twice, -E2BIG for too many, -EOPNOTSUPP
 * without libpfm4, or -ENOMEM, with `msg` filled.
 */
int counters_open(const struct counters_options *options, struct counters **ret,
		  struct errmsg *msg);

/* Those that were opened, core before msr. */
size_t counters_list(const struct counters *counters, const struct counter **ret);
size_t counters_n_core(const struct counters *counters);

/*
 * What a counter of group msr counted on the CPU since the last call. An interrupt there, also where it
 * is idle. All 0 where there is no event.
 */
void counters_read(struct counters *counters, size_t counter, uint32_t cpu,
		   struct sample_count *ret);

/*
 * Says whether a CPU is online. Its events end when it goes, which is a complaint once for each CPU. True
 * when it has come back and new ones were opened: the ledger is to be given those of group core.
 */
bool counters_set_online(struct counters *counters, uint32_t cpu, bool online);

/* A sentence to be said once, or NULL. Each is returned once, good until the next call. */
const char *counters_complaint(struct counters *counters);

/* Adds one, of who uses them. */
__attribute__((format(printf, 2, 3))) void counters_complain(struct counters *counters,
							     const char *format, ...);

/* Takes NULL and half-built objects. */
void counters_close(struct counters *counters);

#endif
