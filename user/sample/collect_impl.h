/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_SAMPLE_COLLECT_IMPL_H
#define ENERGYTRACE_SAMPLE_COLLECT_IMPL_H

/* Shared by collect.c, which makes samples, and collect_open.c, which opens what they come from. */

#include "sample/collect.h"

#include "energy/energy.h"
#include "entity/cgroup.h"
#include "entity/process.h"
#include "topology/topology.h"

#include <time.h>

/* The ledger is of the running kernel, whatever tree --sysfs names for energy and topology. */
#define KERNEL_SYSFS "/sys"

struct collector {
	struct run run;
	struct energy *energy;
	struct topology *topology;
	struct ledger *ledger;
	struct process_table *processes;
	struct cgroup_mounts mounts;
	struct cgroup_names *cgroups;

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
};

uint64_t collector_clock_ns(clockid_t clock);

#endif
