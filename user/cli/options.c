// SPDX-License-Identifier: BSD-2-Clause
#include "cli/options.h"

#include "base/log.h"
#include "base/nearest.h"
#include "base/parse.h"
#include "energy/energy.h"
#include "entity/cgroup.h"
#include "ledger/ledger.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MIN_INTERVAL_S 0.01
#define MAX_INTERVAL_S 3600.0
#define MAX_DURATION_S (100.0 * 365 * 86400)
#define MAX_WINDOW 3600U
#define PID_LIMIT 4194304U /* PID_MAX_LIMIT on 64-bit, include/linux/threads.h */

/* Long options without a letter. */
enum {
	OPTION_SYSFS = 256,
	OPTION_PROCFS,
	OPTION_CARBON,
	OPTION_ESTIMATE,
	OPTION_REPEAT,
	OPTION_LEDGER_ROWS,
	OPTION_LEDGER_WITHOUT,
	OPTION_LOG_FORMAT,
	OPTION_VERSION,
};

/* One option: how it is written, what it says, and what takes its argument. */
struct option_entry {
	int letter; /* or one of the numbers above */
	const char *name;
	const char *argument; /* NULL: takes none */
	const char *help;     /* NULL: --help has it elsewhere, or it is for tests */
	int (*take)(struct config *config, const char *value, struct errmsg *msg);
	bool recorded; /* a replay needs it to give the same bytes */
};

static int bad_number(struct errmsg *msg, int err, const char *option, const char *value,
		      const char *wanted)
{
	return errmsg_set(msg, err, "%s takes %s, not \"%s\"", option, wanted, value);
}

static void drop_settings(struct config *config, const char *name)
{
	size_t kept = 0;

	for (size_t i = 0; i < config->n_settings; i++) {
		if (strcmp(config->settings[i].name, name) == 0)
			free((char *)(uintptr_t)config->settings[i].value);
		else
			config->settings[kept++] = config->settings[i];
	}
	config->n_settings = kept;
}

/* A selection on the command line of a replay stands instead of the recorded one. */
static void replace_selection(struct config *config)
{
	if (!config->from_record)
		return;
	config->from_record = false;
	config->n_pids = 0;
	config->children = config->children_given;
	drop_settings(config, "pid");
	drop_settings(config, "cgroup");
	if (!config->children_given)
		drop_settings(config, "children");
	while (config->n_cgroups)
		free(config->cgroups[--config->n_cgroups]);
}

static int take_pid(struct config *config, const char *value, struct errmsg *msg)
{
	const char *at = value;
	uint32_t *moved;
	uint32_t pid;
	char text[16];
	size_t length;

	replace_selection(config);
	for (;; at += length + 1) {
		length = strcspn(at, ",");
		snprintf(text, sizeof(text), "%.*s", (int)(length < 15 ? length : 15), at);
		if (length > 15 || parse_u32(text, 1, PID_LIMIT, &pid) != 0)
			return bad_number(msg, -EINVAL, "-p", value,
					  "process ids separated by commas");
		moved = reallocarray(config->pids, config->n_pids + 1, sizeof(*moved));
		if (!moved)
			return errmsg_set(msg, -ENOMEM, "out of memory");
		config->pids = moved;
		config->pids[config->n_pids++] = pid;
		if (at[length] == '\0')
			return 0;
	}
}

static int take_children(struct config *config, const char *value, struct errmsg *msg)
{
	(void)value;
	(void)msg;
	config->children = true;
	config->children_given = !config->taking_record;
	return 0;
}

/* As people have it: below the mount point, or with the mount point before it. */
static const char *below_mount(const char *path, const char *mount_point)
{
	size_t length = strlen(mount_point);

	if (length == 0 || strncmp(path, mount_point, length) != 0 ||
	    (path[length] != '/' && path[length] != '\0'))
		return path;
	return path[length] ? path + length : "/";
}

