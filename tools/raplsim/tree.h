/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RAPLSIM_TREE_H
#define RAPLSIM_TREE_H

/* The directory that looks like /sys: made, changed and removed. */

#include "base/errmsg.h"
#include "raplsim/zone.h"

/* The file that tells a simulated tree from a real /sys: "raplsim 1", then the arguments. */
#define TREE_MARKER "raplsim"

struct tree;

/*
 * Takes the directory `path`: made if it is not there, and otherwise empty or with a former tree,
 * which is removed. No other raplsim can take it until tree_close. `arguments` go into the marker.
 * Returns 0 and an object for tree_close, or a negative errno with `msg` filled.
 */
int tree_open(const char *path, const char *arguments, struct tree **ret, struct errmsg *msg);

/* The root, for what is beside the powercap tree. */
int tree_fd(const struct tree *tree);

/* The absolute path of the root. */
const char *tree_path(const struct tree *tree);

/* Makes the directories of all zones with the counters of time 0. 0 or a negative errno. */
int tree_add_zones(struct tree *tree, struct zones *zones, struct errmsg *msg);

/*
 * Changes the tree to what the zones show at `now_ns`. Of a counter a reader sees either the old
 * number or the new one. Returns 0 or a negative errno with `msg` filled.
 */
int tree_update(struct tree *tree, struct zones *zones, uint64_t now_ns, struct errmsg *msg);

/* Removes all that was made, the root too if tree_open made it. 0 or a negative errno. */
int tree_remove(struct tree *tree, struct errmsg *msg);

/* Leaves the tree in place. Takes NULL. */
void tree_close(struct tree *tree);

#endif
