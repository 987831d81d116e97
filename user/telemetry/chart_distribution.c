// SPDX-License-Identifier: BSD-2-Clause
/* How values are distributed: histogram and cumulative curve. */
#include "telemetry/chart_frame.h"

#include "telemetry/distribution.h"
#include "telemetry/style.h"

#include <math.h>

#define BINS_LEAST 8
#define BINS_MOST 80
#define TICKS_X 8
#define TICKS_Y 5
#define HEADROOM 1.12	  /* above the tallest bar, for what the lines across it are */
#define CURVE_STEPS 400	  /* of a curve of more values than that */
#define CURVE_TAIL 100	  /* the greatest values, each of which is drawn */
#define SPREAD_LOG 30.0	  /* times: beyond that a linear axis shows only the greatest */
#define BEYOND_ROOM 0.035 /* of the width, for the bar of what is beyond the axis */

/*
 * Where the axis ends: at the greatest value, unless that is farther behind p99 than p1 is before it; then
 * half as far, so that the few behind it do not flatten the rest.
 */
static double histogram_end(const double *sorted, size_t n)
{
	double p99 = telemetry_quantile(sorted, n, 0.99), p1 = telemetry_quantile(sorted, n, 0.01);
	double greatest = telemetry_quantile(sorted, n, 1);

	return greatest > p99 + (p99 - p1) ? p99 + (p99 - p1) / 2 : greatest;
}

/* The number of values up to `limit`. */
static size_t count_up_to(const double *sorted, size_t n, double limit)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (sorted[middle] <= limit)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static double bin_edge(const struct chart_histogram *chart, double low, size_t i)
{
	return i == chart->bins ? chart->end : low + (double)i * chart->bin_width;
}

/* The values of bin `i`: above its lower edge, the first one's included, up to the upper. */
static size_t count_bin(const struct chart_histogram *chart, double low, size_t i)
{
	size_t below = i == 0 ? 0 : count_up_to(chart->sorted, chart->n, bin_edge(chart, low, i));

	return count_up_to(chart->sorted, chart->n, bin_edge(chart, low, i + 1)) - below;
}

static void draw_bar(const struct frame *frame, const struct axis *y, double from, double to,
		     size_t count, const char *class, const char *range)
{
	char tip[160], number[QUANTITY_TEXT_SIZE];
	double top = axis_at(y, (double)count);

	if (count == 0)
		return;
	quantity_count(count, number);
	snprintf(tip, sizeof(tip), "%.80s: %s window%s", range, number, count == 1 ? "" : "s");
	svg_rect(frame->stream, class, from, top, to - from > 1.5 ? to - from - 0.75 : to - from,
		 frame->bottom - top, tip);
}

static void draw_bars(const struct frame *frame, const struct axis *x, const struct axis *y,
		      const struct chart_histogram *chart, double low)
{
	char class[32], from[QUANTITY_TEXT_SIZE], to[QUANTITY_TEXT_SIZE], range[128];

	chart_class(class, sizeof(class), "bar", 'f', chart->colour);
	for (size_t i = 0; i < chart->bins; i++) {
		double edge = bin_edge(chart, low, i), next = bin_edge(chart, low, i + 1);

		quantity_text(chart->scale.quantity, edge, from);
		quantity_text(chart->scale.quantity, next, to);
		snprintf(range, sizeof(range), "%s to %s", from, to);
		draw_bar(frame, y, axis_at(x, edge), axis_at(x, next), count_bin(chart, low, i),
			 class, range);
	}
	if (chart->n_beyond == 0)
		return;
	quantity_text(chart->scale.quantity, chart->end, from);
	snprintf(range, sizeof(range), "above %s", from);
	draw_bar(frame, y, axis_at(x, chart->end) + 3, frame->right, chart->n_beyond, "rest",
		 range);
}

