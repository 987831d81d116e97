/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RAPLSIM_MACHINE_H
#define RAPLSIM_MACHINE_H

/* The CPUs of this machine, and the simulated package, die and core each is put in. */

#include "base/errmsg.h"
#include "raplsim/package.h"

#include <stdbool.h>
#include <stddef.h>

#define MACHINE_NOWHERE (-1) /* in no package: an offline CPU that no cpus= names */

struct machine_cpu {
	unsigned int id;
	bool online;
	int real_package, real_die, real_core; /* what the machine says of it */
	int package, die, core;		       /* what the tree says */
};

struct machine {
	char possible[4096], present[4096], online[4096]; /* the kernel's lists (at most a page) */
	struct machine_cpu *cpus;			  /* every possible CPU, by ascending id */
	size_t n_cpus;
};

/* Reads /sys. Returns 0 and an object for machine_free, or a negative errno with `msg` filled. */
int machine_read(struct machine **ret, struct errmsg *msg);

/*
 * Puts every CPU into a package: those that a cpus= names there, the other online ones in equal
 * blocks into the packages without cpus=. A package's CPUs are divided over its dies in blocks.
 * CPUs that share a core and still are in one die share one. Returns 0 or -EINVAL, `msg` filled.
 */
int machine_divide(struct machine *machine, const struct package *packages, size_t n_packages,
		   struct errmsg *msg);

/* Writes devices/system/cpu below `root_fd`. Returns 0 or a negative errno with `msg` filled. */
int machine_write(const struct machine *machine, int root_fd, struct errmsg *msg);

/* Takes NULL. */
void machine_free(struct machine *machine);

#endif
