/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_TELEMETRY_MARKDOWN_PARTS_H
#define ENERGYTRACE_TELEMETRY_MARKDOWN_PARTS_H

/* Only user/telemetry/markdown*.c use this. */

#include <stddef.h>
#include <stdio.h>

/* Text in a line or a cell, as it is: what Markdown would take for a mark is escaped. */
void markdown_text(FILE *stream, const char *text);

/* The heading of a table and the line below it: the first column to the left, the others right. */
void markdown_columns(FILE *stream, const char *const *names, size_t n);

/* A cell behind another: "| 1.5 " with up to six significant digits, no exponent above 1e-5. */
void markdown_number(FILE *stream, double value);
void markdown_count(FILE *stream, size_t count);

void markdown_figure_line(FILE *stream, const char *file, const char *title, const char *caption);

#endif
