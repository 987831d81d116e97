// SPDX-License-Identifier: BSD-2-Clause
#include "counters/counters.h"

#include "base/grow.h"
#include "counters/event_names.h"
#include "energy/cpu_id.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/syscall.h>
#include <unistd.h>

struct counters {
	uint32_t n_cpus;
	bool *online; /* by CPU id */
	bool *told;   /* by CPU id: that its events ended was said */
	struct counter *list;
	struct perf_event_attr *attrs; /* as in list */
	struct sample_count **last;    /* as in list, by CPU id: of group msr */
	size_t n, n_core;
	char **complaints;
	size_t n_complaints, complaints_room;
	size_t complained; /* that were returned */
};

/* In the order of the sensor's own documentation. */
static const char *const intel_names[] = {
	"CPU_CLK_THREAD_UNHALTED:REF_P",
	"CPU_CLK_THREAD_UNHALTED:THREAD_P",
	"LLC_MISSES",
	"INSTRUCTIONS_RETIRED",
	"TSC",
	"APERF",
	"MPERF",
};
static const char *const zen_names[] = {
	"CYCLES_NOT_IN_HALT", "RETIRED_INSTRUCTIONS", "RETIRED_OPS", "TSC", "APERF", "MPERF",
};

#define ZEN_FAMILY 0x17

size_t counters_default_names(const char *procfs, const char *const **ret)
{
	struct cpu_id id;

	if (!cpu_id_read(procfs, &id))
		return 0;
	if (id.vendor == CPU_INTEL) {
		*ret = intel_names;
		return sizeof(intel_names) / sizeof(*intel_names);
	}
	if ((id.vendor == CPU_AMD && id.family >= ZEN_FAMILY) || id.vendor == CPU_HYGON) {
		*ret = zen_names;
		return sizeof(zen_names) / sizeof(*zen_names);
	}
	return 0;
}

/* Without memory for it, it is not said. */
void counters_complain(struct counters *counters, const char *format, ...)
{
	char **moved = grow_array(counters->complaints, counters->n_complaints,
				  &counters->complaints_room, sizeof(*counters->complaints));
	va_list args;
	char *text;

	if (!moved)
		return;
	counters->complaints = moved;
	va_start(args, format);
	if (vasprintf(&text, format, args) >= 0)
		moved[counters->n_complaints++] = text;
	va_end(args);
}

const char *counters_complaint(struct counters *counters)
{
	return counters->complained < counters->n_complaints
		       ? counters->complaints[counters->complained++]
		       : NULL;
}

static const char *why_not(int err)
{
	switch (err) {
	case -ENOENT:
	case -ENODEV:
	case -EOPNOTSUPP:
		return "this machine has no such counter";
	case -EACCES:
	case -EPERM:
		return "not permitted: it takes CAP_PERFMON, or root";
	case -EBUSY:
		return "another user of the PMU has it to itself";
	case -EMFILE:
		return "too many open files: raise ulimit -n";
	default:
		return strerror(-err);
	}
}

/*
 * One event of a CPU, whoever runs there. Not pinned: where there are more than the CPU can count, they
 * take turns, and the two times tell how much of the time each had.
 */
static int open_event(const struct perf_event_attr *wanted, uint32_t cpu)
{
	struct perf_event_attr attr = *wanted;
	long fd;

	attr.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
	fd = syscall(SYS_perf_event_open, &attr, -1, (int)cpu, -1, PERF_FLAG_FD_CLOEXEC);
	return fd < 0 ? -errno : (int)fd;
}

/* On every CPU that is online. Returns how many it could not be opened on, and why the last. */
static uint32_t open_everywhere(const struct counters *counters, size_t i, uint32_t *ret_tried,
				int *ret_err)
{
	uint32_t failed = 0;

	*ret_tried = 0;
	for (uint32_t cpu = 0; cpu < counters->n_cpus; cpu++) {
		int fd;

		if (!counters->online[cpu])
			continue;
		fd = open_event(&counters->attrs[i], cpu);
		counters->list[i].fds[cpu] = fd < 0 ? -1 : fd;
		++*ret_tried;
		if (fd < 0) {
			failed++;
			*ret_err = fd;
		}
	}
	return failed;
}

