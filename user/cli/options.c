// SPDX-License-Identifier: BSD-2-Clause
#include "cli/options.h"

#include "base/nearest.h"
#include "cli/option_table.h"
#include "counters/counters.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

/* What getopt did not know: a letter in `optopt`, or a long option behind it. */
static int unknown_option(char **argv, struct errmsg *msg)
{
	const struct option_entry *known = option_find(optopt);
	const char *names[OPTIONS_MAX], *given = argv[optind - 1];
	char word[64];

	if (known)
		return errmsg_set(msg, -EINVAL, "--%s takes no argument", known->name);
	if (optopt)
		return errmsg_set(msg, -EINVAL, "there is no option -%c: see energytrace --help",
				  optopt);
	snprintf(word, sizeof(word), "%.*s", (int)strcspn(given, "="), given);
	for (size_t i = 0; i < n_options; i++)
		names[i] = option_table[i].name;
	given = nearest_word(word + 2, names, n_options);
	if (!given)
		return errmsg_set(msg, -EINVAL, "there is no option %s: see energytrace --help",
				  word);
	return errmsg_set(msg, -EINVAL, "there is no option %s: did you mean --%s?", word, given);
}

static int missing_argument(struct errmsg *msg)
{
	const struct option_entry *entry = option_find(optopt);
	char letter[8] = "";

	if (entry->letter < 256)
		snprintf(letter, sizeof(letter), "-%c, ", entry->letter);
	return errmsg_set(msg, -EINVAL, "%s--%s needs an argument: %s", letter, entry->name,
			  entry->argument);
}

static void make_getopt_tables(struct option *longs, char *letters)
{
	*letters++ = ':';
	for (size_t i = 0; i < n_options; i++) {
		const struct option_entry *entry = &option_table[i];

		longs[i] = (struct option){
			.name = entry->name,
			.has_arg = entry->argument ? required_argument : no_argument,
			.val = entry->letter,
		};
		if (entry->letter >= 256)
			continue;
		*letters++ = (char)entry->letter;
		if (entry->argument)
			*letters++ = ':';
	}
	*letters = '\0';
}

/* Either the configuration file alone, or all but that. */
static int parse_flags(int argc, char **argv, bool config_file, struct config *config,
		       struct errmsg *msg)
{
	struct option longs[OPTIONS_MAX + 1] = {};
	char letters[2 * OPTIONS_MAX + 2];
	int letter, err;

	make_getopt_tables(longs, letters);
	optind = 0; /* a replay parses twice */
	opterr = 0;
	while ((letter = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		if (letter == '?')
			return unknown_option(argv, msg);
		if (letter == ':')
			return missing_argument(msg);
		if ((letter == OPTION_CONFIG_FILE) != config_file)
			continue;
		err = option_take(config, option_find(letter), optarg, msg);
		if (err)
			return err;
	}
	return 0;
}

static int command_from_name(const char *name, enum command *ret, struct errmsg *msg)
{
	static const char *const names[] = {"replay", "sources", "analyze"};
	static const enum command commands[] = {COMMAND_REPLAY, COMMAND_SOURCES, COMMAND_ANALYZE};

	for (size_t i = 0; i < 3; i++) {
		if (strcmp(names[i], name) == 0) {
			*ret = commands[i];
			return 0;
		}
	}
	return option_unknown_word(msg, "command", name, names, 3);
}

static bool has_telemetry(const struct config *config)
{
	for (size_t i = 0; i < config->n_outputs; i++) {
		if (output_spec_takes_calls(config->outputs[i]))
			return true;
	}
	return false;
}

/* A record has its windows, if it has any; it is looked at without them too. */
static int check_windows(const struct config *config, struct errmsg *msg)
{
	if (config->command == COMMAND_REPLAY)
		return 0;
	if (config->command != COMMAND_TRACE || (!config->n_pids && !config->argv))
		return errmsg_set(msg, -EINVAL,
				  "--window-of and --window-usdt go with -p PID or -- COMMAND");
	if (!has_telemetry(config))
		return errmsg_set(msg, -EINVAL,
				  "--window-of and --window-usdt go with -o telemetry:DIR, which "
				  "the windows are written to");
	return 0;
}

/* What only makes sense together, or not at all. */
static int check_together(const struct config *config, struct errmsg *msg)
{
	bool command = config->argv != NULL;

	if (config->command == COMMAND_SOURCES && config->n_outputs)
		return errmsg_set(msg, -EINVAL, "`sources` takes no -o");
	if (config->command == COMMAND_ANALYZE && config->n_outputs)
		return errmsg_set(msg, -EINVAL,
				  "`analyze` writes to the run's own folder: take away -o");
	if (config->command != COMMAND_ANALYZE &&
	    (config->baseline || config->plots || config->image != IMAGE_SVG))
		return errmsg_set(msg, -EINVAL, "--%s goes with analyze",
				  config->baseline ? "baseline"
				  : config->plots  ? "plots"
						   : "format");
	if (config->command != COMMAND_TRACE && command)
		return errmsg_set(msg, -EINVAL, "only a live run takes -- COMMAND");
	if (command && !config->argv[0])
		return errmsg_set(msg, -EINVAL, "-- needs a COMMAND after it");
	if (command && (config->n_pids || config->n_cgroups || config->n_containers))
		return errmsg_set(msg, -EINVAL,
				  "-- COMMAND selects by itself: take away -p, -c and --container");
	/* The pids may be those of the record. */
	if (config->children && !config->n_pids && config->command != COMMAND_REPLAY)
		return errmsg_set(msg, -EINVAL, "-C goes with -p PID");
	if (config->estimate && strcmp(config->source, "estimate") != 0)
		return errmsg_set(msg, -EINVAL, "--estimate goes with -s estimate, not -s %s",
				  config->source);
	if (config->n_windows && check_windows(config, msg) != 0)
		return -EINVAL;
	/* A record may have those of a run that had telemetry beside it. */
	if (config->command != COMMAND_REPLAY && !has_telemetry(config) &&
	    (config->run_config_given || config->deadline_s > 0))
		return errmsg_set(msg, -EINVAL, "--%s goes with -o telemetry:DIR",
				  config->run_config_given ? "run-config" : "deadline");
	if (config->repeat && !command)
		return errmsg_set(msg, -EINVAL, "--repeat goes with -- COMMAND");
	if (config->repeat > 1 && config->n_outputs)
		return errmsg_set(msg, -EINVAL,
				  "--repeat gives one summary of all runs: take away "
				  "-o, which is of one run");
	return 0;
}

/* Cuts the command line at "--"; what follows is COMMAND. */
static int split_command(int argc, char **argv, struct config *config)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--") != 0)
			continue;
		config->argv = argv + i + 1;
		return i;
	}
	return argc;
}

