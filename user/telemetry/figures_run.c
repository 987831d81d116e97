// SPDX-License-Identifier: BSD-2-Clause
/* The figures of a run: its kernels side by side. */
#include "telemetry/figure_parts.h"

#include "base/cleanup.h"
#include "telemetry/array.h"
#include "telemetry/style.h"

#include <errno.h>
#include <math.h>

static bool any_windows(const struct figure_subject *subject)
{
	for (size_t i = 0; i < subject->n; i++) {
		if (subject->stats[i].latency_ns.n > 0)
			return true;
	}
	return false;
}

static bool any_energy(const struct figure_subject *subject)
{
	for (size_t i = 0; i < subject->n; i++) {
		if (subject->stats[i].energy_j.n > 0)
			return true;
	}
	return false;
}

static bool any_power(const struct figure_subject *subject)
{
	for (size_t i = 0; i < subject->n; i++) {
		if (subject->stats[i].power_w.n > 0)
			return true;
	}
	return false;
}

static bool any_due(const struct figure_subject *subject)
{
	for (size_t i = 0; i < subject->n; i++) {
		if (subject->stats[i].n_due > 0)
			return true;
	}
	return false;
}

/* More than so many lines can't be told apart: the others are there, and have no names. */
static int series_colour(size_t i)
{
	return i < STYLE_SERIES ? (int)i : STYLE_OTHERS;
}

/* A page with a thousand kernels is not to have a thousand curves. */
static size_t count_drawn(const struct figure_subject *subject)
{
	return subject->n < CHART_ROWS_MAX ? subject->n : CHART_ROWS_MAX;
}

static void add_rows_note(struct figure_caption *caption, const struct figure_subject *subject)
{
	if (subject->n > CHART_ROWS_MAX)
		caption_add(caption, " The first %d kernels are drawn.", CHART_ROWS_MAX);
}

static void add_others(struct figure_caption *caption, const struct figure_subject *subject)
{
	if (subject->n > STYLE_SERIES)
		caption_add(caption, " Grey: %zu other kernels.",
			    count_drawn(subject) - STYLE_SERIES);
	add_rows_note(caption, subject);
}

static size_t count_windows(const struct figure_subject *subject)
{
	size_t n = 0;

	for (size_t i = 0; i < subject->n; i++)
		n += subject->stats[i].latency_ns.n;
	return n;
}

static void add_n(struct figure_caption *caption, const struct figure_subject *subject)
{
	char count[QUANTITY_TEXT_SIZE];

	quantity_count(count_windows(subject), count);
	caption_add(caption, "%zu kernel%s, n = %s windows", subject->n, subject->n == 1 ? "" : "s",
		    count);
}

static void add_kind(struct figure_caption *caption, const struct figure_subject *subject)
{
	char kind[FIGURE_KIND_SIZE];

	figure_energy_kinds(subject, kind);
	caption_add(caption, " Joules %s.", kind);
}

/* The kernels' names; with what their joules are, where that is not the same for all. */
#define NAME_SIZE 160

static int make_names(const struct figure_subject *subject, bool energy, char (**ret)[NAME_SIZE])
{
	char(*names)[NAME_SIZE] = array_new(subject->n, sizeof(*names));
	char kind[FIGURE_KIND_SIZE];
	bool one = figure_energy_kinds(subject, kind);

	if (!names)
		return -ENOMEM;
	for (size_t i = 0; i < subject->n; i++) {
		const struct telemetry_series *series = subject->stats[i].series;

		snprintf(names[i], NAME_SIZE, "%.100s%s%.40s", series->name,
			 energy && !one && series->energy_kind.text ? ", " : "",
			 energy && !one && series->energy_kind.text ? series->energy_kind.text
								    : "");
	}
	*ret = names;
	return 0;
}

static int draw_ranges(const struct figure *figure, const struct figure_subject *subject,
		       const struct chart_scale *scale, int colour, FILE *stream,
		       struct figure_caption *caption)
{
	_cleanup_free_ struct chart_range *ranges = array_new(subject->n, sizeof(*ranges));
	_cleanup_free_ char(*kernels)[NAME_SIZE] = NULL;
	struct chart_ranges chart = {
		.scale = *scale, .ranges = ranges, .n = subject->n, .colour = colour};
	struct figure_names names;
	struct chart_head head;

