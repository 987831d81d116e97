/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_ENERGY_COUNTER_H
#define ENERGYTRACE_ENERGY_COUNTER_H

/*
 * An energy counter that wraps: pure arithmetic, no I/O.
 *
 * The kernel's max_energy_range_uj is the largest value the zone shows (ENERGY_STATUS_MASK ×
 * energy unit, drivers/powercap/intel_rapl_common.c), so the modulus is that plus one unit of the
 * counter; the unit is not shown in sysfs, so +1 µJ stands for it.
 */

#include "sample/sample.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * No package sold draws more than this for as long as a read interval. A smaller value than the last
 * one is a wrap if the power that follows from it stays below, and else a reset. A larger one has
 * only one likely reading, and psys counts whole platforms, GPUs included (15 kW are sold): it is a
 * reset only above the second limit, which nothing in one machine draws.
 *
 * What cannot be told from one reading: a counter that wrapped more than once, or one reset so that
 * it looks like a wrap. Reading within energy_counter_max_read_interval_ns rules out the first.
 */
#define ENERGY_COUNTER_MAX_WATTS 2000
#define ENERGY_COUNTER_IMPOSSIBLE_WATTS 20000

struct energy_counter {
	uint64_t modulus_uj;
	uint64_t last_uj;
	uint64_t last_ns;  /* CLOCK_MONOTONIC of the last read that worked */
	uint64_t moved_ns; /* the same, of the last that showed another value */
	bool primed;
};

/* `max_range_uj` is max_energy_range_uj; 0 (unknown) is taken for 2^64 - 1. */
void energy_counter_init(struct energy_counter *counter, uint64_t max_range_uj);

/*
 * Takes a reading and adds to *total: the microjoules since the last, a wrap or a reset. After a
 * reset the counter is primed anew and nothing is added: what was used around it is not known.
 */
void energy_counter_update(struct energy_counter *counter, uint64_t raw_uj, uint64_t now_ns,
			   struct sample_energy *total);

/* Half the time in which the counter wraps at ENERGY_COUNTER_MAX_WATTS, at least 1 ms. */
uint64_t energy_counter_max_read_interval_ns(const struct energy_counter *counter);

#endif