void chart_histogram(FILE *stream, const struct chart_head *head, struct chart_histogram *chart)
{
	double low = telemetry_quantile(chart->sorted, chart->n, 0), beyond;
	struct axis x, y;
	struct frame frame;
	size_t tallest;

	chart->end = histogram_end(chart->sorted, chart->n);
	chart->bins =
		telemetry_bins(chart->sorted, chart->n, low, chart->end, BINS_LEAST, BINS_MOST);
	/* All values are one: a bar around it. */
	if (!(chart->end > low)) {
		double half = fabs(low) > 0 ? fabs(low) * 0.02 : 0.5;

		low -= half;
		chart->end += half;
	}
	chart->bin_width = (chart->end - low) / (double)chart->bins;
	chart->n_beyond = chart->n - count_up_to(chart->sorted, chart->n, chart->end);
	tallest = chart->n_beyond;
	for (size_t i = 0; i < chart->bins; i++) {
		size_t count = count_bin(chart, low, i);

		tallest = count > tallest ? count : tallest;
	}
	beyond = chart->n_beyond > 0 ? (chart->end - low) * BEYOND_ROOM : 0;
	axis_make(&x, chart->scale.quantity, low, chart->end + beyond, false, false, TICKS_X);
	axis_make(&y, QUANTITY_COUNT, 0, (double)tallest * HEADROOM, false, true, TICKS_Y);
	chart_begin(stream, head, &x, chart->scale.label, &y, "Windows", NULL, 0, &frame);
	draw_bars(&frame, &x, &y, chart, low);
	svg_line(stream, "axis", frame.left, frame.bottom, frame.right, frame.bottom);
	chart_marks_x(&frame, &x, chart->marks, chart->n_marks);
	chart_end(&frame);
}

/* Step by step where there are few, else through so many quantiles, and all of the greatest. */
static void draw_curve(const struct frame *frame, const struct axis *x, const struct axis *y,
		       const struct chart_curve *curve)
{
	size_t n = curve->n, whole = n > CURVE_STEPS ? n - CURVE_TAIL : 0;
	char class[32];

	chart_class(class, sizeof(class), "line", 'l', curve->colour);
	svg_path_begin(frame->stream, class);
	svg_path_point(frame->stream, 'M', axis_at(x, curve->sorted[0]), axis_at(y, 0));
	for (size_t i = 0; i < CURVE_STEPS && whole > 0; i++) {
		size_t at = (size_t)((double)(whole - 1) * (double)i / (CURVE_STEPS - 1));

		svg_path_point(frame->stream, 'L', axis_at(x, curve->sorted[at]),
			       axis_at(y, (double)(at + 1) / (double)n));
	}
	for (size_t i = whole; i < n; i++) {
		svg_path_one(frame->stream, 'H', axis_at(x, curve->sorted[i]));
		svg_path_one(frame->stream, 'V', axis_at(y, (double)(i + 1) / (double)n));
	}
	svg_path_one(frame->stream, 'H', frame->right);
	svg_path_end(frame->stream);
}

/* From the least to the greatest of all, but for the farthest values of a linear axis. */
static void make_cdf_axis(const struct chart_cdf *chart, struct axis *x)
{
	double low = INFINITY, high = -INFINITY, end = -INFINITY;
	bool log;

	for (size_t i = 0; i < chart->n_curves; i++) {
		const struct chart_curve *curve = &chart->curves[i];

		if (curve->n == 0)
			continue;
		low = fmin(low, curve->sorted[0]);
		high = fmax(high, curve->sorted[curve->n - 1]);
		end = fmax(end, histogram_end(curve->sorted, curve->n));
	}
	log = low > 0 && high / low > SPREAD_LOG;
	axis_make(x, chart->scale.quantity, low, log ? high : end, log, false, TICKS_X);
}

void chart_cdf(FILE *stream, const struct chart_head *head, const struct chart_cdf *chart)
{
	struct legend_entry legend[STYLE_SERIES];
	size_t n_legend = 0;
	struct axis x, y;
	struct frame frame;

	for (size_t i = 0; chart->n_curves > 1 && i < chart->n_curves && i < STYLE_SERIES; i++)
		legend[n_legend++] =
			(struct legend_entry){chart->curves[i].name, chart->curves[i].colour};
	make_cdf_axis(chart, &x);
	axis_make(&y, QUANTITY_PERCENT, 0, 1, false, true, TICKS_Y);
	chart_begin(stream, head, &x, chart->scale.label, &y, "Windows up to that", legend,
		    n_legend, &frame);
	chart_marks_x(&frame, &x, chart->marks, chart->n_marks);
	/* The first ones last, over those without a name. */
	for (size_t i = chart->n_curves; i-- > 0;) {
		if (chart->curves[i].n > 0)
			draw_curve(&frame, &x, &y, &chart->curves[i]);
	}
	svg_line(stream, "axis", frame.left, frame.bottom, frame.right, frame.bottom);
	chart_end(&frame);
}