static int add_default_events(struct config *config)
{
	const char *const *names;
	size_t n = counters_default_names(config->procfs, &names);
	int err = 0;

	for (size_t i = 0; i < n && !err; i++)
		err = option_add_event(config, names[i]);
	return err;
}

int options_parse(int argc, char **argv, struct config *config, struct errmsg *msg)
{
	enum command command = COMMAND_TRACE;
	int err;

	argc = split_command(argc, argv, config);
	if (argc > 1 && argv[1][0] != '-') {
		err = command_from_name(argv[1], &command, msg);
		if (err)
			return err;
		argc--;
		argv++;
	}
	config->command = command;
	err = parse_flags(argc, argv, true, config, msg);
	if (!err)
		err = parse_flags(argc, argv, false, config, msg);
	if (err || config->command != command)
		return err; /* --help, --version, -o list */
	if (command == COMMAND_REPLAY) {
		if (optind >= argc)
			return errmsg_set(msg, -EINVAL,
					  "replay needs the FILE that -o record:FILE "
					  "wrote");
		config->file = argv[optind++];
	}
	if (command == COMMAND_ANALYZE) {
		if (optind >= argc)
			return errmsg_set(msg, -EINVAL,
					  "analyze needs the RUN_DIR that -o telemetry:DIR made");
		config->file = argv[optind++];
	}
	if (optind < argc)
		return errmsg_set(msg, -EINVAL,
				  "\"%s\" is one word too many: a command to run stands after --, "
				  "see energytrace --help",
				  argv[optind]);
	if (config->estimate && strcmp(config->source, "auto") == 0)
		config->source = "estimate";
	if (config->default_events && command == COMMAND_TRACE && add_default_events(config) != 0)
		return errmsg_set(msg, -ENOMEM, "out of memory");
	return check_together(config, msg);
}

int options_select_tree(struct config *config, uint32_t pid)
{
	char text[16];
	int err;

	snprintf(text, sizeof(text), "%u", pid);
	config_drop_settings(config, "pid"); /* of the run before, with --repeat */
	config_drop_settings(config, "children");
	config->n_pids = 0;
	err = option_find('p')->take(config, text, NULL);
	if (!err)
		err = config_keep_setting(config, "pid", text);
	if (!err)
		err = config_keep_setting(config, "children", "");
	config->children = true;
	return err;
}

int options_take_setting(struct config *config, const char *name, const char *value,
			 struct errmsg *msg)
{
	int err;

	for (size_t i = 0; i < n_options; i++) {
		if (!option_table[i].recorded || strcmp(option_table[i].name, name) != 0)
			continue;
		config->from_record = false;
		config->taking_record = true;
		err = option_take(config, &option_table[i], value, msg);
		config->taking_record = false;
		config->from_record = true;
		return err;
	}
	return 0;
}

void options_print_help(void)
{
	char left[64], flag[8];

	printf("Joules and grams of CO2 for every process on this machine.\n"
	       "  energytrace [OPTION…]                 every process, live\n"
	       "  energytrace -p PID[,PID…] [OPTION…]   these processes\n"
	       "  energytrace [OPTION…] -- COMMAND …    COMMAND and all its descendants\n"
	       "  energytrace replay [OPTION…] FILE     a recorded run again (no root)\n"
	       "  energytrace analyze [OPTION…] RUN_DIR figures of a telemetry run\n"
	       "  energytrace sources                   what this machine offers\n");
	for (size_t i = 0; i < n_options; i++) {
		const struct option_entry *entry = &option_table[i];

		if (!entry->help)
			continue;
		if (entry->letter < 256)
			snprintf(flag, sizeof(flag), "-%c,", entry->letter);
		else
			snprintf(flag, sizeof(flag), "   ");
		snprintf(left, sizeof(left), "%s --%s %s", flag, entry->name,
			 entry->argument ? entry->argument : "");
		/* "…" is three bytes and one column. */
		printf("  %-*s %s\n", strstr(left, "…") ? 28 : 26, left, entry->help);
	}
	printf("  -q quiet, -v verbose, --log-format text|json, -h this page, --version\n"
	       "Exit: 0 done, 1 failed, 2 usage, 3 not permitted, 4 not on this machine.\n");
}
