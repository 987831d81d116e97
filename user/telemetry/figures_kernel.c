// SPDX-License-Identifier: BSD-2-Clause
/* The figures of one kernel. */
#include "telemetry/figure_parts.h"

#include "base/cleanup.h"
#include "telemetry/array.h"

#include <errno.h>
#include <math.h>

static const struct telemetry_stats *stats_of(const struct figure_subject *subject)
{
	return &subject->stats[subject->kernel];
}

static bool has_energy(const struct figure_subject *subject)
{
	return stats_of(subject)->energy_j.n > 0;
}

static bool has_power(const struct figure_subject *subject)
{
	return stats_of(subject)->power_w.n > 0;
}

static bool has_repeats(const struct figure_subject *subject)
{
	return stats_of(subject)->n_repeats > 1;
}

static bool has_energy_repeats(const struct figure_subject *subject)
{
	return has_repeats(subject) && has_energy(subject);
}

/* n, what the joules are, and which of them are shares of a longer reading. */
static void add_energy_note(struct figure_caption *caption, const struct telemetry_stats *stats)
{
	char kind[FIGURE_KIND_SIZE], shared[QUANTITY_TEXT_SIZE];

	figure_energy_kind(stats->series, kind);
	caption_add(caption, " Joules %s.", kind);
	if (stats->series->n_shared == 0)
		return;
	quantity_count(stats->series->n_shared, shared);
	caption_add(caption, " %s windows have their share of a reading longer than they are.",
		    shared);
}

static void add_n(struct figure_caption *caption, size_t n)
{
	char count[QUANTITY_TEXT_SIZE];

	quantity_count(n, count);
	caption_add(caption, "n = %s window%s", count, n == 1 ? "" : "s");
}

/* Of a histogram: the bins, and what is beyond. */
static void add_bins(struct figure_caption *caption, const struct chart_histogram *chart)
{
	char width[QUANTITY_TEXT_SIZE], beyond[QUANTITY_TEXT_SIZE], end[QUANTITY_TEXT_SIZE];

	quantity_text(chart->scale.quantity, chart->bin_width, width);
	caption_add(caption, ", %zu bin%s of %s (Freedman–Diaconis)", chart->bins,
		    chart->bins == 1 ? "" : "s", width);
	if (chart->n_beyond == 0) {
		caption_add(caption, ".");
		return;
	}
	quantity_count(chart->n_beyond, beyond);
	quantity_text(chart->scale.quantity, chart->end, end);
	caption_add(caption, "; %s above %s %s the grey bar.", beyond, end,
		    chart->n_beyond == 1 ? "is" : "are");
}

static int draw_histogram(const struct figure *figure, const struct figure_subject *subject,
			  const struct telemetry_distribution *distribution, double deadline_ns,
			  struct chart_histogram *chart, FILE *stream,
			  struct figure_caption *caption)
{
	char percentiles[FIGURE_PERCENTILES_SIZE];
	struct chart_mark marks[FIGURE_MARKS];
	struct figure_names names;
	struct chart_head head;

	figure_name(figure, subject, &names, &head);
	figure_percentiles_text(distribution, chart->scale.quantity, percentiles);
	figure_describe(&names, "Histogram of %zu windows: %s.", distribution->n, percentiles);
	chart->sorted = distribution->sorted;
	chart->n = distribution->n;
	chart->marks = marks;
	chart->n_marks = figure_marks(distribution, deadline_ns, marks);
	chart_histogram(stream, &head, chart);
	add_n(caption, distribution->n);
	add_bins(caption, chart);
	caption_add(caption, " %s.", percentiles);
	chart->marks = NULL;
	return 0;
}

static int draw_latency_histogram(const struct figure *figure, const struct figure_subject *subject,
				  FILE *stream, struct figure_caption *ret)
{
	struct chart_histogram chart = {.scale = {QUANTITY_TIME, "Latency"},
					.colour = FIGURE_LATENCY};

	return draw_histogram(figure, subject, &stats_of(subject)->latency_ns,
			      stats_of(subject)->deadline_ns, &chart, stream, ret);
}

static int draw_energy_histogram(const struct figure *figure, const struct figure_subject *subject,
				 FILE *stream, struct figure_caption *ret)
{
	struct chart_histogram chart = {.scale = {QUANTITY_ENERGY, "Energy per window"},
					.colour = FIGURE_ENERGY};
	int err = draw_histogram(figure, subject, &stats_of(subject)->energy_j, NAN, &chart, stream,
				 ret);

	add_energy_note(ret, stats_of(subject));
	return err;
}

static int draw_cdf(const struct figure *figure, const struct figure_subject *subject, FILE *stream,
		    struct figure_caption *ret)
{
	const struct telemetry_distribution *latency = &stats_of(subject)->latency_ns;
	struct chart_curve curve = {
		.sorted = latency->sorted, .n = latency->n, .name = "", .colour = FIGURE_LATENCY};
	char percentiles[FIGURE_PERCENTILES_SIZE];
	struct chart_mark marks[FIGURE_MARKS];
	struct figure_names names;
	struct chart_head head;
	struct chart_cdf chart = {.scale = {QUANTITY_TIME, "Latency"},
				  .curves = &curve,
				  .n_curves = 1,
				  .marks = marks};

