// SPDX-License-Identifier: BSD-2-Clause
#include "energy/powercap_zones.h"

#include "base/fileio.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define RAPL "intel-rapl" /* AMD's counters too: drivers/powercap/intel_rapl_msr.c */

/* Control type, zone, subzone; one more for what a later kernel may nest. */
#define MAX_DEPTH 4

/* Reads <dir>/<file>; the errno of the read, -ENAMETOOLONG, or 0. */
static int read_attribute(const char *dir, const char *file, char *buffer, size_t size)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s/%s", dir, file);

	if (n < 0 || (size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	return fileio_read_text(AT_FDCWD, path, buffer, size);
}

static int read_number(const char *dir, const char *file, uint64_t *ret)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s/%s", dir, file);

	if (n < 0 || (size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	return fileio_read_u64(AT_FDCWD, path, ret);
}

/* Eats "<word><number>" from the front of *cursor. */
static bool eat_number(const char **cursor, const char *word, int *ret)
{
	size_t length = strlen(word);
	unsigned long value;
	char *end;

	if (strncmp(*cursor, word, length) != 0 || !isdigit((unsigned char)(*cursor)[length]))
		return false;
	errno = 0;
	value = strtoul(*cursor + length, &end, 10);
	if (errno == ERANGE || value > INT_MAX)
		return false;
	*cursor = end;
	*ret = (int)value;
	return true;
}

/* "package-N" or "package-N-die-M": rapl_package_add() in drivers/powercap/intel_rapl_common.c. */
static bool parse_package(const char *name, int *ret_package, int *ret_die)
{
	int package, die = -1;

	if (!eat_number(&name, "package-", &package))
		return false;
	if (*name != '\0' && !eat_number(&name, "-die-", &die))
		return false;
	if (*name != '\0')
		return false;
	*ret_package = package;
	*ret_die = die;
	return true;
}

/* Type, package and die as far as the name alone tells. */
static void classify(struct run_domain *domain)
{
	const char *rest = domain->name;
	int package;

	domain->package = -1;
	domain->die = -1;
	if (parse_package(domain->name, &domain->package, &domain->die))
		domain->type = DOMAIN_PACKAGE;
	else if (strcmp(domain->name, "dram") == 0)
		domain->type = DOMAIN_DRAM;
	else if (strcmp(domain->name, "core") == 0)
		domain->type = DOMAIN_CORE;
	else if (strcmp(domain->name, "uncore") == 0)
		domain->type = DOMAIN_UNCORE;
	/* "psys-N" of the further packages: rapl_init_domains() in the same file. */
	else if (strcmp(domain->name, "psys") == 0 ||
		 (eat_number(&rest, "psys-", &package) && *rest == '\0'))
		domain->type = DOMAIN_PSYS;
	else
		domain->type = DOMAIN_OTHER;
}

static const struct powercap_zone *find_node(const struct powercap_zones *zones, const char *node,
					     size_t length)
{
	for (size_t i = 0; i < zones->n; i++) {
		const char *other = zones->zones[i].domain.node;

		if (strncmp(other, node, length) == 0 && other[length] == '\0')
			return &zones->zones[i];
	}
	return NULL;
}

/* Gives subzones the package and die of the zone that their node's name continues. */
static void adopt(struct powercap_zones *zones)
{
	for (size_t i = 0; i < zones->n; i++) {
		struct run_domain *domain = &zones->zones[i].domain;
		const char *end = strrchr(domain->node, ':');
		const struct powercap_zone *parent;

		if (!end || domain->type == DOMAIN_PACKAGE || domain->type == DOMAIN_PSYS)
			continue;
		parent = find_node(zones, domain->node, (size_t)(end - domain->node));
		if (!parent)
			continue;
		domain->package = parent->domain.package;
		domain->die = parent->domain.die;
	}
}

static int add_zone(struct powercap_zones *zones, const char *path, const char *node)
{
	struct powercap_zone zone = {.mmio = strncmp(node, RAPL ":", strlen(RAPL ":")) != 0};
	struct stat status;
	int err;

	if (strlen(node) >= sizeof(zone.domain.node) || find_node(zones, node, strlen(node)))
		return 0;
	/* In a container the links stay, and what they lead to is masked. */
	if (stat(path, &status) != 0 && errno == ENOENT) {
		zones->n_dangling++;
		return 0;
	}
	err = read_attribute(path, "name", zone.domain.name, sizeof(zone.domain.name));
	if (err || zone.domain.name[0] == '\0') {
		zones->n_unnamed++;
		zones->denied |= err == -EACCES;
		return 0;
	}
	if (read_number(path, "max_energy_range_uj", &zone.max_range_uj) != 0)
		zone.max_range_uj = 0;
	memcpy(zone.domain.node, node, strlen(node) + 1);
	classify(&zone.domain);
	if (zones->n == zones->room) {
		size_t room = zones->room ? zones->room * 2 : 16;
		struct powercap_zone *moved = reallocarray(zones->zones, room, sizeof(zone));

		if (!moved)
			return -ENOMEM;
		zones->zones = moved;
		zones->room = room;
	}
	zone.path = strdup(path);
	if (!zone.path)
		return -ENOMEM;
	zones->zones[zones->n++] = zone;
	return 0;
}

static int is_rapl(const struct dirent *entry)
{
	return strncmp(entry->d_name, RAPL, strlen(RAPL)) == 0;
}

/* Adds the zones in `path`, then those in its directories: the shortest path to each zone wins. */
static int scan(const char *path, int depth, struct powercap_zones *zones)
{
	struct dirent **entries;
	int n, err = 0;

	n = scandir(path, &entries, is_rapl, versionsort);
	if (n < 0)
		return -errno;
	for (int pass = 0; pass < 2; pass++) {
		for (int i = 0; i < n && !err; i++) {
			const char *node = entries[i]->d_name;
			char below[PATH_MAX];
			int length = snprintf(below, sizeof(below), "%s/%s", path, node);

			if (length < 0 || (size_t)length >= sizeof(below))
				continue;
			/* A control type has no ':' and no counter. */
			if (pass == 0 && strchr(node, ':'))
				err = add_zone(zones, below, node);
			if (pass == 1 && depth < MAX_DEPTH &&
			    scan(below, depth + 1, zones) == -ENOMEM)
				err = -ENOMEM;
		}
	}
	for (int i = 0; i < n; i++)
		free(entries[i]);
	free(entries);
	return err;
}

static int compare_zones(const void *a, const void *b)
{
	const struct powercap_zone *x = a, *y = b;
	bool x_package = x->domain.type == DOMAIN_PACKAGE,
	     y_package = y->domain.type == DOMAIN_PACKAGE;

	if (x_package != y_package)
		return x_package ? -1 : 1;
	if (x_package && x->domain.package != y->domain.package)
		return x->domain.package < y->domain.package ? -1 : 1;
	if (x_package && x->domain.die != y->domain.die)
		return x->domain.die < y->domain.die ? -1 : 1;
	return strverscmp(x->domain.node, y->domain.node);
}

/*
 * intel-rapl-mmio shows the registers of package 0 a second time (drivers/thermal/intel/
 * int340x_thermal/processor_thermal_rapl.c), and is all there is where the MSRs are closed. Beside
 * intel-rapl it is left out whether that one counts by package or by die. Within one control
 * type a package contains its dies, and a name that comes twice is the same counter twice, unless
 * its package is unknown.
 */
static bool repeats(const struct powercap_zone *zone, const struct powercap_zone *other)
{
	if (zone->mmio && !other->mmio)
		return zone->domain.type == other->domain.type &&
		       zone->domain.package == other->domain.package;
	if (zone->mmio != other->mmio)
		return false;
	if (zone->domain.type == DOMAIN_PACKAGE && other->domain.type == DOMAIN_PACKAGE &&
	    zone->domain.package == other->domain.package && other->domain.die == -1 &&
	    zone->domain.die != -1)
		return true;
	return zone->domain.package >= 0 && powercap_zone_same(zone, other) &&
	       strverscmp(zone->domain.node, other->domain.node) > 0;
}

static void drop_repeated(struct powercap_zones *zones)
{
	size_t kept = 0;

	for (size_t i = 0; i < zones->n; i++) {
		bool drop = false;

		/* Those already dropped were moved behind, and repeat something that was kept. */
		for (size_t j = 0; j < zones->n && !drop; j++)
			drop = j != i && repeats(&zones->zones[i], &zones->zones[j]);
		if (!drop) {
			struct powercap_zone swapped = zones->zones[kept];

			zones->zones[kept++] = zones->zones[i];
			zones->zones[i] = swapped;
		}
	}
	for (size_t i = kept; i < zones->n; i++)
		free(zones->zones[i].path);
	zones->n = kept;
}

int powercap_zones_scan(const char *powercap, struct powercap_zones *ret)
{
	int err;

	*ret = (struct powercap_zones){0};
	err = scan(powercap, 1, ret);
	if (err)
		return err;
	adopt(ret);
	drop_repeated(ret);
	if (ret->n > 0)
		qsort(ret->zones, ret->n, sizeof(*ret->zones), compare_zones);
	return 0;
}

void powercap_zones_done(struct powercap_zones *zones)
{
	for (size_t i = 0; i < zones->n; i++)
		free(zones->zones[i].path);
	free(zones->zones);
	*zones = (struct powercap_zones){0};
}

bool powercap_zone_same(const struct powercap_zone *a, const struct powercap_zone *b)
{
	return a->mmio == b->mmio && a->domain.package == b->domain.package &&
	       a->domain.die == b->domain.die && strcmp(a->domain.name, b->domain.name) == 0;
}

int powercap_zone_read(const struct powercap_zone *zone, uint64_t *ret_uj)
{
	return read_number(zone->path, "energy_uj", ret_uj);
}