static int take_cgroup(struct config *config, const char *value, struct errmsg *msg)
{
	struct cgroup_mounts mounts = {};
	char **moved, *path;

	if (value[0] == '\0')
		return errmsg_set(msg, -EINVAL, "-c takes the path of a cgroup, not an empty word");
	replace_selection(config);
	cgroup_mounts_read("/proc", &mounts);
	value = below_mount(below_mount(value, mounts.v1), mounts.v2);
	moved = reallocarray(config->cgroups, config->n_cgroups + 1, sizeof(char *));
	if (!moved || asprintf(&path, "%s%s", value[0] == '/' ? "" : "/", value) < 0) {
		config->cgroups = moved ? moved : config->cgroups;
		return errmsg_set(msg, -ENOMEM, "out of memory");
	}
	config->cgroups = moved;
	config->cgroups[config->n_cgroups++] = path;
	return 0;
}

static int take_top(struct config *config, const char *value, struct errmsg *msg)
{
	int err = parse_u32(value, 1, UINT32_MAX, &config->top);

	return err ? bad_number(msg, -EINVAL, "-t", value, "a number of entities from 1") : 0;
}

static int take_repeat(struct config *config, const char *value, struct errmsg *msg)
{
	int err = parse_u32(value, 1, 1000000, &config->repeat);

	return err ? bad_number(msg, -EINVAL, "--repeat", value, "a number of runs from 1") : 0;
}

static int take_interval(struct config *config, const char *value, struct errmsg *msg)
{
	int err = parse_double(value, MIN_INTERVAL_S, MAX_INTERVAL_S, &config->interval_s);

	return err ? bad_number(msg, -EINVAL, "-i", value, "seconds from 0.01 to 3600") : 0;
}

static int take_window(struct config *config, const char *value, struct errmsg *msg)
{
	int err = parse_u32(value, 1, MAX_WINDOW, &config->window);

	return err ? bad_number(msg, -EINVAL, "-w", value, "a number of samples from 1 to 3600")
		   : 0;
}

static int take_count(struct config *config, const char *value, struct errmsg *msg)
{
	int err = parse_u64(value, 1, UINT64_MAX, &config->count);

	return err ? bad_number(msg, -EINVAL, "-n", value, "a number of ticks from 1") : 0;
}

static int take_duration(struct config *config, const char *value, struct errmsg *msg)
{
	int err = parse_double(value, MIN_INTERVAL_S, MAX_DURATION_S, &config->duration_s);

	return err ? bad_number(msg, -EINVAL, "-d", value, "seconds from 0.01") : 0;
}

/* Says the nearest of the words there are, or all of them where none is near. */
static int unknown_word(struct errmsg *msg, const char *what, const char *word,
			const char *const *words, size_t n)
{
	const char *near = nearest_word(word, words, n);
	char all[256] = "";
	size_t used = 0;

	if (near)
		return errmsg_set(msg, -EINVAL, "there is no %s \"%s\": did you mean \"%s\"?", what,
				  word, near);
	for (size_t i = 0; i < n && used < sizeof(all); i++)
		used += (size_t)snprintf(all + used, sizeof(all) - used, "%s%s", i ? ", " : "",
					 words[i]);
	return errmsg_set(msg, -EINVAL, "there is no %s \"%s\": there are %s", what, word, all);
}

static int take_source(struct config *config, const char *value, struct errmsg *msg)
{
	const char *names[16] = {"auto"};
	size_t n = 1;

	for (size_t i = 0; n < 16 && energy_sources[i]; i++)
		names[n++] = energy_sources[i]->name;
	config->source = value;
	for (size_t i = 0; i < n; i++) {
		if (strcmp(names[i], value) == 0)
			return 0;
	}
	return unknown_word(msg, "energy source", value, names, n);
}

static int take_estimate(struct config *config, const char *value, struct errmsg *msg)
{
	double min, max;

	config->estimate = value;
	return energy_parse_estimate(value, &min, &max, msg);
}

static int take_model(struct config *config, const char *value, struct errmsg *msg)
{
	const char *names[16];
	size_t n = 0;

	config->model = attribution_find(value);
	if (config->model)
		return 0;
	for (; n < 16 && attribution_models[n]; n++)
		names[n] = attribution_models[n]->name;
	return unknown_word(msg, "model", value, names, n);
}

static int take_carbon(struct config *config, const char *value, struct errmsg *msg)
{
	if (strcmp(value, "list") == 0) {
		config->command = COMMAND_LIST_CARBON;
		return 0;
	}
	config->carbon_given = true;
	return carbon_parse(value, &config->carbon, msg);
}

