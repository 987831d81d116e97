// SPDX-License-Identifier: BSD-2-Clause
#include "telemetry/markdown.h"

#include "telemetry/figures.h"
#include "telemetry/markdown_parts.h"

#include <math.h>
#include <string.h>

/* How a measure of the comparison is shown and spoken of. */
struct shown {
	const char *name;
	const char *heading;
	double per; /* what is kept, in one of what is shown */
	const char *lower, *higher;
};

static const struct shown latency = {"latency", "Latency (µs)", 1e3, "faster", "slower"};
static const struct shown energy = {"energy", "Energy (mJ per window)", 1e-3, "takes less energy",
				    "takes more energy"};

static void verdict(FILE *stream, const struct compare_measure *measure, const struct shown *shown)
{
	switch (measure->verdict) {
	case COMPARE_LOWER:
		fprintf(stream, "**%s**", shown->lower);
		break;
	case COMPARE_HIGHER:
		fprintf(stream, "**%s**", shown->higher);
		break;
	case COMPARE_NOT_SHOWN:
		fputs("no difference shown", stream);
		break;
	case COMPARE_NOT_COMPARED:
		fputs("not compared", stream);
		break;
	}
}

static double percent(const struct compare_measure *measure, int statistic)
{
	return measure->difference[statistic].estimate / measure->a[statistic] * 100;
}

/* "- `fir`: **faster** by 12.3 % in the median (95 % interval 11 to 13.5 %), p = 1e-05, large effect". */
static void sentence(FILE *stream, const struct compare_kernel *kernel,
		     const struct compare_measure *measure, const struct shown *shown)
{
	const struct difference *median = &measure->difference[STATISTIC_P50];
	double of_a = measure->a[STATISTIC_P50];

	fputs("- ", stream);
	markdown_text(stream, kernel->b->series->name);
	fprintf(stream, ", %s: ", shown->name);
	verdict(stream, measure, shown);
	if (measure->verdict == COMPARE_NOT_COMPARED) {
		fprintf(stream, ": %s.\n", measure->why);
		return;
	}
	if (of_a > 0)
		fprintf(stream, ", %+.3g %% in the median", percent(measure, STATISTIC_P50));
	if (of_a > 0 && isfinite(median->low))
		fprintf(stream, " (%.0f %% interval %+.3g to %+.3g %%)", DIFFERENCE_LEVEL * 100,
			median->low / of_a * 100, median->high / of_a * 100);
	fprintf(stream, "; p = %.2g, %s effect (Cliff's delta %+.2f)", measure->p_adjusted,
		compare_magnitude(measure->rank.delta), measure->rank.delta);
	if (measure == &kernel->energy_j) {
		char kind[FIGURE_KIND_SIZE];

		figure_energy_kind(kernel->b->series, kind);
		fputs("; joules ", stream);
		markdown_text(stream, kind);
	}
	fputs(".\n", stream);
}

static void table_row(FILE *stream, const struct compare_kernel *kernel,
		      const struct compare_measure *measure, const struct shown *shown,
		      int statistic)
{
	static const char *const names[] = {"median", "P95", "mean"};
	const struct difference *difference = &measure->difference[statistic];

	fputs("| ", stream);
	markdown_text(stream, kernel->b->series->name);
	fprintf(stream, " | %s ", names[statistic]);
	markdown_number(stream, measure->a[statistic] / shown->per);
	markdown_number(stream, measure->b[statistic] / shown->per);
	markdown_number(stream, difference->estimate / shown->per);
	markdown_number(stream, percent(measure, statistic));
	markdown_number(stream, difference->low / shown->per);
	markdown_number(stream, difference->high / shown->per);
	fprintf(stream, "| %s |\n", difference->low > 0 || difference->high < 0 ? "yes" : "no");
}

static void table(FILE *stream, const struct comparison *comparison, const struct shown *shown,
		  const struct compare_measure *(*measure)(const struct compare_kernel *kernel))
{
	static const char *const columns[] = {"Kernel",	   "Of",	 "Baseline",
					      "Run",	   "Difference", "Difference (%)",
					      "95 % from", "95 % to",	 "0 is outside"};

	bool any = false;

	for (size_t i = 0; i < comparison->n_kernels; i++)
		any = any || measure(&comparison->kernels[i])->verdict != COMPARE_NOT_COMPARED;
	if (!any)
		return;
	fprintf(stream, "\n## %s\n\n", shown->heading);
	markdown_columns(stream, columns, sizeof(columns) / sizeof(columns[0]));
	for (size_t i = 0; i < comparison->n_kernels; i++) {
		const struct compare_kernel *kernel = &comparison->kernels[i];

		if (measure(kernel)->verdict == COMPARE_NOT_COMPARED)
			continue;
		for (int s = 0; s < STATISTIC_N; s++)
			table_row(stream, kernel, measure(kernel), shown, s);
	}
}

