// SPDX-License-Identifier: BSD-2-Clause
#include "attribution/attribution.h"

#include "attribution/model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define UJ_PER_J 1e6

const struct attribution_model *const attribution_models[] = {
	&attribution_share,
	NULL,
};

const struct attribution_model *attribution_find(const char *name)
{
	for (size_t i = 0; attribution_models[i]; i++) {
		if (strcmp(attribution_models[i]->name, name) == 0)
			return attribution_models[i];
	}
	return NULL;
}

double attribution_domain_j(const struct run *run, const struct sample *sample, size_t d)
{
	/* The start mark has no energy; with -s none there is none whatever the domains are. */
	if (run->kind == ENERGY_NONE || run->domains[d].type != DOMAIN_PACKAGE ||
	    d >= sample->n_energy)
		return 0;
	return (double)sample->energy[d].uj / UJ_PER_J;
}

int attribution_begin(const struct run *run, const struct sample *sample,
		      struct attribution *attribution)
{
	if (sample->n_tasks > attribution->room) {
		size_t room = sample->n_tasks + sample->n_tasks / 2;
		double *moved = reallocarray(attribution->task_j, room, sizeof(*moved));

		if (!moved)
			return -ENOMEM;
		attribution->task_j = moved;
		attribution->room = room;
	}
	attribution->n_tasks = sample->n_tasks;
	for (size_t i = 0; i < sample->n_tasks; i++)
		attribution->task_j[i] = 0;
	attribution->idle_j = 0;
	attribution->unattributed_j = 0;
	attribution->host_j = 0;
	for (size_t d = 0; d < run->n_domains; d++)
		attribution->host_j += attribution_domain_j(run, sample, d);
	return 0;
}

void attribution_done(struct attribution *attribution)
{
	free(attribution->task_j);
	memset(attribution, 0, sizeof(*attribution));
}