static int take_output(struct config *config, const char *value, struct errmsg *msg)
{
	const char **moved;
	int err;

	if (strcmp(value, "list") == 0) {
		config->command = COMMAND_LIST_OUTPUTS;
		return 0;
	}
	err = output_check(value, msg);
	if (err)
		return err;
	moved = reallocarray(config->outputs, config->n_outputs + 1, sizeof(*moved));
	if (!moved)
		return errmsg_set(msg, -ENOMEM, "out of memory");
	config->outputs = moved;
	config->outputs[config->n_outputs++] = value;
	return 0;
}

static int take_sysfs(struct config *config, const char *value, struct errmsg *msg)
{
	(void)msg;
	config->sysfs = value;
	return 0;
}

static int take_procfs(struct config *config, const char *value, struct errmsg *msg)
{
	(void)msg;
	config->procfs = value;
	return 0;
}

static int take_ledger_rows(struct config *config, const char *value, struct errmsg *msg)
{
	int err = parse_u32(value, LEDGER_MIN_ROWS, LEDGER_MAX_ROWS, &config->ledger_rows);

	return err ? bad_number(msg, -EINVAL, "--ledger-rows", value,
				"a number from 64 to 16777216")
		   : 0;
}

static int take_ledger_without(struct config *config, const char *value, struct errmsg *msg)
{
	if (strcmp(value, "task-storage") == 0)
		config->no_task_storage = true;
	else if (strcmp(value, "rq-clock") == 0)
		config->no_rq_clock = true;
	else
		return bad_number(msg, -EINVAL, "--ledger-without", value,
				  "task-storage or rq-clock");
	return 0;
}

static int take_quiet(struct config *config, const char *value, struct errmsg *msg)
{
	(void)config;
	(void)value;
	(void)msg;
	log_set_level(LOG_LEVEL_ERROR);
	return 0;
}

static int take_verbose(struct config *config, const char *value, struct errmsg *msg)
{
	(void)config;
	(void)value;
	(void)msg;
	log_set_level(LOG_LEVEL_DEBUG);
	return 0;
}

static int take_log_format(struct config *config, const char *value, struct errmsg *msg)
{
	static const char *const names[] = {"text", "json"};

	(void)config;
	for (size_t i = 0; i < 2; i++) {
		if (strcmp(names[i], value) != 0)
			continue;
		log_set_format(i ? LOG_FORMAT_JSON : LOG_FORMAT_TEXT);
		return 0;
	}
	return unknown_word(msg, "log format", value, names, 2);
}

static int take_version(struct config *config, const char *value, struct errmsg *msg)
{
	(void)value;
	(void)msg;
	config->command = COMMAND_VERSION;
	return 0;
}

static int take_help(struct config *config, const char *value, struct errmsg *msg)
{
	(void)value;
	(void)msg;
	config->command = COMMAND_HELP;
	return 0;
}

static const struct option_entry option_table[] = {
	{'p', "pid", "PID[,PID…]", "only these processes, with all their threads", take_pid, true},
	{'C', "children", NULL, "with -p: all that descend from them, also later", take_children,
	 true},
	{'c', "cgroup", "PATH", "a cgroup, or a glob, and all below it; repeatable", take_cgroup,
	 true},
	{'t', "top", "N", "only the N with the most joules in a tick", take_top, true},
	{'i', "interval", "SECONDS", "a tick: 0.01 to 3600 (1)", take_interval, false},
	{'w', "window", "N", "samples in the sliding window: 1 to 3600 (10)", take_window, true},
	{'n', "count", "N", "stop after so many ticks", take_count, false},
	{'d', "duration", "SECONDS", "stop after so long", take_duration, false},
	{'s', "source", "NAME", "joules by: auto, powercap, estimate, none (auto)", take_source,
	 false},
	{OPTION_ESTIMATE, "estimate", "MIN:MAX", "watts per logical CPU at rest and at work",
	 take_estimate, false},
	{'m', "model", "NAME", "how they are shared out: share (share)", take_model, true},
	{OPTION_CARBON, "carbon", "CODE|G", "a country, or gCO2e per kWh; `list` (GLOBAL)",
	 take_carbon, true},
	{'o', "output", "FORMAT[:FILE]", "table, jsonl, record; repeatable; `list` (table)",
	 take_output, false},
	{OPTION_REPEAT, "repeat", "N", "run COMMAND so often: mean and deviation", take_repeat,
	 false},
	{OPTION_SYSFS, "sysfs", "DIR", "read it instead of /sys (--procfs: of /proc)", take_sysfs,
	 false},
	{OPTION_PROCFS, "procfs", "DIR", NULL, take_procfs, false},
	{OPTION_LEDGER_ROWS, "ledger-rows", "N", "room for so many tasks a tick (65536)",
	 take_ledger_rows, false},
	{OPTION_LEDGER_WITHOUT, "ledger-without", "WHAT", NULL, take_ledger_without, false},
	{'q', "quiet", NULL, NULL, take_quiet, false},
	{'v', "verbose", NULL, NULL, take_verbose, false},
	{OPTION_LOG_FORMAT, "log-format", "FORMAT", NULL, take_log_format, false},
	{OPTION_VERSION, "version", NULL, NULL, take_version, false},
	{'h', "help", NULL, NULL, take_help, false},
};

