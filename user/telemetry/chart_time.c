// SPDX-License-Identifier: BSD-2-Clause
/* Values over time. */
#include "telemetry/chart_frame.h"

#include "base/cleanup.h"
#include "telemetry/array.h"
#include "telemetry/distribution.h"
#include "telemetry/style.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define TICKS_X 7
#define TICKS_Y 5
#define SPREAD_LOG 30.0 /* times the least: beyond, a linear axis shows only the greatest */
#define LIMIT_REACH 2.5 /* times the greatest value: a limit within is worth the room it takes */
#define GAP_MAX 3	/* empty columns that a line goes across */
#define TRIANGLE 5.0

/* What of a track lies in one column. */
struct column {
	size_t n;
	double least, median, greatest;
	double missed; /* the greatest that missed its deadline, NaN: none */
};

struct tracks {
	struct chart_time *chart;
	struct column *columns; /* CHART_COLUMNS for each track */
	double end_ns;
	bool dots; /* every moment is drawn */
};

static void fill_column(const struct chart_moment *moments, size_t n, double *values,
			struct column *ret)
{
	*ret = (struct column){.n = n, .missed = NAN};
	for (size_t i = 0; i < n; i++) {
		values[i] = moments[i].value;
		if (moments[i].missed)
			ret->missed = fmax(ret->missed, values[i]);
	}
	telemetry_sort(values, n);
	ret->least = values[0];
	ret->median = telemetry_quantile(values, n, 0.5);
	ret->greatest = values[n - 1];
}

static size_t column_of(const struct chart_moment *moment, double end_ns)
{
	size_t column = (size_t)(moment->time_ns / end_ns * CHART_COLUMNS);

	return column < CHART_COLUMNS ? column : CHART_COLUMNS - 1;
}

static int fill_columns(const struct chart_track *track, double end_ns, struct column *columns)
{
	_cleanup_free_ double *values = array_new(track->n, sizeof(*values));

	if (!values)
		return -ENOMEM;
	for (size_t from = 0, to; from < track->n; from = to) {
		size_t column = column_of(&track->moments[from], end_ns);

		for (to = from + 1; to < track->n; to++) {
			if (column_of(&track->moments[to], end_ns) != column)
				break;
		}
		fill_column(track->moments + from, to - from, values, &columns[column]);
	}
	return 0;
}

static int make_tracks(struct chart_time *chart, struct tracks *ret)
{
	struct tracks tracks = {.chart = chart};
	int err = 0;

	for (size_t i = 0; i < chart->n_tracks; i++) {
		const struct chart_track *track = &chart->tracks[i];

		if (track->n > 0)
			tracks.end_ns = fmax(tracks.end_ns, track->moments[track->n - 1].time_ns);
	}
	if (!(tracks.end_ns > 0))
		tracks.end_ns = 1;
	tracks.dots = chart->n_tracks == 1 && chart->tracks[0].n <= CHART_DOTS_MAX;
	chart->binned = !tracks.dots;
	tracks.columns = array_new(chart->n_tracks * CHART_COLUMNS, sizeof(*tracks.columns));
	if (!tracks.columns)
		return -ENOMEM;
	for (size_t i = 0; !err && i < chart->n_tracks; i++)
		err = fill_columns(&chart->tracks[i], tracks.end_ns,
				   &tracks.columns[i * CHART_COLUMNS]);
	if (err)
		free(tracks.columns);
	else
		*ret = tracks;
	return err;
}

static void make_value_axis(const struct tracks *tracks, struct axis *y)
{
	struct chart_time *chart = tracks->chart;
	double least = INFINITY, greatest = -INFINITY;
	bool log;

	for (size_t i = 0; i < chart->n_tracks * CHART_COLUMNS; i++) {
		const struct column *column = &tracks->columns[i];

		if (column->n == 0)
			continue;
		least = fmin(least, chart->n_tracks > 1 ? column->median : column->least);
		greatest = fmax(greatest, chart->n_tracks > 1 ? column->median : column->greatest);
	}
	log = !chart->from_zero && least > 0 && greatest / least > SPREAD_LOG;
	chart->limit_shown = chart->limit && chart->limit->value <= greatest * LIMIT_REACH;
	if (chart->limit_shown)
		greatest = fmax(greatest, chart->limit->value * (log ? 1 : 1.04));
	axis_make(y, chart->scale.quantity, chart->from_zero ? fmin(0, least) : least, greatest,
		  log, true, TICKS_Y);
}

static void draw_dots(const struct frame *frame, const struct axis *x, const struct axis *y,
		      const struct chart_track *track)
{
	char class[32];

	chart_class(class, sizeof(class), chart_dots(track->n), 'l', track->colour);
	svg_path_begin(frame->stream, class);
	for (size_t i = 0; i < track->n; i++) {
		svg_path_point(frame->stream, 'M', axis_at(x, track->moments[i].time_ns),
			       axis_at(y, track->moments[i].value));
		svg_path_one(frame->stream, 'h', 0);
	}
	svg_path_end(frame->stream);
}

