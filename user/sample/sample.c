// SPDX-License-Identifier: BSD-2-Clause
#include "sample/sample.h"

#include "base/grow.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const domain_type_names[DOMAIN_N_TYPES] = {
	[DOMAIN_PACKAGE] = "package", [DOMAIN_DRAM] = "dram", [DOMAIN_CORE] = "core",
	[DOMAIN_UNCORE] = "uncore",   [DOMAIN_PSYS] = "psys", [DOMAIN_OTHER] = "other",
};

static const char *const energy_kind_names[ENERGY_N_KINDS] = {
	[ENERGY_NONE] = "none",
	[ENERGY_MEASURED] = "measured",
	[ENERGY_ESTIMATED] = "estimated",
	[ENERGY_SIMULATED] = "simulated",
};

static const char *const counter_group_names[COUNTER_N_GROUPS] = {
	[COUNTER_CORE] = "core",
	[COUNTER_MSR] = "msr",
};

static const char *const loss_names[LOSS_N] = {
	[LOSS_LEDGER_FULL] = "ledger-full",
	[LOSS_LOOKUP_FAILED] = "lookup-failed",
	[LOSS_HASH_FULL] = "hash-full",
	[LOSS_SWITCH_MISSED] = "switch-missed",
	[LOSS_PROGRAM_SKIPPED] = "program-skipped",
	[LOSS_BIRTH_FAILED] = "birth-failed",
	[LOSS_NAME_DROPPED] = "name-dropped",
};

static int name_index(const char *const *names, int n, const char *name)
{
	for (int i = 0; i < n; i++) {
		if (strcmp(names[i], name) == 0)
			return i;
	}
	return -EINVAL;
}

const char *domain_type_name(enum domain_type type)
{
	return domain_type_names[type];
}

int domain_type_from_name(const char *name, enum domain_type *ret)
{
	int i = name_index(domain_type_names, DOMAIN_N_TYPES, name);

	if (i < 0)
		return i;
	*ret = (enum domain_type)i;
	return 0;
}

const char *energy_kind_name(enum energy_kind kind)
{
	return energy_kind_names[kind];
}

int energy_kind_from_name(const char *name, enum energy_kind *ret)
{
	int i = name_index(energy_kind_names, ENERGY_N_KINDS, name);

	if (i < 0)
		return i;
	*ret = (enum energy_kind)i;
	return 0;
}

const char *counter_group_name(enum counter_group group)
{
	return counter_group_names[group];
}

int counter_group_from_name(const char *name, enum counter_group *ret)
{
	int i = name_index(counter_group_names, COUNTER_N_GROUPS, name);

	if (i < 0)
		return i;
	*ret = (enum counter_group)i;
	return 0;
}

const char *sample_loss_name(enum sample_loss loss)
{
	return loss_names[loss];
}

int sample_loss_from_name(const char *name, enum sample_loss *ret)
{
	int i = name_index(loss_names, LOSS_N, name);

	if (i < 0)
		return i;
	*ret = (enum sample_loss)i;
	return 0;
}

