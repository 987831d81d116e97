// SPDX-License-Identifier: BSD-2-Clause
/* The tables of report.html. */
#include "telemetry/page.h"

#include "telemetry/figures.h"
#include "telemetry/quantity.h"
#include "telemetry/svg.h"

#include <math.h>
#include <string.h>

/* A table that scrolls by itself: its region can be reached, and so scrolled, by keyboard: WCAG 2.1 success criterion 2.1.1. */
static void html_table_begin(FILE *stream, const char *name, const char *caption)
{
	fputs("<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"", stream);
	svg_escape(stream, name);
	fputs("\"><table><caption><span>", stream);
	svg_escape(stream, caption);
	fputs("</span></caption><thead><tr>", stream);
}

static void html_table_body(FILE *stream)
{
	fputs("</tr></thead><tbody>\n", stream);
}

static void html_table_end(FILE *stream)
{
	fputs("</tbody></table></div>\n", stream);
}

/* A heading of a column; `unit` may be "". */
static void html_column(FILE *stream, const char *name, const char *unit)
{
	fprintf(stream, "<th scope=\"col\">%s", name);
	if (unit[0])
		fprintf(stream, "<span class=\"unit\">%s</span>", unit);
	fputs("</th>", stream);
}

static void html_row(FILE *stream, const char *name)
{
	fputs("<tr><th scope=\"row\">", stream);
	svg_escape(stream, name);
	fputs("</th>", stream);
}

static void html_row_end(FILE *stream)
{
	fputs("</tr>\n", stream);
}

static void html_value(FILE *stream, double value, struct unit unit)
{
	char text[QUANTITY_TEXT_SIZE];

	quantity_number(value / unit.size, text);
	fprintf(stream, "<td>%s</td>", text);
}

static void html_quantity(FILE *stream, enum quantity quantity, double value)
{
	char text[QUANTITY_TEXT_SIZE];

	quantity_text(quantity, value, text);
	fprintf(stream, "<td>%s</td>", text);
}

static void html_count(FILE *stream, size_t count)
{
	char text[QUANTITY_TEXT_SIZE];

	quantity_count(count, text);
	fprintf(stream, "<td>%s</td>", text);
}

void page_kind(FILE *stream, const struct telemetry_series *series)
{
	char kind[FIGURE_KIND_SIZE];

	figure_energy_kind(series, kind);
	if (!kind[0]) {
		fputs("none", stream);
		return;
	}
	fprintf(stream, "<span class=\"tag%s\">",
		strncmp(kind, "measured", strlen("measured")) == 0 ? "" : " loud");
	svg_escape(stream, kind);
	fputs("</span>", stream);
}

/* Digits before the point that a column may have: beyond, its unit is that of its greatest value. */
#define COLUMN_GREATEST 1e6

/*
 * The unit of a column: the one in which its least value has a digit before the point, if the greatest
 * one is still to be read then. `least` and `greatest` are of one kernel.
 */
static struct unit column_unit(const struct telemetry_results *results, enum quantity quantity,
			       double (*least)(const struct telemetry_stats *stats),
			       double (*greatest)(const struct telemetry_stats *stats))
{
	double low = INFINITY, high = 0;
	struct unit unit;

	/* fmin and fmax pass over NaN. */
	for (size_t i = 0; i < results->n; i++) {
		low = fmin(low, least(&results->stats[i]));
		high = fmax(high, greatest(&results->stats[i]));
	}
	unit = unit_for(quantity, low);
	return low > 0 && high / unit.size < COLUMN_GREATEST ? unit : unit_for(quantity, high);
}

/* There is a page for each kernel: with all of a thousand in each, they would be a million rows. */
#define ROWS_MAX 60

static bool has_row(const struct telemetry_results *results, size_t i,
		    const struct telemetry_series *own)
{
	return i < ROWS_MAX || results->stats[i].series == own;
}

static double latency_p50_of(const struct telemetry_stats *stats)
{
	return stats->latency_ns.p50;
}

static double latency_max_of(const struct telemetry_stats *stats)
{
	return stats->latency_ns.max;
}

static double energy_p50_of(const struct telemetry_stats *stats)
{
	return stats->energy_j.p50;
}

static double energy_p99_of(const struct telemetry_stats *stats)
{
	return stats->energy_j.p99;
}

static double power_p50_of(const struct telemetry_stats *stats)
{
	return stats->power_w.p50;
}

static double power_mean_of(const struct telemetry_stats *stats)
{
	return stats->power_w.mean;
}

static void latency_columns(FILE *stream, const char *unit)
{
	html_column(stream, "Kernel", "");
	html_column(stream, "Windows", "");
	html_column(stream, "Min", unit);
	html_column(stream, "P50", unit);
	html_column(stream, "Mean", unit);
	html_column(stream, "P95", unit);
	html_column(stream, "P99", unit);
	html_column(stream, "Max", unit);
	html_column(stream, "Std dev", unit);
	html_column(stream, "Jitter", "P95 − P50");
	html_column(stream, "Jitter", "P99 − P50");
}

static void latency_table(FILE *stream, const struct telemetry_results *results,
			  const struct telemetry_series *own)
{
	struct unit unit = column_unit(results, QUANTITY_TIME, latency_p50_of, latency_max_of);

	html_table_begin(stream, "Latency",
			 "Latency of the windows that count: warm-up and failed ones are left out. "
			 "Percentiles by linear interpolation (type 7).");
	latency_columns(stream, unit.symbol);
	html_table_body(stream);
	for (size_t i = 0; i < results->n; i++) {
		const struct telemetry_stats *stats = &results->stats[i];
		const struct telemetry_distribution *latency = &stats->latency_ns;

		if (!has_row(results, i, own))
			continue;
		html_row(stream, stats->series->name);
		html_count(stream, latency->n);
		html_value(stream, latency->min, unit);
		html_value(stream, latency->p50, unit);
		html_value(stream, latency->mean, unit);
		html_value(stream, latency->p95, unit);
		html_value(stream, latency->p99, unit);
		html_value(stream, latency->max, unit);
		html_value(stream, latency->deviation, unit);
		html_value(stream, stats->jitter_p95_ns, unit);
		html_value(stream, stats->jitter_p99_ns, unit);
		html_row_end(stream);
	}
	html_table_end(stream);
}

static void deadline_table(FILE *stream, const struct telemetry_results *results,
			   const struct telemetry_series *own)
{
	html_table_begin(stream, "Deadlines and throughput", "Deadlines and throughput.");
	html_column(stream, "Kernel", "");
	html_column(stream, "Deadline", "after release");
	html_column(stream, "Utilization", "P99 / deadline");
	html_column(stream, "Windows", "with a deadline");
	html_column(stream, "Missed", "windows");
	html_column(stream, "Miss rate", "");
	html_column(stream, "Throughput", "windows");
	html_table_body(stream);
	for (size_t i = 0; i < results->n; i++) {
		const struct telemetry_stats *stats = &results->stats[i];

		if (!has_row(results, i, own))
			continue;
		html_row(stream, stats->series->name);
		html_quantity(stream, QUANTITY_TIME, stats->deadline_ns);
		html_quantity(stream, QUANTITY_PERCENT, stats->utilization);
		html_count(stream, stats->n_due);
		html_count(stream, stats->n_missed);
		html_quantity(stream, QUANTITY_PERCENT, stats->miss_rate);
		html_quantity(stream, QUANTITY_RATE, stats->per_second);
		html_row_end(stream);
	}
	html_table_end(stream);
}

static void energy_columns(FILE *stream, const char *energy, const char *power)
{
	char mean[32], median[32];

	snprintf(mean, sizeof(mean), "%.8s, mean", power);
	snprintf(median, sizeof(median), "%.8s, median", power);
	html_column(stream, "Kernel", "");
	html_column(stream, "Windows", "with joules");
	html_column(stream, "P50", energy);
	html_column(stream, "P95", energy);
	html_column(stream, "P99", energy);
	html_column(stream, "Mean", energy);
	html_column(stream, "Power", mean);
	html_column(stream, "Power", median);
	html_column(stream, "Energy", "in all");
	html_column(stream, "Emissions", "in all");
	html_column(stream, "CPU time", "in all");
	html_column(stream, "Joules", "");
}

static void energy_row(FILE *stream, const struct telemetry_results *results,
		       const struct telemetry_stats *stats, struct unit energy, struct unit power)
{
	const struct telemetry_distribution *joules = &stats->energy_j;
	double sum = joules->n > 0 ? joules->sum : NAN;

	html_row(stream, stats->series->name);
	html_count(stream, joules->n);
	html_value(stream, joules->p50, energy);
	html_value(stream, joules->p95, energy);
	html_value(stream, joules->p99, energy);
	html_value(stream, joules->mean, energy);
	html_value(stream, stats->power_w.mean, power);
	html_value(stream, stats->power_w.p50, power);
	html_quantity(stream, QUANTITY_ENERGY, sum);
	html_quantity(stream, QUANTITY_CARBON,
		      telemetry_grams(sum, results->run->facts.carbon_g_per_kwh));
	html_quantity(stream, QUANTITY_TIME,
		      stats->series->cpu_ns > 0 ? (double)stats->series->cpu_ns : NAN);
	fputs("<td class=\"text\">", stream);
	page_kind(stream, stats->series);
	fputs("</td>", stream);
	html_row_end(stream);
}

static void energy_table(FILE *stream, const struct telemetry_results *results,
			 const struct telemetry_series *own)
{
	struct unit energy = column_unit(results, QUANTITY_ENERGY, energy_p50_of, energy_p99_of);
	struct unit power = column_unit(results, QUANTITY_POWER, power_p50_of, power_mean_of);
	struct page_totals totals;

	page_totals(results, &totals);
	if (!isfinite(totals.joules)) {
		fputs("<p class=\"muted\">No joules were recorded: there is no energy to show.</p>\n",
		      stream);
		return;
	}
	html_table_begin(
		stream, "Energy",
		"Energy of the same windows, of each and in all. Power is the joules of a window × Fs / H. "
		"The last column says whether the joules were measured.");
	energy_columns(stream, energy.symbol, power.symbol);
	html_table_body(stream);
	for (size_t i = 0; i < results->n; i++) {
		if (has_row(results, i, own))
			energy_row(stream, results, &results->stats[i], energy, power);
	}
	html_table_end(stream);
}

void page_summary(FILE *stream, const struct telemetry_results *results,
		  const struct telemetry_series *own)
{
	latency_table(stream, results, own);
	deadline_table(stream, results, own);
	energy_table(stream, results, own);
	if (results->n > ROWS_MAX)
		fprintf(stream,
			"<p class=\"muted\">The tables have the first %d of %zu kernels, and the "
			"page&#39;s own; analysis/SUMMARY.md has all.</p>\n",
			ROWS_MAX, results->n);
}

void page_repeats(FILE *stream, const struct telemetry_stats *stats)
{
	struct unit unit = unit_for(QUANTITY_TIME, stats->latency_ns.p99);
	struct unit energy = unit_for(QUANTITY_ENERGY, stats->energy_j.p99);
	bool has_energy = stats->energy_j.n > 0;
	char name[32];

	if (stats->n_repeats < 2)
		return;
	html_table_begin(stream, "Repeats", "The repeats, each by itself.");
	html_column(stream, "Repeat", "");
	html_column(stream, "Windows", "");
	html_column(stream, "P50", unit.symbol);
	html_column(stream, "P95", unit.symbol);
	html_column(stream, "P99", unit.symbol);
	html_column(stream, "Mean", unit.symbol);
	html_column(stream, "Missed", "windows");
	if (has_energy) {
		html_column(stream, "Energy P50", energy.symbol);
		html_column(stream, "Energy mean", energy.symbol);
		html_column(stream, "Energy", "in all");
	}
	html_table_body(stream);
	for (size_t i = 0; i < stats->n_repeats; i++) {
		const struct telemetry_repeat *repeat = &stats->repeats[i];

		snprintf(name, sizeof(name), "%u", repeat->repeat);
		html_row(stream, name);
		html_count(stream, repeat->latency_ns.n);
		html_value(stream, repeat->latency_ns.p50, unit);
		html_value(stream, repeat->latency_ns.p95, unit);
		html_value(stream, repeat->latency_ns.p99, unit);
		html_value(stream, repeat->latency_ns.mean, unit);
		html_count(stream, repeat->n_missed);
		if (has_energy) {
			html_value(stream, repeat->energy_j.p50, energy);
			html_value(stream, repeat->energy_j.mean, energy);
			html_quantity(stream, QUANTITY_ENERGY,
				      repeat->energy_j.n > 0 ? repeat->energy_j.sum : NAN);
		}
		html_row_end(stream);
	}
	html_table_end(stream);
}
