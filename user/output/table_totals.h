/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_OUTPUT_TABLE_TOTALS_H
#define ENERGYTRACE_OUTPUT_TABLE_TOTALS_H

#include "report/report.h"

#include <stdio.h>

#define TABLE_TOTALS_LINES 40 /* what is beyond is summed in one more */

/* The table's end: what the run used in all, by name. */
void table_totals(FILE *stream, const struct totals *totals);

#endif
