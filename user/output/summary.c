// SPDX-License-Identifier: BSD-2-Clause
#include "output/summary.h"

#include "output/table_text.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define COMMAND_COLUMNS 72

void spread_add(struct spread *spread, double value)
{
	double distance = value - spread->mean;

	spread->n++;
	spread->mean += distance / (double)spread->n;
	spread->squares += distance * (value - spread->mean);
}

double spread_deviation(const struct spread *spread)
{
	return spread->n < 2 ? 0 : sqrt(spread->squares / (double)(spread->n - 1));
}

int summary_add(struct summary *summary, const struct totals *totals)
{
	double elapsed_s = (double)totals->elapsed_ns / 1e9, joules = 0, grams = 0, cpu_s = 0;
	const struct report_host *host = &totals->host;
	double entities = 0;

	if (!summary->domains) {
		summary->n_domains = totals->run->n_domains;
		summary->domains = calloc(summary->n_domains + 1, sizeof(*summary->domains));
		if (!summary->domains)
			return -ENOMEM;
	}
	for (size_t i = 0; i < totals->n_lines; i++) {
		joules += totals->lines[i].figures.joules;
		grams += totals->lines[i].figures.grams;
		cpu_s += (double)totals->lines[i].figures.cpu_ns / 1e9;
		entities += (double)totals->lines[i].count;
	}
	for (size_t i = 0; i < summary->n_domains; i++) {
		spread_add(&summary->domains[i].used, totals->domains[i].listed);
		spread_add(&summary->domains[i].host, totals->domains[i].host);
	}
	spread_add(&summary->joules, joules);
	spread_add(&summary->grams, grams);
	spread_add(&summary->cpu_s, cpu_s);
	spread_add(&summary->entities, entities);
	spread_add(&summary->elapsed_s, elapsed_s);
	spread_add(&summary->watts, elapsed_s > 0 ? joules / elapsed_s : 0);
	spread_add(&summary->host_joules, host->total.joules);
	spread_add(&summary->host_active_s,
		   (double)(host->total.cpu_ns - host->total_idle.cpu_ns) / 1e9);
	spread_add(&summary->unattributed_joules, host->total_unattributed.joules);
	return 0;
}

/* "        12.345678 J   energy" and, of several runs, " ± 0.012" after the number. */
static void print_figure(FILE *stream, const struct spread *spread, const char *unit,
			 const char *what)
{
	fprintf(stream, "  %14.6f %-2s", spread->mean, unit);
	if (spread->n > 1)
		fprintf(stream, " ± %-10.6f", spread_deviation(spread));
	fprintf(stream, "  %-22s", what);
}

static double percent(double part, double whole)
{
	return whole > 0 ? 100 * part / whole : 0;
}

static const char *loud_kind(enum energy_kind kind)
{
	switch (kind) {
	case ENERGY_MEASURED:
		return "measured";
	case ENERGY_ESTIMATED:
		return "ESTIMATED";
	case ENERGY_SIMULATED:
		return "SIMULATED: not this machine's energy";
	case ENERGY_NONE:
	case ENERGY_N_KINDS:
		break;
	}
	return "";
}

static void print_energy(const struct summary *summary, const struct totals *totals, FILE *stream)
{
	const struct run *run = totals->run;

	print_figure(stream, &summary->joules, "J", "energy");
	fprintf(stream, "# %s, %s\n", run->source, loud_kind(run->kind));
	for (size_t i = 0; i < summary->n_domains; i++) {
		const struct summary_domain *domain = &summary->domains[i];
		bool package = run->domains[i].type == DOMAIN_PACKAGE;

		print_figure(stream, package ? &domain->used : &domain->host, "J",
			     run->domains[i].name);
		if (package)
			fprintf(stream, "# %.2f %% of its %.6f J\n",
				percent(domain->used.mean, domain->host.mean), domain->host.mean);
		else
			fprintf(stream, "# of the whole machine, beside the energy above\n");
	}
	print_figure(stream, &summary->watts, "W", "mean power");
	fprintf(stream, "# energy over elapsed time\n");
	print_figure(stream, &summary->grams, "g", "CO2e");
	fprintf(stream, "# at %g gCO2e/kWh (%s)\n", totals->carbon->grams_per_kwh,
		totals->carbon->code);
}

/* As typed, as far as it fits; table_text makes it safe for a terminal. */
static void print_command(char *const *argv, FILE *stream)
{
	char line[COMMAND_COLUMNS + sizeof("…")] = "";
	size_t used = 0;

	for (size_t i = 0; argv[i] && used <= COMMAND_COLUMNS; i++)
		used += (size_t)snprintf(line + used, COMMAND_COLUMNS + 1 - used, "%s%s",
					 i ? " " : "", argv[i]);
	if (used > COMMAND_COLUMNS)
		strcpy(line + COMMAND_COLUMNS, "…");
	table_text(stream, COMMAND_COLUMNS + 2, false, line);
}

void summary_print(const struct summary *summary, const struct totals *totals, char *const *argv,
		   FILE *stream)
{
	fprintf(stream, "\n");
	print_command(argv, stream);
	if (summary->elapsed_s.n > 1)
		fprintf(stream,
			"\n  with all its descendants, mean ± standard deviation of %llu runs\n\n",
			(unsigned long long)summary->elapsed_s.n);
	else
		fprintf(stream, "\n  with all its descendants\n\n");
	if (totals->run->kind != ENERGY_NONE)
		print_energy(summary, totals, stream);
	print_figure(stream, &summary->cpu_s, "s", "CPU time");
	fprintf(stream, "# %.3f CPUs used\n",
		summary->elapsed_s.mean > 0 ? summary->cpu_s.mean / summary->elapsed_s.mean : 0);
	print_figure(stream, &summary->elapsed_s, "s", "elapsed");
	fprintf(stream, "# %.0f %s%s\n", summary->entities.mean, entity_kind_name(totals->kind),
		summary->entities.mean == 1	 ? ""
		: totals->kind == ENTITY_PROCESS ? "es"
						 : "s");
	fprintf(stream, "\n  share of the machine: ");
	if (totals->run->kind != ENERGY_NONE)
		fprintf(stream, "%.2f %% of %.6f J, ",
			percent(summary->joules.mean, summary->host_joules.mean),
			summary->host_joules.mean);
	fprintf(stream, "%.2f %% of %.6f s of active CPU time\n",
		percent(summary->cpu_s.mean, summary->host_active_s.mean),
		summary->host_active_s.mean);
	if (summary->unattributed_joules.mean > 0)
		fprintf(stream, "  (unattributed) on the machine: %.6f J\n",
			summary->unattributed_joules.mean);
	fprintf(stream, "\n");
}

void summary_done(struct summary *summary)
{
	free(summary->domains);
	memset(summary, 0, sizeof(*summary));
}
