// SPDX-License-Identifier: BSD-2-Clause
#include "report/counts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void add(struct sample_count *sums, const struct sample_count *counts, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		sums[i].value += counts[i].value;
		sums[i].enabled_ns += counts[i].enabled_ns;
		sums[i].running_ns += counts[i].running_ns;
	}
}

/* A zeroed block for each: its sums, then those of each domain. */
static int give_blocks(struct counts *counts, const struct run *run, const struct roster *roster)
{
	size_t size = run->n_counters * (1 + run->n_domains), n = size * roster->n_present;

	if (n > counts->room) {
		struct sample_count *moved =
			reallocarray(counts->blocks, n, sizeof(*counts->blocks));

		if (!moved)
			return -ENOMEM;
		counts->blocks = moved;
		counts->room = n;
	}
	if (n)
		memset(counts->blocks, 0, n * sizeof(*counts->blocks));
	for (size_t i = 0; i < roster->n_present; i++) {
		struct entity *entity = &roster->present[i]->entity;

		entity->counts = counts->blocks + i * size;
		entity->domain_counts = entity->counts + run->n_counters;
	}
	return 0;
}

int counts_spend(struct counts *counts, const struct run *run, const struct sample *sample,
		 const struct roster *roster)
{
	size_t n = run->n_counters;

	if (!n)
		return 0;
	if (give_blocks(counts, run, roster) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < sample->n_tasks && (i + 1) * n <= sample->n_counts; i++) {
		const struct tracked *tracked = roster->of_task[i];
		int32_t domain = sample->tasks[i].domain;

		if (!tracked)
			continue;
		add(tracked->entity.counts, sample->counts + i * n, n);
		if (domain >= 0)
			add(tracked->entity.domain_counts + (size_t)domain * n,
			    sample->counts + i * n, n);
	}
	return 0;
}

void counts_done(struct counts *counts)
{
	free(counts->blocks);
	memset(counts, 0, sizeof(*counts));
}
