/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_REPORT_RUNNING_H
#define ENERGYTRACE_REPORT_RUNNING_H

#include "report/report.h"

#include <math.h>

/*
 * A sum of doubles that does not drift over a year of ticks: the rounding error of every addition is
 * summed apart (Neumaier, ZAMM 54, 1974). The result is value + error.
 */
struct sum {
	double value;
	double error;
};

static inline void sum_add(struct sum *sum, double term)
{
	double value = sum->value + term;

	if (fabs(sum->value) >= fabs(term))
		sum->error += (sum->value - value) + term;
	else
		sum->error += (term - value) + sum->value;
	sum->value = value;
}

static inline double sum_get(const struct sum *sum)
{
	return sum->value + sum->error;
}

/* Figures since the start of the run. */
struct running {
	uint64_t cpu_ns;
	struct sum joules, grams;
};

static inline void running_add(struct running *running, const struct figures *figures)
{
	running->cpu_ns += figures->cpu_ns;
	sum_add(&running->joules, figures->joules);
	sum_add(&running->grams, figures->grams);
}

static inline struct figures running_get(const struct running *running)
{
	return (struct figures){
		.cpu_ns = running->cpu_ns,
		.joules = sum_get(&running->joules),
		.grams = sum_get(&running->grams),
	};
}

#endif
