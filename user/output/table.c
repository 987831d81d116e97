// SPDX-License-Identifier: BSD-2-Clause
/* The format `table`: for people, a block of lines a tick and the totals at the end. */
#include "base/cleanup.h"
#include "output/formats.h"
#include "output/table_text.h"
#include "output/table_totals.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <time.h>

#define CGROUP_COLUMNS 19
#define NS_PER_S 1000000000

static bool has_joules(const struct report *report)
{
	return report->run->kind != ENERGY_NONE;
}

static double seconds_of(const struct report *report)
{
	return (double)report->sample->interval_ns / TABLE_NS_PER_S;
}

/* NaN, which is shown as "-", where there are no joules or no time. */
static double watts_of(const struct report *report, double joules)
{
	return has_joules(report) && report->sample->interval_ns > 0 ? joules / seconds_of(report)
								     : NAN;
}

/* Of one CPU. */
static double percent_of(const struct report *report, uint64_t cpu_ns)
{
	double interval_ns = (double)report->sample->interval_ns;

	return interval_ns > 0 ? (double)cpu_ns / interval_ns * 100 : NAN;
}

static void put_start(FILE *stream, const struct report *report)
{
	const struct run *run = report->run;
	struct table_line line = {.stream = stream};
	const char *plural = run->n_cpus == 1 ? "" : "s";

	if (has_joules(report))
		table_piece(&line, "energytrace: %s (%s), %zu CPU%s, %g gCO2e/kWh (%s)",
			    run->source, energy_kind_name(run->kind), run->n_cpus, plural,
			    report->carbon->grams_per_kwh, report->carbon->code);
	else
		table_piece(&line, "energytrace: no energy source, %zu CPU%s", run->n_cpus, plural);
	if (report->selective)
		table_piece(&line, "%zu process%s", report->n_entities,
			    report->n_entities == 1 ? "" : "es");
	table_line_end(&line);
	fputc('\n', stream);
}

static void put_unattributed(const struct report *report, struct table_line *line)
{
	const struct report_host *host = &report->host;
	double joules = host->unattributed.joules;
	double watts = watts_of(report, joules), share = 0;

	if (host->unattributed.cpu_ns == 0 && joules <= 0)
		return;
	if (host->active_ns > 0)
		share = (double)host->unattributed.cpu_ns / (double)host->active_ns * 100;
	if (isnan(watts))
		table_piece(line, "unattributed %.1f %% of busy time", share);
	else
		table_piece(line, "unattributed %.1f %% of busy time, %.*f W", share,
			    table_decimals(watts), watts);
}

static void put_own_cost(const struct report *report, struct table_line *line)
{
	for (size_t i = 0; i < report->n_entities; i++) {
		const struct figures *own = &report->entities[i]->tick;
		double watts = watts_of(report, own->joules);

		if (!report->entities[i]->self || report->sample->interval_ns == 0)
			continue;
		if (isnan(watts))
			table_piece(line, "own cost %.1f %% CPU", percent_of(report, own->cpu_ns));
		else
			table_piece(line, "own cost %.1f %% CPU, %.*f W",
				    percent_of(report, own->cpu_ns), table_decimals(watts), watts);
		return;
	}
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
	table_piece(line, "%.3f s", seconds_of(report));
}

static void put_head(FILE *stream, const struct report *report)
{
	const struct report_host *host = &report->host;
	double watts = watts_of(report, host->joules);
	size_t n_cpus = report->sample->n_cpus;
	struct table_line line = {.stream = stream};
	char amount[64] = "-";

	put_clock(report, &line);
	if (!isnan(watts))
		snprintf(amount, sizeof(amount), "%.*f W", table_decimals(watts), watts);
	table_source(report->run, amount, &line);
	if (host->span_ns > 0)
		table_piece(&line, "%zu CPU%s %.1f %% busy", n_cpus, n_cpus == 1 ? "" : "s",
			    (double)host->active_ns / (double)host->span_ns * 100);
	put_unattributed(report, &line);
	put_own_cost(report, &line);
	put_troubles(report, &line);
	table_line_end(&line);
}

