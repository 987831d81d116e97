/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_TOPOLOGY_ONLINE_H
#define ENERGYTRACE_TOPOLOGY_ONLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The highest possible CPU id + 1 (devices/system/cpu/possible below the sysfs root). Returns 0 or a
 * negative errno.
 */
int topology_possible(const char *sysfs, uint32_t *ret);

/*
 * Which of the CPUs 0 to n - 1 are online (devices/system/cpu/online). Returns 0 or a negative
 * errno, which leaves `online` as it was.
 */
int topology_online(const char *sysfs, bool *online, size_t n);

#endif
