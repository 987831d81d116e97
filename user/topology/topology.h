/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_TOPOLOGY_TOPOLOGY_H
#define ENERGYTRACE_TOPOLOGY_TOPOLOGY_H

#include "base/errmsg.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Which CPU is in which package, die and core: devices/system/cpu below the sysfs root
 * (Documentation/admin-guide/cputopology.rst). Ids are the hardware's own: sparse, not counted from
 * zero, and core ids repeat in every package.
 */

struct topology_cpu {
	unsigned int id; /* the kernel's CPU number */
	int package;	 /* physical_package_id */
	int die;	 /* die_id; 0 where the kernel or the hardware has none */
	int core;	 /* core_id; -1 where it is not known (offline, or assumed) */
};

struct topology {
	struct topology_cpu *cpus; /* every possible CPU, by ascending id */
	size_t n_cpus;
	bool assumed; /* no CPU's topology under the root: all are taken to be in package 0 */
};

/*
 * Reads the topology of all possible CPUs under `sysfs` ("/sys" or what --sysfs names). CPUs that
 * are possible but have no topology directory (offline: the kernel removes it) are taken to be in
 * the package and die of the nearest CPU below them that has one, or above where none below has.
 * Without the file `possible`, the CPUs are those that have a directory. Where the root has no
 * devices/system/cpu at all, or no CPU in it, CPUs 0 to n_configured - 1 are taken to be in package
 * 0, and `assumed` is set. Returns 0 and an object that topology_free takes, or a negative errno with
 * `msg` filled.
 */
int topology_read(const char *sysfs, unsigned int n_configured, struct topology **ret,
		  struct errmsg *msg);

/* The CPU with that id, or NULL. */
const struct topology_cpu *topology_find(const struct topology *topology, unsigned int cpu);

/* Takes NULL. */
void topology_free(struct topology *topology);

#endif
