// SPDX-License-Identifier: BSD-2-Clause
#include "raplsim/power.h"

#define NS_W_PER_UJ 1e3 /* 1 W for 1000 ns is 1 µJ */

void power_set_constant(struct power *power, double watts)
{
	power->steps[0].at_ns = 0;
	power->steps[0].watts = watts;
	power->n_steps = 1;
}

double power_uj(const struct power *power, uint64_t now_ns)
{
	double uj = power->settled_uj;
	uint64_t from, to;

	for (size_t i = 0; i < power->n_steps; i++) {
		from = power->steps[i].at_ns;
		if (from < power->settled_ns)
			from = power->settled_ns;
		to = now_ns;
		if (i + 1 < power->n_steps && power->steps[i + 1].at_ns < to)
			to = power->steps[i + 1].at_ns;
		if (to > from)
			uj += power->steps[i].watts * (double)(to - from) / NS_W_PER_UJ;
	}
	return uj;
}

void power_set_load(struct power *power, uint64_t now_ns, double busy)
{
	power->settled_uj = power_uj(power, now_ns);
	power->settled_ns = now_ns;
	power_set_constant(power,
			   power->idle_watts + (power->busy_watts - power->idle_watts) * busy);
}
