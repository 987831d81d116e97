/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_CLI_CHILD_H
#define ENERGYTRACE_CLI_CHILD_H

/* The COMMAND after `--`: a child that waits until it is traced. */

#include "base/errmsg.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define COMMAND_NOT_EXECUTABLE 126
#define COMMAND_NOT_FOUND 127

struct child;

/* Forks the child, which does nothing yet. 0 or a negative errno with `msg` filled. */
int child_spawn(char *const argv[], struct child **ret, struct errmsg *msg);

uint32_t child_pid(const struct child *child);

/*
 * The file that the command names, found as execvp finds it. 0, or -ENOENT, or -EACCES for one that cannot
 * be executed, with `msg` filled.
 */
int child_program(const struct child *child, char *path, size_t size, struct errmsg *msg);

/* Lets the child execute. Returns 0, or the negative errno of execve with `msg` filled. */
int child_release(struct child *child, struct errmsg *msg);

/* It has been let go, whatever came of that. */
bool child_was_released(const struct child *child);

/* The release went well. */
bool child_has_run(const struct child *child);

void child_kill(const struct child *child, int signal);

/*
 * Waits for the end. Returns the status as a shell has it: the exit status, 128 + N for a signal;
 * for a child that could not execute, COMMAND_NOT_FOUND or COMMAND_NOT_EXECUTABLE.
 */
int child_wait(struct child *child);

/* A child that was never released ends by itself. Takes NULL. */
void child_free(struct child *child);

#endif