static void drop(struct counters *counters, size_t i)
{
	for (uint32_t cpu = 0; cpu < counters->n_cpus && counters->list[i].fds; cpu++) {
		if (counters->list[i].fds[cpu] >= 0)
			close(counters->list[i].fds[cpu]);
	}
	free(counters->list[i].fds);
	free(counters->last[i]);
	counters->list[i].fds = NULL;
	counters->last[i] = NULL;
}

/* Adds the event behind the last one. 0, also if the machine has it not, or -ENOMEM. */
static int add(struct counters *counters, const char *name, enum counter_group group,
	       const struct perf_event_attr *attr)
{
	size_t i = counters->n;
	struct counter *counter = &counters->list[i];
	uint32_t tried, failed;
	int err = 0;

	snprintf(counter->is.name, sizeof(counter->is.name), "%s", name);
	counter->is.group = group;
	counters->attrs[i] = *attr;
	counter->fds = malloc(counters->n_cpus * sizeof(*counter->fds));
	counters->last[i] = calloc(counters->n_cpus, sizeof(**counters->last));
	if (!counter->fds || !counters->last[i]) {
		free(counter->fds);
		counter->fds = NULL;
		drop(counters, i);
		return -ENOMEM;
	}
	for (uint32_t cpu = 0; cpu < counters->n_cpus; cpu++)
		counter->fds[cpu] = -1;
	failed = open_everywhere(counters, i, &tried, &err);
	if (failed == tried) {
		counters_complain(counters, "event %s is left out: %s", name, why_not(err));
		drop(counters, i);
		return 0;
	}
	if (failed)
		counters_complain(counters, "event %s is not counted on %u of %u CPUs: %s", name,
				  failed, tried, why_not(err));
	counters->n++;
	counters->n_core += group == COUNTER_CORE;
	return 0;
}

/* Those of one group. */
static int add_group(struct counters *counters, const struct counters_options *options,
		     enum counter_group group, struct errmsg *msg)
{
	for (size_t i = 0; i < options->n_names; i++) {
		const char *name = options->names[i];
		struct perf_event_attr attr = {};
		struct errmsg why = {};
		int err = event_encode_msr(options->sysfs, name, &attr, &why);

		if ((err == -EINVAL) != (group == COUNTER_CORE))
			continue;
		if (group == COUNTER_CORE)
			err = event_encode(name, &attr, &why);
		if (err == -ENOENT)
			counters_complain(counters, "%s", why.text);
		else if (err)
			return errmsg_set(msg, err, "%s", why.text);
		else if (group == COUNTER_CORE && counters->n_core == COUNTERS_MAX_CORE)
			return errmsg_set(msg, -E2BIG,
					  "event '%s' is one more than the %d that a "
					  "switch reads",
					  name, COUNTERS_MAX_CORE);
		else
			err = add(counters, name, group, &attr);
		if (err == -ENOMEM)
			return errmsg_set(msg, err, "out of memory for the counters");
	}
	return 0;
}

static int check_names(const struct counters_options *options, struct errmsg *msg)
{
	for (size_t i = 0; i < options->n_names; i++) {
		if (strlen(options->names[i]) >= sizeof(((struct run_counter *)NULL)->name))
			return errmsg_set(msg, -EINVAL, "'%s' is too long for an event's name",
					  options->names[i]);
		for (size_t j = 0; j < i; j++) {
			if (strcasecmp(options->names[i], options->names[j]) == 0)
				return errmsg_set(msg, -EINVAL, "event '%s' is there twice",
						  options->names[i]);
		}
	}
	return 0;
}

