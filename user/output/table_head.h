/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_OUTPUT_TABLE_HEAD_H
#define ENERGYTRACE_OUTPUT_TABLE_HEAD_H

/* What stands above the rows of the table: the host, and how far the figures can be relied on. */

#include "report/report.h"

#include <stddef.h>
#include <stdio.h>

/* The start mark: what is traced, and with what. */
void table_start(FILE *stream, const struct report *report);

/* Of a tick, as one of a series: begins with the time. */
void table_head(FILE *stream, const struct report *report);

/*
 * Of a tick, as the only one in sight: begins with the watts and what they are, ends with what is
 * dispensable first. In less than 79 columns it is shorter.
 */
void table_screen_head(FILE *stream, size_t columns, const struct report *report);

#endif
