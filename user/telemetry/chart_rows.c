// SPDX-License-Identifier: BSD-2-Clause
/* Kernels or repeats one below the other: bars, ranges, estimates with their intervals. */
#include "telemetry/chart_frame.h"

#include <math.h>

#define TICKS 6
#define BAR_HEIGHT 15.0
#define ROOM_TEXT 118.0 /* at the right, for what is behind a bar */
#define ROOM 16.0
#define SPREAD_LOG 30.0

void chart_bars(FILE *stream, const struct chart_head *head, const struct chart_bars *chart)
{
	size_t n = chart->n < CHART_ROWS_MAX ? chart->n : CHART_ROWS_MAX;
	const char *names[CHART_ROWS_MAX];
	double greatest = 0;
	struct axis x;
	struct frame frame;
	char class[32];

	for (size_t i = 0; i < n; i++) {
		names[i] = chart->bars[i].name;
		greatest = fmax(greatest, chart->bars[i].value); /* which passes over NaN */
	}
	axis_make(&x, chart->scale.quantity, 0, greatest, false, true, TICKS);
	chart_begin_rows(stream, head, &x, chart->scale.label, names, n, ROOM_TEXT, &frame);
	chart_class(class, sizeof(class), "bar", 'f', chart->colour);
	for (size_t i = 0; i < n; i++) {
		double value = isfinite(chart->bars[i].value) ? chart->bars[i].value : 0;
		double at = axis_at(&x, value), y = chart_row(&frame, i);

		if (value > 0)
			svg_rect(stream, class, frame.left, y - BAR_HEIGHT / 2,
				 fmax(at - frame.left, 1), BAR_HEIGHT, NULL);
		svg_text(stream, NULL, at + 6, y + 4.5, SVG_START, chart->bars[i].text);
	}
	svg_line(stream, "axis", frame.left, frame.top, frame.left, frame.bottom);
	chart_end(&frame);
}

static void draw_range(const struct frame *frame, const struct axis *x,
		       const struct chart_range *range, double y, int colour)
{
	FILE *stream = frame->stream;
	double p95 = axis_at(x, range->p95), p99 = axis_at(x, range->p99);
	char class[32];

	chart_class(class, sizeof(class), "whisker", 'l', colour);
	svg_line(stream, class, axis_at(x, range->p5), y, p99, y);
	chart_class(class, sizeof(class), "over", 'f', colour);
	svg_rect(stream, class, axis_at(x, range->p25), y - BAR_HEIGHT / 2,
		 fmax(axis_at(x, range->p75) - axis_at(x, range->p25), 1), BAR_HEIGHT, NULL);
	chart_class(class, sizeof(class), "bar", 'f', colour);
	svg_circle(stream, class, axis_at(x, range->p50), y, 5, NULL);
	svg_rect(stream, class, p95 - 2, y - 6, 4, 12, NULL);
	svg_path_begin(stream, class);
	svg_path_point(stream, 'M', p99 + 6, y);
	svg_path_point(stream, 'L', p99 - 4, y - 6);
	svg_path_point(stream, 'L', p99 - 4, y + 6);
	fputs("Z", stream);
	svg_path_end(stream);
}

void chart_ranges(FILE *stream, const struct chart_head *head, const struct chart_ranges *chart)
{
	size_t n = chart->n < CHART_ROWS_MAX ? chart->n : CHART_ROWS_MAX;
	double least = INFINITY, greatest = -INFINITY;
	const char *names[CHART_ROWS_MAX];
	struct axis x;
	struct frame frame;
	bool log;

	for (size_t i = 0; i < n; i++) {
		names[i] = chart->ranges[i].name;
		least = fmin(least, chart->ranges[i].p5);
		greatest = fmax(greatest, chart->ranges[i].p99);
	}
	log = least > 0 && greatest / least > SPREAD_LOG;
	axis_make(&x, chart->scale.quantity, log ? least : 0, greatest, log, true, TICKS);
	chart_begin_rows(stream, head, &x, chart->scale.label, names, n, ROOM, &frame);
	for (size_t i = 0; i < n; i++) {
		if (isfinite(chart->ranges[i].p50))
			draw_range(&frame, &x, &chart->ranges[i], chart_row(&frame, i),
				   chart->colour);
	}
	svg_line(stream, "axis", frame.left, frame.top, frame.left, frame.bottom);
	chart_end(&frame);
}

static void draw_estimate(const struct frame *frame, const struct axis *x,
			  const struct chart_estimate *estimate, double y)
{
	double low = axis_at(x, estimate->low), high = axis_at(x, estimate->high);
	char class[32];

	chart_class(class, sizeof(class), "whisker", 'l', estimate->colour);
	if (isfinite(estimate->low) && isfinite(estimate->high)) {
		svg_line(frame->stream, class, low, y, high, y);
		svg_line(frame->stream, class, low, y - 4, low, y + 4);
		svg_line(frame->stream, class, high, y - 4, high, y + 4);
	}
	if (estimate->shown)
		chart_class(class, sizeof(class), "bar", 'f', estimate->colour);
	else
		chart_class(class, sizeof(class), "hollow", 'l', estimate->colour);
	svg_circle(frame->stream, class, axis_at(x, estimate->value), y, 5, NULL);
	svg_text(frame->stream, NULL, frame->right + 10, y + 4.5, SVG_START, estimate->text);
}

void chart_forest(FILE *stream, const struct chart_head *head, const struct chart_forest *chart)
{
	size_t n = chart->n < CHART_ROWS_MAX ? chart->n : CHART_ROWS_MAX;
	const char *names[CHART_ROWS_MAX];
	double least = 0, greatest = 0;
	struct axis x;
	struct frame frame;

	for (size_t i = 0; i < n; i++) {
		const struct chart_estimate *estimate = &chart->estimates[i];

		names[i] = estimate->name;
		least = fmin(least, fmin(estimate->value, estimate->low));
		greatest = fmax(greatest, fmax(estimate->value, estimate->high));
	}
	axis_make(&x, chart->scale.quantity, least, greatest, false, true, TICKS);
	chart_begin_rows(stream, head, &x, chart->scale.label, names, n, ROOM_TEXT, &frame);
	svg_line(stream, "ref", axis_at(&x, 0), frame.top, axis_at(&x, 0), frame.bottom);
	for (size_t i = 0; i < n; i++) {
		if (isfinite(chart->estimates[i].value))
			draw_estimate(&frame, &x, &chart->estimates[i], chart_row(&frame, i));
	}
	chart_end(&frame);
}
