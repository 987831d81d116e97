// SPDX-License-Identifier: BSD-2-Clause
/* What each option is, and what takes its argument. */
#include "cli/option_table.h"
#include "cli/option_selection.h"
#include "cli/option_windows.h"

#include "base/log.h"
#include "base/nearest.h"
#include "base/parse.h"
#include "energy/energy.h"
#include "ledger/ledger.h"
#include "telemetry/analyze.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MIN_INTERVAL_S 0.01
#define MAX_INTERVAL_S 3600.0
#define MAX_DURATION_S (100.0 * 365 * 86400)
#define MAX_WINDOW 3600U

/* Long options without a letter. */
enum {
	OPTION_SYSFS = OPTION_CONFIG_FILE + 1,
	OPTION_PROCFS,
	OPTION_CARBON,
	OPTION_ESTIMATE,
	OPTION_REPEAT,
	OPTION_LEDGER_ROWS,
	OPTION_LEDGER_WITHOUT,
	OPTION_BASELINE,
	OPTION_PLOTS,
	OPTION_FORMAT,
	OPTION_CONTAINER,
	OPTION_CGROUP_VERSION,
	OPTION_EVENTS,
	OPTION_WINDOW_OF,
	OPTION_WINDOW_USDT,
	OPTION_DEADLINE,
	OPTION_RUN_CONFIG,
	OPTION_RUN_CONFIG_TEXT,
	OPTION_LOG_FORMAT,
	OPTION_VERSION,
};

int option_bad_number(struct errmsg *msg, int err, const char *option, const char *value,
		      const char *wanted)
{
	return errmsg_set(msg, err, "%s takes %s, not \"%s\"", option, wanted, value);
}

static int take_event(struct config *config, const char *name, size_t length, struct errmsg *msg)
{
	char **moved, *copy;

	/* --events and outputs may ask for the same. */
	for (size_t i = 0; i < config->n_events; i++) {
		if (strncmp(config->events[i], name, length) == 0 && !config->events[i][length])
			return 0;
	}
	moved = reallocarray(config->events, config->n_events + 1, sizeof(*moved));
	copy = strndup(name, length);
	if (moved)
		config->events = moved;
	if (!moved || !copy) {
		free(copy);
		return errmsg_set(msg, -ENOMEM, "out of memory");
	}
	config->events[config->n_events++] = copy;
	return 0;
}

int option_add_event(struct config *config, const char *name)
{
	return take_event(config, name, strlen(name), NULL);
}

/* What an output wants counted. */
static int take_counter(void *userdata, const char *name)
{
	struct config *config = userdata;

	if (name)
		return option_add_event(config, name);
	config->default_events = true;
	return 0;
}

static int take_events(struct config *config, const char *value, struct errmsg *msg)
{
	for (const char *at = value;; at++) {
		size_t length = strcspn(at, ",");
		int err;

		if (!length)
			return errmsg_set(msg, -EINVAL,
					  "--events takes names of events separated by commas, "
					  "not \"%s\"",
					  value);
		err = take_event(config, at, length, msg);
		if (err)
			return err;
		at += length;
		if (!*at)
			return 0;
	}
}

static int take_repeat(struct config *config, const char *value, struct errmsg *msg)
{
	int err = parse_u32(value, 1, 1000000, &config->repeat);

	return err ? option_bad_number(msg, -EINVAL, "--repeat", value, "a number of runs from 1")
		   : 0;
}

static int take_interval(struct config *config, const char *value, struct errmsg *msg)
{
	int err = parse_double(value, MIN_INTERVAL_S, MAX_INTERVAL_S, &config->interval_s);

	return err ? option_bad_number(msg, -EINVAL, "-i", value, "seconds from 0.01 to 3600") : 0;
}

static int take_window(struct config *config, const char *value, struct errmsg *msg)
{
	int err = parse_u32(value, 1, MAX_WINDOW, &config->window);

	return err ? option_bad_number(msg, -EINVAL, "-w", value,
				       "a number of samples from 1 to 3600")
		   : 0;
}

static int take_count(struct config *config, const char *value, struct errmsg *msg)
{
	int err = parse_u64(value, 1, UINT64_MAX, &config->count);

	return err ? option_bad_number(msg, -EINVAL, "-n", value, "a number of ticks from 1") : 0;
}

static int take_duration(struct config *config, const char *value, struct errmsg *msg)
{
	int err = parse_double(value, MIN_INTERVAL_S, MAX_DURATION_S, &config->duration_s);

	return err ? option_bad_number(msg, -EINVAL, "-d", value, "seconds from 0.01") : 0;
}

/* Says the nearest of the words there are, or all of them where none is near. */
int option_unknown_word(struct errmsg *msg, const char *what, const char *word,
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
	return option_unknown_word(msg, "energy source", value, names, n);
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
	return option_unknown_word(msg, "model", value, names, n);
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
	if (output_counters(value, take_counter, config) != 0)
		return errmsg_set(msg, -ENOMEM, "out of memory");
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

	return err ? option_bad_number(msg, -EINVAL, "--ledger-rows", value,
				       "a number from 64 to 16777216")
		   : 0;
}

