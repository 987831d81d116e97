/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_OUTPUT_POWERAPI_REPORT_H
#define ENERGYTRACE_OUTPUT_POWERAPI_REPORT_H

/* One tick in PowerAPI's terms, and the two forms in which it is written. */

#include "output/powerapi_hwpc.h"
#include "output/powerapi_settings.h"
#include "output/powerapi_targets.h"
#include "report/report.h"

#include <stdint.h>
#include <stdio.h>

/* The target that stands for the whole machine. */
#define POWERAPI_ALL "all"

struct powerapi_tick {
	const struct report *report;
	const struct powerapi_settings *settings;
	const struct powerapi_targets *targets;
	struct hwpc *hwpc;
	const char *sensor;
	const char *timestamp; /* text of digits, or an ISO time */
};

/* Watts over the tick of so many joules. */
double powerapi_watts(const struct powerapi_tick *tick, double joules);

/* Percent of one CPU over the tick. */
double powerapi_percent(const struct powerapi_tick *tick, uint64_t cpu_ns);

/* Whether there are joules to tell of. */
bool powerapi_has_joules(const struct powerapi_tick *tick);

/* All reports that are asked for, a line each: `all` first, then by target. */
void powerapi_put_json(const struct powerapi_tick *tick, FILE *stream);

/* The streams of the tables: NULL where there is none. */
struct powerapi_tables {
	FILE *power;
	FILE *groups[HWPC_GROUPS_MAX]; /* as hwpc.groups */
};

struct target;

/* Adds the tables of what is asked for to a directory. 0 or a negative errno with `msg` filled. */
int powerapi_open_tables(struct target *directory, const struct powerapi_settings *settings,
			 const struct run *run, const struct hwpc *hwpc,
			 struct powerapi_tables *ret, struct errmsg *msg);

/* Rows by target, as bytes: readers need this order. */
void powerapi_put_rows(const struct powerapi_tick *tick, const struct powerapi_tables *tables);

#endif