static double column_place(const struct frame *frame, size_t i)
{
	return frame->left + ((double)i + 0.5) / CHART_COLUMNS * (frame->right - frame->left);
}

static void draw_spans(const struct frame *frame, const struct axis *y,
		       const struct column *columns, int colour)
{
	char class[32];

	chart_class(class, sizeof(class), "span", 'l', colour);
	fprintf(frame->stream, "<g stroke-width=\"%.2f\">",
		(frame->right - frame->left) / CHART_COLUMNS + 0.1);
	svg_path_begin(frame->stream, class);
	for (size_t i = 0; i < CHART_COLUMNS; i++) {
		if (columns[i].n == 0)
			continue;
		/* At least as high as a dot. */
		svg_path_point(frame->stream, 'M', column_place(frame, i),
			       axis_at(y, columns[i].least) + 0.8);
		svg_path_one(frame->stream, 'V', axis_at(y, columns[i].greatest) - 0.8);
	}
	svg_path_end(frame->stream);
	fputs("</g>", frame->stream);
}

static void draw_medians(const struct frame *frame, const struct axis *y,
			 const struct column *columns, const char *before, int colour)
{
	size_t last = 0;
	bool begun = false;
	char class[32];

	chart_class(class, sizeof(class), before, 'l', colour);
	svg_path_begin(frame->stream, class);
	for (size_t i = 0; i < CHART_COLUMNS; i++) {
		bool on = begun && i - last <= GAP_MAX + 1;

		if (columns[i].n == 0)
			continue;
		svg_path_point(frame->stream, on ? 'L' : 'M', column_place(frame, i),
			       axis_at(y, columns[i].median));
		if (!on)
			svg_path_one(frame->stream, 'h', 0.5);
		begun = true;
		last = i;
	}
	svg_path_end(frame->stream);
}

static void draw_triangle(const struct frame *frame, double x, double y)
{
	svg_path_point(frame->stream, 'M', x - TRIANGLE, y + TRIANGLE * 0.7);
	svg_path_point(frame->stream, 'L', x + TRIANGLE, y + TRIANGLE * 0.7);
	svg_path_point(frame->stream, 'L', x, y - TRIANGLE);
	fputs("Z", frame->stream);
}

/* One of a column: they would cover each other. */
static void draw_misses(const struct frame *frame, const struct axis *x, const struct axis *y,
			const struct tracks *tracks)
{
	const struct chart_track *track = &tracks->chart->tracks[0];

	svg_path_begin(frame->stream, "miss");
	for (size_t i = 0; tracks->dots && i < track->n; i++) {
		if (track->moments[i].missed)
			draw_triangle(frame, axis_at(x, track->moments[i].time_ns),
				      axis_at(y, track->moments[i].value));
	}
	for (size_t i = 0; !tracks->dots && i < CHART_COLUMNS; i++) {
		if (tracks->columns[i].n > 0 && isfinite(tracks->columns[i].missed))
			draw_triangle(frame, column_place(frame, i),
				      axis_at(y, tracks->columns[i].missed));
	}
	svg_path_end(frame->stream);
}

static void draw_tracks(const struct frame *frame, const struct axis *x, const struct axis *y,
			const struct tracks *tracks)
{
	const struct chart_time *chart = tracks->chart;

	if (tracks->dots) {
		draw_dots(frame, x, y, &chart->tracks[0]);
	} else if (chart->n_tracks == 1) {
		draw_spans(frame, y, tracks->columns, chart->tracks[0].colour);
		draw_medians(frame, y, tracks->columns, "mid", chart->tracks[0].colour);
	}
	/* The first ones last, over those without a name. */
	for (size_t i = chart->n_tracks; chart->n_tracks > 1 && i-- > 0;)
		draw_medians(frame, y, &tracks->columns[i * CHART_COLUMNS], "line",
			     chart->tracks[i].colour);
	if (chart->n_tracks == 1)
		draw_misses(frame, x, y, tracks);
}

int chart_time(FILE *stream, const struct chart_head *head, struct chart_time *chart)
{
	struct legend_entry legend[STYLE_SERIES];
	size_t n_legend = 0;
	struct tracks tracks;
	struct axis x, y;
	struct frame frame;
	int err = make_tracks(chart, &tracks);

	if (err)
		return err;
	for (size_t i = 0; chart->n_tracks > 1 && i < chart->n_tracks && i < STYLE_SERIES; i++)
		legend[n_legend++] =
			(struct legend_entry){chart->tracks[i].name, chart->tracks[i].colour};
	axis_make(&x, QUANTITY_TIME, 0, tracks.end_ns, false, false, TICKS_X);
	make_value_axis(&tracks, &y);
	chart_begin(stream, head, &x, "Time since the first window", &y, chart->scale.label, legend,
		    n_legend, &frame);
	draw_tracks(&frame, &x, &y, &tracks);
	if (chart->limit_shown)
		chart_mark_y(&frame, &y, chart->limit);
	svg_line(stream, "axis", frame.left, frame.bottom, frame.right, frame.bottom);
	chart_end(&frame);
	free(tracks.columns);
	return 0;
}
