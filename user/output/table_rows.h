/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_OUTPUT_TABLE_ROWS_H
#define ENERGYTRACE_OUTPUT_TABLE_ROWS_H

/* The rows of the table: one for each entity, those for what none of them used, and a sum. */

#include "report/report.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define TABLE_LEAST_COLUMNS 20 /* the pid and a name of 11 columns, such as "(1234 more)" */
#define TABLE_MOST_RESTS 3

/* What is shown in a given width. */
struct table_layout {
	enum entity_kind kind;
	size_t id;	  /* columns of the pid, thread id or uid; 0: the kind has no number */
	size_t n_numbers; /* of CPU%, WATTS, JOULES, gCO2e, from the left */
	size_t name;	  /* columns of the entity's name */
	size_t more;	  /* columns of the cgroup, or of a container's image; 0: not shown */
};

/*
 * Rows of at most `columns`, which is TABLE_LEAST_COLUMNS or more. Where they are few, the cgroup goes
 * first, then the end of the name, then the numbers from the right; where they are many, the cgroup
 * gets them.
 */
struct table_layout table_layout(enum entity_kind kind, size_t columns);

/* "PROCESS", "CGROUP", … */
const char *table_kind_heading(enum entity_kind kind);

bool table_has_joules(const struct report *report);

/* Over the tick. NaN, which is shown as "-", where there are no joules or no time. */
double table_watts(const struct report *report, double joules);

/* Over the tick, of one CPU. */
double table_percent(const struct report *report, uint64_t cpu_ns);

/* The entities by watts, most first. The caller frees the array. 0 or -ENOMEM. */
int table_sort(const struct report *report, const struct entity ***ret);

void table_heading(FILE *stream, const struct table_layout *layout);
void table_entity(FILE *stream, const struct table_layout *layout, const struct report *report,
		  const struct entity *entity);

/* The sum of the `n` entities, in one row. */
void table_more(FILE *stream, const struct table_layout *layout, const struct report *report,
		const struct entity *const *entities, size_t n);

/* (others), (idle) and (unattributed), as far as there is anything in them: the number of rows. */
size_t table_count_rests(const struct report *report);
void table_rests(FILE *stream, const struct table_layout *layout, const struct report *report);

#endif
