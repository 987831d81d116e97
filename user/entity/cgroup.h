/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_ENTITY_CGROUP_H
#define ENERGYTRACE_ENTITY_CGROUP_H

/*
 * From a cgroup's id to its path. The ids are the kernel's own (kernfs node numbers); each hierarchy
 * counts its own, so an id goes with the version of its hierarchy.
 */

#include "base/errmsg.h"

#include <stdbool.h>
#include <stdint.h>

/* Where the hierarchies are mounted (/proc/self/mountinfo, man 5 proc). */
struct cgroup_mounts {
	char v2[256]; /* mount point, "" if there is none */
	char v1[256]; /* of the hierarchy with cpuacct, or with cpu where no cpuacct is */
	bool v1_is_cpuacct;
};

/*
 * Reads the mounts under the procfs root. Returns 0 (with empty strings where nothing is mounted) or
 * a negative errno.
 */
int cgroup_mounts_read(const char *procfs, struct cgroup_mounts *ret);

/* A cgroup with this path is there, in any of the hierarchies. */
bool cgroup_exists(const struct cgroup_mounts *mounts, const char *path);

struct cgroup_names;

/* `mounts` is copied. 0 or -ENOMEM. */
int cgroup_names_new(const struct cgroup_mounts *mounts, struct cgroup_names **ret);

struct cgroup_name {
	const char *path; /* below its hierarchy's root, "/" for the root itself */

	/* The caller's: where the path stands in the sample of which tick (seq + 1). */
	uint64_t touched;
	int sample_index;
};

/*
 * What the kernel told as it happened: the cgroup has been made. So also one that lives for less than a
 * tick has its name. Names of those never asked for are kept as long as there is room. 0 or -ENOMEM.
 */
int cgroup_names_learn(struct cgroup_names *names, int version, uint64_t id, const char *path);

/*
 * The cgroup has another name now (rename(2) in v1), and so have all below it: they are forgotten, and
 * so are the pointers that cgroup_names_get gave of them. 0 or -ENOMEM.
 */
int cgroup_names_rename(struct cgroup_names *names, int version, uint64_t id, const char *path);

/* The cgroup has been removed. Its tasks' last time may still come, in this tick or the next. */
void cgroup_names_remove(struct cgroup_names *names, int version, uint64_t id);

/*
 * Calls `each` for those that were removed before the last cgroup_names_trim and had been asked for:
 * nothing more will come of them. Nonzero ends it and is returned.
 */
int cgroup_names_each_removed(struct cgroup_names *names,
			      int (*each)(struct cgroup_name *name, void *userdata),
			      void *userdata);

/*
 * The name, cached; good until the next call of cgroup_names_trim. For a cgroup that was gone before
 * it was ever named the path is "(gone):ID". NULL when the version is 0 or memory is out.
 */
struct cgroup_name *cgroup_names_get(struct cgroup_names *names, int version, uint64_t id);

/* Once a tick: bounds the cache by forgetting what was not asked for lately. */
void cgroup_names_trim(struct cgroup_names *names);

/* Takes NULL. */
void cgroup_names_free(struct cgroup_names *names);

#endif