	if (!ranges || make_names(subject, scale->quantity == QUANTITY_ENERGY, &kernels))
		return -ENOMEM;
	figure_name(figure, subject, &names, &head);
	for (size_t i = 0; i < subject->n; i++) {
		const struct telemetry_stats *stats = &subject->stats[i];
		const struct telemetry_distribution *of =
			scale->quantity == QUANTITY_ENERGY ? &stats->energy_j : &stats->latency_ns;
		char percentiles[FIGURE_PERCENTILES_SIZE];

		ranges[i] = (struct chart_range){kernels[i], of->p5,  of->p25, of->p50,
						 of->p75,    of->p95, of->p99};
		figure_percentiles_text(of, scale->quantity, percentiles);
		figure_describe(&names, "%s%s: %s", i > 0 ? "; " : "", kernels[i], percentiles);
	}
	chart_ranges(stream, &head, &chart);
	add_n(caption, subject);
	caption_add(caption, ". ● p50, ▮ p95, ▶ p99; box: p25 to p75; line: from p5.");
	add_rows_note(caption, subject);
	return 0;
}

static int draw_latency(const struct figure *figure, const struct figure_subject *subject,
			FILE *stream, struct figure_caption *ret)
{
	static const struct chart_scale scale = {QUANTITY_TIME, "Latency"};

	return draw_ranges(figure, subject, &scale, FIGURE_LATENCY, stream, ret);
}

static int draw_energy(const struct figure *figure, const struct figure_subject *subject,
		       FILE *stream, struct figure_caption *ret)
{
	static const struct chart_scale scale = {QUANTITY_ENERGY, "Energy per window"};
	int err = draw_ranges(figure, subject, &scale, FIGURE_ENERGY, stream, ret);

	add_kind(ret, subject);
	return err;
}

static int draw_bars(const struct figure *figure, const struct figure_subject *subject,
		     const struct chart_scale *scale,
		     void (*fill)(const struct telemetry_stats *stats, struct chart_bar *bar,
				  char text[96]),
		     FILE *stream)
{
	_cleanup_free_ struct chart_bar *bars = array_new(subject->n, sizeof(*bars));
	_cleanup_free_ char(*texts)[96] = array_new(subject->n, sizeof(*texts));
	struct chart_bars chart = {
		.scale = *scale, .bars = bars, .n = subject->n, .colour = FIGURE_LATENCY};
	struct figure_names names;
	struct chart_head head;

	if (!bars || !texts)
		return -ENOMEM;
	figure_name(figure, subject, &names, &head);
	for (size_t i = 0; i < subject->n; i++) {
		bars[i].name = subject->stats[i].series->name;
		bars[i].text = texts[i];
		fill(&subject->stats[i], &bars[i], texts[i]);
		figure_describe(&names, "%s%s: %s", i > 0 ? "; " : "", bars[i].name, texts[i]);
	}
	chart_bars(stream, &head, &chart);
	return 0;
}

static void fill_misses(const struct telemetry_stats *stats, struct chart_bar *bar, char text[96])
{
	char rate[QUANTITY_TEXT_SIZE], missed[QUANTITY_TEXT_SIZE];

	bar->value = stats->miss_rate;
	if (stats->n_due == 0) {
		snprintf(text, 96, "no deadline");
		return;
	}
	quantity_text(QUANTITY_PERCENT, stats->miss_rate, rate);
	quantity_count(stats->n_missed, missed);
	snprintf(text, 96, "%.40s (%.40s)", rate, missed);
}

static int draw_misses(const struct figure *figure, const struct figure_subject *subject,
		       FILE *stream, struct figure_caption *ret)
{
	static const struct chart_scale scale = {QUANTITY_PERCENT, "Missed deadlines"};

	add_n(ret, subject);
	caption_add(ret, ". Missed: the end is after the deadline; how many, in brackets.");
	add_rows_note(ret, subject);
	return draw_bars(figure, subject, &scale, fill_misses, stream);
}

static void fill_throughput(const struct telemetry_stats *stats, struct chart_bar *bar,
			    char text[96])
{
	char rate[QUANTITY_TEXT_SIZE];

	bar->value = stats->per_second;
	quantity_text(QUANTITY_RATE, stats->per_second, rate);
	snprintf(text, 96, "%s", rate);
}

