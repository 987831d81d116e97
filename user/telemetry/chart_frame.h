/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_TELEMETRY_CHART_FRAME_H
#define ENERGYTRACE_TELEMETRY_CHART_FRAME_H

/* The parts that charts are made of. Only user/telemetry/chart*.c use this. */

#include "telemetry/chart.h"

#define CHART_ROW 28.0	  /* height of a row */
#define CHART_CHAR 7.4	  /* about the width of a character of 13 px */
#define CHART_NAME_MAX 30 /* characters of a row's name */

struct frame {
	FILE *stream;
	double width, height;
	double left, top, right, bottom; /* the edges of the plot */
};

struct legend_entry {
	const char *name;
	int colour;
};

/* "l3", "f3": the class of a series, with others before it. */
void chart_class(char *text, size_t size, const char *before, char kind, int colour);

/* The class of so many dots: few are drawn larger. */
const char *chart_dots(size_t n);

/*
 * Begins a chart with the plot between the axes, which are placed and drawn, with grid lines, ticks
 * and labels. The legend, if there is one, is above. The axes are made before.
 */
void chart_begin(FILE *stream, const struct chart_head *head, struct axis *x, const char *x_label,
		 struct axis *y, const char *y_label, const struct legend_entry *legend,
		 size_t n_legend, struct frame *ret);

/* Begins a chart of rows: no axis at the left but names. */
void chart_begin_rows(FILE *stream, const struct chart_head *head, struct axis *x,
		      const char *x_label, const char *const *names, size_t n, double room_right,
		      struct frame *ret);

/* The middle of a row. */
double chart_row(const struct frame *frame, size_t i);

/* A line from top to bottom at each value, with its label, over all the lines. */
void chart_marks_x(const struct frame *frame, const struct axis *x, const struct chart_mark *marks,
		   size_t n);

/* The same from left to right. */
void chart_mark_y(const struct frame *frame, const struct axis *y, const struct chart_mark *mark);

void chart_end(const struct frame *frame);

#endif
