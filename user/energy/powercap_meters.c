// SPDX-License-Identifier: BSD-2-Clause
#include "energy/powercap_meters.h"

#include "energy/counter.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* No package in use shows the same value for so long. */
#define STILL_NS UINT64_C(10000000000)

/*
 * AMD's Zen 1 and 2 show the socket's counter under each of its dies. Two reads of one counter
 * bracketed by each other differ by less than this; counters of dies that are apart differ by more
 * as soon as one die has worked.
 */
#define MIRROR_UJ UINT64_C(1000000)

/* So many reads in a row that differ show that a die is no mirror after all. */
#define MIRROR_READS_APART 3

/* Where a wrap can't be told from a reset, frequent reads keep small what is lost around one. */
#define UNKNOWN_RANGE_READ_NS UINT64_C(1000000000)

#define NO_LEADER SIZE_MAX

struct meter {
	struct powercap_zone zone;
	struct energy_counter counter;
	size_t domain;	   /* whose joules it counts */
	uint64_t still_ns; /* for how long good reads have shown one value */
	bool gone;	   /* the last read failed */
	bool lost;	   /* and no zone in the tree is this one */
	bool said_gone, said_still;

	/* A die that mirrors the meter `leader`: what it counts is held until it proves otherwise. */
	size_t leader;
	unsigned int reads_apart;
	struct sample_energy held;
};

struct powercap_meters {
	char *root;
	struct meter *meters; /* in the order of the zones */
	size_t n_meters;
	struct run_domain *domains;
	size_t n_domains;
	char **complaints;
	size_t n_complaints, n_said;
};

/* A complaint that finds no memory is dropped: the next reads go on without. */
__attribute__((format(printf, 2, 3))) static void complain(struct powercap_meters *meters,
							   const char *format, ...)
{
	va_list args;
	char *text, **moved;
	int n;

	va_start(args, format);
	n = vasprintf(&text, format, args);
	va_end(args);
	if (n < 0)
		return;
	moved = reallocarray(meters->complaints, meters->n_complaints + 1, sizeof(*moved));
	if (!moved) {
		free(text);
		return;
	}
	meters->complaints = moved;
	meters->complaints[meters->n_complaints++] = text;
}

static const char *reason(int err)
{
	return err == -EINVAL || err == -ERANGE ? "energy_uj gives no number" : strerror(-err);
}

static void complain_gone(struct powercap_meters *meters, struct meter *meter, int err)
{
	const struct run_domain *domain = &meter->zone.domain;

	if (meter->said_gone)
		return;
	meter->said_gone = true;
	complain(meters, "%s (%s) cannot be read: %s; its joules come if it can be read again",
		 domain->name, domain->node, reason(err));
}

/* From one value of a counter forward to another. */
static uint64_t distance_uj(uint64_t from_uj, uint64_t to_uj, uint64_t modulus_uj)
{
	return to_uj >= from_uj ? to_uj - from_uj : modulus_uj - from_uj + to_uj;
}

/*
 * Whether `follower` shows the counter of `leader`, by reading it between two reads of that one.
 * Returns a negative errno when one cannot be read.
 */
static int is_mirror(const struct meter *leader, const struct meter *follower)
{
	uint64_t before_uj, value_uj, after_uj, modulus_uj, slack_uj;
	int err;

	err = powercap_zone_read(&leader->zone, &before_uj);
	if (!err)
		err = powercap_zone_read(&follower->zone, &value_uj);
	if (!err)
		err = powercap_zone_read(&leader->zone, &after_uj);
	if (err)
		return err;
	modulus_uj = leader->counter.modulus_uj;
	slack_uj = modulus_uj / 1000 < MIRROR_UJ ? modulus_uj / 1000 : MIRROR_UJ;
	if (distance_uj(before_uj, value_uj, modulus_uj) <=
	    distance_uj(before_uj, after_uj, modulus_uj) + slack_uj)
		return value_uj != 0;
	return distance_uj(value_uj, before_uj, modulus_uj) <= slack_uj && value_uj != 0;
}

static bool same_package(const struct meter *a, const struct meter *b)
{
	return a->zone.domain.type == DOMAIN_PACKAGE && b->zone.domain.type == DOMAIN_PACKAGE &&
	       a->zone.domain.package == b->zone.domain.package;
}

/*
 * The end of the meters that count as one from `first` on: all the dies of a package if they show
 * one counter, else that one meter.
 */
static size_t mirrors_end(const struct meter *meters, size_t n_meters, size_t first)
{
	size_t end = first + 1;

	/* Some dies alike and some not is no mirror of the package. */
	if (first > 0 && same_package(&meters[first - 1], &meters[first]))
		return end;
	while (end < n_meters && same_package(&meters[first], &meters[end]))
		end++;
	for (size_t i = first + 1; i < end; i++) {
		if (is_mirror(&meters[first], &meters[i]) <= 0)
			return first + 1;
	}
	return end;
}

