// SPDX-License-Identifier: BSD-2-Clause
/* The groups msr and core of a HWPCReport, from the run's performance counters. */
#include "output/powerapi_hwpc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The counters of the group that are wanted, sorted by name as the columns of a CSV file are. */
static void add_events(struct hwpc_group *group, const struct run *run,
		       const struct hwpc_events *events, enum counter_group of)
{
	group->n_events = 0;
	for (size_t i = 0; i < run->n_counters; i++) {
		const struct run_counter *counter = &run->counters[i];
		size_t at = group->n_events;

		if (counter->group != of || !hwpc_is_wanted(events, counter->name))
			continue;
		for (; at > 0 && strcmp(group->events[at - 1], counter->name) > 0; at--) {
			group->events[at] = group->events[at - 1];
			group->counters[at] = group->counters[at - 1];
		}
		group->events[at] = counter->name;
		group->counters[at] = i;
		group->n_events++;
	}
}

static int compare_cpus(const void *a, const void *b)
{
	const struct hwpc_cpu *one = a, *other = b;

	if (one->socket != other->socket)
		return one->socket < other->socket ? -1 : 1;
	return (one->cpu > other->cpu) - (one->cpu < other->cpu);
}

/* Of a CPU of the run, among the sorted ones. */
static size_t place_of(const struct hwpc_group *group, const struct run_cpu *cpu)
{
	const struct hwpc_cpu key = {.socket = hwpc_socket(cpu->package), .cpu = cpu->id};
	const struct hwpc_cpu *found =
		bsearch(&key, group->cpus, group->n_cpus, sizeof(key), compare_cpus);

	return (size_t)(found - group->cpus);
}

static int open_group(const struct run *run, const struct hwpc_events *events,
		      enum counter_group of, struct hwpc_group *group)
{
	int err = hwpc_group_init(group, counter_group_name(of), run->n_counters, run->n_cpus);

	if (err)
		return err;
	add_events(group, run, events, of);
	for (size_t i = 0; i < run->n_cpus; i++) {
		group->cpus[i].socket = hwpc_socket(run->cpus[i].package);
		group->cpus[i].cpu = run->cpus[i].id;
	}
	if (run->n_cpus > 0)
		qsort(group->cpus, group->n_cpus, sizeof(*group->cpus), compare_cpus);
	for (size_t i = 0; i < run->n_cpus; i++)
		group->places[i] = place_of(group, &run->cpus[i]);
	return 0;
}

static int open_msr(const struct run *run, const struct hwpc_events *events,
		    struct hwpc_group *group)
{
	return open_group(run, events, COUNTER_MSR, group);
}

static int open_core(const struct run *run, const struct hwpc_events *events,
		     struct hwpc_group *group)
{
	return open_group(run, events, COUNTER_CORE, group);
}

/* The value over another time, as a reader would scale it. */
static uint64_t scale(uint64_t value, uint64_t to_ns, uint64_t from_ns)
{
	return (uint64_t)(((unsigned __int128)value * to_ns + from_ns / 2) / from_ns);
}

/* From group->counts. Of what was there and never had its turn nothing is known. */
static void set_values(const struct hwpc_group *group, struct hwpc_cpu *cpu)
{
	cpu->enabled_ns = 0;
	cpu->running_ns = UINT64_MAX;
	for (size_t i = 0; i < group->n_events; i++) {
		const struct sample_count *count = &group->counts[i];

		if (count->running_ns == 0)
			continue;
		if (count->enabled_ns > cpu->enabled_ns)
			cpu->enabled_ns = count->enabled_ns;
		if (count->running_ns < cpu->running_ns)
			cpu->running_ns = count->running_ns;
	}
	for (size_t i = 0; i < group->n_events; i++) {
		const struct sample_count *count = &group->counts[i];

		cpu->values[i] = count->running_ns
					 ? scale(count->value, cpu->running_ns, count->running_ns)
					 : HWPC_NONE;
	}
}

static bool has_any(const struct hwpc_group *group)
{
	for (size_t i = 0; i < group->n_cpus; i++) {
		if (!hwpc_is_idle(&group->cpus[i]))
			return true;
	}
	return false;
}

static void read_cpus(const struct report *report, struct hwpc_group *group)
{
	const struct sample *sample = report->sample;
	size_t n = report->run->n_counters;

	for (size_t i = 0; i < sample->n_cpus && (i + 1) * n <= sample->n_cpu_counts; i++) {
		const struct sample_count *counts = sample->cpu_counts + i * n;

		for (size_t j = 0; j < group->n_events; j++)
			group->counts[j] = counts[group->counters[j]];
		set_values(group, &group->cpus[group->places[sample->cpus[i].cpu]]);
	}
}

/*
 * One counter of the entity on the CPUs of the socket: those of its packages' domains. What was on none of them is with
 * the `first` socket, so that nothing is lost.
 */
static struct sample_count count_of(const struct run *run, const struct entity *entity, int socket,
				    bool first, size_t counter)
{
	struct sample_count sum = first ? entity->counts[counter] : (struct sample_count){0};

	for (size_t domain = 0; domain < run->n_domains; domain++) {
		const struct sample_count *count =
			&entity->domain_counts[domain * run->n_counters + counter];
		bool here = hwpc_socket(run->domains[domain].package) == socket;

		if (first && !here) {
			sum.value -= count->value;
			sum.enabled_ns -= count->enabled_ns;
			sum.running_ns -= count->running_ns;
		} else if (!first && here) {
			sum.value += count->value;
			sum.enabled_ns += count->enabled_ns;
			sum.running_ns += count->running_ns;
		}
	}
	return sum;
}

static void read_entity(const struct run *run, const struct entity *entity,
			struct hwpc_group *group)
{
	for (size_t i = 0; entity->counts && i < group->n_cpus; i++) {
		struct hwpc_cpu *cpu = &group->cpus[i];

		if (i > 0 && cpu->socket == cpu[-1].socket)
			continue;
		for (size_t j = 0; j < group->n_events; j++)
			group->counts[j] =
				count_of(run, entity, cpu->socket, i == 0, group->counters[j]);
		set_values(group, cpu);
	}
}

static void clear(const struct hwpc_group *group)
{
	for (size_t i = 0; i < group->n_cpus; i++)
		group->cpus[i].enabled_ns = group->cpus[i].running_ns = 0;
}

static bool read_msr(const struct report *report, const struct entity *entity,
		     struct hwpc_group *group)
{
	clear(group);
	if (!entity)
		read_cpus(report, group);
	return has_any(group);
}

static bool read_core(const struct report *report, const struct entity *entity,
		      struct hwpc_group *group)
{
	clear(group);
	if (entity)
		read_entity(report->run, entity, group);
	else
		read_cpus(report, group);
	return has_any(group);
}

const struct hwpc_source hwpc_msr = {.open = open_msr, .read = read_msr};

const struct hwpc_source hwpc_core = {.open = open_core, .read = read_core};
