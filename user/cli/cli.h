/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_CLI_CLI_H
#define ENERGYTRACE_CLI_CLI_H

#include "cli/options.h"

/* The exit statuses that people's scripts rely on. */
enum exit_status {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,      /* while running */
	EXIT_USAGE = 2,	      /* what was wrong, and the nearest valid word */
	EXIT_DENIED = 3,      /* which permission lacks, and how to grant it */
	EXIT_UNSUPPORTED = 4, /* the kernel or the machine lacks what was asked for */
};

int cli_main(int argc, char **argv);

/* The commands. Each returns an exit status. */
int cli_trace(const struct config *config);
int cli_command(struct config *config);
int cli_replay(const struct config *config, int argc, char **argv);
int cli_sources(const struct config *config);
int cli_analyze(const struct config *config);

/* The status for an error of opening what a run needs. */
enum exit_status cli_status_of(int err);

#endif
