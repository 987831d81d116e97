/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_REPORT_SELECTION_H
#define ENERGYTRACE_REPORT_SELECTION_H

#include "report/entities.h"
#include "report/family.h"
#include "report/report.h"

#define SELECTION_ID_PREFIX_MIN 4 /* of a container's id: bytes that are enough to mean it */

/* One process that was asked for by pid. */
struct selected {
	uint32_t pid;
	uint64_t start_ns; /* once `bound` */
	bool bound;	   /* seen: from then on the pid means this process */
	bool ended;
};

/* How much of a process was asked for. */
enum chosen {
	CHOSEN_NOT,
	CHOSEN_IN_CGROUP, /* what it does in the cgroups that were asked for */
	CHOSEN_WHOLE,
};

/*
 * What was asked for: pids, with -C their descendants, cgroups and containers; what any of them takes
 * in is selected. A pid stands for the process that had it when the run began: one that is born later with
 * the same number is another.
 */
struct selection {
	struct selected *pids; /* by ascending pid */
	size_t n_pids;
	bool children;
	struct family family; /* with `children` */
	const char *const *cgroups;
	size_t n_cgroups;
	const char *const *containers;
	size_t n_containers;

	/* Of the current sample. */
	enum chosen *of_process;
	bool *of_cgroup;
	uint32_t *by_birth; /* indices of its processes, the eldest first */
	size_t processes_room, cgroups_room;

	/* What has been selected and lives: reported in every tick. */
	struct tracked **members;
	size_t n_members, members_room;
};

/* Copies the pids (one given twice counts once), not the patterns. Returns 0 or -ENOMEM. */
int selection_init(struct selection *selection, const struct reporter_options *options);

/* Nothing was asked for: everything is reported. */
bool selection_is_empty(const struct selection *selection);

/*
 * Decides on every process and cgroup of the sample. `begin_ns` is the CLOCK_BOOTTIME of the start
 * mark. Returns 0 or -ENOMEM.
 */
int selection_decide(struct selection *selection, const struct sample *sample, uint64_t begin_ns);

/* The task's time counts for what was asked for. */
bool selection_takes(const struct selection *selection, const struct sample_task *task);

/* The sample's process `index` is, whether it runs or not, a part of what was asked for. */
bool selection_takes_process(const struct selection *selection,
			     const struct sample_process *process, size_t index);

/* The very process was asked for by its pid. After selection_decide. */
bool selection_has_pid(const struct selection *selection, const struct sample_process *process);

/*
 * A cgroup of this path has a part in what is reported: it was asked for, or one above it; or cgroups
 * were not what was asked for.
 */
bool selection_reaches(const struct selection *selection, const char *path);

/* Puts an entity among those that are reported in every tick. Returns 0 or -ENOMEM. */
int selection_enroll(struct selection *selection, struct tracked *tracked);

/* The entity has ended and is about to be freed. */
void selection_forget(struct selection *selection, const struct tracked *tracked);

/*
 * True when pids were asked for, and each has been seen and has ended, with its descendants where
 * they were asked for. A cgroup never ends: others may come.
 */
bool selection_all_ended(const struct selection *selection);

/* The same of the pids alone. */
bool selection_pids_ended(const struct selection *selection);

void selection_done(struct selection *selection);

#endif
