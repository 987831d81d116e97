/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_SAMPLE_COLLECT_NAMES_H
#define ENERGYTRACE_SAMPLE_COLLECT_NAMES_H

/*
 * What a sample calls things: cgroups with their containers, users, command lines. Each stands in the
 * sample once, when a row first names it. Only user/sample/collect*.c use this.
 */

#include "entity/cgroup.h"
#include "entity/container.h"
#include "entity/process.h"
#include "entity/user_names.h"
#include "ledger/ledger.h"
#include "sample/sample.h"

struct collect_place;

struct collect_names {
	struct cgroup_mounts mounts;
	struct cgroup_names *cgroups;
	struct containers *containers;
	struct user_names *users;
	const char *procfs;

	/* Of the sample that is being made. */
	struct sample *sample;
	uint64_t tick; /* seq + 1 */
	struct collect_place *container_places, *user_places;
};

/* Reads the mounts under the procfs root first. 0 or a negative errno. */
int collect_names_open(struct collect_names *names, const char *procfs);

/* Another tick begins. */
void collect_names_begin(struct collect_names *names, struct sample *sample, uint64_t tick);

/* The index in the sample, SAMPLE_UNKNOWN where there is nothing to tell, or -ENOMEM. */
int collect_names_cgroup(struct collect_names *names, int version, uint64_t id);
int collect_names_user(struct collect_names *names, uint32_t uid);

/*
 * Finds the command line of a process that is in the sample for the first time. `parent` may be NULL: a
 * process that was born since the start and has not called exec has its parent's. 0 or -ENOMEM.
 */
int collect_names_cmdline(const struct collect_names *names, struct process *process,
			  const struct process *parent);

/* What the ledger tells between the ticks. 0 or -ENOMEM. */
int collect_names_change(struct collect_names *names, const struct ledger_cgroup *cgroup);

/* The sample is whole: adds the cgroups that were removed, and forgets. 0 or -ENOMEM. */
int collect_names_end(struct collect_names *names);

/* Takes a zeroed one. */
void collect_names_close(struct collect_names *names);

#endif
