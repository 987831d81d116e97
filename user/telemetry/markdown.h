/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_TELEMETRY_MARKDOWN_H
#define ENERGYTRACE_TELEMETRY_MARKDOWN_H

/*
 * SUMMARY.md and COMPARISON.md. Numbers in their tables are plain decimals in the unit of the column's
 * heading, for people and for scripts; "-" is what is not known.
 */

#include "telemetry/compare.h"
#include "telemetry/results.h"

#include <stdio.h>

/* A figure that was written beside the summary. */
struct markdown_figure {
	const char *file; /* its name */
	const char *title;
	const char *caption;
};

/* Errors of the stream are the caller's to find, in both. */
void markdown_summary(FILE *stream, const struct telemetry_results *results,
		      const struct markdown_figure *figures, size_t n_figures);

/* `figure` may be NULL. */
void markdown_comparison(FILE *stream, const struct comparison *comparison,
			 const struct markdown_figure *figure);

#endif
