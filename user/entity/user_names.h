/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_ENTITY_USER_NAMES_H
#define ENERGYTRACE_ENTITY_USER_NAMES_H

/*
 * Names and homes of users by uid: ROOT/etc/passwd, and where that has none and the root is the system's
 * own, the name service (man 5 nsswitch.conf: LDAP, systemd, …). Both are kept, within a bound.
 */

#include <stdint.h>

struct user_names;

/* "" is "/". A passwd that is not there is read as soon as it is. 0 or a negative errno. */
int user_names_new(const char *root, struct user_names **ret);

/* NULL: no such user. Good until the next user_names_tick. Bytes as they are in the file. */
const char *user_names_get(struct user_names *names, uint32_t uid);
const char *user_names_home(struct user_names *names, uint32_t uid);

/* Once a tick: reads a passwd that has changed, and bounds what the name service has said. */
void user_names_tick(struct user_names *names);

/* Takes NULL. */
void user_names_free(struct user_names *names);

#endif
