// SPDX-License-Identifier: BSD-2-Clause
/* The text of report.html. */
#include "telemetry/page.h"

#include "telemetry/figures.h"
#include "telemetry/quantity.h"
#include "telemetry/report.h"
#include "telemetry/svg.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

#define NS_PER_S 1000000000
#define TIME_SIZE 40
#define DURATION_MINUTES 120.0

void page_totals(const struct telemetry_results *results, struct page_totals *ret)
{
	*ret = (struct page_totals){.joules = NAN};
	for (size_t i = 0; i < results->n; i++) {
		const struct telemetry_stats *stats = &results->stats[i];

		ret->n_windows += stats->latency_ns.n;
		ret->n_warmup += stats->series->n_warmup;
		ret->n_failed += stats->series->n_failed;
		if (stats->n_repeats > ret->n_repeats)
			ret->n_repeats = stats->n_repeats;
		ret->cpu_ns += (double)stats->series->cpu_ns;
		if (stats->energy_j.n > 0)
			ret->joules =
				(isfinite(ret->joules) ? ret->joules : 0) + stats->energy_j.sum;
	}
}

/* One cell of the facts; what is empty is left out. */
__attribute__((format(printf, 3, 4))) static void fact(FILE *stream, const char *name,
						       const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (!text[0])
		return;
	fprintf(stream, "<div><dt>%s</dt><dd>", name);
	svg_escape(stream, text);
	fputs("</dd></div>", stream);
}

static void count_fact(FILE *stream, const char *name, size_t count)
{
	char text[QUANTITY_TEXT_SIZE];

	quantity_count(count, text);
	fact(stream, name, "%s", text);
}

static void quantity_fact(FILE *stream, const char *name, enum quantity quantity, double value)
{
	char text[QUANTITY_TEXT_SIZE];

	quantity_text(quantity, value, text);
	fact(stream, name, "%s", isfinite(value) ? text : "");
}

/* "2026-01-12 10:20:18 UTC", or "". */
static void format_time(int64_t realtime_ns, char text[TIME_SIZE])
{
	time_t seconds = realtime_ns / NS_PER_S;
	struct tm tm;

	text[0] = '\0';
	if (realtime_ns > 0 && gmtime_r(&seconds, &tm))
		strftime(text, TIME_SIZE, "%Y-%m-%d %H:%M:%S UTC", &tm);
}

static void duration_fact(FILE *stream, double duration_ns)
{
	double seconds = duration_ns / NS_PER_S, minutes = floor(seconds / 60);

	if (seconds >= DURATION_MINUTES)
		fact(stream, "Duration", "%.0f min %.0f s", minutes, floor(seconds - minutes * 60));
	else
		quantity_fact(stream, "Duration", QUANTITY_TIME, duration_ns);
}

static void energy_facts(FILE *stream, const struct telemetry_results *results, double joules)
{
	const struct telemetry_facts *facts = &results->run->facts;
	struct figure_subject subject = {
		.run = results->run, .stats = results->stats, .n = results->n};
	char kind[FIGURE_KIND_SIZE], number[QUANTITY_TEXT_SIZE];

	if (!isfinite(joules))
		return;
	if (!figure_energy_kinds(&subject, kind)) {
		fact(stream, "Energy of the windows", "%s: not added up", kind);
		return;
	}
	quantity_text(QUANTITY_ENERGY, joules, number);
	fact(stream, "Energy of the windows", "%s, %s", number, kind);
	quantity_fact(stream, "Emissions", QUANTITY_CARBON,
		      telemetry_grams(joules, facts->carbon_g_per_kwh));
	if (isfinite(facts->carbon_g_per_kwh)) {
		fact(stream, "Carbon intensity", "%g gCO2e/kWh%s%s%s", facts->carbon_g_per_kwh,
		     facts->carbon_code[0] ? " (" : "", facts->carbon_code,
		     facts->carbon_code[0] ? ")" : "");
	}
}

