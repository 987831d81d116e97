/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_TELEMETRY_FIGURE_PARTS_H
#define ENERGYTRACE_TELEMETRY_FIGURE_PARTS_H

/* What the figures are put together from. Only user/telemetry/figure*.c use this. */

#include "telemetry/chart.h"
#include "telemetry/figures.h"

#define FIGURE_LATENCY 0 /* colours: one for what is time, one for what is energy */
#define FIGURE_ENERGY 1

struct figure_names {
	char id[64];
	char title[192];
	char description[512];
};

/* The title of the figure, behind that of the kernel where it is of one; the id; the description. */
void figure_name(const struct figure *figure, const struct figure_subject *subject,
		 struct figure_names *names, struct chart_head *ret);

__attribute__((format(printf, 2, 3))) void figure_describe(struct figure_names *names,
							   const char *format, ...);

/* Adds to a caption; what does not fit is left out. */
__attribute__((format(printf, 2, 3))) void caption_add(struct figure_caption *caption,
						       const char *format, ...);

/* p50, p95 and p99, and the deadline where there is one, as marks. Returns how many. */
#define FIGURE_MARKS 4
size_t figure_marks(const struct telemetry_distribution *distribution, double deadline_ns,
		    struct chart_mark ret[FIGURE_MARKS]);

/* "p50 1.2 ms, p95 1.4 ms, p99 2 ms". */
#define FIGURE_PERCENTILES_SIZE 176
void figure_percentiles_text(const struct telemetry_distribution *distribution,
			     enum quantity quantity, char text[FIGURE_PERCENTILES_SIZE]);

/* The points' values over time, in its order; those without a value are left out. 0 or -ENOMEM. */
int figure_track(const struct telemetry_series *series,
		 double (*value)(const struct telemetry_point *point), struct chart_track *ret);

double figure_power_of(const struct telemetry_point *point);

/* What the power of a window is there: "× Fs / H", or what it is where these were not told. */
const char *figure_power_text(const struct telemetry_stats *stats, size_t n);

#endif
