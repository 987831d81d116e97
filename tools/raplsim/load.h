/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RAPLSIM_LOAD_H
#define RAPLSIM_LOAD_H

/* How busy the machine's CPUs really are, from /proc/stat. */

#include "base/errmsg.h"
#include "raplsim/machine.h"

struct load;

/* Returns 0 and an object for load_close, or a negative errno with `msg` filled. */
int load_open(const struct machine *machine, struct load **ret, struct errmsg *msg);

/* Reads anew: what follows is about the time since the sample before. 0 or a negative errno. */
int load_sample(struct load *load);

/*
 * The busy part (0 to 1) of the time of the CPUs in `package`, or in one `die` of it if that is not
 * -1; negative when the kernel counted no time for them.
 */
double load_busy(const struct load *load, int package, int die);

/* Takes NULL. */
void load_close(struct load *load);

#endif
