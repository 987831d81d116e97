/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_OUTPUT_SUMMARY_H
#define ENERGYTRACE_OUTPUT_SUMMARY_H

/* What `-- COMMAND` used, as perf stat would write it: one run, or the mean of several. */

#include "report/report.h"

#include <stdio.h>

/* Mean and standard deviation of what is seen one by one (Welford, Technometrics 4, 1962). */
struct spread {
	double mean, squares;
	uint64_t n;
};

void spread_add(struct spread *spread, double value);

/* Of the sample (n - 1); 0 for fewer than two values. */
double spread_deviation(const struct spread *spread);

struct summary_domain {
	struct spread used, host;
};

struct summary {
	struct spread joules, watts, grams, cpu_s, elapsed_s, entities;
	struct spread host_joules, host_active_s, unattributed_joules;
	struct summary_domain *domains;
	size_t n_domains;
};

/* Adds one run. All runs have the same domains. 0 or -ENOMEM. */
int summary_add(struct summary *summary, const struct totals *totals);

/* `totals` are the last run's: for the names of domains, source and carbon intensity. */
void summary_print(const struct summary *summary, const struct totals *totals, char *const *argv,
		   FILE *stream);

void summary_done(struct summary *summary);

#endif