#define N_OPTIONS (sizeof(option_table) / sizeof(option_table[0]))

void config_init(struct config *config)
{
	*config = (struct config){
		.interval_s = 1,
		.window = 10,
		.source = "auto",
		.model = &attribution_share,
		.sysfs = "/sys",
		.procfs = "/proc",
		.ledger_rows = LEDGER_DEFAULT_ROWS,
	};
	carbon_parse(CARBON_DEFAULT, &config->carbon, NULL);
}

void config_done(struct config *config)
{
	for (size_t i = 0; i < config->n_settings; i++)
		free((char *)(uintptr_t)config->settings[i].value);
	while (config->n_cgroups)
		free(config->cgroups[--config->n_cgroups]);
	free(config->cgroups);
	free(config->settings);
	free(config->outputs);
	free(config->pids);
}

static int keep_setting(struct config *config, const char *name, const char *value)
{
	struct output_setting *moved;
	char *copy = strdup(value);

	moved = copy ? reallocarray(config->settings, config->n_settings + 1, sizeof(*moved))
		     : NULL;
	if (!moved) {
		free(copy);
		return -ENOMEM;
	}
	config->settings = moved;
	config->settings[config->n_settings++] =
		(struct output_setting){.name = name, .value = copy};
	return 0;
}

static int take(struct config *config, const struct option_entry *entry, const char *value,
		struct errmsg *msg)
{
	int err = entry->take(config, value, msg);

	if (!err && entry->take == take_cgroup)
		value = config->cgroups[config->n_cgroups - 1]; /* without the mount point */
	if (!err && entry->recorded && keep_setting(config, entry->name, value ? value : "") != 0)
		err = errmsg_set(msg, -ENOMEM, "out of memory");
	return err;
}

static const struct option_entry *find_letter(int letter)
{
	for (size_t i = 0; i < N_OPTIONS; i++) {
		if (option_table[i].letter == letter)
			return &option_table[i];
	}
	return NULL;
}

/* What getopt did not know: a letter in `optopt`, or a long option behind it. */
static int unknown_option(char **argv, struct errmsg *msg)
{
	const struct option_entry *known = find_letter(optopt);
	const char *names[N_OPTIONS], *given = argv[optind - 1];
	char word[64];

	if (known)
		return errmsg_set(msg, -EINVAL, "--%s takes no argument", known->name);
	if (optopt)
		return errmsg_set(msg, -EINVAL, "there is no option -%c: see energytrace --help",
				  optopt);
	snprintf(word, sizeof(word), "%.*s", (int)strcspn(given, "="), given);
	for (size_t i = 0; i < N_OPTIONS; i++)
		names[i] = option_table[i].name;
	given = nearest_word(word + 2, names, N_OPTIONS);
	if (!given)
		return errmsg_set(msg, -EINVAL, "there is no option %s: see energytrace --help",
				  word);
	return errmsg_set(msg, -EINVAL, "there is no option %s: did you mean --%s?", word, given);
}