struct row {
	uint32_t pid;	    /* 0: none */
	const char *name;   /* of the process, or what it is, in parentheses */
	const char *cgroup; /* may be NULL */
	const struct figures *tick, *total;
};

static void put_row(FILE *stream, const struct report *report, const struct row *row)
{
	bool joules = has_joules(report);

	table_count_or_dash(stream, 7, row->pid);
	table_number(stream, 6, 2, percent_of(report, row->tick->cpu_ns));
	table_number(stream, 7, 3, watts_of(report, row->tick->joules));
	table_number(stream, 9, 3, joules ? row->total->joules : NAN);
	table_number(stream, 8, 6, joules ? row->total->grams : NAN);
	table_text(stream, SAMPLE_COMM_LEN - 1, row->cgroup, row->name);
	if (row->cgroup)
		table_text(stream, CGROUP_COLUMNS, false, row->cgroup);
	fputc('\n', stream);
}

static void put_rest(FILE *stream, const struct report *report, const char *name,
		     const struct figures *tick, const struct figures *total)
{
	const struct row row = {.name = name, .tick = tick, .total = total};

	if (tick->cpu_ns > 0 || tick->joules > 0)
		put_row(stream, report, &row);
}

static int compare(uint64_t left, uint64_t right)
{
	return (left > right) - (left < right);
}

/* By watts, most first; then by CPU time, which decides where there are no joules; then by pid. */
static int by_use(const void *a, const void *b)
{
	const struct entity *left = *(struct entity *const *)a;
	const struct entity *right = *(struct entity *const *)b;

	if (left->tick.joules > right->tick.joules || left->tick.joules < right->tick.joules)
		return left->tick.joules > right->tick.joules ? -1 : 1;
	if (left->tick.cpu_ns != right->tick.cpu_ns)
		return compare(right->tick.cpu_ns, left->tick.cpu_ns);
	if (left->pid != right->pid)
		return compare(left->pid, right->pid);
	return compare(left->start_ns, right->start_ns);
}

static int put_entities(FILE *stream, const struct report *report)
{
	size_t n = report->n_entities;
	_cleanup_free_
	struct entity **sorted = calloc(n + 1, sizeof(*sorted));

	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		sorted[i] = report->entities[i];
	qsort(sorted, n, sizeof(*sorted), by_use);
	for (size_t i = 0; i < n; i++)
		put_row(stream, report,
			&(struct row){
				.pid = sorted[i]->pid,
				.name = sorted[i]->comm,
				.cgroup = sorted[i]->cgroup,
				.tick = &sorted[i]->tick,
				.total = &sorted[i]->total,
			});
	return 0;
}

static int report_table(void *state, FILE *stream, const struct report *report)
{
	const struct report_host *host = &report->host;
	int err;

	(void)state;
	if (report->first) {
		put_start(stream, report);
		return 0;
	}
	put_head(stream, report);
	fprintf(stream, "%7s %6s %7s %9s %8s  %-*s  %s\n", "PID", "CPU%", "WATTS", "JOULES",
		"gCO2e", SAMPLE_COMM_LEN - 1, "PROCESS", "CGROUP");
	err = put_entities(stream, report);
	if (err)
		return err;
	if (report->selective)
		put_rest(stream, report, "(others)", &host->others, &host->total_others);
	put_rest(stream, report, "(idle)", &host->idle, &host->total_idle);
	put_rest(stream, report, "(unattributed)", &host->unattributed, &host->total_unattributed);
	fputc('\n', stream);
	return 0;
}

static int totals_table(void *state, FILE *stream, const struct totals *totals)
{
	(void)state;
	table_totals(stream, totals);
	return 0;
}

const struct output_format output_table = {
	.name = "table",
	.help = "for people: a block of lines each tick, the totals at the end",
	.report = report_table,
	.totals = totals_table,
};
