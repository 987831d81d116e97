/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_OUTPUT_POWERAPI_HWPC_H
#define ENERGYTRACE_OUTPUT_POWERAPI_HWPC_H

/*
 * The groups of a HWPCReport: values of one tick by socket, CPU and event. A group comes from a source; a new
 * kind of counter is one more source in the table of powerapi_hwpc.c.
 */

#include "base/errmsg.h"
#include "report/report.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* There is no such counter on this CPU. */
#define HWPC_NONE UINT64_MAX

struct hwpc_cpu {
	int socket;
	uint32_t cpu;			 /* the kernel's number */
	uint64_t enabled_ns, running_ns; /* of this tick: the same where nothing was multiplexed */
	uint64_t *values; /* in the order of the group's events; owned by the group */
};

/* Nothing was counted on this CPU: it is in no report. */
static inline bool hwpc_is_idle(const struct hwpc_cpu *cpu)
{
	return cpu->enabled_ns == 0;
}

/* The arrays are owned, the texts are the run's or the source's. */
struct hwpc_group {
	const char *name;    /* "rapl" */
	const char **events; /* sorted as bytes */
	size_t n_events;
	struct hwpc_cpu *cpus; /* by socket, then CPU */
	size_t n_cpus;
	uint64_t *values; /* n_cpus * n_events */

	/* For the sources of counters; two are by event. */
	size_t *counters;	     /* index in run.counters */
	size_t *places;		     /* of each of run.cpus in `cpus` */
	struct sample_count *counts; /* of the CPU that is being read */
};

/* The events asked for; n 0: all that there are. */
struct hwpc_events {
	const char *const *names;
	size_t n;
};

struct hwpc_source {
	/*
	 * Which of the events there are on which CPUs, by hwpc_group_init. A group without events is none.
	 * 0 or -ENOMEM.
	 */
	int (*open)(const struct run *run, const struct hwpc_events *events,
		    struct hwpc_group *group);

	/*
	 * Fills in the values of the tick: of the whole machine (`entity` NULL) or of one entity. False:
	 * it has none for that.
	 */
	bool (*read)(const struct report *report, const struct entity *entity,
		     struct hwpc_group *group);
};

#define HWPC_GROUPS_MAX 3 /* rapl, msr, core */

struct hwpc {
	struct hwpc_group groups[HWPC_GROUPS_MAX];
	const struct hwpc_source *sources[HWPC_GROUPS_MAX]; /* of the groups */
	size_t n_groups;
};

/* The groups that there are. `run` and the names outlive it. 0 or -ENOMEM. */
int hwpc_open(const struct run *run, const struct hwpc_events *events, struct hwpc *ret);

/* Any of its groups has this event. */
bool hwpc_has_event(const struct hwpc *hwpc, const char *event);

/* Takes a zeroed one. */
void hwpc_close(struct hwpc *hwpc);

/* For sources: makes the arrays for so many events and CPUs, with zeros. 0 or -ENOMEM. */
int hwpc_group_init(struct hwpc_group *group, const char *name, size_t n_events, size_t n_cpus);

/* For sources: whether the event was asked for. */
bool hwpc_is_wanted(const struct hwpc_events *events, const char *name);

/* For sources: of a package; -1, as some virtual machines have it, is the first socket. */
static inline int hwpc_socket(int package)
{
	return package < 0 ? 0 : package;
}

void hwpc_group_done(struct hwpc_group *group);

/*
 * Group rapl, of the target `all`: the energy domains, one CPU for each socket (the first of it that is
 * accounted), in units of 2^-32 J. The names are libpfm4's (lib/pfmlib_intel_rapl.c); what the
 * kernel calls uncore is its GPU.
 */
extern const struct hwpc_source hwpc_rapl;

/*
 * Groups msr, of `all`, and core, of `all` and every other target: the run's performance counters, of each CPU. A task
 * runs on many CPUs of a socket: the values of other targets than `all` are sums of each socket, told with its
 * first CPU.
 *
 * Counters of one CPU that took turns have been there for different times, and a reader scales all by one pair
 * of times: the values are brought to the shortest of theirs.
 */
extern const struct hwpc_source hwpc_msr, hwpc_core;

#define HWPC_RAPL_EVENTS 5
extern const char *const hwpc_rapl_events[HWPC_RAPL_EVENTS];
bool hwpc_rapl_is_event(const char *name);

#endif
