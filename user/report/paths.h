/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_REPORT_PATHS_H
#define ENERGYTRACE_REPORT_PATHS_H

#include "report/hash.h"

#include <stdint.h>

/* One copy of each cgroup path that is in use, counted: 10,000 processes of one cgroup share it. */
struct path {
	UT_hash_handle hh;
	uint64_t references;
	char text[];
};

struct paths {
	struct path *table;
};

/* The path with one more reference, or NULL when memory is out. */
struct path *paths_take(struct paths *paths, const char *text);
struct path *path_reference(struct path *path);

/* Gives a reference back; the last one frees the path. Takes NULL. */
void paths_put(struct paths *paths, struct path *path);

#endif
