/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_ENERGY_POWERCAP_METERS_H
#define ENERGYTRACE_ENERGY_POWERCAP_METERS_H

/* The counters of powercap zones while they are read: wraps, gaps, moves, mirrors, complaints. */

#include "energy/powercap_zones.h"
#include "sample/sample.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct powercap_meters;

/*
 * Takes over what `zones` holds, which were found under `root` (also on failure). Zones that can't
 * be read are left out, but for packages: their reads are gaps until they can. 0 or -ENOMEM.
 */
int powercap_meters_new(const char *root, struct powercap_zones *zones,
			struct powercap_meters **ret);

size_t powercap_meters_domains(const struct powercap_meters *meters, const struct run_domain **ret);

/* The `read`, `max_read_interval_ns` and `complaint` of struct energy_source. */
void powercap_meters_read(struct powercap_meters *meters, uint64_t now_ns,
			  struct sample_energy *totals);
uint64_t powercap_meters_max_read_interval_ns(const struct powercap_meters *meters);
const char *powercap_meters_complaint(struct powercap_meters *meters);

/* Whether no package that can be read shows anything but 0, twice. */
bool powercap_meters_all_zero(const struct powercap_meters *meters);

/* Whether dies of a package show one counter, which is counted once. */
bool powercap_meters_mirrored(const struct powercap_meters *meters);

/* Takes NULL. */
void powercap_meters_free(struct powercap_meters *meters);

#endif
