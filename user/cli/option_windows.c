// SPDX-License-Identifier: BSD-2-Clause
#include "cli/option_windows.h"

#include "base/cleanup.h"
#include "base/parse.h"
#include "ledger/windows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MIN_DEADLINE_S 1e-6
#define MAX_DEADLINE_S 3600.0

static bool is_same(const struct window_request *a, const struct window_request *b)
{
	return strcmp(a->place, b->place) == 0 && strcmp(a->function, b->function) == 0 &&
	       strcmp(a->end ? a->end : "", b->end ? b->end : "") == 0 && a->markers == b->markers;
}

static int add_window(struct config *config, const char *value,
		      int (*parse)(const char *text, struct window_request *ret,
				   struct errmsg *msg),
		      struct errmsg *msg)
{
	struct window_request *moved;
	int err;

	if (config->command == COMMAND_REPLAY && !config->taking_record)
		return errmsg_set(msg, -EINVAL,
				  "--window-of and --window-usdt go with a live run: a record has "
				  "the windows that were taken");
	if (config->n_windows == LEDGER_WINDOW_FUNCTIONS)
		return errmsg_set(msg, -EINVAL, "more than %u windows of calls",
				  LEDGER_WINDOW_FUNCTIONS);
	moved = reallocarray(config->windows, config->n_windows + 1, sizeof(*moved));
	if (!moved)
		return errmsg_set(msg, -ENOMEM, "out of memory");
	config->windows = moved;
	err = parse(value, &config->windows[config->n_windows], msg);
	if (err)
		return err;
	config->n_windows++;
	for (size_t i = 0; i + 1 < config->n_windows; i++) {
		if (is_same(&config->windows[i], &config->windows[config->n_windows - 1]))
			return errmsg_set(msg, -EINVAL, "the windows of %s are asked for twice",
					  value);
	}
	return 0;
}

int option_take_window_of(struct config *config, const char *value, struct errmsg *msg)
{
	return add_window(config, value, window_request_function, msg);
}

int option_take_window_usdt(struct config *config, const char *value, struct errmsg *msg)
{
	return add_window(config, value, window_request_markers, msg);
}

int option_take_deadline(struct config *config, const char *value, struct errmsg *msg)
{
	double seconds;

	if (parse_double(value, MIN_DEADLINE_S, MAX_DEADLINE_S, &seconds) != 0)
		return errmsg_set(msg, -EINVAL,
				  "--deadline takes seconds from 0.000001 to 3600, not \"%s\"",
				  value);
	config->deadline_s = seconds;
	config->telemetry.deadline_s = seconds;
	return 0;
}

/* Whichever of it and --deadline comes first. */
static int set_run_config(struct config *config, const char *path, const char *text,
			  struct errmsg *msg)
{
	int err;

	run_config_done(&config->run_config);
	err = run_config_parse(path, text, strlen(text), &config->run_config, msg);
	if (err)
		return err;
	config->telemetry = config->run_config.settings;
	if (config->deadline_s > 0)
		config->telemetry.deadline_s = config->deadline_s;
	return 0;
}

int option_take_run_config(struct config *config, const char *value, struct errmsg *msg)
{
	_cleanup_free_ char *text = NULL;
	int err;

	if (config->run_config_given)
		return errmsg_set(msg, -EINVAL, "--run-config can be given once");
	config->run_config_given = true;
	err = run_config_text(value, &text, msg);
	if (!err)
		err = set_run_config(config, value, text, msg);
	if (err)
		return err;
	/* Instead of the recorded one; a record of this run has the text, as the file may be gone. */
	config_drop_settings(config, "run-config-text");
	if (config_keep_setting(config, "run-config-text", text) != 0)
		return errmsg_set(msg, -ENOMEM, "out of memory");
	return 0;
}

int option_take_run_config_text(struct config *config, const char *value, struct errmsg *msg)
{
	return set_run_config(config, "the recorded run configuration", value, msg);
}
