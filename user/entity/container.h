/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_ENTITY_CONTAINER_H
#define ENERGYTRACE_ENTITY_CONTAINER_H

/*
 * From a cgroup's path to the container that it is or is in, with the names that the container's runtime
 * has on disk. No daemon is asked. docs/containers.md says what is known of whom.
 */

#include "entity/container_path.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Strings are the cache's, at most 4,096 bytes each and otherwise any bytes: they come from files and
 * paths. NULL: not known.
 */
struct container {
	/* container_runtime_name(); "unknown" at least. */
	const char *runtime;
	/* As in the path, whole; a name where that is all there is (LXC, nspawn). */
	const char *id;
	/* To show: the name, of a pod's container NAMESPACE/POD/NAME; the short id where none is known. */
	const char *label;
	const char *name, *image;
	/* Of Kubernetes; a namespace is also containerd's, and the project of LXD and Incus. */
	const char *pod, *namespace, *pod_uid;
	/* The cgroup that is the container: those below it belong to it. */
	const char *root;
	/* Whose it is, where the path tells it (a rootless one's, a Slurm job's user); else -1. */
	int64_t uid;
	/* Another number whenever a string has changed; never 0. */
	uint64_t generation;
};

struct containers;

/* Paths on disk are below `root`, "" is "/". 0 or a negative errno. */
int containers_new(const char *root, struct containers **ret);

/*
 * The container of the path, or NULL: it is in none. The pointer and its strings are good until the next
 * containers_tick. All paths of one container give the same; a path may become one of a container later.
 *
 * A container whose names are not all there is looked up again after 1, 2, 4 … 64 ticks, and every 64
 * from then on, as one that is complete is: it may be renamed. What was known once stays.
 */
const struct container *containers_get(struct containers *containers, const char *cgroup_path);

/* Once a tick, before the tick's first containers_get: forgets what was not asked for. */
void containers_tick(struct containers *containers);

/* Takes NULL. */
void containers_free(struct containers *containers);

/*
 * The word means this container: its name, its label or its id, or at least CONTAINER_PREFIX_MIN bytes
 * that the id begins with.
 */
#define CONTAINER_PREFIX_MIN 4
bool container_matches(const struct container *container, const char *word);

#endif
