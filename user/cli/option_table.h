/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_CLI_OPTION_TABLE_H
#define ENERGYTRACE_CLI_OPTION_TABLE_H

#include "cli/config.h"

#include <stdbool.h>
#include <stddef.h>

/* Letters are below, long options without one from here on. */
#define OPTION_LONG_ONLY 256

/* Taken before all others, which say more than it does. */
#define OPTION_CONFIG_FILE OPTION_LONG_ONLY

#define OPTIONS_MAX 64 /* room for getopt's tables */

/* One option: how it is written, what it says, and what takes its argument. */
struct option_entry {
	int letter; /* or a number from OPTION_LONG_ONLY on */
	const char *name;
	const char *argument; /* NULL: takes none */
	const char *help;     /* NULL: --help has it elsewhere, or it is for tests */
	int (*take)(struct config *config, const char *value, struct errmsg *msg);
	bool recorded; /* a replay needs it to give the same bytes */
};

extern const struct option_entry option_table[];
extern const size_t n_options;

/* The option with that letter (or number), or NULL. */
const struct option_entry *option_find(int letter);

/*
 * Takes the option, and notes it where a replay needs it. 0 or a negative errno with `msg` filled.
 */
int option_take(struct config *config, const struct option_entry *entry, const char *value,
		struct errmsg *msg);

/* Adds a performance counter to those of the run, if it is not there. 0 or -ENOMEM. */
int option_add_event(struct config *config, const char *name);

/* Says what an option takes, and what it was given. Returns err. */
int option_bad_number(struct errmsg *msg, int err, const char *option, const char *value,
		      const char *wanted);

/*
 * Says that there is no such `what`, and the nearest of the words that there are, or all of them
 * where none is near. Returns -EINVAL.
 */
int option_unknown_word(struct errmsg *msg, const char *what, const char *word,
			const char *const *words, size_t n);

#endif
