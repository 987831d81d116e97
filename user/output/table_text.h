/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_OUTPUT_TABLE_TEXT_H
#define ENERGYTRACE_OUTPUT_TABLE_TEXT_H

/* Text for a terminal: what fits in its columns, and nothing that it would take for a command. */

#include "report/report.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define TABLE_COLUMNS 80
#define TABLE_NS_PER_S 1e9

/* Pieces of a heading, set side by side and wrapped before the last column. */
struct table_line {
	FILE *stream;
	size_t column;
	size_t columns; /* of the line; 0: TABLE_COLUMNS */
};

/* What of a piece a terminal would take for a command becomes '?'. */
__attribute__((format(printf, 2, 3))) void table_piece(struct table_line *line, const char *format,
						       ...);
void table_line_end(struct table_line *line);

/* The name of the source and what its joules are; loud where they are not measured. */
void table_source(const struct run *run, const char *before, struct table_line *line);

/* "3 resets" where there are any. */
void table_count(struct table_line *line, uint64_t count, const char *one, const char *more);

/* The decimals that show about three digits of a heading's number. */
int table_decimals(double value);

/*
 * Prints the number right-aligned in `width` columns behind a blank, with as many of the `decimals`
 * as fit, and an exponent where none does. "-" for NaN.
 */
void table_number(FILE *stream, int width, int decimals, double value);

/* An identifier or a count, right-aligned, with no blank before it; "-" for 0. */
void table_count_or_dash(FILE *stream, int width, uint64_t value);

/*
 * Prints `text` behind two blanks, at most `width` columns of it: what is too long loses its
 * beginning to an ellipsis (the end of a cgroup's path tells most). With `pad`, fills up the width.
 * Control characters, bytes that are no UTF-8 and characters that turn the writing direction
 * become '?'.
 */
void table_text(FILE *stream, size_t width, bool pad, const char *text);

/*
 * Prints at most `width` columns of `text`: what is too long loses its end to an ellipsis, as it does
 * with `more` set. Commands as in table_text.
 */
void table_clip(FILE *stream, size_t width, bool more, const char *text);

#endif
