/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_CLI_RUN_CONFIG_H
#define ENERGYTRACE_CLI_RUN_CONFIG_H

/*
 * What a run is told of its windows, from a YAML file: the run configuration of the CORTEX benchmark harness, or
 * words of our own. docs/run-config.md says what becomes of each of them.
 */

#include "base/arena.h"
#include "base/errmsg.h"
#include "telemetry/settings.h"

#include <stddef.h>

struct run_config {
	struct telemetry_settings settings; /* its texts and plugins are owned by this */

	struct arena texts;
	struct telemetry_plugin *plugins;
	size_t plugins_room;
};

/* The text of the file, to be freed, cut behind what is too big anyway. 0 or a negative errno with `msg` filled. */
int run_config_text(const char *path, char **ret, struct errmsg *msg);

/*
 * Reads the file. Returns 0 or a negative errno with `msg` filled: that of the file, -EFBIG, or -EINVAL for what
 * is no such configuration (no YAML, an unknown word, with the nearest one, or a value that can't be), with its
 * line.
 */
int run_config_read(const char *path, struct run_config *ret, struct errmsg *msg);

/* The same from memory; `path` is what the sentences call it. */
int run_config_parse(const char *path, const char *text, size_t size, struct run_config *ret,
		     struct errmsg *msg);

/* Takes a zeroed one. */
void run_config_done(struct run_config *config);

#endif
