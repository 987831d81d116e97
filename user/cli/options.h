/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_CLI_OPTIONS_H
#define ENERGYTRACE_CLI_OPTIONS_H

#include "base/errmsg.h"
#include "cli/config.h"

#include <stdint.h>

/* Reads the whole command line. 0, or a negative errno with `msg` filled. */
int options_parse(int argc, char **argv, struct config *config, struct errmsg *msg);

/* Takes one setting of a record as a default. An unknown name is skipped (a newer program's). */
int options_take_setting(struct config *config, const char *name, const char *value,
			 struct errmsg *msg);

/* Selects a process and all its descendants, as -p PID -C does. 0 or -ENOMEM. */
int options_select_tree(struct config *config, uint32_t pid);

/* The page of --help, on standard output. */
void options_print_help(void);

#endif
