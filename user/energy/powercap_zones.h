/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_ENERGY_POWERCAP_ZONES_H
#define ENERGYTRACE_ENERGY_POWERCAP_ZONES_H

/*
 * The RAPL zones of a powercap tree (Documentation/power/powercap/powercap.rst), by name and path:
 * what an index stands for differs between machines and between two loads of the driver.
 */

#include "sample/sample.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct powercap_zone {
	struct run_domain domain; /* a subzone's package and die are those of its parent */
	uint64_t max_range_uj;	  /* max_energy_range_uj; 0: not told */
	bool mmio;		  /* of a control type beside intel-rapl: intel-rapl-mmio */
	char *path;		  /* of the zone's directory */
};

struct powercap_zones {
	struct powercap_zone *zones; /* packages by (package, die), then the rest by node */
	size_t n, room;
	size_t n_unnamed;  /* zones left out: no readable name */
	size_t n_dangling; /* links to zones that lead nowhere */
	bool denied;	   /* one has no readable name for lack of permission */
};

/*
 * Finds the zones in `powercap` ("/sys/class/powercap"), whether they all lie there side by side, as
 * the kernel has them, or inside their parents; each comes out once, and one that repeats
 * another control type's counter does not. No energy is read. Returns 0 with *ret filled (perhaps
 * with no zone), or a negative errno; powercap_zones_done in either case.
 */
int powercap_zones_scan(const char *powercap, struct powercap_zones *ret);

/* Takes a zeroed one. */
void powercap_zones_done(struct powercap_zones *zones);

/* Whether both stand for the same counter, wherever it lies. */
bool powercap_zone_same(const struct powercap_zone *a, const struct powercap_zone *b);

/* Reads energy_uj, opening it anew. Returns 0 or a negative errno; -EINVAL if it is no number. */
int powercap_zone_read(const struct powercap_zone *zone, uint64_t *ret_uj);

#endif
