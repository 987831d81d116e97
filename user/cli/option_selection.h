/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_CLI_OPTION_SELECTION_H
#define ENERGYTRACE_CLI_OPTION_SELECTION_H

/* The options that say whose joules are wanted, as the option table wants them. */

#include "cli/config.h"

int option_take_pid(struct config *config, const char *value, struct errmsg *msg);
int option_take_children(struct config *config, const char *value, struct errmsg *msg);
int option_take_cgroup(struct config *config, const char *value, struct errmsg *msg);
int option_take_container(struct config *config, const char *value, struct errmsg *msg);
int option_take_by(struct config *config, const char *value, struct errmsg *msg);
int option_take_cgroup_version(struct config *config, const char *value, struct errmsg *msg);
int option_take_top(struct config *config, const char *value, struct errmsg *msg);

#endif