static int missing_argument(struct errmsg *msg)
{
	const struct option_entry *entry = find_letter(optopt);
	char letter[8] = "";

	if (entry->letter < 256)
		snprintf(letter, sizeof(letter), "-%c, ", entry->letter);
	return errmsg_set(msg, -EINVAL, "%s--%s needs an argument: %s", letter, entry->name,
			  entry->argument);
}

static void make_getopt_tables(struct option *longs, char *letters)
{
	*letters++ = ':';
	for (size_t i = 0; i < N_OPTIONS; i++) {
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

static int parse_flags(int argc, char **argv, struct config *config, struct errmsg *msg)
{
	struct option longs[N_OPTIONS + 1] = {};
	char letters[2 * N_OPTIONS + 2];
	int letter, err;

	make_getopt_tables(longs, letters);
	optind = 0; /* a replay parses twice */
	opterr = 0;
	while ((letter = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		if (letter == '?')
			return unknown_option(argv, msg);
		if (letter == ':')
			return missing_argument(msg);
		err = take(config, find_letter(letter), optarg, msg);
		if (err)
			return err;
	}
	return 0;
}

static int command_from_name(const char *name, enum command *ret, struct errmsg *msg)
{
	static const char *const names[] = {"replay", "sources"};
	static const enum command commands[] = {COMMAND_REPLAY, COMMAND_SOURCES};

	for (size_t i = 0; i < 2; i++) {
		if (strcmp(names[i], name) == 0) {
			*ret = commands[i];
			return 0;
		}
	}
	return unknown_word(msg, "command", name, names, 2);
}

/* What only makes sense together, or not at all. */
static int check_together(const struct config *config, struct errmsg *msg)
{
	bool command = config->argv != NULL;

	if (config->command == COMMAND_SOURCES && config->n_outputs)
		return errmsg_set(msg, -EINVAL, "`sources` takes no -o");
	if (config->command != COMMAND_TRACE && command)
		return errmsg_set(msg, -EINVAL, "only a live run takes -- COMMAND");
	if (command && !config->argv[0])
		return errmsg_set(msg, -EINVAL, "-- needs a COMMAND after it");
	if (command && (config->n_pids || config->n_cgroups))
		return errmsg_set(msg, -EINVAL,
				  "-- COMMAND selects by itself: take away -p and -c");
	if (config->children && !config->n_pids)
		return errmsg_set(msg, -EINVAL, "-C goes with -p PID");
	if (config->estimate && strcmp(config->source, "estimate") != 0)
		return errmsg_set(msg, -EINVAL, "--estimate goes with -s estimate, not -s %s",
				  config->source);
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
	err = parse_flags(argc, argv, config, msg);
	if (err || config->command != command)
		return err; /* --help, --version, -o list */
	if (command == COMMAND_REPLAY) {
		if (optind >= argc)
			return errmsg_set(msg, -EINVAL,
					  "replay needs the FILE that -o record:FILE "
					  "wrote");
		config->file = argv[optind++];
	}
	if (optind < argc)
		return errmsg_set(msg, -EINVAL,
				  "\"%s\" is one word too many: a command to run stands after --, "
				  "see energytrace --help",
				  argv[optind]);
	if (config->estimate && strcmp(config->source, "auto") == 0)
		config->source = "estimate";
	return check_together(config, msg);
}

int options_select_tree(struct config *config, uint32_t pid)
{
	char text[16];
	int err;

	snprintf(text, sizeof(text), "%u", pid);
	drop_settings(config, "pid"); /* of the run before, with --repeat */
	drop_settings(config, "children");
	config->n_pids = 0;
	err = take_pid(config, text, NULL);
	if (!err)
		err = keep_setting(config, "pid", text);
	if (!err)
		err = keep_setting(config, "children", "");
	config->children = true;
	return err;
}

int options_take_setting(struct config *config, const char *name, const char *value,
			 struct errmsg *msg)
{
	int err;

	for (size_t i = 0; i < N_OPTIONS; i++) {
		if (!option_table[i].recorded || strcmp(option_table[i].name, name) != 0)
			continue;
		config->from_record = false;
		config->taking_record = true;
		err = take(config, &option_table[i], value, msg);
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
	       "  energytrace sources                   what this machine offers\n");
	for (size_t i = 0; i < N_OPTIONS; i++) {
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
