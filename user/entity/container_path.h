/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_ENTITY_CONTAINER_PATH_H
#define ENERGYTRACE_ENTITY_CONTAINER_PATH_H

/*
 * Which part of a cgroup's path is a container, whose and which. Pure: no file is looked at. Paths of
 * both hierarchies, as the runtimes make them themselves (cgroupfs) and as systemd does for them.
 */

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

enum container_runtime {
	CONTAINER_UNKNOWN, /* an id of 64 hexadecimal digits in a place that nobody is known by */
	CONTAINER_DOCKER,
	CONTAINER_PODMAN,
	CONTAINER_CONTAINERD,
	CONTAINER_CRIO,
	CONTAINER_BUILDKIT,
	CONTAINER_KUBERNETES, /* a pod's own cgroup, beside those of its containers */
	CONTAINER_RUNC,	      /* run by itself; nothing in a path says so, runc's state does */
	CONTAINER_CRUN,	      /* the same */
	CONTAINER_LXC,
	CONTAINER_LXD,	 /* an LXC container by its path; LXD's state says so */
	CONTAINER_INCUS, /* the same */
	CONTAINER_NSPAWN,
	CONTAINER_LIBVIRT,
	CONTAINER_QEMU, /* a virtual machine that is not libvirt's */
	CONTAINER_SLURM,
	N_CONTAINER_RUNTIMES,
};

/* "docker", "podman", "containerd", "cri-o", …, "unknown". */
const char *container_runtime_name(enum container_runtime runtime);

struct container_path {
	enum container_runtime runtime;
	size_t root_len; /* of the part of the path that is the container; what is below is inside it */
	char id[NAME_MAX + 1];
	char name[NAME_MAX + 1];    /* where the path has another one beside the id, else "" */
	char pod_uid[NAME_MAX + 1]; /* of the Kubernetes pod that the container is in, else "" */
	int64_t uid; /* of the user whose systemd or Slurm job it is below; else -1 */
};

/*
 * The outermost container of the path: what runs in a container's containers is the container's.
 * Monitors (conmon, lxc.monitor) are not in a container. Returns 0, or -ENOENT: no container.
 */
int container_parse(const char *path, struct container_path *ret);

#endif
