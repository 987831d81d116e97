/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_ENTITY_UNIT_H
#define ENERGYTRACE_ENTITY_UNIT_H

/*
 * The systemd unit that a cgroup belongs to, from its path alone, by the rules of systemd's own
 * cg_path_get_unit() and cg_path_get_user_unit() (src/basic/cgroup-util.c). Pure.
 */

#include <stddef.h>
#include <stdint.h>

#define UNIT_NAME_LEN 256 /* systemd's UNIT_NAME_MAX, with the NUL */

struct unit_path {
	char name[UNIT_NAME_LEN]; /* as systemctl shows it: \x2d and the like stay */
	size_t prefix_len;	  /* of the part of the path that is the unit */
	int64_t uid;		  /* of the user whose systemd runs the unit; -1: the system's */
};

/*
 * The innermost: of a user's systemd (user@UID.service) the unit of that one, where there is one. Behind
 * a service or scope nothing is looked at: what is there is the unit's own (Delegate=, a container's
 * systemd). Where no unit but slices is in the path, the innermost slice. Returns 0, or -ENOENT: the
 * path has no unit (the root, a cgroup that systemd did not make).
 */
int unit_of(const char *path, struct unit_path *ret);

#endif
