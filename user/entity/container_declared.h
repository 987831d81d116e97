/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_ENTITY_CONTAINER_DECLARED_H
#define ENERGYTRACE_ENTITY_CONTAINER_DECLARED_H

/*
 * Containers whose cgroup's path tells nothing: `runc run NAME` and `crun run NAME` make a cgroup NAME,
 * `ctr run IMAGE NAME` one NAMESPACE/NAME, and each may be told any other. Their state says which.
 */

#include "entity/container_path.h"
#include "entity/container_source.h"

struct container_declared;

/* 0 or -ENOMEM. */
int container_declared_new(struct container_declared **ret);

/* Once a tick: reads the state of containers that are new, and forgets those that are long gone. */
void container_declared_refresh(struct container_declared *declared, struct container_state *state);

/* The outermost container of the cgroup's path among them. 0, or -ENOENT. */
int container_declared_find(const struct container_declared *declared, const char *path,
			    struct container_path *ret);

/* Takes NULL. */
void container_declared_free(struct container_declared *declared);

#endif