static void run_facts(FILE *stream, const struct telemetry_results *results)
{
	const struct telemetry_facts *facts = &results->run->facts;
	char started[TIME_SIZE];
	struct page_totals totals;

	page_totals(results, &totals);
	format_time(facts->started_ns, started);
	fputs("<dl class=\"facts\">", stream);
	fact(stream, "Started", "%s", started);
	duration_fact(stream, telemetry_results_duration_ns(results));
	count_fact(stream, "Kernels", results->n);
	count_fact(stream, "Repeats", totals.n_repeats);
	count_fact(stream, "Windows that count", totals.n_windows);
	count_fact(stream, "Warm-up, left out", totals.n_warmup);
	if (totals.n_failed > 0)
		count_fact(stream, "Failed, left out", totals.n_failed);
	if (facts->n_abandoned > 0)
		count_fact(stream, "Calls without an end", facts->n_abandoned);
	energy_facts(stream, results, totals.joules);
	fact(stream, "Host", "%s", facts->host.hostname);
	fact(stream, "Processor", "%s", facts->host.cpu);
	if (facts->host.cpus > 0)
		count_fact(stream, "Logical CPUs", facts->host.cpus);
	if (facts->host.ram_mb > 0)
		quantity_fact(stream, "Memory", QUANTITY_BYTES,
			      (double)facts->host.ram_mb * 1048576);
	fact(stream, "System", "%s", facts->host.os);
	fputs("</dl>\n", stream);
}

static void file_problems(FILE *stream, const struct telemetry_run_file *file)
{
	const struct telemetry_reading *reading = &file->reading;
	size_t named = reading->n_broken < TELEMETRY_PROBLEMS_MAX ? reading->n_broken
								  : TELEMETRY_PROBLEMS_MAX;

	for (size_t i = 0; i < named; i++) {
		fputs("<li><code>", stream);
		svg_escape(stream, file->path);
		fprintf(stream, ":%zu</code>: ", reading->problems[i].line);
		svg_escape(stream, reading->problems[i].text);
		fputs("</li>", stream);
	}
	if (reading->n_broken > named)
		fprintf(stream, "<li>and %zu more lines of that file</li>",
			reading->n_broken - named);
	if (!file->error[0])
		return;
	fputs("<li><code>", stream);
	svg_escape(stream, file->path);
	fputs("</code>: the rest could not be read: ", stream);
	svg_escape(stream, file->error);
	fputs("</li>", stream);
}

static bool has_problems(const struct telemetry_run *run)
{
	bool any = run->n_broken > 0 || run->facts_error[0] || run->facts.n_dropped > 0;

	for (size_t i = 0; i < run->n_files; i++)
		any = any || run->files[i].error[0];
	return any;
}

static void problems(FILE *stream, const struct telemetry_run *run)
{
	if (!has_problems(run))
		return;
	fputs("<div class=\"problems\"><p><strong>Not all of the run could be used.</strong></p><ul>",
	      stream);
	for (size_t i = 0; i < run->n_files; i++)
		file_problems(stream, &run->files[i]);
	if (run->facts_error[0]) {
		fputs("<li><code>run.json</code>: ", stream);
		svg_escape(stream, run->facts_error);
		fputs("</li>", stream);
	}
	if (run->facts.n_dropped > 0)
		fprintf(stream, "<li>%llu windows were dropped while the run was recorded</li>",
			(unsigned long long)run->facts.n_dropped);
	fputs("</ul></div>\n", stream);
}

/* When the run ended, not when the page was made: the same run gives the same page. */
static void byline(FILE *stream, const struct telemetry_facts *facts)
{
	char ended[TIME_SIZE];

	format_time(facts->ended_ns, ended);
	fputs("<p class=\"muted\">", stream);
	if (ended[0])
		fprintf(stream, "Generated at the end of the run, %s", ended);
	else if (facts->started_ns > 0)
		fputs("The run was not ended: it still goes on, or it was cut off, and this is what "
		      "it has written",
		      stream);
	else
		fputs("Generated from the files of another program", stream);
	if (facts->program[0]) {
		fputs(", by ", stream);
		svg_escape(stream, facts->program);
	}
	if (facts->run_id[0]) {
		fputs(". Run id <code>", stream);
		svg_escape(stream, facts->run_id);
		fputs("</code>", stream);
	}
	fputs(".</p>\n", stream);
}

