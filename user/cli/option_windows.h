/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_CLI_OPTION_WINDOWS_H
#define ENERGYTRACE_CLI_OPTION_WINDOWS_H

/* The options of telemetry's windows, as the option table wants them. */

#include "cli/config.h"

int option_take_window_of(struct config *config, const char *value, struct errmsg *msg);
int option_take_window_usdt(struct config *config, const char *value, struct errmsg *msg);
int option_take_deadline(struct config *config, const char *value, struct errmsg *msg);
int option_take_run_config(struct config *config, const char *value, struct errmsg *msg);
int option_take_run_config_text(struct config *config, const char *value, struct errmsg *msg);

#endif