#define SAMPLE_APPEND(sample, array)                                                          \
	({                                                                                    \
		void *moved_ = grow_array((sample)->array, (sample)->n_##array,               \
					  &(sample)->array##_room, sizeof(*(sample)->array)); \
		if (moved_) {                                                                 \
			(sample)->array = moved_;                                             \
			memset(&(sample)->array[(sample)->n_##array], 0,                      \
			       sizeof(*(sample)->array));                                     \
		}                                                                             \
		moved_ ? &(sample)->array[(sample)->n_##array++] : NULL;                      \
	})

struct sample_cpu *sample_add_cpu(struct sample *sample)
{
	return SAMPLE_APPEND(sample, cpus);
}

struct sample_energy *sample_add_energy(struct sample *sample)
{
	return SAMPLE_APPEND(sample, energy);
}

struct sample_process *sample_add_process(struct sample *sample)
{
	return SAMPLE_APPEND(sample, processes);
}

struct sample_task *sample_add_task(struct sample *sample)
{
	return SAMPLE_APPEND(sample, tasks);
}

int sample_add_counts(struct sample *sample, const struct sample_count *counts, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct sample_count *count = SAMPLE_APPEND(sample, counts);

		if (!count)
			return -ENOMEM;
		if (counts)
			*count = counts[i];
	}
	return 0;
}

int sample_add_cpu_counts(struct sample *sample, const struct sample_count *counts, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct sample_count *count = SAMPLE_APPEND(sample, cpu_counts);

		if (!count)
			return -ENOMEM;
		if (counts)
			*count = counts[i];
	}
	return 0;
}

int sample_add_window(struct sample *sample, const struct window *window)
{
	struct window *slot = SAMPLE_APPEND(sample, windows);

	if (!slot)
		return -ENOMEM;
	*slot = *window;
	return 0;
}

int sample_add_window_totals(struct sample *sample, const struct window_totals *totals)
{
	struct window_totals *slot = SAMPLE_APPEND(sample, window_totals);

	if (!slot)
		return -ENOMEM;
	*slot = *totals;
	return 0;
}

int sample_copy_text(struct sample *sample, const char *text, const char **ret)
{
	*ret = text ? arena_copy(&sample->texts, text) : NULL;
	return text && !*ret ? -ENOMEM : 0;
}

int sample_add_cgroup(struct sample *sample, const struct sample_cgroup *cgroup)
{
	struct sample_cgroup copy = *cgroup, *slot;

	if (sample_copy_text(sample, cgroup->path, &copy.path) < 0)
		return -ENOMEM;
	slot = SAMPLE_APPEND(sample, cgroups);
	if (!slot)
		return -ENOMEM;
	*slot = copy;
	return (int)(sample->n_cgroups - 1);
}

int sample_add_container(struct sample *sample, const struct sample_container *container)
{
	struct sample_container copy, *slot;

	if (sample_copy_text(sample, container->runtime, &copy.runtime) < 0 ||
	    sample_copy_text(sample, container->id, &copy.id) < 0 ||
	    sample_copy_text(sample, container->path, &copy.path) < 0 ||
	    sample_copy_text(sample, container->label, &copy.label) < 0 ||
	    sample_copy_text(sample, container->name, &copy.name) < 0 ||
	    sample_copy_text(sample, container->image, &copy.image) < 0 ||
	    sample_copy_text(sample, container->pod, &copy.pod) < 0 ||
	    sample_copy_text(sample, container->pod_namespace, &copy.pod_namespace) < 0)
		return -ENOMEM;
	slot = SAMPLE_APPEND(sample, containers);
	if (!slot)
		return -ENOMEM;
	*slot = copy;
	return (int)(sample->n_containers - 1);
}

int sample_add_user(struct sample *sample, const struct sample_user *user)
{
	struct sample_user copy = *user, *slot;

	if (sample_copy_text(sample, user->name, &copy.name) < 0)
		return -ENOMEM;
	slot = SAMPLE_APPEND(sample, users);
	if (!slot)
		return -ENOMEM;
	*slot = copy;
	return (int)(sample->n_users - 1);
}

void sample_reset(struct sample *sample)
{
	struct sample kept = *sample;

	arena_reset(&kept.texts);
	memset(sample, 0, sizeof(*sample));
	sample->texts = kept.texts;
	sample->cpus = kept.cpus;
	sample->cpus_room = kept.cpus_room;
	sample->energy = kept.energy;
	sample->energy_room = kept.energy_room;
	sample->processes = kept.processes;
	sample->processes_room = kept.processes_room;
	sample->tasks = kept.tasks;
	sample->tasks_room = kept.tasks_room;
	sample->cgroups = kept.cgroups;
	sample->cgroups_room = kept.cgroups_room;
	sample->containers = kept.containers;
	sample->containers_room = kept.containers_room;
	sample->users = kept.users;
	sample->users_room = kept.users_room;
	sample->counts = kept.counts;
	sample->counts_room = kept.counts_room;
	sample->cpu_counts = kept.cpu_counts;
	sample->cpu_counts_room = kept.cpu_counts_room;
	sample->windows = kept.windows;
	sample->windows_room = kept.windows_room;
	sample->window_totals = kept.window_totals;
	sample->window_totals_room = kept.window_totals_room;
}

void sample_done(struct sample *sample)
{
	sample_reset(sample);
	free(sample->cpus);
	free(sample->energy);
	free(sample->processes);
	free(sample->tasks);
	free(sample->cgroups);
	free(sample->containers);
	free(sample->users);
	free(sample->counts);
	free(sample->cpu_counts);
	free(sample->windows);
	free(sample->window_totals);
	arena_done(&sample->texts);
	memset(sample, 0, sizeof(*sample));
}

void run_done(struct run *run)
{
	free(run->cpus);
	free(run->domains);
	free(run->counters);
	for (size_t i = 0; i < run->n_functions; i++) {
		free(run->functions[i].name);
		free(run->functions[i].place);
	}
	free(run->functions);
	memset(run, 0, sizeof(*run));
}
