/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RAPLSIM_POWER_H
#define RAPLSIM_POWER_H

/*
 * How the watts behind a counter go over time, and the microjoules that follow from it. Time is in
 * ns since the tree was ready; energy is a function of the time, never a sum over the writes, so it
 * does not drift with the period.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define POWER_MAX_STEPS 32

struct power_step {
	uint64_t at_ns;
	double watts; /* from then on */
};

struct power {
	struct power_step steps[POWER_MAX_STEPS]; /* by rising time, the first at 0 */
	size_t n_steps;

	/* Power that follows the load: the CPUs it follows, and the watts at rest and at full load. */
	bool follows_load;
	int package;
	int die; /* -1 for all of the package */
	double idle_watts, busy_watts;

	double settled_uj; /* what was used up to settled_ns, under steps that are forgotten since */
	uint64_t settled_ns;
};

/* The same watts all the time. */
void power_set_constant(struct power *power, double watts);

/* The microjoules used up to `now_ns`, which is not before settled_ns. */
double power_uj(const struct power *power, uint64_t now_ns);

/* Power that follows the load: from `now_ns` on, `busy` (0 to 1) of its CPUs' time is busy. */
void power_set_load(struct power *power, uint64_t now_ns, double busy);

#endif
