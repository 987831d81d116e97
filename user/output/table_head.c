// SPDX-License-Identifier: BSD-2-Clause
#include "output/table_head.h"

#include "output/table_rows.h"
#include "output/table_text.h"

#include <math.h>
#include <time.h>

#define UNRESOLVED_WORTH_SAYING 0.02
#define NS_PER_S 1000000000
#define WIDE_COLUMNS 100 /* where what never changes costs no line */

void table_start(FILE *stream, const struct report *report)
{
	const struct run *run = report->run;
	struct table_line line = {.stream = stream};
	const char *plural = run->n_cpus == 1 ? "" : "s";
	const char *more = report->kind == ENTITY_PROCESS ? "es" : "s";

	if (table_has_joules(report))
		table_piece(&line, "energytrace: %s (%s), %zu CPU%s, %g gCO2e/kWh (%s)",
			    run->source, energy_kind_name(run->kind), run->n_cpus, plural,
			    report->carbon->grams_per_kwh, report->carbon->code);
	else
		table_piece(&line, "energytrace: no energy source, %zu CPU%s", run->n_cpus, plural);
	if (report->selective)
		table_piece(&line, "%zu %s%s", report->n_entities, entity_kind_name(report->kind),
			    report->n_entities == 1 ? "" : more);
	table_line_end(&line);
	fputc('\n', stream);
}

/* Brief: no watts, which stand in a row below. */
static void put_unattributed(const struct report *report, bool brief, struct table_line *line)
{
	const struct report_host *host = &report->host;
	double joules = host->unattributed.joules;
	double watts = table_watts(report, joules), share = 0;

	if (host->unattributed.cpu_ns == 0 && joules <= 0)
		return;
	if (host->active_ns > 0)
		share = (double)host->unattributed.cpu_ns / (double)host->active_ns * 100;
	if (brief)
		table_piece(line, "unattributed %.1f %%", share);
	else if (isnan(watts))
		table_piece(line, "unattributed %.1f %% of busy time", share);
	else
		table_piece(line, "unattributed %.1f %% of busy time, %.*f W", share,
			    table_decimals(watts), watts);
}

static void put_own_cost(const struct report *report, bool brief, struct table_line *line)
{
	const struct figures *own = &report->host.self;
	double watts = table_watts(report, own->joules);

	if (own->cpu_ns == 0 || report->sample->interval_ns == 0)
		return;
	if (brief)
		table_piece(line, "own %.1f %% CPU", table_percent(report, own->cpu_ns));
	else if (isnan(watts))
		table_piece(line, "own cost %.1f %% CPU", table_percent(report, own->cpu_ns));
	else
		table_piece(line, "own cost %.1f %% CPU, %.*f W",
			    table_percent(report, own->cpu_ns), table_decimals(watts), watts);
}

static void put_troubles(const struct report *report, struct table_line *line)
{
	const struct sample *sample = report->sample;
	uint64_t resets = 0, gaps = 0;

	if (sample->suspended_ns > 0)
		table_piece(line, "suspended %.3f s",
			    (double)sample->suspended_ns / TABLE_NS_PER_S);
	for (size_t i = 0; i < sample->n_energy; i++) {
		resets += sample->energy[i].resets;
		gaps += sample->energy[i].gaps;
	}
	if (report_unresolved(report) >= UNRESOLVED_WORTH_SAYING)
		table_piece(line, "counters move every %.3g ms: joules ± %.0f %%",
			    (double)report->run->update_ns / 1e6, 100 * report_unresolved(report));
	table_count(line, resets, "counter reset", "counter resets");
	table_count(line, gaps, "counter gap", "counter gaps");
	for (unsigned int i = 0; i < LOSS_N; i++) {
		if (sample->losses[i] > 0)
			table_piece(line, "%s %llu", sample_loss_name((enum sample_loss)i),
				    (unsigned long long)sample->losses[i]);
	}
}

static void put_clock(const struct report *report, struct table_line *line)
{
	int64_t ns = report->sample->realtime_ns;
	time_t seconds = (time_t)(ns / NS_PER_S - (ns % NS_PER_S < 0));
	struct tm tm;

	gmtime_r(&seconds, &tm);
	table_piece(line, "%02d:%02d:%02d UTC", tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static void put_interval(const struct report *report, struct table_line *line)
{
	table_piece(line, "%.3f s", (double)report->sample->interval_ns / TABLE_NS_PER_S);
}

static void put_source(const struct report *report, struct table_line *line)
{
	double watts = table_watts(report, report->host.joules);
	char amount[64] = "-";

	if (!isnan(watts))
		snprintf(amount, sizeof(amount), "%.*f W", table_decimals(watts), watts);
	table_source(report->run, amount, line);
}

static void put_busy(const struct report *report, struct table_line *line)
{
	const struct report_host *host = &report->host;
	size_t n_cpus = report->sample->n_cpus;

	if (host->span_ns > 0)
		table_piece(line, "%zu CPU%s %.1f %% busy", n_cpus, n_cpus == 1 ? "" : "s",
			    (double)host->active_ns / (double)host->span_ns * 100);
}

void table_head(FILE *stream, const struct report *report)
{
	struct table_line line = {.stream = stream};

	put_clock(report, &line);
	put_interval(report, &line);
	put_source(report, &line);
	put_busy(report, &line);
	put_unattributed(report, false, &line);
	put_own_cost(report, false, &line);
	put_troubles(report, &line);
	table_line_end(&line);
}

void table_screen_head(FILE *stream, size_t columns, const struct report *report)
{
	struct table_line line = {.stream = stream, .columns = columns};
	bool brief = columns < TABLE_COLUMNS - 1;

	put_source(report, &line);
	put_busy(report, &line);
	put_own_cost(report, brief, &line);
	put_unattributed(report, brief, &line);
	put_clock(report, &line);
	if (!brief)
		put_interval(report, &line);
	if (columns >= WIDE_COLUMNS && table_has_joules(report))
		table_piece(&line, "%g gCO2e/kWh (%s)", report->carbon->grams_per_kwh,
			    report->carbon->code);
	put_troubles(report, &line);
	table_line_end(&line);
}
