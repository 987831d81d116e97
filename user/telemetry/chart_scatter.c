// SPDX-License-Identifier: BSD-2-Clause
/* One value against another. */
#include "telemetry/chart_frame.h"

#include "base/cleanup.h"
#include "telemetry/array.h"
#include "telemetry/distribution.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define TICKS_X 6
#define TICKS_Y 5
#define CELLS_X 76
#define CELLS_Y 38
#define SHADES 5
#define SPREAD_LOG 30.0

/* The least and the greatest, and whether they are too far from each other for a linear axis. */
static void make_axis(const struct chart_scale *scale, const double *values, size_t n,
		      size_t n_ticks, struct axis *axis)
{
	double least = INFINITY, greatest = -INFINITY;

	for (size_t i = 0; i < n; i++) {
		least = fmin(least, values[i]);
		greatest = fmax(greatest, values[i]);
	}
	axis_make(axis, scale->quantity, least, greatest,
		  least > 0 && greatest / least > SPREAD_LOG, true, n_ticks);
}

static void draw_dots(const struct frame *frame, const struct axis *x, const struct axis *y,
		      const struct chart_scatter *chart)
{
	char class[32];

	chart_class(class, sizeof(class), chart_dots(chart->n), 'l', chart->colour);
	svg_path_begin(frame->stream, class);
	for (size_t i = 0; i < chart->n; i++) {
		svg_path_point(frame->stream, 'M', axis_at(x, chart->xs[i]),
			       axis_at(y, chart->ys[i]));
		svg_path_one(frame->stream, 'h', 0);
	}
	svg_path_end(frame->stream);
}

static size_t cell_of(const struct axis *axis, double value, size_t n)
{
	size_t cell =
		(size_t)((axis_at(axis, value) - axis->from) / (axis->to - axis->from) * (double)n);

	return cell < n ? cell : n - 1;
}

/* From 1 for a single one up to SHADES for the most. */
static int shade_of(size_t count, size_t most)
{
	return (int)(log((double)count) / log((double)most + 1) * SHADES) + 1;
}

/* The cells of one shade, as one path: they touch, and do not overlap. */
static void draw_shade(const struct frame *frame, const size_t *cells, size_t most, int shade,
		       int colour)
{
	double width = (frame->right - frame->left) / CELLS_X;
	double height = (frame->bottom - frame->top) / CELLS_Y;
	char before[16], class[32];

	snprintf(before, sizeof(before), "d%d", shade);
	chart_class(class, sizeof(class), before, 'f', colour);
	svg_path_begin(frame->stream, class);
	for (size_t i = 0; i < (size_t)CELLS_X * CELLS_Y; i++) {
		size_t row = i / CELLS_X, column = i % CELLS_X;

		if (cells[i] == 0 || shade_of(cells[i], most) != shade)
			continue;
		svg_path_point(frame->stream, 'M', frame->left + (double)column * width,
			       frame->bottom - (double)row * height);
		svg_path_one(frame->stream, 'h', width);
		svg_path_one(frame->stream, 'v', -height);
		svg_path_one(frame->stream, 'h', -width);
		putc('z', frame->stream);
	}
	svg_path_end(frame->stream);
}

static int draw_cells(const struct frame *frame, const struct axis *x, const struct axis *y,
		      struct chart_scatter *chart)
{
	_cleanup_free_ size_t *cells = array_new((size_t)CELLS_X * CELLS_Y, sizeof(*cells));

	if (!cells)
		return -ENOMEM;
	for (size_t i = 0; i < chart->n; i++) {
		size_t cell = cell_of(y, chart->ys[i], CELLS_Y) * CELLS_X +
			      cell_of(x, chart->xs[i], CELLS_X);

		if (++cells[cell] > chart->most)
			chart->most = cells[cell];
	}
	for (int shade = 1; shade <= SHADES; shade++)
		draw_shade(frame, cells, chart->most, shade, chart->colour);
	return 0;
}

int chart_scatter(FILE *stream, const struct chart_head *head, struct chart_scatter *chart)
{
	struct axis x, y;
	struct frame frame;
	int err = 0;

	chart->most = 0;
	make_axis(&chart->x, chart->xs, chart->n, TICKS_X, &x);
	make_axis(&chart->y, chart->ys, chart->n, TICKS_Y, &y);
	chart_begin(stream, head, &x, chart->x.label, &y, chart->y.label, NULL, 0, &frame);
	if (chart->n <= CHART_DOTS_MAX)
		draw_dots(&frame, &x, &y, chart);
	else
		err = draw_cells(&frame, &x, &y, chart);
	svg_line(stream, "axis", frame.left, frame.bottom, frame.right, frame.bottom);
	svg_line(stream, "axis", frame.left, frame.top, frame.left, frame.bottom);
	chart_end(&frame);
	return err;
}
