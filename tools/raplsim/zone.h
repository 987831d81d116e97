/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RAPLSIM_ZONE_H
#define RAPLSIM_ZONE_H

/* The zones that the options ask for, in the order and with the nodes a kernel would give them. */

#include "base/errmsg.h"
#include "raplsim/package.h"
#include "raplsim/power.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum zone_fault {
	ZONE_FAULT_RESET, /* counts from 0 again */
	ZONE_FAULT_STUCK,
	ZONE_FAULT_EIO,
	ZONE_FAULT_REMOVED,
	ZONE_FAULT_UNREADABLE,
	ZONE_FAULTS,
};

/* What a reader meets. */
struct zone_face {
	enum {
		ZONE_NO_FILE,
		ZONE_READABLE,
		ZONE_UNREADABLE,
		ZONE_EIO
	} look;
	uint64_t uj;   /* unless ZONE_EIO */
	bool attached; /* the directory is in its place */
	bool listed;   /* the link in class/powercap is there: this and all above are attached */
};

struct zone {
	char name[32];	     /* "package-0", "dram" */
	char node[32];	     /* "intel-rapl:0:1" */
	const char *control; /* "intel-rapl", "intel-rapl-mmio" */
	struct zone *parent; /* NULL at the top */
	struct power *power; /* shared where two zones show one counter */
	uint64_t range_uj;   /* the largest value it shows */
	uint64_t start_uj;   /* what it showed when power_uj was base_uj */
	double base_uj;
	unsigned int faults[ZONE_FAULTS]; /* how many are active */
	struct zone_face shown;		  /* what is in the tree now */
	int fd;				  /* its directory, -1 before it is made */
};

struct zones {
	struct zone *zones; /* a zone after the one it is in */
	size_t n_zones;
	struct power *powers;
	size_t n_powers;
};

/* What the zones are made from. */
struct zone_plan {
	const struct package *packages;
	size_t n_packages;
	double psys_watts; /* or PACKAGE_NO_WATTS */
	bool mmio;
};

/* Returns 0 and an object for zones_free, or a negative errno with `msg` filled. */
int zones_make(const struct zone_plan *plan, struct zones **ret, struct errmsg *msg);

/* Counts from 0 since `at_ns`. */
void zone_reset(struct zone *zone, uint64_t at_ns);

/* What the zone shows at `now_ns`, with the faults that are active. */
struct zone_face zone_face(const struct zone *zone, uint64_t now_ns);

/* Closes the directories too. Takes NULL. */
void zones_free(struct zones *zones);

#endif