static int take_ledger_without(struct config *config, const char *value, struct errmsg *msg)
{
	if (strcmp(value, "task-storage") == 0)
		config->no_task_storage = true;
	else if (strcmp(value, "rq-clock") == 0)
		config->no_rq_clock = true;
	else if (strcmp(value, "births") == 0)
		config->no_births = true;
	else
		return option_bad_number(msg, -EINVAL, "--ledger-without", value,
					 "task-storage, rq-clock or births");
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

static int take_baseline(struct config *config, const char *value, struct errmsg *msg)
{
	(void)msg;
	config->baseline = value;
	return 0;
}

static int take_plots(struct config *config, const char *value, struct errmsg *msg)
{
	config->plots = value;
	return analyze_check_plots(value, msg);
}

static int take_format(struct config *config, const char *value, struct errmsg *msg)
{
	return image_format_from_name(value, &config->image, msg);
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
	return option_unknown_word(msg, "log format", value, names, 2);
}

static int take_config_file(struct config *config, const char *value, struct errmsg *msg)
{
	const struct config_file *file = &config->config_file;
	int err;

	if (file->n_options)
		return errmsg_set(msg, -EINVAL, "--config-file can be given once");
	err = config_file_read(value, &config->config_file, msg);
	for (size_t i = 0; i < file->n_options && !err; i++) {
		const struct option_entry *entry = option_table;

		while (strcmp(entry->name, file->options[i].name) != 0)
			entry++;
		err = entry->take(config, file->options[i].value, msg);
	}
	return err;
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

const struct option_entry option_table[] = {
	{'p', "pid", "PID[,PID…]", "only these processes, with all their threads", option_take_pid,
	 true},
	{'C', "children", NULL, "with -p: all that descend from them, also later",
	 option_take_children, true},
	{'c', "cgroup", "PATH", "a cgroup, or a glob, and all below it; repeatable",
	 option_take_cgroup, true},
	{OPTION_CONTAINER, "container", "NAME", "a container, by name or id prefix; repeatable",
	 option_take_container, true},
	{OPTION_EVENTS, "events", "LIST", "count these events by task: cycles,page-faults",
	 take_events, false},
	{'b', "by", "KIND", "thread|process|tree|cgroup|container|unit|user", option_take_by, true},
	{'t', "top", "N", "only the N with the most joules in a tick", option_take_top, true},
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
	{'o', "output", "FORMAT[:TO]", "table, jsonl, powerapi, telemetry, record; `list`",
	 take_output, false},
	{OPTION_CONFIG_FILE, "config-file", "FILE", "a configuration of PowerAPI's hwpc-sensor",
	 take_config_file, false},
	{OPTION_WINDOW_OF, "window-of", "FILE:FUNC",
	 "each call is a window of telemetry; repeatable", option_take_window_of, true},
	{OPTION_WINDOW_USDT, "window-usdt", "P:BEGIN:END",
	 "so is each way between two USDT markers", option_take_window_usdt, true},
	{OPTION_DEADLINE, "deadline", "SECONDS", "of telemetry's windows, from their release on",
	 option_take_deadline, true},
	{OPTION_RUN_CONFIG, "run-config", "FILE", "telemetry: W, H, C, Fs and more (YAML)",
	 option_take_run_config, false},
	{OPTION_RUN_CONFIG_TEXT, "run-config-text", "YAML", NULL, option_take_run_config_text,
	 true},
	{OPTION_REPEAT, "repeat", "N", "run COMMAND so often: mean and deviation", take_repeat,
	 false},
	{OPTION_SYSFS, "sysfs", "DIR", "read it instead of /sys (--procfs: of /proc)", take_sysfs,
	 false},
	{OPTION_PROCFS, "procfs", "DIR", NULL, take_procfs, false},
	{OPTION_LEDGER_ROWS, "ledger-rows", "N", "room for so many tasks a tick (65536)",
	 take_ledger_rows, false},
	{OPTION_LEDGER_WITHOUT, "ledger-without", "WHAT", NULL, take_ledger_without, false},
	{OPTION_CGROUP_VERSION, "cgroup-version", "1|2", NULL, option_take_cgroup_version, false},
	{OPTION_BASELINE, "baseline", "RUN_DIR", "analyze: what differs from that run",
	 take_baseline, false},
	{OPTION_PLOTS, "plots", "LIST", "analyze: latency, cdf, energy, power, …; all", take_plots,
	 false},
	{OPTION_FORMAT, "format", "FORMAT", "analyze: svg, png or pdf (svg)", take_format, false},
	{'q', "quiet", NULL, NULL, take_quiet, false},
	{'v', "verbose", NULL, NULL, take_verbose, false},
	{OPTION_LOG_FORMAT, "log-format", "FORMAT", NULL, take_log_format, false},
	{OPTION_VERSION, "version", NULL, NULL, take_version, false},
	{'h', "help", NULL, NULL, take_help, false},
};

const size_t n_options = sizeof(option_table) / sizeof(option_table[0]);
_Static_assert(sizeof(option_table) / sizeof(option_table[0]) <= OPTIONS_MAX, "room for getopt");

const struct option_entry *option_find(int letter)
{
	for (size_t i = 0; i < n_options; i++) {
		if (option_table[i].letter == letter)
			return &option_table[i];
	}
	return NULL;
}

int option_take(struct config *config, const struct option_entry *entry, const char *value,
		struct errmsg *msg)
{
	int err = entry->take(config, value, msg);

	if (!err && entry->take == option_take_cgroup)
		value = config->cgroups[config->n_cgroups - 1]; /* without the mount point */
	if (!err && entry->recorded &&
	    config_keep_setting(config, entry->name, value ? value : "") != 0)
		err = errmsg_set(msg, -ENOMEM, "out of memory");
	return err;
}
