/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_REPORT_ROSTER_H
#define ENERGYTRACE_REPORT_ROSTER_H

#include "report/selection.h"

/* Which kept process each process of the current sample is. */
struct roster {
	struct tracked **of_process; /* by index in sample.processes; NULL: not asked for */
	struct tracked **present;    /* the others, each once, in the sample's order */
	size_t n_present, room;
	struct path **cgroups; /* by index in sample.cgroups; NULL: not looked up yet */
	size_t cgroups_room;
};

/* Where a sample's processes are looked up. */
struct roster_context {
	struct entities *entities;
	struct selection *selection; /* empty: every process is kept */
	uint64_t begin_ns;	     /* CLOCK_BOOTTIME of the start mark */
	uint64_t tick;		     /* from 1, another in each call */
};

/*
 * Finds or makes each process of the sample, with its latest name and cgroup and with tick figures
 * of 0. Returns 0 or -ENOMEM.
 */
int roster_take(struct roster *roster, const struct roster_context *context,
		const struct sample *sample);

/* Takes a zeroed one. */
void roster_done(struct roster *roster);

#endif
