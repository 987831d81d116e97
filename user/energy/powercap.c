// SPDX-License-Identifier: BSD-2-Clause
/* Intel's and AMD's RAPL counters through the kernel's powercap tree. */

#include "base/cleanup.h"
#include "energy/powercap_meters.h"
#include "energy/powercap_zones.h"
#include "energy/sources.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* "updated approximately every 1 ms": Intel SDM volume 3, "RAPL interfaces"; AMD does the same. */
#define RAPL_UPDATE_NS 1000000

struct powercap {
	struct powercap_meters *meters;
	enum energy_kind kind;
};

static int explain_no_package(const char *root, const struct powercap_zones *zones,
			      struct errmsg *msg)
{
	if (zones->denied)
		return errmsg_set(msg, -EACCES,
				  "no permission to look into the zones of %s: run as root", root);
	if (zones->n > 0 || zones->n_unnamed > 0)
		return errmsg_set(msg, -ENOENT,
				  "no zone in %s has the name of a package (%zu have another, %zu "
				  "have none)",
				  root, zones->n, zones->n_unnamed);
	/* Containers: GHSA-jq35-85cj-fj4p. */
	if (zones->n_dangling > 0)
		return errmsg_set(msg, -ENOENT,
				  "the RAPL zones in %s are links that lead nowhere, as in a "
				  "container that masks /sys/devices/virtual/powercap: run on the "
				  "host, or privileged",
				  root);
	return errmsg_set(
		msg, -ENOENT,
		"no RAPL zones in %s: on Intel and AMD machines load the driver (modprobe "
		"intel_rapl_common; modprobe intel_rapl_msr); virtual machines usually "
		"have none; --sysfs DIR takes a tree that tools/raplsim made",
		root);
}

static int explain_scan(const char *root, int err, struct errmsg *msg)
{
	static const struct powercap_zones none = {0};

	if (err == -ENOENT || err == -ENOTDIR)
		return explain_no_package(root, &none, msg);
	if (err == -EACCES)
		return errmsg_set(msg, err, "no permission to list %s: run as root", root);
	return errmsg_set(msg, err, "cannot list %s: %s", root, strerror(-err));
}

static int explain_unreadable(const struct powercap_zone *zone, int err, struct errmsg *msg)
{
	switch (err) {
	case -EACCES:
	case -EPERM:
		/* Root only since Linux 5.10 (CVE-2020-8694). No setfacl: sysfs keeps no ACLs. */
		return errmsg_set(msg, -EACCES,
				  "no permission to read %s/energy_uj: run as root, or grant the "
				  "program CAP_DAC_READ_SEARCH (setcap cap_dac_read_search+ep), or "
				  "make the energy_uj files readable to a group (chgrp, chmod g+r, "
				  "from a udev rule to last)",
				  zone->path);
	case -ENOENT:
		return errmsg_set(msg, -ENOENT, "%s has no energy_uj", zone->path);
	case -EINVAL:
	case -ERANGE:
		return errmsg_set(msg, -EIO, "%s/energy_uj gives no number", zone->path);
	default:
		return errmsg_set(msg, -EIO,
				  "%s/energy_uj cannot be read (%s): the hardware or the firmware "
				  "does not give the counter, dmesg may say why",
				  zone->path, strerror(-err));
	}
}

/* 0 if a package can be read, or what is in the way. */
static int check_packages(const char *root, const struct powercap_zones *zones, struct errmsg *msg)
{
	const struct powercap_zone *failed = NULL;
	int failure = 0;

	for (size_t i = 0; i < zones->n; i++) {
		uint64_t value_uj;
		int err;

		if (zones->zones[i].domain.type != DOMAIN_PACKAGE)
			continue;
		err = powercap_zone_read(&zones->zones[i], &value_uj);
		if (!err)
			return 0;
		/* What a person can mend tells more than what fails. */
		if (!failed || (err == -EACCES && failure != -EACCES)) {
			failed = &zones->zones[i];
			failure = err;
		}
	}
	if (!failed)
		return explain_no_package(root, zones, msg);
	return explain_unreadable(failed, failure, msg);
}

/* A tree of tools/raplsim has this file, which no kernel's has. */
static bool is_simulated(const char *sysfs)
{
	_cleanup_free_ char *path = NULL;

	if (asprintf(&path, "%s/raplsim", sysfs) < 0) {
		path = NULL;
		return false;
	}
	return faccessat(AT_FDCWD, path, F_OK, 0) == 0;
}

static int open_meters(const char *root, struct powercap_meters **ret, struct errmsg *msg)
{
	struct powercap_zones zones;
	int err;

	err = powercap_zones_scan(root, &zones);
	if (err)
		err = explain_scan(root, err, msg);
	else
		err = check_packages(root, &zones, msg);
	if (err) {
		powercap_zones_done(&zones);
		return err;
	}
	err = powercap_meters_new(root, &zones, ret);
	return err ? errmsg_set(msg, err, "out of memory") : 0;
}

