/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_TELEMETRY_CHART_H
#define ENERGYTRACE_TELEMETRY_CHART_H

/* What every chart has: a frame with two axes, and the kinds of charts that there are. */

#include "telemetry/axis.h"
#include "telemetry/svg.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define CHART_WIDTH 640.0
#define CHART_HEIGHT 350.0
#define CHART_COLUMNS 300   /* of a chart over time: what lies in one is drawn as one */
#define CHART_DOTS_MAX 1200 /* points that are drawn one by one */

/* Who the chart is. */
struct chart_head {
	const char *id;		 /* unique in the page; plain characters */
	const char *title;	 /* drawn where it is alone, else only read out */
	const char *description; /* read out */
	bool alone;
};

/* What an axis is of; the unit is added to the label. */
struct chart_scale {
	enum quantity quantity;
	const char *label;
};

/* A value that stands out, drawn as a line across. */
struct chart_mark {
	double value;
	const char *label;
	bool limit; /* a deadline; else a percentile */
};

struct chart_histogram {
	struct chart_scale scale;
	const double *sorted;
	size_t n;
	int colour;
	const struct chart_mark *marks;
	size_t n_marks;

	/* Put by chart_histogram, for the caption. */
	size_t bins;
	double bin_width;
	double end; /* of the last bin: what is beyond is drawn at its right, as one */
	size_t n_beyond;
};

void chart_histogram(FILE *stream, const struct chart_head *head, struct chart_histogram *chart);

struct chart_curve {
	const char *name;
	const double *sorted;
	size_t n;
	int colour;
};

struct chart_cdf {
	struct chart_scale scale;
	const struct chart_curve *curves;
	size_t n_curves;
	const struct chart_mark *marks;
	size_t n_marks;
};

void chart_cdf(FILE *stream, const struct chart_head *head, const struct chart_cdf *chart);

struct chart_moment {
	double time_ns; /* since the first window */
	double value;
	bool missed;
};

struct chart_track {
	const char *name;
	struct chart_moment *moments; /* ascending in time */
	size_t n;
	int colour;
};

/*
 * Values over time. A single track of few moments is drawn dot by dot, one of many as what lies
 * between the least and the greatest of each column, with a line at the median; several tracks
 * as the medians.
 */
struct chart_time {
	struct chart_scale scale;
	const struct chart_track *tracks;
	size_t n_tracks;
	const struct chart_mark *limit; /* or NULL */
	bool from_zero;			/* the axis begins at 0 and is linear */

	/* Put by chart_time, for the caption. */
	bool binned;
	bool limit_shown; /* it is not so far off that it would flatten the rest */
};

/* 0 or -ENOMEM. */
int chart_time(FILE *stream, const struct chart_head *head, struct chart_time *chart);

/* One value against another; where they are many, how many are in each cell. */
struct chart_scatter {
	struct chart_scale x, y;
	const double *xs, *ys;
	size_t n;
	int colour;
	size_t most; /* put: in a cell; 0: drawn dot by dot */
};

/* 0 or -ENOMEM. */
int chart_scatter(FILE *stream, const struct chart_head *head, struct chart_scatter *chart);

/* Rows one below the other. The first CHART_ROWS_MAX of them are drawn. */
#define CHART_ROWS_MAX 40

struct chart_bar {
	const char *name;
	double value;	  /* NaN: none */
	const char *text; /* behind the bar */
};

struct chart_bars {
	struct chart_scale scale;
	const struct chart_bar *bars;
	size_t n;
	int colour;
};

void chart_bars(FILE *stream, const struct chart_head *head, const struct chart_bars *chart);

/* p5 to p99 as a line, with the quartiles thick and p50, p95 and p99 marked. NaN: no row. */
struct chart_range {
	const char *name;
	double p5, p25, p50, p75, p95, p99;
};

struct chart_ranges {
	struct chart_scale scale;
	const struct chart_range *ranges;
	size_t n;
	int colour;
};

void chart_ranges(FILE *stream, const struct chart_head *head, const struct chart_ranges *chart);

/* Estimates with their intervals, beside a line at 0. */
struct chart_estimate {
	const char *name;
	double value, low, high;
	int colour;
	bool shown; /* the difference is one: filled, else hollow */
	const char *text;
};

struct chart_forest {
	struct chart_scale scale;
	const struct chart_estimate *estimates;
	size_t n;
};

void chart_forest(FILE *stream, const struct chart_head *head, const struct chart_forest *chart);

#endif
