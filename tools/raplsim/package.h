/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RAPLSIM_PACKAGE_H
#define RAPLSIM_PACKAGE_H

/* What one --package asks for. */

#include "base/errmsg.h"
#include "raplsim/power.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PACKAGE_MAX_DIES 8

/* 2^32 - 1 units of 2^-14 J: the max_energy_range_uj of most Intel processors. */
#define PACKAGE_RANGE_UJ 262143328850ULL

#define PACKAGE_NO_WATTS (-1.0) /* the zone is not there, or the key was not given */

#define PACKAGE_MAX_WATTS 1e6

struct package {
	struct power_step steps[POWER_MAX_STEPS]; /* WATTS, then those of at= */
	size_t n_steps;
	double busy_watts;
	double core_watts, uncore_watts, dram_watts;
	char cpus[1024]; /* a list of CPUs, or empty for a share of those that nobody asked for */
	uint64_t range_uj;
	uint64_t start_uj;
	bool has_start;
	unsigned int dies; /* 0: the zone is package-N; otherwise package-N-die-M */
	bool mirror;
};

/* A package of `watts` with everything else as by default. */
void package_init(struct package *package, double watts);

/* Reads "WATTS[,KEY=VALUE...]". Returns 0 or -EINVAL with `msg` filled. */
int package_parse(const char *text, struct package *ret, struct errmsg *msg);

#endif
