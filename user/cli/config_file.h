/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_CLI_CONFIG_FILE_H
#define ENERGYTRACE_CLI_CONFIG_FILE_H

/*
 * A configuration of PowerAPI's hwpc-sensor, as options of ours: whoever has one stops the sensor and starts
 * `energytrace --config-file` with it. docs/powerapi.md says what becomes of each of its words.
 */

#include "base/errmsg.h"

#include <stddef.h>

#define CONFIG_FILE_OPTIONS 3 /* interval, verbose, output */

struct config_file_option {
	const char *name; /* of the long option */
	char *value;	  /* owned; NULL: it takes none */
};

struct config_file {
	struct config_file_option options[CONFIG_FILE_OPTIONS];
	size_t n_options;
};

/*
 * Reads the file. Returns 0 or a negative errno with `msg` filled: that of the file, -EFBIG, or -EINVAL for what
 * is no such configuration (an unknown word, with the nearest one, or a value that can't be).
 */
int config_file_read(const char *path, struct config_file *ret, struct errmsg *msg);

/* The same from memory; `path` is what the sentences call it. */
int config_file_parse(const char *path, const char *text, size_t size, struct config_file *ret,
		      struct errmsg *msg);

/* Takes a zeroed one. */
void config_file_done(struct config_file *file);

#endif