static void tests_table(FILE *stream, const struct comparison *comparison)
{
	static const char *const columns[] = {
		"Kernel",   "Of",	  "Baseline n", "Run n",	 "U",
		"p, ranks", "p, medians", "p, Holm",	"Cliff's delta", "Verdict"};
	static const struct shown *const shown[] = {&latency, &energy};

	fputs("\n## Tests\n\n", stream);
	markdown_columns(stream, columns, sizeof(columns) / sizeof(columns[0]));
	for (size_t i = 0; i < comparison->n_kernels * 2; i++) {
		const struct compare_kernel *kernel = &comparison->kernels[i / 2];
		const struct compare_measure *measure = i % 2 ? &kernel->energy_j
							      : &kernel->latency_ns;

		if (measure->verdict == COMPARE_NOT_COMPARED)
			continue;
		fputs("| ", stream);
		markdown_text(stream, kernel->b->series->name);
		fprintf(stream, " | %s ", shown[i % 2]->name);
		markdown_count(stream, measure->n_a);
		markdown_count(stream, measure->n_b);
		fprintf(stream, "| %.1f | %.3g%s | %.3g%s | %.3g | %+.3f | ", measure->rank.u,
			measure->rank.p, measure->rank.exact ? " (exact)" : "",
			measure->difference[STATISTIC_P50].p,
			measure->by_repeats ? " (repeats)" : " (blocks)", measure->p_adjusted,
			measure->rank.delta);
		verdict(stream, measure, shown[i % 2]);
		fputs(" |\n", stream);
	}
}

static const struct compare_measure *latency_of(const struct compare_kernel *kernel)
{
	return &kernel->latency_ns;
}

static const struct compare_measure *energy_of(const struct compare_kernel *kernel)
{
	return &kernel->energy_j;
}

static void list_missing(FILE *stream, const struct telemetry_run *of,
			 const struct telemetry_run *in, const char *where)
{
	for (size_t i = 0; i < of->n_series; i++) {
		if (telemetry_run_find(in, of->series[i]->name))
			continue;
		fputs("- ", stream);
		markdown_text(stream, of->series[i]->name);
		fprintf(stream, " is only in the %s.\n", where);
	}
}

static void cautions(FILE *stream, const struct comparison *comparison)
{
	const struct telemetry_host *a = &comparison->a->facts.host;
	const struct telemetry_host *b = &comparison->b->facts.host;

	if (strcmp(a->hostname, b->hostname) != 0 || strcmp(a->cpu, b->cpu) != 0)
		fputs("- The runs are from different machines: a difference may be theirs.\n",
		      stream);
	for (size_t i = 0; i < comparison->n_kernels; i++) {
		if (!comparison->kernels[i].shapes_differ)
			continue;
		fputs("- ", stream);
		markdown_text(stream, comparison->kernels[i].b->series->name);
		fputs(": W, H, C, Fs or dtype differ: the windows are not of the same work.\n",
		      stream);
	}
	list_missing(stream, comparison->a, comparison->b, "baseline");
	list_missing(stream, comparison->b, comparison->a, "run");
}

static void method(FILE *stream)
{
	fprintf(stream,
		"\n## Method\n\n"
		"A difference is called one when two tests say so, in one direction. The "
		"Mann-Whitney U test of the windows: two-sided, mid-ranks, an exact count of all ways "
		"to share out the ranks up to %d windows together, beyond that the normal "
		"approximation with the variance corrected for ties and for continuity. And a test of "
		"the difference of the medians, for which windows that follow each other are not "
		"independent: with %d repeats or more in both runs Welch's t of the repeats' medians, "
		"with fewer %d bootstrap draws (SplitMix64, seed %llu) of blocks of n^(1/3) windows. "
		"The greater p of the two, adjusted by Holm for all that is compared here, is below "
		"%.2f.\n\n"
		"The %.0f %% intervals are of the same kind, each by itself and not adjusted. Effects "
		"by Cliff's delta: small from 0.147, medium from 0.33, large from 0.474. With blocks "
		"the intervals do not hold what differs from one repeat to the next; record repeats "
		"for that. What differs between two runs may also be the hour and the temperature: to "
		"blame a change, record several runs of each in turn.\n",
		RANK_TEST_EXACT_MAX, DIFFERENCE_REPEATS, DIFFERENCE_DRAWS,
		(unsigned long long)DIFFERENCE_SEED, COMPARE_ALPHA, DIFFERENCE_LEVEL * 100);
}

void markdown_comparison(FILE *stream, const struct comparison *comparison,
			 const struct markdown_figure *figure)
{
	fputs("# ", stream);
	markdown_text(stream, comparison->b->facts.run);
	fputs(" against the baseline ", stream);
	markdown_text(stream, comparison->a->facts.run);
	fputs("\n\n", stream);
	if (comparison->n_kernels == 0)
		fputs("The runs have no kernel in common.\n", stream);
	for (size_t i = 0; i < comparison->n_kernels; i++) {
		const struct compare_kernel *kernel = &comparison->kernels[i];

		sentence(stream, kernel, &kernel->latency_ns, &latency);
		sentence(stream, kernel, &kernel->energy_j, &energy);
	}
	cautions(stream, comparison);
	if (figure)
		markdown_figure_line(stream, figure->file, figure->title, figure->caption);
	if (comparison->n_kernels > 0) {
		table(stream, comparison, &latency, latency_of);
		table(stream, comparison, &energy, energy_of);
		tests_table(stream, comparison);
	}
	method(stream);
}
