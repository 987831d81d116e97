// SPDX-License-Identifier: BSD-2-Clause
#include "raplsim/zone.h"

#include "base/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ZONES_PER_DIE 4 /* itself, core, uncore, dram */

/* Zones begin at values that no one takes for another, far from the wrap of a real counter. */
#define START_STEP_UJ 7919123457ULL

static struct power *add_power(struct zones *zones, double watts)
{
	struct power *power = &zones->powers[zones->n_powers++];

	power_set_constant(power, watts);
	return power;
}

static struct zone *add_zone(struct zones *zones, struct power *power,
			     const struct package *package)
{
	struct zone *zone = &zones->zones[zones->n_zones++];

	zone->control = "intel-rapl";
	zone->power = power;
	zone->range_uj = package ? package->range_uj : PACKAGE_RANGE_UJ;
	zone->start_uj = zones->n_zones * START_STEP_UJ % (zone->range_uj + 1);
	if (zone->start_uj == 0)
		zone->start_uj = zones->n_zones % (zone->range_uj + 1);
	if (package && package->has_start)
		zone->start_uj = package->start_uj;
	zone->fd = -1;
	return zone;
}

static void set_package_power(struct power *power, const struct package *package, int number,
			      int die)
{
	memcpy(power->steps, package->steps, sizeof(power->steps));
	power->n_steps = package->n_steps;
	power->follows_load = package->busy_watts >= 0;
	power->package = number;
	power->die = die;
	power->idle_watts = package->steps[0].watts;
	power->busy_watts = package->busy_watts;
}

/* The kernel numbers subzones by domain: core (PP0), uncore (PP1), dram (enum rapl_domain_type). */
static void add_subzones(struct zones *zones, struct zone *parent, const struct package *package)
{
	const struct {
		const char *name;
		double watts;
	} subzones[] = {
		{"core", package->core_watts},
		{"uncore", package->uncore_watts},
		{"dram", package->dram_watts},
	};
	struct zone *zone;
	unsigned int number = 0;

	for (size_t i = 0; i < sizeof(subzones) / sizeof(subzones[0]); i++) {
		if (subzones[i].watts < 0)
			continue;
		zone = add_zone(zones, add_power(zones, subzones[i].watts), package);
		zone->parent = parent;
		snprintf(zone->name, sizeof(zone->name), "%s", subzones[i].name);
		snprintf(zone->node, sizeof(zone->node), "%.24s:%u", parent->node, number++);
	}
}

static void add_package(struct zones *zones, const struct package *package, unsigned int number,
			unsigned int *node)
{
	unsigned int n_dies = package->dies > 0 ? package->dies : 1;
	struct zone *first = NULL, *zone;
	struct power *power = NULL;

	for (unsigned int die = 0; die < n_dies; die++) {
		if (!power || !package->mirror) {
			power = add_power(zones, 0);
			set_package_power(power, package, (int)number,
					  package->mirror ? -1 : (int)die);
		}
		zone = add_zone(zones, power, package);
		if (package->mirror && first)
			zone->start_uj = first->start_uj;
		if (!first)
			first = zone;
		if (package->dies > 0)
			snprintf(zone->name, sizeof(zone->name), "package-%u-die-%u", number, die);
		else
			snprintf(zone->name, sizeof(zone->name), "package-%u", number);
		snprintf(zone->node, sizeof(zone->node), "intel-rapl:%u", (*node)++);
		add_subzones(zones, zone, package);
	}
}

/* Shows what the first package shows. */
static void add_mmio(struct zones *zones)
{
	const struct zone *first = &zones->zones[0];
	struct zone *zone = add_zone(zones, first->power, NULL);

	zone->control = "intel-rapl-mmio";
	zone->range_uj = first->range_uj;
	zone->start_uj = first->start_uj;
	memcpy(zone->name, first->name, sizeof(zone->name));
	snprintf(zone->node, sizeof(zone->node), "intel-rapl-mmio:0");
}

int zones_make(const struct zone_plan *plan, struct zones **ret, struct errmsg *msg)
{
	size_t most = plan->n_packages * PACKAGE_MAX_DIES * ZONES_PER_DIE + 2;
	struct zones *zones = calloc(1, sizeof(*zones));
	unsigned int node = 0;
	struct zone *zone;

	if (!zones)
		return errmsg_set(msg, -ENOMEM, "out of memory");
	zones->zones = calloc(most, sizeof(*zones->zones));
	zones->powers = calloc(most, sizeof(*zones->powers));
	if (!zones->zones || !zones->powers) {
		zones_free(zones);
		return errmsg_set(msg, -ENOMEM, "out of memory");
	}
	for (size_t i = 0; i < plan->n_packages; i++)
		add_package(zones, &plan->packages[i], (unsigned int)i, &node);
	if (plan->psys_watts >= 0) {
		zone = add_zone(zones, add_power(zones, plan->psys_watts), NULL);
		snprintf(zone->name, sizeof(zone->name), "psys");
		snprintf(zone->node, sizeof(zone->node), "intel-rapl:%u", node);
	}
	if (plan->mmio)
		add_mmio(zones);
	*ret = zones;
	return 0;
}

void zone_reset(struct zone *zone, uint64_t at_ns)
{
	zone->start_uj = 0;
	zone->base_uj = power_uj(zone->power, at_ns);
}

struct zone_face zone_face(const struct zone *zone, uint64_t now_ns)
{
	struct zone_face face = {.look = ZONE_READABLE, .attached = true, .listed = true};
	double uj = power_uj(zone->power, now_ns) - zone->base_uj;

	face.uj = (zone->start_uj + (uint64_t)uj) % (zone->range_uj + 1);
	if (zone->faults[ZONE_FAULT_STUCK])
		face.uj = zone->shown.uj;
	if (zone->faults[ZONE_FAULT_UNREADABLE])
		face.look = ZONE_UNREADABLE;
	if (zone->faults[ZONE_FAULT_EIO])
		face.look = ZONE_EIO;
	face.attached = zone->faults[ZONE_FAULT_REMOVED] == 0;
	for (const struct zone *z = zone; z; z = z->parent)
		if (z->faults[ZONE_FAULT_REMOVED])
			face.listed = false;
	return face;
}

void zones_free(struct zones *zones)
{
	if (!zones)
		return;
	for (size_t i = 0; i < zones->n_zones; i++)
		cleanup_close(&zones->zones[i].fd);
	free(zones->zones);
	free(zones->powers);
	free(zones);
}
