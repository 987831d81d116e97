// SPDX-License-Identifier: BSD-2-Clause
#include "telemetry/markdown.h"

#include "telemetry/figures.h"
#include "telemetry/markdown_parts.h"
#include "telemetry/quantity.h"

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#define NS_PER_US 1e3
#define NS_PER_MS 1e6
#define MW_PER_W 1e3
#define MJ_PER_J 1e3

/* Inside a word an underscore is no mark (CommonMark 0.31, 6.2). */
static bool is_mark(const char *text, size_t i)
{
	if (text[i] == '_')
		return i == 0 || !isalnum((unsigned char)text[i - 1]) ||
		       !isalnum((unsigned char)text[i + 1]);
	return strchr("\\`*|<>[]", text[i]) != NULL;
}

void markdown_text(FILE *stream, const char *text)
{
	for (size_t i = 0; text[i]; i++) {
		if (is_mark(text, i))
			putc('\\', stream);
		putc((unsigned char)text[i] < 0x20 ? '?' : text[i], stream);
	}
}

void markdown_columns(FILE *stream, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		fprintf(stream, "| %s ", names[i]);
	fputs("|\n", stream);
	for (size_t i = 0; i < n; i++)
		fputs(i == 0 ? "| --- " : "| ---: ", stream);
	fputs("|\n", stream);
}

void markdown_number(FILE *stream, double value)
{
	if (isfinite(value))
		fprintf(stream, "| %.6g ", value);
	else
		fputs("| - ", stream);
}

void markdown_count(FILE *stream, size_t count)
{
	fprintf(stream, "| %zu ", count);
}

void markdown_figure_line(FILE *stream, const char *file, const char *title, const char *caption)
{
	fputs("\n![", stream);
	markdown_text(stream, title);
	fprintf(stream, "](%s)\n\n**", file);
	markdown_text(stream, title);
	fputs(".** ", stream);
	markdown_text(stream, caption);
	putc('\n', stream);
}

static void begin_row(FILE *stream, const struct telemetry_stats *stats)
{
	fputs("| ", stream);
	markdown_text(stream, stats->series->name);
	putc(' ', stream);
}

static void latency_table(FILE *stream, const struct telemetry_results *results)
{
	static const char *const columns[] = {"Kernel",	     "Windows",	 "Mean (µs)",
					      "Median (µs)", "P95 (µs)", "P99 (µs)",
					      "Min (µs)",    "Max (µs)", "Std dev (µs)"};

	fputs("\n## Latency\n\n", stream);
	markdown_columns(stream, columns, sizeof(columns) / sizeof(columns[0]));
	for (size_t i = 0; i < results->n; i++) {
		const struct telemetry_distribution *latency = &results->stats[i].latency_ns;

		begin_row(stream, &results->stats[i]);
		markdown_count(stream, latency->n);
		markdown_number(stream, latency->mean / NS_PER_US);
		markdown_number(stream, latency->p50 / NS_PER_US);
		markdown_number(stream, latency->p95 / NS_PER_US);
		markdown_number(stream, latency->p99 / NS_PER_US);
		markdown_number(stream, latency->min / NS_PER_US);
		markdown_number(stream, latency->max / NS_PER_US);
		markdown_number(stream, latency->deviation / NS_PER_US);
		fputs("|\n", stream);
	}
}

static void deadline_table(FILE *stream, const struct telemetry_results *results)
{
	static const char *const columns[] = {"Kernel",
					      "Jitter P95-P50 (µs)",
					      "Jitter P99-P50 (µs)",
					      "Deadline (ms)",
					      "P99 / deadline (%)",
					      "Miss rate (%)",
					      "Windows with a deadline",
					      "Misses",
					      "Windows per second"};

	fputs("\n## Jitter, deadlines, throughput\n\n", stream);
	markdown_columns(stream, columns, sizeof(columns) / sizeof(columns[0]));
	for (size_t i = 0; i < results->n; i++) {
		const struct telemetry_stats *stats = &results->stats[i];

		begin_row(stream, stats);
		markdown_number(stream, stats->jitter_p95_ns / NS_PER_US);
		markdown_number(stream, stats->jitter_p99_ns / NS_PER_US);
		markdown_number(stream, stats->deadline_ns / NS_PER_MS);
		markdown_number(stream, stats->utilization * 100);
		markdown_number(stream, stats->miss_rate * 100);
		markdown_count(stream, stats->n_due);
		markdown_count(stream, stats->n_missed);
		markdown_number(stream, stats->per_second);
		fputs("|\n", stream);
	}
}

