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

static const char *const loss_names[LOSS_N] = {
	[LOSS_LEDGER_FULL] = "ledger-full",
	[LOSS_LOOKUP_FAILED] = "lookup-failed",
	[LOSS_HASH_FULL] = "hash-full",
	[LOSS_SWITCH_MISSED] = "switch-missed",
	[LOSS_PROGRAM_SKIPPED] = "program-skipped",
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

int sample_add_cgroup(struct sample *sample, const char *path)
{
	char *copy = strdup(path);
	char **slot;

	if (!copy)
		return -ENOMEM;
	slot = SAMPLE_APPEND(sample, cgroups);
	if (!slot) {
		free(copy);
		return -ENOMEM;
	}
	*slot = copy;
	return (int)(sample->n_cgroups - 1);
}

void sample_reset(struct sample *sample)
{
	struct sample kept = *sample;

	for (size_t i = 0; i < sample->n_cgroups; i++)
		free(sample->cgroups[i]);
	memset(sample, 0, sizeof(*sample));
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
}

void sample_done(struct sample *sample)
{
	sample_reset(sample);
	free(sample->cpus);
	free(sample->energy);
	free(sample->processes);
	free(sample->tasks);
	free(sample->cgroups);
	memset(sample, 0, sizeof(*sample));
}

void run_done(struct run *run)
{
	free(run->cpus);
	free(run->domains);
	memset(run, 0, sizeof(*run));
}