static int draw_throughput(const struct figure *figure, const struct figure_subject *subject,
			   FILE *stream, struct figure_caption *ret)
{
	static const struct chart_scale scale = {QUANTITY_RATE, "Throughput"};

	add_n(ret, subject);
	caption_add(ret, ". Windows that ended, n − 1 over the time from the first end to the "
			 "last, without what is between repeats.");
	add_rows_note(ret, subject);
	return draw_bars(figure, subject, &scale, fill_throughput, stream);
}

static int draw_cdfs(const struct figure *figure, const struct figure_subject *subject,
		     FILE *stream, struct figure_caption *ret)
{
	_cleanup_free_ struct chart_curve *curves = array_new(subject->n, sizeof(*curves));
	struct chart_cdf chart = {
		.scale = {QUANTITY_TIME, "Latency"}, .curves = curves, .n_curves = subject->n};
	struct figure_names names;
	struct chart_head head;

	if (!curves)
		return -ENOMEM;
	figure_name(figure, subject, &names, &head);
	for (size_t i = 0; i < chart.n_curves; i++) {
		const struct telemetry_distribution *latency = &subject->stats[i].latency_ns;
		char median[QUANTITY_TEXT_SIZE];

		curves[i] = (struct chart_curve){.name = subject->stats[i].series->name,
						 .sorted = latency->sorted,
						 .n = latency->n,
						 .colour = series_colour(i)};
		quantity_text(QUANTITY_TIME, latency->p50, median);
		figure_describe(&names, "%s%s: half of the windows within %s", i > 0 ? "; " : "",
				curves[i].name, median);
	}
	chart_cdf(stream, &head, &chart);
	add_n(ret, subject);
	caption_add(ret, ". Share of each kernel's windows with a latency up to that value.");
	add_others(ret, subject);
	return 0;
}

static int draw_powers(const struct figure *figure, const struct figure_subject *subject,
		       FILE *stream, struct figure_caption *ret)
{
	_cleanup_free_ struct chart_track *tracks = array_new(subject->n, sizeof(*tracks));
	_cleanup_free_ char(*kernels)[NAME_SIZE] = NULL;
	struct chart_time chart = {.scale = {QUANTITY_POWER, "Power"}, .tracks = tracks};
	struct figure_names names;
	struct chart_head head;
	int err = tracks ? make_names(subject, true, &kernels) : -ENOMEM;

	figure_name(figure, subject, &names, &head);
	for (size_t i = 0; !err && i < count_drawn(subject); i++) {
		struct chart_track *track = &tracks[chart.n_tracks];
		char mean[QUANTITY_TEXT_SIZE];

		if (subject->stats[i].power_w.n == 0)
			continue;
		err = figure_track(subject->stats[i].series, figure_power_of, track);
		track->name = kernels[i];
		track->colour = series_colour(i);
		for (size_t j = 0; !err && j < track->n; j++)
			track->moments[j].missed = false;
		quantity_text(QUANTITY_POWER, subject->stats[i].power_w.mean, mean);
		figure_describe(&names, "%s%s: mean %s", i > 0 ? "; " : "", kernels[i], mean);
		chart.n_tracks += !err;
	}
	if (!err)
		err = chart_time(stream, &head, &chart);
	for (size_t i = 0; tracks && i < subject->n; i++)
		free(tracks[i].moments);
	add_n(ret, subject);
	caption_add(ret, ". %s; the time is since each kernel's first window",
		    figure_power_text(subject->stats, subject->n));
	caption_add(ret, chart.n_tracks > 1 ? "; the median of each 1/%d of it." : ".",
		    CHART_COLUMNS);
	add_others(ret, subject);
	add_kind(ret, subject);
	return err;
}

/* Two beside each other are of one height. */
const struct figure run_figures[] = {
	{"latency-comparison", "latency", "Latency of the kernels", any_windows, draw_latency},
	{"energy-per-window", "energy", "Energy per window of the kernels", any_energy,
	 draw_energy},
	{"deadline-misses", "deadline", "Missed deadlines", any_due, draw_misses},
	{"throughput", "throughput", "Throughput of the kernels", any_windows, draw_throughput},
	{"latency-cdf", "cdf", "Cumulative latency of the kernels", any_windows, draw_cdfs},
	{"power-over-time", "power", "Power of the kernels over time", any_power, draw_powers},
};

const size_t n_run_figures = sizeof(run_figures) / sizeof(run_figures[0]);