static bool has_energy(const struct telemetry_results *results)
{
	for (size_t i = 0; i < results->n; i++) {
		if (results->stats[i].energy_j.n > 0)
			return true;
	}
	return false;
}

static void energy_row(FILE *stream, const struct telemetry_stats *stats, double g_per_kwh)
{
	const struct telemetry_distribution *energy = &stats->energy_j;
	double joules = energy->n > 0 ? energy->sum : NAN;
	char kind[FIGURE_KIND_SIZE];

	begin_row(stream, stats);
	markdown_number(stream, energy->p50 * MJ_PER_J);
	markdown_number(stream, energy->p95 * MJ_PER_J);
	markdown_number(stream, energy->p99 * MJ_PER_J);
	markdown_number(stream, energy->mean * MJ_PER_J);
	markdown_number(stream, stats->power_w.mean * MW_PER_W);
	markdown_number(stream, stats->power_w.p50 * MW_PER_W);
	markdown_number(stream, joules);
	markdown_number(stream, telemetry_grams(joules, g_per_kwh));
	figure_energy_kind(stats->series, kind);
	fputs("| ", stream);
	markdown_text(stream, kind[0] ? kind : "none");
	fputs(" |\n", stream);
}

static void energy_table(FILE *stream, const struct telemetry_results *results)
{
	static const char *const columns[] = {"Kernel",
					      "Median (mJ/window)",
					      "P95 (mJ/window)",
					      "P99 (mJ/window)",
					      "Mean (mJ/window)",
					      "Mean power (mW)",
					      "Median power (mW)",
					      "Energy (J)",
					      "Emissions (gCO2e)",
					      "Joules are"};
	const struct telemetry_facts *facts = &results->run->facts;

	fputs("\n## Energy\n\n", stream);
	if (!has_energy(results)) {
		fputs("No joules were recorded.\n", stream);
		return;
	}
	markdown_columns(stream, columns, sizeof(columns) / sizeof(columns[0]));
	for (size_t i = 0; i < results->n; i++)
		energy_row(stream, &results->stats[i], facts->carbon_g_per_kwh);
	if (isfinite(facts->carbon_g_per_kwh))
		fprintf(stream, "\nCarbon intensity: %g gCO2e/kWh (%s).\n", facts->carbon_g_per_kwh,
			facts->carbon_code[0] ? facts->carbon_code : "given");
}

static void left_out(FILE *stream, const struct telemetry_results *results)
{
	for (size_t i = 0; i < results->n; i++) {
		const struct telemetry_series *series = results->stats[i].series;

		if (series->n_warmup + series->n_failed == 0)
			continue;
		fputs("- ", stream);
		markdown_text(stream, series->name);
		fprintf(stream, ": %zu warm-up and %zu failed windows are left out.\n",
			series->n_warmup, series->n_failed);
	}
	for (size_t i = 0; i < results->run->n_files; i++) {
		const struct telemetry_run_file *file = &results->run->files[i];

		if (file->reading.n_broken > 0) {
			fputs("- ", stream);
			markdown_text(stream, file->path);
			fprintf(stream, ": %zu %s no window%s, the first is line %zu: ",
				file->reading.n_broken,
				file->reading.n_broken == 1 ? "line is" : "lines are",
				file->reading.n_broken == 1 ? "" : "s",
				file->reading.problems[0].line);
			markdown_text(stream, file->reading.problems[0].text);
			fputs(".\n", stream);
		}
		if (file->error[0]) {
			fputs("- ", stream);
			markdown_text(stream, file->path);
			fputs(": the rest could not be read: ", stream);
			markdown_text(stream, file->error);
			fputs(".\n", stream);
		}
	}
}

void markdown_summary(FILE *stream, const struct telemetry_results *results,
		      const struct markdown_figure *figures, size_t n_figures)
{
	fputs("# Summary of ", stream);
	markdown_text(stream, results->run->facts.run);
	fputs("\n\nPercentiles by linear interpolation (type 7 of Hyndman & Fan 1996). Warm-up and "
	      "failed windows do not count.\n",
	      stream);
	left_out(stream, results);
	latency_table(stream, results);
	deadline_table(stream, results);
	energy_table(stream, results);
	if (n_figures > 0)
		fputs("\n## Figures\n", stream);
	for (size_t i = 0; i < n_figures; i++)
		markdown_figure_line(stream, figures[i].file, figures[i].title, figures[i].caption);
}
