/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_SAMPLE_COLLECT_IMPL_H
#define ENERGYTRACE_SAMPLE_COLLECT_IMPL_H

/* Shared by collect.c, which makes samples, and collect_open.c, which opens what they come from. */

#include "sample/collect.h"

#include "counters/counters.h"
#include "energy/energy.h"
#include "entity/process.h"
#include "sample/collect_names.h"
#include "sample/collect_windows.h"
#include "topology/topology.h"

#include <time.h>

/* The ledger is of the running kernel, whatever tree --sysfs names for energy and topology. */
#define KERNEL_SYSFS "/sys"

struct collector {
	struct run run;
	struct energy *energy;
	struct topology *topology;
	struct ledger *ledger;
	struct counters *counters; /* NULL: none were asked for */
	struct process_table *processes;
	struct collect_names names;
	struct collect_windows windows;
	bool resident; /* of processes is wanted */

	const uint32_t *pids; /* while the ledger is opened */
	size_t n_pids;
	bool *found; /* by index in pids */

	uint32_t n_cpus;  /* the kernel's possible ids */
	bool *online;	  /* by CPU id */
	int *cpu_domains; /* by CPU id: index in run.domains */

	struct process **touched; /* with an index in the sample that is being made */
	size_t n_touched, touched_room;
	struct sample *sample; /* that is being made */
	uint64_t seq;
	uint64_t last_monotonic_ns, last_boottime_ns;
	uint64_t opened_ns; /* CLOCK_BOOTTIME: from here on every exec is told */
};

/* Opens the events that were asked for, and puts those that there are in the run. */
int collect_counters_open(struct collector *collector, const struct collector_options *options,
			  struct errmsg *msg);

/* Has the ledger read those of group core; `counters` is to last until it is open. */
void collect_counters_for_ledger(const struct collector *collector,
				 struct ledger_counter counters[LEDGER_MAX_COUNTERS],
				 struct ledger_options *options);

/* Complains if the ledger cannot. */
void collect_counters_check(struct collector *collector);

/*
 * Adds what the ledger's program read of a task, or of a CPU, to the sample; after it the counters that
 * it does not read, of which a task has none. 0 or -ENOMEM.
 */
int collect_counters_task(struct collector *collector, const struct sample_count *counts);
int collect_counters_cpu(struct collector *collector, uint32_t cpu,
			 const struct sample_count *counts);

/* A CPU is online or not. */
void collect_counters_online(struct collector *collector, uint32_t cpu, bool online);

uint64_t collector_clock_ns(clockid_t clock);

#endif
