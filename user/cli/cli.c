// SPDX-License-Identifier: BSD-2-Clause
#include "cli/cli.h"

#include "base/log.h"
#include "output/output.h"

#include <errno.h>
#include <stdio.h>

enum exit_status cli_status_of(int err)
{
	switch (err) {
	case -EPERM:
	case -EACCES:
		return EXIT_DENIED;
	case -ENOENT:
	case -ENODEV:
	case -EOPNOTSUPP:
	case -ENOEXEC: /* no file that functions could be in */
		return EXIT_UNSUPPORTED;
	case -EINVAL:
		return EXIT_USAGE;
	default:
		return EXIT_FAILED;
	}
}

static int list_outputs(void)
{
	for (size_t i = 0; output_formats[i]; i++)
		printf("%-10s %s\n", output_formats[i]->name, output_formats[i]->help);
	return EXIT_DONE;
}

int cli_main(int argc, char **argv)
{
	struct errmsg msg = {};
	struct config config;
	int status = EXIT_DONE;

	config_init(&config);
	if (options_parse(argc, argv, &config, &msg) != 0) {
		log_error("%s", msg.text);
		config_done(&config);
		return EXIT_USAGE;
	}
	switch (config.command) {
	case COMMAND_TRACE:
		status = config.argv ? cli_command(&config) : cli_trace(&config);
		break;
	case COMMAND_REPLAY:
		status = cli_replay(&config, argc, argv);
		break;
	case COMMAND_SOURCES:
		status = cli_sources(&config);
		break;
	case COMMAND_ANALYZE:
		status = cli_analyze(&config);
		break;
	case COMMAND_HELP:
		options_print_help();
		break;
	case COMMAND_VERSION:
		printf("energytrace %s\n", ENERGYTRACE_VERSION);
		break;
	case COMMAND_LIST_OUTPUTS:
		status = list_outputs();
		break;
	case COMMAND_LIST_CARBON:
		carbon_print_list(stdout);
		break;
	}
	config_done(&config);
	return status;
}
