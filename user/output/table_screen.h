/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_OUTPUT_TABLE_SCREEN_H
#define ENERGYTRACE_OUTPUT_TABLE_SCREEN_H

/*
 * The table on a terminal, each tick drawn over the last.
 *
 * It is drawn on the normal screen, with no mode set: neither the alternate screen nor a hidden cursor
 * nor anything else would have to be undone, so that however the program ends, the terminal is as
 * it was, with the last table in sight and what comes then (totals, an error, the prompt) below it.
 */

#include "output/output.h"
#include "report/report.h"

#include <stdbool.h>
#include <stdio.h>

/* The terminal of the smallest table; on a smaller one a line says so. */
#define TABLE_SCREEN_LEAST_COLUMNS 21
#define TABLE_SCREEN_LEAST_ROWS 8

/*
 * Draws a tick for a terminal of options' columns and rows (80 and 24 if not known). The first one
 * moves what is on the screen up into the terminal's history. Uses one row less than there are: the
 * cursor ends below the table. 0 or -ENOMEM.
 */
int table_screen(FILE *stream, const struct output_options *options, bool first,
		 const struct report *report);

#endif
