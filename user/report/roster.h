/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_REPORT_ROSTER_H
#define ENERGYTRACE_REPORT_ROSTER_H

#include "report/selection.h"
#include "report/subject.h"

/* Which kept entity each task of the current sample counts for. */
struct roster {
	struct tracked **of_task; /* by index in sample.tasks; NULL: for the others */
	size_t tasks_room;
	struct tracked **of_process; /* by index in sample.processes, where the kind is that */
	size_t processes_room;
	struct tracked *
		*present; /* all that the sample has something of, each once, in its order */
	size_t n_present, present_room;
	struct names names;
	struct lineage lineage; /* where the kind is ENTITY_TREE */
};

/* Where a sample's entities are looked up. */
struct roster_context {
	struct entities *entities;
	struct selection *selection; /* empty: everything is kept */
	uint64_t begin_ns;	     /* CLOCK_BOOTTIME of the start mark */
	uint64_t tick;		     /* from 1, another in each call */
};

/*
 * Finds or makes each entity of the sample, with its latest names and with tick figures of 0. Returns
 * 0 or -ENOMEM.
 */
int roster_take(struct roster *roster, const struct roster_context *context,
		const struct sample *sample);

void roster_init(struct roster *roster, struct entities *entities);
void roster_done(struct roster *roster);

#endif