	figure_name(figure, subject, &names, &head);
	figure_percentiles_text(latency, QUANTITY_TIME, percentiles);
	figure_describe(&names, "Share of the %zu windows with a latency up to each value: %s.",
			latency->n, percentiles);
	chart.n_marks = figure_marks(latency, stats_of(subject)->deadline_ns, marks);
	chart_cdf(stream, &head, &chart);
	add_n(ret, latency->n);
	caption_add(ret, ". %s (linear interpolation, type 7).", percentiles);
	return 0;
}

static void add_time_note(struct figure_caption *caption, const struct chart_time *chart)
{
	caption_add(caption,
		    chart->binned ? ". Bars: least to greatest in each 1/%d of the time; line: "
				    "their median."
				  : ". A dot for each.",
		    CHART_COLUMNS);
}

static void add_misses(struct figure_caption *caption, const struct telemetry_stats *stats,
		       const struct chart_time *chart)
{
	char missed[QUANTITY_TEXT_SIZE], deadline[QUANTITY_TEXT_SIZE];

	if (stats->n_due == 0) {
		caption_add(caption, " No deadline.");
		return;
	}
	quantity_count(stats->n_missed, missed);
	quantity_text(QUANTITY_TIME, stats->deadline_ns, deadline);
	if (stats->n_missed == 0)
		caption_add(caption, " None missed its deadline (%s after release%s).", deadline,
			    chart->limit_shown ? ", dashed" : ", beyond the axis");
	else
		caption_add(caption, " %s missed the deadline (▲): %s after release%s.", missed,
			    deadline, chart->limit_shown ? ", dashed" : ", beyond the axis");
}

static int draw_latency_time(const struct figure *figure, const struct figure_subject *subject,
			     FILE *stream, struct figure_caption *ret)
{
	const struct telemetry_stats *stats = stats_of(subject);
	struct chart_mark limit = {.value = stats->deadline_ns, .label = "deadline", .limit = true};
	struct chart_track track;
	struct chart_time chart = {.scale = {QUANTITY_TIME, "Latency"},
				   .tracks = &track,
				   .n_tracks = 1,
				   .limit = stats->n_due > 0 ? &limit : NULL};
	struct figure_names names;
	struct chart_head head;
	int err = figure_track(stats->series, telemetry_latency_ns, &track);

	if (err)
		return err;
	track.colour = FIGURE_LATENCY;
	figure_name(figure, subject, &names, &head);
	figure_describe(&names,
			"Latency of %zu windows in the order of time; %zu missed their deadline.",
			track.n, stats->n_missed);
	err = chart_time(stream, &head, &chart);
	add_n(ret, track.n);
	add_time_note(ret, &chart);
	add_misses(ret, stats, &chart);
	free(track.moments);
	return err;
}

static int draw_power_time(const struct figure *figure, const struct figure_subject *subject,
			   FILE *stream, struct figure_caption *ret)
{
	const struct telemetry_stats *stats = stats_of(subject);
	char mean[QUANTITY_TEXT_SIZE], median[QUANTITY_TEXT_SIZE];
	struct chart_track track;
	struct chart_time chart = {.scale = {QUANTITY_POWER, "Power"},
				   .tracks = &track,
				   .n_tracks = 1,
				   .from_zero = true};
	struct figure_names names;
	struct chart_head head;
	int err = figure_track(stats->series, figure_power_of, &track);

	if (err)
		return err;
	for (size_t i = 0; i < track.n; i++)
		track.moments[i].missed = false;
	track.colour = FIGURE_ENERGY;
	quantity_text(QUANTITY_POWER, stats->power_w.mean, mean);
	quantity_text(QUANTITY_POWER, stats->power_w.p50, median);
	figure_name(figure, subject, &names, &head);
	figure_describe(&names, "Power of %zu windows in the order of time: mean %s, median %s.",
			track.n, mean, median);
	err = chart_time(stream, &head, &chart);
	add_n(ret, track.n);
	add_time_note(ret, &chart);
	caption_add(ret, " %s: mean %s, median %s.", figure_power_text(stats, 1), mean, median);
	add_energy_note(ret, stats);
	free(track.moments);
	return err;
}

/* Of those that have both. */
static size_t pair_up(const struct telemetry_series *series, double *latency_ns, double *energy_j)
{
	size_t n = 0;

	for (size_t i = 0; i < series->n; i++) {
		if (!isfinite(series->points[i].energy_j))
			continue;
		latency_ns[n] = telemetry_latency_ns(&series->points[i]);
		energy_j[n++] = series->points[i].energy_j;
	}
	return n;
}

