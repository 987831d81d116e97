/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_REPORT_REPORT_H
#define ENERGYTRACE_REPORT_REPORT_H

/*
 * What the outputs are given: one tick's figures for the host and for each entity, over the tick,
 * the sliding window and the whole run. Made from samples alone (reporter_tick is deterministic and
 * does no I/O), so a replay gives the same reports.
 */

#include "attribution/attribution.h"
#include "carbon/carbon.h"
#include "sample/sample.h"
#include "windows/energy.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct figures {
	uint64_t cpu_ns;
	double joules;
	double grams; /* gCO2e */
};

enum entity_kind {
	ENTITY_THREAD,
	ENTITY_PROCESS,
	ENTITY_TREE, /* a process and all that descend from it; its own parent is the init of the machine */
	ENTITY_CGROUP,
	ENTITY_CONTAINER,
	ENTITY_UNIT, /* of systemd */
	ENTITY_USER,
	ENTITY_N_KINDS,
};

/* "thread", "process", … ; the reverse returns -EINVAL for an unknown word. */
const char *entity_kind_name(enum entity_kind kind);
int entity_kind_from_name(const char *name, enum entity_kind *ret);

/*
 * Who used it: all that a report counts, of whatever kind. Each nanosecond and joule of a tick is in
 * the figures of at most one of the entities of a kind. Texts are good until the next tick.
 */
struct entity {
	enum entity_kind kind;
	/*
	 * Of its kind the only one with this id at a time: a pid or thread id, the path of a cgroup
	 * or unit, a container's id, a uid; or a group's name.
	 */
	const char *id;
	const char *name; /* what people call it: a command's name, a path, a unit, … */
	bool group; /* of all that has no entity of the kind: "(kernel)", "(host)", "(no unit)", … */
	bool self;
	bool selected; /* asked for: reported in every tick until it has ended */
	bool ended;    /* no later tick has anything of it */

	/* Threads, processes and trees (of which it is the oldest process); else 0. */
	uint32_t pid; /* thread group */
	uint32_t tid; /* threads only */
	uint32_t ppid;
	uint64_t start_ns; /* CLOCK_BOOTTIME */
	char comm[SAMPLE_COMM_LEN];
	const char *cmdline; /* or NULL when not known */
	bool kernel;	     /* a kernel thread */
	/*
	 * Resident at the close, of a tree the sum of its processes (pages that they share count in each);
	 * of threads their process's. 0: not known.
	 */
	uint64_t rss_bytes;

	/* NULL where not known, or where it has none or more than one. */
	const char *cgroup;
	const char *unit; /* "ssh.service" */
	const char *user; /* name, or uid as a number */
	const struct entity_container *container;

	struct figures tick;
	struct figures total; /* since the start of the run */

	/* Of a cgroup, with all below it: not to be summed. */
	struct figures subtree_tick, subtree_total;

	/*
	 * Of performance counters, in this tick: run.n_counters sums, and the same of each domain's CPUs,
	 * [domain * n_counters + counter]. NULL where the run has none, or it is not in the sample.
	 */
	struct sample_count *counts, *domain_counts;

	/* Over the sliding window; the joules by the JSONL document's formula, host-wide. */
	uint64_t window_ns;
	uint64_t window_jiffies;
	double window_share; /* window_ns / the host's active time, in [0, 1] */
	double window_joules;
	double window_grams;
};

/* What is known of a container: texts may be NULL but for the first three. */
struct entity_container {
	const char *runtime, *id, *path, *label, *name, *image, *pod, *pod_namespace;
};

/* The container's label or name, or its id cut to 12 characters as runtimes do, in `room` of 13 bytes. */
const char *entity_container_name(const struct entity_container *container, char *room);

struct entity_label {
	const char *key; /* "runtime", "image", "user", … */
	const char *value;
};

#define ENTITY_LABELS_MAX 12

/* What an entity is called besides id and name, in one order; returns how many. */
size_t entity_labels(const struct entity *entity, struct entity_label labels[ENTITY_LABELS_MAX]);

