// SPDX-License-Identifier: BSD-2-Clause
#include "output/table_totals.h"

#include "output/table_rows.h"
#include "output/table_text.h"

#include <math.h>

/* Of a path the end tells most; lines may be long where there is no screen. */
#define WIDE_NAME 60

static bool has_joules(const struct totals *totals)
{
	return totals->run->kind != ENERGY_NONE;
}

static void put_own_cost(const struct totals *totals, struct table_line *line)
{
	const struct figures *own = &totals->host.total_self;
	double seconds = (double)own->cpu_ns / TABLE_NS_PER_S;

	if (own->cpu_ns == 0)
		return;
	if (has_joules(totals))
		table_piece(line, "own cost %.3f s CPU, %.*f J", seconds,
			    table_decimals(own->joules), own->joules);
	else
		table_piece(line, "own cost %.3f s CPU", seconds);
}

static void put_head(FILE *stream, const struct totals *totals)
{
	double seconds = (double)totals->elapsed_ns / TABLE_NS_PER_S;
	double joules = totals->host.total.joules, grams = totals->host.total.grams;
	struct table_line line = {.stream = stream};
	char amount[64];

	table_piece(&line, "total of %.3f s", seconds);
	table_piece(&line, "%llu tick%s", (unsigned long long)totals->ticks,
		    totals->ticks == 1 ? "" : "s");
	snprintf(amount, sizeof(amount), "%.3f J", joules);
	table_source(totals->run, amount, &line);
	if (has_joules(totals)) {
		if (totals->elapsed_ns > 0)
			table_piece(&line, "mean %.*f W", table_decimals(joules / seconds),
				    joules / seconds);
		table_piece(&line, "%.6f gCO2e at %g gCO2e/kWh (%s)", grams,
			    totals->carbon->grams_per_kwh, totals->carbon->code);
	}
	put_own_cost(totals, &line);
	table_line_end(&line);
}

static void put_line(FILE *stream, const struct totals *totals, const struct total *line,
		     const char *name)
{
	const struct figures *figures = &line->figures;
	double host_joules = totals->host.total.joules;
	bool joules = has_joules(totals);

	table_count_or_dash(stream, 7, line->count);
	table_count_or_dash(stream, 8, line->pid);
	table_number(stream, 11, 3, (double)figures->cpu_ns / TABLE_NS_PER_S);
	table_number(stream, 11, 3, joules ? figures->joules : NAN);
	table_number(stream, 6, 2,
		     joules && host_joules > 0 ? figures->joules / host_joules * 100 : NAN);
	table_number(stream, 10, 6, joules ? figures->grams : NAN);
	table_text(stream, totals->kind <= ENTITY_TREE ? SAMPLE_COMM_LEN - 1 : WIDE_NAME, false,
		   name);
	fputc('\n', stream);
}

static void put_rest(FILE *stream, const struct totals *totals, const char *name,
		     const struct figures *figures)
{
	struct total line = {.figures = *figures};

	if (figures->cpu_ns > 0 || figures->joules > 0)
		put_line(stream, totals, &line, name);
}

/* All from `first` on, in one line. */
static void put_more(FILE *stream, const struct totals *totals, size_t first)
{
	struct total more = {0};
	char name[32];

	for (size_t i = first; i < totals->n_lines; i++) {
		const struct total *line = &totals->lines[i];

		more.count += line->count;
		more.figures.cpu_ns += line->figures.cpu_ns;
		more.figures.joules += line->figures.joules;
		more.figures.grams += line->figures.grams;
	}
	snprintf(name, sizeof(name), "(%zu more)", totals->n_lines - first);
	put_line(stream, totals, &more, name);
}

static void put_lines(FILE *stream, const struct totals *totals)
{
	const struct report_host *host = &totals->host;
	size_t shown = totals->n_lines;

	/* One line too many is no reason for a "(1 more)" in its place. */
	if (shown > TABLE_TOTALS_LINES + 1)
		shown = TABLE_TOTALS_LINES;
	fprintf(stream, "%7s%8s %11s %11s %6s %10s  %s\n", "COUNT", "PID", "CPU-S", "JOULES", "%",
		"gCO2e", table_kind_heading(totals->kind));
	for (size_t i = 0; i < shown; i++)
		put_line(stream, totals, &totals->lines[i], totals->lines[i].name);
	if (shown < totals->n_lines)
		put_more(stream, totals, shown);
	if (totals->selective)
		put_rest(stream, totals, "(others)", &host->total_others);
	put_rest(stream, totals, "(idle)", &host->total_idle);
	put_rest(stream, totals, "(unattributed)", &host->total_unattributed);
}

/* What went wrong in the counting, by name. */
static void put_troubles(FILE *stream, const struct totals *totals)
{
	struct table_line line = {.stream = stream};

	for (unsigned int i = 0; i < LOSS_N; i++) {
		if (totals->losses[i] > 0)
			table_piece(&line, "%s%s %llu", line.column > 0 ? "" : "losses: ",
				    sample_loss_name((enum sample_loss)i),
				    (unsigned long long)totals->losses[i]);
	}
	table_line_end(&line);
	if (totals->wraps + totals->resets + totals->gaps == 0)
		return;
	table_piece(&line, "energy counters: %llu wrap%s", (unsigned long long)totals->wraps,
		    totals->wraps == 1 ? "" : "s");
	table_count(&line, totals->resets, "reset", "resets");
	table_count(&line, totals->gaps, "gap", "gaps");
	table_line_end(&line);
}

void table_totals(FILE *stream, const struct totals *totals)
{
	put_head(stream, totals);
	put_lines(stream, totals);
	put_troubles(stream, totals);
}
