/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_ATTRIBUTION_ATTRIBUTION_H
#define ENERGYTRACE_ATTRIBUTION_ATTRIBUTION_H

#include "sample/sample.h"

/*
 * The joules of one sample, shared out. Pure: a function of the run and the sample. In every model
 *
 *   sum of task_j + idle_j + unattributed_j == host_j
 *
 * to floating-point rounding, where host_j is the sum over the package-type domains.
 */
struct attribution {
	double *task_j; /* as many as the sample has tasks, in their order */
	size_t n_tasks, room;
	double host_j; /* package-type domains only */
	double idle_j;
	double unattributed_j; /* of the time that no row got */
};

struct attribution_model {
	const char *name; /* the word of --model */
	const char *help;
	/* Fills *attribution, reusing its memory. Returns 0 or -ENOMEM. */
	int (*attribute)(const struct run *run, const struct sample *sample,
			 struct attribution *attribution);
};

/*
 * share: all of a domain's energy goes to the time spent active on its CPUs, in proportion; to idle
 * when nothing ran there. The JSONL format's definition.
 */
extern const struct attribution_model attribution_share;

/* The table, ended by NULL, and a look-up in it: NULL for an unknown name. */
extern const struct attribution_model *const attribution_models[];
const struct attribution_model *attribution_find(const char *name);

/* Frees what the object holds, not the object. Takes a zeroed one. */
void attribution_done(struct attribution *attribution);

#endif