struct report_host {
	uint64_t span_ns, active_ns, idle_ns;  /* of this tick; active includes unattributed */
	uint64_t active_jiffies, idle_jiffies; /* of this tick; remainders are carried */
	double joules;			       /* of this tick, package-type domains */
	struct figures idle, unattributed;     /* of this tick */
	struct figures others;		       /* of this tick: what ran and is not in `entities` */
	struct figures self;  /* of this tick: energytrace's own, wherever else it is counted */
	struct figures total; /* everything, since the start */
	struct figures total_idle, total_unattributed, total_others, total_self;

	uint32_t window_samples;
	uint64_t window_active_ns;
	uint64_t window_active_jiffies;
	double window_joules;
};

/* A call that has ended, with its joules. */
struct report_call {
	struct window window;
	struct window_cost cost;
};

struct report {
	const struct run *run;
	const struct sample *sample;
	const struct carbon *carbon;
	enum entity_kind kind; /* of all its entities */
	bool first;	       /* the start mark */
	bool selective;	       /* not all that ran is in `entities`: `others` holds the rest */
	struct report_host host;
	struct entity *const *entities; /* to be shown in this tick, by pid and start, uid or id */
	size_t n_entities;
	/* Where the reporter was asked for them: calls that ended before the close, and what their processes used. */
	const struct report_call *calls;
	size_t n_calls;
	const struct window_process *call_processes;
	size_t n_call_processes;
	struct window_gone call_processes_gone;
};

/*
 * What part of a tick's joules may belong to the ticks beside it, because the energy counters move only
 * every run.update_ns: 0.1 at 10 ms of RAPL. 0 where nothing is known of such steps.
 */
double report_unresolved(const struct report *report);

/* A line of the totals at the end: all entities of one name, which of most kinds is one. */
struct total {
	char *name;
	uint32_t pid;	/* of the one process, or 0 */
	uint64_t count; /* entities in this line */
	struct figures figures;
	bool self;
};

/* Joules of one domain since the start; `listed` is the part of the processes that are lines. */
struct domain_total {
	double host, listed;
};

struct totals {
	const struct run *run;
	const struct carbon *carbon;
	enum entity_kind kind;
	bool selective;
	uint64_t elapsed_ns; /* CLOCK_MONOTONIC, first close to last */
	uint64_t ticks;
	struct report_host host;
	uint64_t losses[LOSS_N];
	uint64_t wraps, resets, gaps;
	struct total *lines; /* by descending joules, then CPU time, then name, then pid */
	size_t n_lines;
	struct domain_total *domains; /* in the order of run.domains */
};

/* Arrays are owned by the caller and outlive the reporter. Nothing selected: everything. */
struct reporter_options {
	const uint32_t *pids;
	size_t n_pids;
	bool children;		    /* with the pids: all that descend from them too, also later */
	const char *const *cgroups; /* paths or globs: each with all below it */
	size_t n_cgroups;
	const char *const *containers; /* names, or beginnings of ids */
	size_t n_containers;
	enum entity_kind kind; /* --by */
	bool calls;	       /* the joules of windows of calls are wanted */
	size_t top;	       /* report only so many entities of a tick, by joules; 0: all */
	uint32_t window;       /* samples, >= 1 */
	struct carbon carbon;
	const struct attribution_model *model;
};

struct reporter;

/* `run` outlives the reporter. Returns 0 or -ENOMEM. */
int reporter_new(const struct reporter_options *options, const struct run *run,
		 struct reporter **ret);

/*
 * Takes the next sample and gives its report, which is good until the next call. The sample must
 * stay as it is until then too. Returns 0 or -ENOMEM.
 */
int reporter_tick(struct reporter *reporter, const struct sample *sample,
		  const struct report **ret);

/*
 * True when nothing more can come of what was asked for: pids, which have all ended, with their
 * descendants where those were asked for too.
 */
bool reporter_all_ended(const struct reporter *reporter);

/* True when the processes that were asked for by pid have ended, whatever lives on of them. */
bool reporter_pids_ended(const struct reporter *reporter);

/* The totals of the run so far. 0 or -ENOMEM; totals_done frees what they hold. */
int reporter_totals(const struct reporter *reporter, struct totals *ret);
void totals_done(struct totals *totals);

/* Takes NULL. */
void reporter_free(struct reporter *reporter);

#endif
