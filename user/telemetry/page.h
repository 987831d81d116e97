/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_TELEMETRY_PAGE_H
#define ENERGYTRACE_TELEMETRY_PAGE_H

/* The parts of report.html. Only user/telemetry/page*.c and report.c use this. */

#include "telemetry/results.h"

/* What a run is over: figures that several parts of the page need. */
struct page_totals {
	size_t n_windows, n_warmup, n_failed;
	size_t n_repeats; /* the most of a kernel */
	double joules;	  /* NaN: nobody counted */
	double cpu_ns;
};

void page_totals(const struct telemetry_results *results, struct page_totals *ret);

/* Who, when, how long, on what, and what went wrong. */
void page_header(FILE *stream, const struct telemetry_results *results,
		 const struct telemetry_series *own);

/* The tables over all kernels, or over the first of very many and the page's own. */
void page_summary(FILE *stream, const struct telemetry_results *results,
		  const struct telemetry_series *own);

/* What a kernel's windows were of, and its repeats if there are several. */
void page_conditions(FILE *stream, const struct telemetry_stats *stats);
void page_repeats(FILE *stream, const struct telemetry_stats *stats);

void page_definitions(FILE *stream, const struct telemetry_results *results);

/* What the kernel's joules are, loud where they are not measured; "none" without. */
void page_kind(FILE *stream, const struct telemetry_series *series);

#endif
