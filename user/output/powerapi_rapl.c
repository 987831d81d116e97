// SPDX-License-Identifier: BSD-2-Clause
/* The group rapl of a HWPCReport, from the run's energy domains. */
#include "output/powerapi_hwpc.h"

#include <errno.h>
#include <string.h>

#define UJ_PER_J 1000000U

/* Sorted, as the columns of a CSV file are. */
const char *const hwpc_rapl_events[HWPC_RAPL_EVENTS] = {
	"RAPL_ENERGY_CORES", "RAPL_ENERGY_DRAM", "RAPL_ENERGY_GPU",
	"RAPL_ENERGY_PKG",   "RAPL_ENERGY_PSYS",
};

static const char *event_of(enum domain_type type)
{
	switch (type) {
	case DOMAIN_CORE:
		return hwpc_rapl_events[0];
	case DOMAIN_DRAM:
		return hwpc_rapl_events[1];
	case DOMAIN_UNCORE:
		return hwpc_rapl_events[2];
	case DOMAIN_PACKAGE:
		return hwpc_rapl_events[3];
	case DOMAIN_PSYS:
		return hwpc_rapl_events[4];
	case DOMAIN_OTHER:
	case DOMAIN_N_TYPES:
		break;
	}
	return NULL;
}

bool hwpc_rapl_is_event(const char *name)
{
	for (size_t i = 0; i < HWPC_RAPL_EVENTS; i++) {
		if (strcmp(hwpc_rapl_events[i], name) == 0)
			return true;
	}
	return false;
}

static bool run_has(const struct run *run, const char *event)
{
	for (size_t i = 0; i < run->n_domains; i++) {
		if (event_of(run->domains[i].type) == event)
			return true;
	}
	return false;
}

/* The next socket after `above`, with the first of its CPUs. False: there is none. */
static bool next_socket(const struct run *run, int above, struct hwpc_cpu *ret)
{
	bool found = false;

	for (size_t i = 0; i < run->n_cpus; i++) {
		const struct run_cpu *cpu = &run->cpus[i];
		int socket = hwpc_socket(cpu->package);

		if (socket <= above || (found && socket > ret->socket))
			continue;
		if (found && socket == ret->socket && cpu->id > ret->cpu)
			continue;
		ret->socket = socket;
		ret->cpu = cpu->id;
		found = true;
	}
	return found;
}

static int open_rapl(const struct run *run, const struct hwpc_events *events,
		     struct hwpc_group *group)
{
	size_t n_events = 0, n_sockets = 0;
	const char *names[HWPC_RAPL_EVENTS];
	struct hwpc_cpu cpu;
	int err;

	for (size_t i = 0; run->kind != ENERGY_NONE && i < HWPC_RAPL_EVENTS; i++) {
		if (run_has(run, hwpc_rapl_events[i]) &&
		    hwpc_is_wanted(events, hwpc_rapl_events[i]))
			names[n_events++] = hwpc_rapl_events[i];
	}
	for (int above = -1; next_socket(run, above, &cpu); above = cpu.socket)
		n_sockets++;
	err = hwpc_group_init(group, "rapl", n_events, n_sockets);
	if (err)
		return err;
	for (size_t i = 0; i < n_events; i++)
		group->events[i] = names[i];
	for (size_t i = 0; i < n_sockets; i++)
		next_socket(run, i ? group->cpus[i - 1].socket : -1, &group->cpus[i]);
	return 0;
}

/* Where the energy of the domain is told: what is of no socket that there is, as psys, with the first. */
static uint64_t *value_of(struct hwpc_group *group, const struct run_domain *domain)
{
	const char *event = event_of(domain->type);
	struct hwpc_cpu *cpu = &group->cpus[0];

	for (size_t i = 1; i < group->n_cpus; i++) {
		if (group->cpus[i].socket == hwpc_socket(domain->package))
			cpu = &group->cpus[i];
	}
	for (size_t i = 0; i < group->n_events; i++) {
		if (group->events[i] == event)
			return &cpu->values[i];
	}
	return NULL;
}

/* The nearest whole number of 2^-32 J. */
static uint64_t to_units(uint64_t uj)
{
	return (uint64_t)((((unsigned __int128)uj << 32) + UJ_PER_J / 2) / UJ_PER_J);
}

/* Dies of one package are one socket: they are summed before they are rounded. */
static bool read_rapl(const struct report *report, const struct entity *entity,
		      struct hwpc_group *group)
{
	const struct sample *sample = report->sample;

	if (entity)
		return false;
	for (size_t i = 0; i < group->n_cpus * group->n_events; i++)
		group->values[i] = HWPC_NONE;
	for (size_t i = 0; i < sample->n_energy && i < report->run->n_domains; i++) {
		uint64_t *value = value_of(group, &report->run->domains[i]);

		if (value)
			*value = (*value == HWPC_NONE ? 0 : *value) + sample->energy[i].uj;
	}
	for (size_t i = 0; i < group->n_cpus * group->n_events; i++) {
		if (group->values[i] != HWPC_NONE)
			group->values[i] = to_units(group->values[i]);
	}
	for (size_t i = 0; i < group->n_cpus; i++)
		group->cpus[i].enabled_ns = group->cpus[i].running_ns = sample->interval_ns;
	return true;
}

const struct hwpc_source hwpc_rapl = {
	.open = open_rapl,
	.read = read_rapl,
};
