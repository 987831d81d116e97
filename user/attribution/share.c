// SPDX-License-Identifier: BSD-2-Clause
/*
 * Each task gets of its domain's energy what its time is of all the time active there. Time that no
 * row got counts as active and takes its part as unattributed.
 */
#include "attribution/model.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

/* Of one domain in the sample. */
struct domain_use {
	double joules;
	uint64_t active_ns; /* tasks and lost */
	uint64_t lost_ns;
};

static void add_times(const struct run *run, const struct sample *sample, struct domain_use *use)
{
	for (size_t i = 0; i < sample->n_tasks; i++) {
		int32_t d = sample->tasks[i].domain;

		if (d == SAMPLE_NO_DOMAIN)
			continue;
		assert(d >= 0 && (size_t)d < run->n_domains);
		use[d].active_ns += sample->tasks[i].cpu_ns;
	}
	for (size_t i = 0; i < sample->n_cpus; i++) {
		const struct sample_cpu *cpu = &sample->cpus[i];
		int d;

		assert(cpu->cpu < run->n_cpus);
		d = run->cpus[cpu->cpu].domain;
		if (d == SAMPLE_NO_DOMAIN)
			continue;
		assert(d >= 0 && (size_t)d < run->n_domains);
		use[d].active_ns += cpu->lost_ns;
		use[d].lost_ns += cpu->lost_ns;
	}
}

/* The part of the domain's joules that belongs to `ns` of its active time. */
static double part(const struct domain_use *use, uint64_t ns)
{
	if (use->active_ns == 0)
		return 0;
	/* The quotient first: all of the time then gets exactly all of the joules. */
	return use->joules * ((double)ns / (double)use->active_ns);
}

static int share_attribute(const struct run *run, const struct sample *sample,
			   struct attribution *attribution)
{
	struct domain_use *use;
	int err;

	err = attribution_begin(run, sample, attribution);
	if (err)
		return err;
	use = calloc(run->n_domains + 1, sizeof(*use));
	if (!use)
		return -ENOMEM;
	add_times(run, sample, use);
	for (size_t d = 0; d < run->n_domains; d++) {
		use[d].joules = attribution_domain_j(run, sample, d);
		attribution->unattributed_j += part(&use[d], use[d].lost_ns);
		if (use[d].active_ns == 0)
			attribution->idle_j += use[d].joules;
	}
	for (size_t i = 0; i < sample->n_tasks; i++) {
		const struct sample_task *task = &sample->tasks[i];

		if (task->domain != SAMPLE_NO_DOMAIN)
			attribution->task_j[i] = part(&use[task->domain], task->cpu_ns);
	}
	free(use);
	return 0;
}

const struct attribution_model attribution_share = {
	.name = "share",
	.help = "all of a package's energy to the time active on it, in proportion",
	.attribute = share_attribute,
};
