// SPDX-License-Identifier: BSD-2-Clause
#include "output/powerapi_hwpc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct hwpc_source *const sources[] = {&hwpc_rapl, &hwpc_msr, &hwpc_core};

#define N_SOURCES (sizeof(sources) / sizeof(sources[0]))

int hwpc_group_init(struct hwpc_group *group, const char *name, size_t n_events, size_t n_cpus)
{
	*group = (struct hwpc_group){
		.name = name,
		.events = calloc(n_events + 1, sizeof(*group->events)),
		.n_events = n_events,
		.cpus = calloc(n_cpus + 1, sizeof(*group->cpus)),
		.n_cpus = n_cpus,
		.values = calloc(n_events * n_cpus + 1, sizeof(*group->values)),
		.counters = calloc(n_events + 1, sizeof(*group->counters)),
		.counts = calloc(n_events + 1, sizeof(*group->counts)),
		.places = calloc(n_cpus + 1, sizeof(*group->places)),
	};
	if (!group->events || !group->cpus || !group->values || !group->counters ||
	    !group->counts || !group->places) {
		hwpc_group_done(group);
		return -ENOMEM;
	}
	for (size_t i = 0; i < n_cpus; i++)
		group->cpus[i].values = group->values + i * n_events;
	return 0;
}

void hwpc_group_done(struct hwpc_group *group)
{
	free(group->events);
	free(group->cpus);
	free(group->values);
	free(group->counters);
	free(group->counts);
	free(group->places);
	*group = (struct hwpc_group){0};
}

bool hwpc_is_wanted(const struct hwpc_events *events, const char *name)
{
	for (size_t i = 0; i < events->n; i++) {
		if (strcmp(events->names[i], name) == 0)
			return true;
	}
	return events->n == 0;
}

int hwpc_open(const struct run *run, const struct hwpc_events *events, struct hwpc *ret)
{
	struct hwpc hwpc = {0};

	_Static_assert(N_SOURCES <= HWPC_GROUPS_MAX, "room for all groups");
	for (size_t i = 0; i < N_SOURCES; i++) {
		struct hwpc_group *group = &hwpc.groups[hwpc.n_groups];
		int err = sources[i]->open(run, events, group);

		if (err) {
			hwpc_close(&hwpc);
			return err;
		}
		if (group->n_events == 0 || group->n_cpus == 0) {
			hwpc_group_done(group);
			continue;
		}
		hwpc.sources[hwpc.n_groups++] = sources[i];
	}
	*ret = hwpc;
	return 0;
}

bool hwpc_has_event(const struct hwpc *hwpc, const char *event)
{
	for (size_t i = 0; i < hwpc->n_groups; i++) {
		for (size_t j = 0; j < hwpc->groups[i].n_events; j++) {
			if (strcmp(hwpc->groups[i].events[j], event) == 0)
				return true;
		}
	}
	return false;
}

void hwpc_close(struct hwpc *hwpc)
{
	for (size_t i = 0; i < hwpc->n_groups; i++)
		hwpc_group_done(&hwpc->groups[i]);
	*hwpc = (struct hwpc){0};
}
