/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_REPORT_REPORTER_IMPL_H
#define ENERGYTRACE_REPORT_REPORTER_IMPL_H

/* Shared by reporter.c, which counts a tick, and listing.c, which says who is in its report. */

#include "report/calls.h"
#include "report/counts.h"
#include "report/ended.h"
#include "report/report.h"
#include "report/roster.h"
#include "report/sliding.h"

struct domain_running {
	struct sum host, listed;
};

struct reporter {
	const struct run *run;
	struct carbon carbon;
	const struct attribution_model *model;
	size_t top;

	struct selection selection;
	struct entities entities;
	struct ended ended;
	struct sliding sliding;
	struct roster roster;
	struct attribution attribution;
	struct counts counts;
	struct calls calls;

	uint64_t taken;	      /* calls of reporter_tick */
	uint64_t ticks;	      /* counted */
	uint64_t begin_ns;    /* CLOCK_BOOTTIME of the start mark */
	uint64_t first_ns;    /* CLOCK_MONOTONIC of the start mark */
	uint64_t last_ns;     /* … and of the latest sample */
	uint64_t active_rest; /* of a jiffy, carried to the next tick */
	uint64_t idle_rest;
	struct running total, total_idle, total_unattributed, total_others, total_self;
	struct domain_running *domains; /* by index in run.domains */
	uint64_t losses[LOSS_N];
	uint64_t wraps, resets, gaps;

	struct entity **listed;
	size_t listed_room;
	struct report report;
};

/* Room for all that may be listed. 0 or -ENOMEM. */
int reporter_make_listed_room(struct reporter *reporter);

/* Lists who is to be shown, in order, with what their windows come to. */
void reporter_list(struct reporter *reporter);

void reporter_add_figures(struct figures *sum, const struct figures *figures);

#endif