static int powercap_open(const struct energy_options *options, void **ret, struct errmsg *msg)
{
	struct powercap_meters *meters = NULL;
	struct powercap *powercap;
	char *root;
	int err;

	if (asprintf(&root, "%s/class/powercap", options->sysfs) < 0)
		return errmsg_set(msg, -ENOMEM, "out of memory");
	err = open_meters(root, &meters, msg);
	free(root);
	if (err)
		return err;
	powercap = malloc(sizeof(*powercap));
	if (!powercap) {
		powercap_meters_free(meters);
		return errmsg_set(msg, -ENOMEM, "out of memory");
	}
	*powercap = (struct powercap){
		.meters = meters,
		.kind = is_simulated(options->sysfs) ? ENERGY_SIMULATED : ENERGY_MEASURED,
	};
	*ret = powercap;
	return 0;
}

static size_t powercap_domains(const void *state, const struct run_domain **ret)
{
	const struct powercap *powercap = state;

	return powercap_meters_domains(powercap->meters, ret);
}

static enum energy_kind powercap_kind(const void *state)
{
	const struct powercap *powercap = state;

	return powercap->kind;
}

static void powercap_read(void *state, uint64_t now_ns, struct sample_energy *totals)
{
	struct powercap *powercap = state;

	powercap_meters_read(powercap->meters, now_ns, totals);
}

static uint64_t powercap_max_read_interval_ns(const void *state)
{
	const struct powercap *powercap = state;

	return powercap_meters_max_read_interval_ns(powercap->meters);
}

static const char *powercap_complaint(void *state)
{
	struct powercap *powercap = state;

	return powercap_meters_complaint(powercap->meters);
}

static void powercap_close(void *state)
{
	struct powercap *powercap = state;

	if (!powercap)
		return;
	powercap_meters_free(powercap->meters);
	free(powercap);
}

/* Appends to a text that is cut off where it is full. */
__attribute__((format(printf, 2, 3))) static void append(struct energy_probe *probe,
							 const char *format, ...)
{
	size_t used = strlen(probe->text);
	va_list args;

	va_start(args, format);
	vsnprintf(probe->text + used, sizeof(probe->text) - used, format, args);
	va_end(args);
}

/* "2 package, 1 dram under /sys/class/powercap; …" */
static void describe(struct powercap *powercap, const struct energy_options *options,
		     struct energy_probe *ret)
{
	size_t counts[DOMAIN_N_TYPES] = {0};
	const struct run_domain *domains;
	const char *complaint, *comma = "";
	size_t n;

	ret->text[0] = '\0';
	n = powercap_domains(powercap, &domains);
	for (size_t i = 0; i < n; i++)
		counts[domains[i].type]++;
	for (size_t type = 0; type < DOMAIN_N_TYPES; type++) {
		if (counts[type] == 0)
			continue;
		append(ret, "%s%zu %s", comma, counts[type],
		       domain_type_name((enum domain_type)type));
		comma = ", ";
	}
	append(ret, " in %s/class/powercap", options->sysfs);
	if (powercap->kind == ENERGY_SIMULATED)
		append(ret, "; simulated");
	if (powercap_meters_mirrored(powercap->meters))
		append(ret, "; dies mirror one counter, counted once");
	while ((complaint = powercap_complaint(powercap)))
		append(ret, "; %s", complaint);
}

static void powercap_probe(const struct energy_options *options, struct energy_probe *ret)
{
	struct powercap *powercap;
	struct errmsg msg = {""};
	void *state = NULL;
	int err;

	err = powercap_open(options, &state, &msg);
	powercap = state;
	if (!powercap) {
		ret->state = err == -EACCES   ? ENERGY_DENIED
			     : err == -ENOENT ? ENERGY_MISSING
					      : ENERGY_BROKEN;
		snprintf(ret->text, sizeof(ret->text), "%s", msg.text);
		return;
	}
	if (powercap_meters_all_zero(powercap->meters)) {
		ret->state = ENERGY_BROKEN;
		snprintf(ret->text, sizeof(ret->text),
			 "all package counters in %s/class/powercap stand at 0: this machine, "
			 "perhaps a virtual one, shows RAPL but does not count",
			 options->sysfs);
	} else {
		ret->state = ENERGY_USABLE;
		describe(powercap, options, ret);
	}
	powercap_close(powercap);
}

const struct energy_source energy_powercap_source = {
	.name = "powercap",
	.help = "RAPL counters of Intel and AMD through the kernel's powercap tree",
	.update_ns = RAPL_UPDATE_NS,
	.probe = powercap_probe,
	.open = powercap_open,
	.domains = powercap_domains,
	.kind = powercap_kind,
	.read = powercap_read,
	.max_read_interval_ns = powercap_max_read_interval_ns,
	.complaint = powercap_complaint,
	.close = powercap_close,
};