/* Gives each meter its domain: its own, or that of the die it mirrors. */
static void make_domains(struct powercap_meters *meters)
{
	for (size_t first = 0, end; first < meters->n_meters; first = end) {
		end = mirrors_end(meters->meters, meters->n_meters, first);
		meters->domains[meters->n_domains] = meters->meters[first].zone.domain;
		if (end - first > 1) {
			struct run_domain *domain = &meters->domains[meters->n_domains];

			domain->die = -1;
			snprintf(domain->name, sizeof(domain->name), "package-%d", domain->package);
		}
		for (size_t i = first; i < end; i++) {
			meters->meters[i].domain = meters->n_domains;
			meters->meters[i].leader = i == first ? NO_LEADER : first;
		}
		meters->n_domains++;
	}
}

/* Moves the zones into meters, but for those that can't be used. */
static void take_zones(struct powercap_meters *meters, struct powercap_zones *zones)
{
	for (size_t i = 0; i < zones->n; i++) {
		struct meter *meter = &meters->meters[meters->n_meters];
		const struct run_domain *domain = &meter->zone.domain;
		uint64_t value_uj;
		int err;

		*meter = (struct meter){.zone = zones->zones[i], .leader = NO_LEADER};
		zones->zones[i].path = NULL;
		err = powercap_zone_read(&meter->zone, &value_uj);
		if (err && domain->type != DOMAIN_PACKAGE) {
			complain(meters, "%s (%s) cannot be read and is left out: %s", domain->name,
				 domain->node, reason(err));
			free(meter->zone.path);
			continue;
		}
		if (err) {
			meter->gone = true;
			complain_gone(meters, meter, err);
		}
		if (meter->zone.max_range_uj == 0)
			complain(meters,
				 "%s (%s) does not tell its max_energy_range_uj: a wrap of its "
				 "counter counts as a reset",
				 domain->name, domain->node);
		energy_counter_init(&meter->counter, meter->zone.max_range_uj);
		meters->n_meters++;
	}
	if (zones->n_unnamed > 0)
		complain(meters, "zones without a name in %s are left out: %zu", meters->root,
			 zones->n_unnamed);
}

int powercap_meters_new(const char *root, struct powercap_zones *zones,
			struct powercap_meters **ret)
{
	struct powercap_meters *meters = calloc(1, sizeof(*meters));

	if (!meters)
		goto no_memory;
	meters->root = strdup(root);
	/* One more, for calloc(0) may return NULL. */
	meters->meters = calloc(zones->n + 1, sizeof(*meters->meters));
	meters->domains = calloc(zones->n + 1, sizeof(*meters->domains));
	if (!meters->root || !meters->meters || !meters->domains)
		goto no_memory;
	take_zones(meters, zones);
	make_domains(meters);
	powercap_zones_done(zones);
	*ret = meters;
	return 0;

no_memory:
	powercap_zones_done(zones);
	powercap_meters_free(meters);
	return -ENOMEM;
}

size_t powercap_meters_domains(const struct powercap_meters *meters, const struct run_domain **ret)
{
	*ret = meters->domains;
	return meters->n_domains;
}

/* Whether a zone found in the tree is that of the meter, wherever it now lies. */
static bool is_zone_of(const struct meter *meter, const struct powercap_zone *found)
{
	if (!powercap_zone_same(&meter->zone, found))
		return false;
	/* Without a package only the node tells one "dram" from the next. */
	return found->domain.package >= 0 || found->domain.type == DOMAIN_PSYS ||
	       strcmp(meter->zone.domain.node, found->domain.node) == 0;
}

/*
 * Looks for the zones that are gone: after a reload of the driver they may be numbered otherwise,
 * and another zone may lie where one was.
 */
static void find_again(struct powercap_meters *meters)
{
	struct powercap_zones zones;

	/* A scan that fails may have found some. */
	(void)powercap_zones_scan(meters->root, &zones);
	for (size_t i = 0; i < meters->n_meters; i++) {
		struct meter *meter = &meters->meters[i];

		if (!meter->gone)
			continue;
		meter->lost = true;
		for (size_t j = 0; j < zones.n && meter->lost; j++) {
			char *path;

			if (!is_zone_of(meter, &zones.zones[j]))
				continue;
			path = zones.zones[j].path;
			zones.zones[j].path = meter->zone.path;
			meter->zone.path = path;
			meter->lost = false;
		}
	}
	powercap_zones_done(&zones);
}

