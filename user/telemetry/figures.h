/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_TELEMETRY_FIGURES_H
#define ENERGYTRACE_TELEMETRY_FIGURES_H

/* The figures of a run: which there are, and what is drawn and said in each. */

#include "telemetry/compare.h"
#include "telemetry/run.h"
#include "telemetry/stats.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* What a figure is of: all kernels of a run, or the one `kernel` of them. */
struct figure_subject {
	const struct telemetry_run *run;
	const struct telemetry_stats *stats; /* n of them, a kernel each */
	size_t n;
	size_t kernel;
	bool alone; /* a file of its own: it carries its title */
};

struct figure_caption {
	char text[1024]; /* plain text; n and the definitions are in it */
};

struct figure {
	const char *name; /* of files and ids */
	const char *word; /* of --plots, or NULL: of the kernels' own figures */
	const char *title;

	/* Whether the subject has what it takes. NULL: it always has. */
	bool (*possible)(const struct figure_subject *subject);

	/* Draws an SVG, and puts its caption. 0 or -ENOMEM. */
	int (*draw)(const struct figure *figure, const struct figure_subject *subject, FILE *stream,
		    struct figure_caption *ret);
};

extern const struct figure run_figures[];
extern const size_t n_run_figures;
extern const struct figure kernel_figures[];
extern const size_t n_kernel_figures;

/* How much each kernel's median differs, in percent of the baseline, with intervals. 0 or -ENOMEM. */
#define FIGURE_COMPARISON_TITLE "Difference of the medians from the baseline"
int figure_comparison(const struct comparison *comparison, bool alone, FILE *stream,
		      struct figure_caption *ret);

bool figure_possible(const struct figure *figure, const struct figure_subject *subject);

/* What the joules are, in words: "measured (powercap)", "estimated", "of several kinds". */
#define FIGURE_KIND_SIZE 96
void figure_energy_kind(const struct telemetry_series *series, char text[FIGURE_KIND_SIZE]);

/*
 * The same of all kernels that have joules; "" where none has. Whether it is one: joules of several
 * kinds are not to be added up.
 */
bool figure_energy_kinds(const struct figure_subject *subject, char text[FIGURE_KIND_SIZE]);

#endif
