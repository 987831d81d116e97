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

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct figures {
	uint64_t cpu_ns;
	double joules;
	double grams; /* gCO2e */
};

/* One process (other kinds of entity come with --by). */
struct entity {
	uint32_t pid;
	uint32_t ppid;
	uint64_t start_ns; /* CLOCK_BOOTTIME */
	char comm[SAMPLE_COMM_LEN];
	const char *cgroup; /* path, or NULL when not known; good until the next tick */
	bool self;
	bool selected; /* asked for: reported in every tick until it has ended */
	bool ended;    /* no later tick has anything of it */

	struct figures tick;
	struct figures total; /* since the start of the run */

	/* Over the sliding window; the joules by the JSONL document's formula, host-wide. */
	uint64_t window_ns;
	uint64_t window_jiffies;
	double window_share; /* window_ns / the host's active time, in [0, 1] */
	double window_joules;
	double window_grams;
};

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

struct report {
	const struct run *run;
	const struct sample *sample;
	const struct carbon *carbon;
	bool first;	/* the start mark */
	bool selective; /* not all that ran is in `entities`: `others` holds the rest */
	struct report_host host;
	struct entity *const *entities; /* to be shown in this tick, by ascending pid, start */
	size_t n_entities;
};

/* A line of the totals at the end: one process, or all that ended under one name. */
struct total {
	char comm[SAMPLE_COMM_LEN];
	uint32_t pid;	/* of the one process, or 0 */
	uint64_t count; /* processes in this line */
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

/* Arrays are owned by the caller and outlive the reporter. No pids and no cgroups: every process. */
struct reporter_options {
	const uint32_t *pids;
	size_t n_pids;
	bool children;		    /* with the pids: all that descend from them too, also later */
	const char *const *cgroups; /* paths or globs: each with all below it */
	size_t n_cgroups;
	size_t top;	 /* report only so many entities of a tick, by joules; 0: all */
	uint32_t window; /* samples, >= 1 */
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