/* Notes for how long the counter has stood still; to be called before the counter's update. */
static void watch_still(struct powercap_meters *meters, struct meter *meter, uint64_t raw_uj,
			uint64_t now_ns)
{
	const struct energy_counter *counter = &meter->counter;
	const struct run_domain *domain = &meter->zone.domain;

	if (!counter->primed || raw_uj != counter->last_uj)
		meter->still_ns = 0;
	else if (!meter->gone && now_ns > counter->last_ns)
		meter->still_ns += now_ns - counter->last_ns;
	if (domain->type != DOMAIN_PACKAGE || meter->still_ns < STILL_NS || meter->said_still)
		return;
	meter->said_still = true;
	complain(meters,
		 "%s (%s) has stood at %llu uJ for 10 s: the counter does not count, as in some "
		 "virtual machines",
		 domain->name, domain->node, (unsigned long long)raw_uj);
}

/* A die that does not go with its leader any longer never was a mirror: its joules count. */
static void watch_mirror(struct powercap_meters *meters, struct meter *meter,
			 struct sample_energy *total)
{
	const struct meter *leader = &meters->meters[meter->leader];
	int mirror = is_mirror(leader, meter);

	if (mirror < 0)
		return;
	meter->reads_apart = mirror ? 0 : meter->reads_apart + 1;
	if (meter->reads_apart < MIRROR_READS_APART)
		return;
	meter->leader = NO_LEADER;
	total->uj += meter->held.uj;
	total->wraps += meter->held.wraps;
	total->resets += meter->held.resets;
	total->gaps += meter->held.gaps;
	complain(meters, "%s and %s looked like one counter and are two: both count",
		 leader->zone.domain.name, meter->zone.domain.name);
}

static void read_meter(struct powercap_meters *meters, struct meter *meter, uint64_t now_ns,
		       struct sample_energy *domain_total)
{
	struct sample_energy *total = meter->leader == NO_LEADER ? domain_total : &meter->held;
	uint64_t raw_uj;
	int err;

	err = meter->lost ? -ENOENT : powercap_zone_read(&meter->zone, &raw_uj);
	if (err) {
		total->gaps++;
		meter->gone = true;
		complain_gone(meters, meter, err);
		return;
	}
	if (meter->leader == NO_LEADER)
		watch_still(meters, meter, raw_uj, now_ns);
	meter->gone = false;
	energy_counter_update(&meter->counter, raw_uj, now_ns, total);
	if (meter->leader != NO_LEADER)
		watch_mirror(meters, meter, domain_total);
}

void powercap_meters_read(struct powercap_meters *meters, uint64_t now_ns,
			  struct sample_energy *totals)
{
	bool gone = false;

	for (size_t i = 0; i < meters->n_meters; i++)
		gone = gone || meters->meters[i].gone;
	if (gone)
		find_again(meters);
	for (size_t i = 0; i < meters->n_meters; i++) {
		struct meter *meter = &meters->meters[i];

		read_meter(meters, meter, now_ns, &totals[meter->domain]);
	}
}

uint64_t powercap_meters_max_read_interval_ns(const struct powercap_meters *meters)
{
	uint64_t min_ns = UINT64_MAX;

	for (size_t i = 0; i < meters->n_meters; i++) {
		const struct meter *meter = &meters->meters[i];
		uint64_t ns = energy_counter_max_read_interval_ns(&meter->counter);

		if (meter->zone.max_range_uj == 0)
			ns = UNKNOWN_RANGE_READ_NS;
		if (ns < min_ns)
			min_ns = ns;
	}
	return min_ns;
}

const char *powercap_meters_complaint(struct powercap_meters *meters)
{
	if (meters->n_said == meters->n_complaints)
		return NULL;
	return meters->complaints[meters->n_said++];
}

bool powercap_meters_all_zero(const struct powercap_meters *meters)
{
	for (size_t i = 0; i < 2 * meters->n_meters; i++) {
		const struct meter *meter = &meters->meters[i % meters->n_meters];
		uint64_t value_uj;

		if (meter->zone.domain.type == DOMAIN_PACKAGE &&
		    powercap_zone_read(&meter->zone, &value_uj) == 0 && value_uj != 0)
			return false;
	}
	return true;
}

bool powercap_meters_mirrored(const struct powercap_meters *meters)
{
	for (size_t i = 0; i < meters->n_meters; i++) {
		if (meters->meters[i].leader != NO_LEADER)
			return true;
	}
	return false;
}

void powercap_meters_free(struct powercap_meters *meters)
{
	if (!meters)
		return;
	for (size_t i = 0; i < meters->n_meters; i++)
		free(meters->meters[i].zone.path);
	for (size_t i = 0; i < meters->n_complaints; i++)
		free(meters->complaints[i]);
	free(meters->complaints);
	free(meters->meters);
	free(meters->domains);
	free(meters->root);
	free(meters);
}