void page_header(FILE *stream, const struct telemetry_results *results,
		 const struct telemetry_series *own)
{
	fputs("<header><h1>Telemetry of ", stream);
	svg_escape(stream, results->run->facts.run);
	if (own && results->n > REPORT_KERNELS_MAX) {
		fputs(": ", stream);
		svg_escape(stream, own->name);
	}
	fputs("</h1>\n", stream);
	byline(stream, &results->run->facts);
	run_facts(stream, results);
	problems(stream, results->run);
	fputs("</header>\n", stream);
}

/* Behind the first, with a comma between. */
__attribute__((format(printf, 3, 4))) static void piece(FILE *stream, size_t *n, const char *format,
							...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fputs((*n)++ > 0 ? ", " : "", stream);
	svg_escape(stream, text);
}

static void label_piece(FILE *stream, size_t *n, const char *name,
			const struct telemetry_label *label)
{
	if (label->text)
		piece(stream, n, "%s %s%s", name, label->text, label->mixed ? " and others" : "");
}

static void bytes_piece(FILE *stream, size_t *n, const char *name, uint64_t size)
{
	char text[QUANTITY_TEXT_SIZE];

	quantity_text(QUANTITY_BYTES, (double)size, text);
	if (size > 0)
		piece(stream, n, "%s %s", name, text);
}

void page_conditions(FILE *stream, const struct telemetry_stats *stats)
{
	const struct telemetry_series *series = stats->series;
	char count[QUANTITY_TEXT_SIZE];
	size_t n = 0;

	fputs("<p>", stream);
	quantity_count(stats->latency_ns.n, count);
	piece(stream, &n, "%s windows", count);
	if (series->n_warmup > 0)
		piece(stream, &n, "%zu of warm-up left out", series->n_warmup);
	if (series->n_failed > 0)
		piece(stream, &n, "%zu that failed left out", series->n_failed);
	if (series->h > 0 && series->fs_hz > 0)
		piece(stream, &n, "W %u, H %u, C %u, Fs %g Hz", series->w, series->h, series->c,
		      series->fs_hz);
	label_piece(stream, &n, "dtype", &series->dtype);
	label_piece(stream, &n, "load profile", &series->load_profile);
	label_piece(stream, &n, "adapter", &series->adapter);
	bytes_piece(stream, &n, "resident memory up to", series->rss_bytes);
	bytes_piece(stream, &n, "state", series->state_bytes);
	bytes_piece(stream, &n, "workspace", series->workspace_bytes);
	if (stats->energy_j.n > 0) {
		fputs(", joules ", stream);
		page_kind(stream, series);
	}
	fputs(".</p>\n", stream);
}

static void term(FILE *stream, const char *name, const char *meaning)
{
	fprintf(stream, "<dt>%s</dt><dd>%s</dd>\n", name, meaning);
}

void page_definitions(FILE *stream, const struct telemetry_results *results)
{
	struct page_totals totals;

	page_totals(results, &totals);
	fputs("<section><h2 id=\"definitions\">Definitions</h2><dl class=\"terms\">\n", stream);
	term(stream, "Latency", "end_ts_ns − start_ts_ns of a window, on the monotonic clock.");
	term(stream, "Percentiles",
	     "Linear interpolation between the values at (n − 1)p, rounded down and up: type 7 of "
	     "Hyndman &amp; Fan, The American Statistician 50 (1996).");
	term(stream, "Jitter", "P95 − P50 and P99 − P50 of the latency.");
	term(stream, "Missed deadline",
	     "The window ended after its deadline. The rate is of the windows that have one; the "
	     "deadline shown is the median, from the release.");
	term(stream, "Throughput",
	     "Windows that ended per second: n − 1 over the time from the first end to the last, "
	     "without the time between repeats.");
	term(stream, "Standard deviation", "Of the sample (n − 1).");
	if (isfinite(totals.joules)) {
		term(stream, "Energy of a window",
		     "The window&#39;s share of the joules of its processor package. "
		     "<b>Measured</b>: by a meter of the machine; <b>estimated</b>: from a model of "
		     "the processor, the right order of magnitude and no more; <b>simulated</b>: not "
		     "of this machine.");
		term(stream, "Power of a window",
		     "Its joules × Fs / H, the period in which one is due; "
		     "without H and Fs, over its latency.");
		term(stream, "Emissions", "Joules / 3.6 MJ per kWh × the carbon intensity.");
	}
	fputs("</dl></section>\n", stream);
}