static int draw_energy_latency(const struct figure *figure, const struct figure_subject *subject,
			       FILE *stream, struct figure_caption *ret)
{
	const struct telemetry_series *series = stats_of(subject)->series;
	_cleanup_free_ double *latency_ns = array_new(series->n, sizeof(double));
	_cleanup_free_ double *energy_j = array_new(series->n, sizeof(double));
	struct chart_scatter chart = {.x = {QUANTITY_TIME, "Latency"},
				      .y = {QUANTITY_ENERGY, "Energy per window"},
				      .xs = latency_ns,
				      .ys = energy_j,
				      .colour = FIGURE_ENERGY};
	char most[QUANTITY_TEXT_SIZE];
	struct figure_names names;
	struct chart_head head;
	int err;

	if (!latency_ns || !energy_j)
		return -ENOMEM;
	chart.n = pair_up(series, latency_ns, energy_j);
	figure_name(figure, subject, &names, &head);
	figure_describe(&names, "The joules of %zu windows against their latency.", chart.n);
	err = chart_scatter(stream, &head, &chart);
	add_n(ret, chart.n);
	if (chart.most > 0) {
		quantity_count(chart.most, most);
		caption_add(ret, ". Shade: windows in a cell, 1 to %s, logarithmic.", most);
	} else {
		caption_add(ret, ". A dot for each.");
	}
	add_energy_note(ret, stats_of(subject));
	return err;
}

/* A row for each repeat, `at` is where the distribution is in it. */
static int draw_repeats(const struct figure *figure, const struct figure_subject *subject,
			const struct chart_scale *scale, int colour, FILE *stream,
			struct figure_caption *caption)
{
	const struct telemetry_stats *stats = stats_of(subject);
	size_t n = stats->n_repeats;
	_cleanup_free_ struct chart_range *ranges = array_new(n, sizeof(*ranges));
	_cleanup_free_ char(*names)[64] = array_new(n, sizeof(*names));
	struct chart_ranges chart = {.scale = *scale, .ranges = ranges, .n = n, .colour = colour};
	struct figure_names figure_names;
	struct chart_head head;

	if (!ranges || !names)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		const struct telemetry_repeat *repeat = &stats->repeats[i];
		const struct telemetry_distribution *of = scale->quantity == QUANTITY_ENERGY
								  ? &repeat->energy_j
								  : &repeat->latency_ns;
		char count[QUANTITY_TEXT_SIZE];

		quantity_count(of->n, count);
		snprintf(names[i], sizeof(names[i]), "repeat %u (n = %.24s)", repeat->repeat,
			 count);
		ranges[i] = (struct chart_range){names[i], of->p5,  of->p25, of->p50,
						 of->p75,  of->p95, of->p99};
	}
	figure_name(figure, subject, &figure_names, &head);
	figure_describe(&figure_names, "Quantiles in each of %zu repeats.", n);
	chart_ranges(stream, &head, &chart);
	caption_add(caption, "● p50, ▮ p95, ▶ p99; box: p25 to p75; line: from p5.");
	if (n > CHART_ROWS_MAX)
		caption_add(caption, " The first %d of %zu repeats.", CHART_ROWS_MAX, n);
	return 0;
}

static int draw_latency_repeats(const struct figure *figure, const struct figure_subject *subject,
				FILE *stream, struct figure_caption *ret)
{
	static const struct chart_scale scale = {QUANTITY_TIME, "Latency"};

	return draw_repeats(figure, subject, &scale, FIGURE_LATENCY, stream, ret);
}

static int draw_energy_repeats(const struct figure *figure, const struct figure_subject *subject,
			       FILE *stream, struct figure_caption *ret)
{
	static const struct chart_scale scale = {QUANTITY_ENERGY, "Energy per window"};
	int err = draw_repeats(figure, subject, &scale, FIGURE_ENERGY, stream, ret);

	add_energy_note(ret, stats_of(subject));
	return err;
}

static bool has_windows(const struct figure_subject *subject)
{
	return stats_of(subject)->latency_ns.n > 0;
}

const struct figure kernel_figures[] = {
	{"latency-histogram", NULL, "Latency distribution", has_windows, draw_latency_histogram},
	{"latency-cdf", NULL, "Cumulative latency", has_windows, draw_cdf},
	{"latency-over-time", NULL, "Latency over time", has_windows, draw_latency_time},
	{"power-over-time", NULL, "Power over time", has_power, draw_power_time},
	{"energy-histogram", NULL, "Energy per window", has_energy, draw_energy_histogram},
	{"energy-latency", NULL, "Energy against latency", has_energy, draw_energy_latency},
	{"latency-repeats", NULL, "Latency by repeat", has_repeats, draw_latency_repeats},
	{"energy-repeats", NULL, "Energy by repeat", has_energy_repeats, draw_energy_repeats},
};

const size_t n_kernel_figures = sizeof(kernel_figures) / sizeof(kernel_figures[0]);
