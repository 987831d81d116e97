/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_TESTS_UNIT_OPTIONS_FIXTURE_H
#define ENERGYTRACE_TESTS_UNIT_OPTIONS_FIXTURE_H

/* A command line that is parsed into a fresh config. */

#include "base/log.h"
#include "cli/options.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* After what it needs. */
#include <cmocka.h>

#define MAX_WORDS 32

static struct config config;
static struct errmsg msg;
static char *words[MAX_WORDS + 1]; /* the config points into them */

static inline int begin(void **state)
{
	(void)state;
	config_init(&config);
	msg.text[0] = '\0';
	return 0;
}

static inline int end(void **state)
{
	(void)state;
	config_done(&config);
	log_set_level(LOG_LEVEL_INFO);
	log_set_format(LOG_FORMAT_TEXT);
	return 0;
}

/* Parses into the config as it is. */
static inline int parse_on(const char *const *given)
{
	int n = 0;

	words[n++] = (char *)(uintptr_t) "energytrace";
	for (; *given; given++) {
		assert_true(n < MAX_WORDS);
		words[n++] = (char *)(uintptr_t)*given;
	}
	words[n] = NULL;
	return options_parse(n, words, &config, &msg);
}

static inline int parse_anew(const char *const *given)
{
	end(NULL);
	begin(NULL);
	return parse_on(given);
}

#define GIVEN(...) ((const char *const[]){__VA_ARGS__, NULL})

/* A command line that is taken; what came of it is in `config`. */
#define TAKES(...)                                                             \
	do {                                                                   \
		if (parse_anew(GIVEN(__VA_ARGS__)) != 0)                       \
			fail_msg("%s is refused: %s", #__VA_ARGS__, msg.text); \
	} while (0)

/* One that is refused with these words in what is said. */
static inline void assert_refused(const char *const *given, const char *first, const char *second)
{
	int err = parse_anew(given);

	if (err != -EINVAL && err != -ERANGE)
		fail_msg("%s %s gives %d", given[0], given[1] ? given[1] : "", err);
	if (!strstr(msg.text, first) || !strstr(msg.text, second))
		fail_msg("\"%s\" lacks \"%s\" or \"%s\"", msg.text, first, second);
	if (strstr(msg.text, "(null)") || msg.text[strlen(msg.text) - 1] == '\n')
		fail_msg("\"%s\" is no sentence", msg.text);
}

#define REFUSES(first, second, ...) assert_refused(GIVEN(__VA_ARGS__), first, second)

/* How often the run has this setting for its record. */
static inline size_t count_settings(const char *name, const char *value)
{
	size_t n = 0;

	for (size_t i = 0; i < config.n_settings; i++)
		n += strcmp(config.settings[i].name, name) == 0 &&
		     (!value || strcmp(config.settings[i].value, value) == 0);
	return n;
}

#endif