static struct counters *new_counters(const struct counters_options *options)
{
	struct counters *counters = calloc(1, sizeof(*counters));
	size_t n = options->n_names + 1;

	if (!counters)
		return NULL;
	counters->n_cpus = options->n_cpus;
	counters->online = calloc(options->n_cpus, sizeof(*counters->online));
	counters->told = calloc(options->n_cpus, sizeof(*counters->told));
	counters->list = calloc(n, sizeof(*counters->list));
	counters->attrs = calloc(n, sizeof(*counters->attrs));
	counters->last = calloc(n, sizeof(*counters->last));
	if (!counters->online || !counters->told || !counters->list || !counters->attrs ||
	    !counters->last) {
		counters_close(counters);
		return NULL;
	}
	memcpy(counters->online, options->online, options->n_cpus * sizeof(*counters->online));
	return counters;
}

int counters_open(const struct counters_options *options, struct counters **ret, struct errmsg *msg)
{
	struct counters *counters;
	int err = check_names(options, msg);

	if (err)
		return err;
	counters = new_counters(options);
	if (!counters)
		return errmsg_set(msg, -ENOMEM, "out of memory for the counters");
	err = add_group(counters, options, COUNTER_CORE, msg);
	if (!err)
		err = add_group(counters, options, COUNTER_MSR, msg);
	if (err) {
		counters_close(counters);
		return err;
	}
	*ret = counters;
	return 0;
}

size_t counters_list(const struct counters *counters, const struct counter **ret)
{
	*ret = counters->list;
	return counters->n;
}

size_t counters_n_core(const struct counters *counters)
{
	return counters->n_core;
}

static uint64_t since(uint64_t now, uint64_t *last)
{
	uint64_t delta = now >= *last ? now - *last : 0;

	*last = now;
	return delta;
}

void counters_read(struct counters *counters, size_t counter, uint32_t cpu,
		   struct sample_count *ret)
{
	struct sample_count *last = &counters->last[counter][cpu];
	int fd = counters->list[counter].fds[cpu];
	uint64_t now[3]; /* value, enabled, running: read_format in perf_event_open(2) */

	*ret = (struct sample_count){0};
	if (fd < 0 || read(fd, now, sizeof(now)) != (ssize_t)sizeof(now))
		return;
	ret->value = since(now[0], &last->value);
	ret->enabled_ns = since(now[1], &last->enabled_ns);
	ret->running_ns = since(now[2], &last->running_ns);
}

/* The kernel takes a CPU's events away with the CPU (perf_event_exit_cpu) and does not bring them back. */
static void reopen(struct counters *counters, uint32_t cpu)
{
	for (size_t i = 0; i < counters->n; i++) {
		int fd = open_event(&counters->attrs[i], cpu);

		if (counters->list[i].fds[cpu] >= 0)
			close(counters->list[i].fds[cpu]);
		counters->list[i].fds[cpu] = fd < 0 ? -1 : fd;
		counters->last[i][cpu] = (struct sample_count){0};
	}
}

bool counters_set_online(struct counters *counters, uint32_t cpu, bool online)
{
	if (cpu >= counters->n_cpus || counters->online[cpu] == online)
		return false;
	counters->online[cpu] = online;
	if (online) {
		reopen(counters, cpu);
		return true;
	}
	if (!counters->told[cpu] && counters->n)
		counters_complain(counters, "CPU %u has gone offline, and its counters with it",
				  cpu);
	counters->told[cpu] = true;
	return false;
}

void counters_close(struct counters *counters)
{
	if (!counters)
		return;
	for (size_t i = 0; i < counters->n; i++)
		drop(counters, i);
	for (size_t i = 0; i < counters->n_complaints; i++)
		free(counters->complaints[i]);
	free(counters->complaints);
	free(counters->list);
	free(counters->attrs);
	free(counters->last);
	free(counters->online);
	free(counters->told);
	free(counters);
}
