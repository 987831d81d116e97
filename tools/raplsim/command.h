/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RAPLSIM_COMMAND_H
#define RAPLSIM_COMMAND_H

/* The command that runs beside a tree that lives. */

#include "base/errmsg.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

/*
 * Starts it with RAPLSIM_DIR in its environment and the signal mask `mask`. One that cannot be
 * executed says so and ends with status 127 or 126. Returns 0 or a negative errno, `msg` filled.
 */
int command_start(char **argv, const char *dir, const sigset_t *mask, pid_t *ret,
		  struct errmsg *msg);

/* Whether it has ended, and if so the status for exit: its own, or 128 + the signal's number. */
bool command_ended(pid_t pid, int *ret_status);

/* Waits for its end and returns that status. */
int command_wait(pid_t pid);

#endif
