// SPDX-License-Identifier: BSD-2-Clause
/* A recorded telemetry run, in figures and tables: no root, no BPF. */
#include "telemetry/analyze.h"

#include "base/log.h"
#include "cli/cli.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static void note(void *userdata, const char *text)
{
	(void)userdata;
	log_info("%s", text);
}

/* No run there is a failure of what was named, and no lack of the machine. */
static enum exit_status status_of(int err)
{
	return err == -ENOENT ? EXIT_FAILED : cli_status_of(err);
}

int cli_analyze(const struct config *config)
{
	struct analyze_options options = {.run = config->file,
					  .baseline = config->baseline,
					  .plots = config->plots,
					  .format = config->image,
					  .out = stdout,
					  .note = note};
	struct errmsg msg = {};
	int err;

	signal(SIGPIPE, SIG_IGN);
	err = telemetry_analyze(&options, &msg);
	if (err) {
		log_error("%s", msg.text);
		return status_of(err);
	}
	/* A reader of standard output that went away has what it wanted. */
	if (fflush(stdout) != 0 && errno != EPIPE) {
		log_error("cannot write to standard output: %s", strerror(errno));
		return EXIT_FAILED;
	}
	return EXIT_DONE;
}
