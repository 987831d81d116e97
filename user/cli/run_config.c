// SPDX-License-Identifier: BSD-2-Clause
/*
 * The harness's words are those of the document of its run configuration, of its reader
 * (src/engine/harness/config/config.c) and of the files that come with it, older ones among them.
 */
#include "cli/run_config.h"

#include "base/cleanup.h"
#include "base/grow.h"
#include "base/parse.h"
#include "cli/run_words.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of anchors, and of what is nested, twice as many take the YAML library four times as long: here 2 s at most. */
#define MAX_SIZE (1 << 15)
#define MAX_PLUGINS 64

#define AT(member) offsetof(struct run_config, settings.member)
#define PLUGIN_AT(member) offsetof(struct telemetry_plugin, member)

/* What has one form wherever it is. A word with nothing but its name is one that says nothing of windows. */
#define SECTION(name_, words_)                                                \
	{                                                                     \
		.name = (name_), .take = run_word_section, .within = (words_) \
	}
#define TEXT(name_, at_)                                            \
	{                                                           \
		.name = (name_), .take = run_word_text, .at = (at_) \
	}
#define COUNT(name_, at_)                                            \
	{                                                            \
		.name = (name_), .take = run_word_count, .at = (at_) \
	}
#define NUMBER(name_, at_, least_, most_, unit_, wanted_)                                 \
	{                                                                                 \
		.name = (name_), .take = run_word_number, .at = (at_), .least = (least_), \
		.most = (most_), .unit = (unit_), .wanted = (wanted_)                     \
	}
#define RATE(name_, at_) \
	NUMBER(name_, at_, 1e-6, 1e9, 1, "samples a second, from 0.000001 to 1000000000")
#define DEADLINE_MS(name_) \
	NUMBER(name_, AT(deadline_s), 1e-3, 3.6e6, 1e-3, "milliseconds from 0.001 to 3600000")

static int take_version(const struct run_reading *reading, const struct run_word *word,
			yaml_node_t *value, void *into)
{
	const char *text = run_word_scalar(value);

	(void)into;
	if (!text || strcmp(text, "1") != 0)
		return run_word_wrong(reading, value, word->name,
				      "1: what other versions mean is not known here");
	return 0;
}

/* Windows that are counted stand before those of a time. */
static int take_warmup(const struct run_reading *reading, const struct run_word *word,
		       yaml_node_t *value, void *into)
{
	struct telemetry_settings *settings = &((struct run_config *)into)->settings;
	const char *text = run_word_scalar(value);

	if (!text || parse_u32(text, 0, UINT32_MAX, &settings->warmup) != 0)
		return run_word_wrong(reading, value, word->name,
				      "a whole number from 0 to 4294967295");
	settings->warmup_s = 0;
	return 0;
}

static int take_format(const struct run_reading *reading, const struct run_word *word,
		       yaml_node_t *value, void *into)
{
	static const char *const names[] = {"ndjson", "csv"};
	struct telemetry_settings *settings = &((struct run_config *)into)->settings;
	const char *text = run_word_scalar(value);

	if (!text || telemetry_format_from_name(text, &settings->format) != 0)
		return run_word_unknown(reading, value, word->name, names,
					sizeof(names) / sizeof(*names));
	settings->format_given = true;
	return 0;
}

/* "json" is what the harness called NDJSON at first. */
static int take_output_format(const struct run_reading *reading, const struct run_word *word,
			      yaml_node_t *value, void *into)
{
	struct telemetry_settings *settings = &((struct run_config *)into)->settings;
	const char *text = run_word_scalar(value);

	if (!text || strcmp(text, "json") != 0)
		return take_format(reading, word, value, into);
	settings->format = TELEMETRY_NDJSON;
	settings->format_given = true;
	return 0;
}

/* A word of ours, and a section of the harness's experiments with many channels that says how a CPU is kept busy. */
static int take_load_profile(const struct run_reading *reading, const struct run_word *word,
			     yaml_node_t *value, void *into)
{
	return value->type == YAML_MAPPING_NODE ? run_word_section(reading, word, value, into)
						: run_word_text(reading, word, value, into);
}

static int add_plugin(const struct run_reading *reading, const yaml_node_t *node,
		      const struct telemetry_plugin *plugin, struct run_config *config)
{
	size_t n = config->settings.n_plugins;
	void *moved;

	if (!plugin->name)
		return errmsg_set(reading->msg, -EINVAL, "%s: line %zu: a plugin has no \"name\"",
				  reading->path, run_word_line(node));
	for (size_t i = 0; i < n; i++) {
		if (strcmp(config->plugins[i].name, plugin->name) == 0)
			return errmsg_set(reading->msg, -EINVAL,
					  "%s: line %zu: a second plugin \"%.100s\"", reading->path,
					  run_word_line(node), plugin->name);
	}
	if (n == MAX_PLUGINS)
		return errmsg_set(reading->msg, -EINVAL, "%s: line %zu: more than %d plugins",
				  reading->path, run_word_line(node), MAX_PLUGINS);
	moved = grow_array(config->plugins, n, &config->plugins_room, sizeof(*config->plugins));
	if (!moved)
		return errmsg_set(reading->msg, -ENOMEM, "out of memory");
	config->plugins = moved;
	config->plugins[n] = *plugin;
	config->settings.n_plugins = n + 1;
	return 0;
}

static int take_plugins(const struct run_reading *reading, const struct run_word *word,
			yaml_node_t *value, void *into)
{
	int err = 0;

	if (value->type != YAML_SEQUENCE_NODE)
		return run_word_wrong(reading, value, word->name, "a list: \"- name: …\"");
	for (const yaml_node_item_t *item = value->data.sequence.items.start;
	     item < value->data.sequence.items.top && !err; item++) {
		yaml_node_t *node = yaml_document_get_node(reading->document, *item);
		struct telemetry_plugin plugin = {0};

		err = run_words_take(reading, node, word->within, &plugin);
		if (!err)
			err = add_plugin(reading, node, &plugin, into);
	}
	return err;
}

static const struct run_word system_words[] = {
	{.name = "name"},
	{.name = "description"},
	{0},
};

static const struct run_word dataset_words[] = {
	{.name = "path"},
	{.name = "format"},
	{.name = "params"},
	COUNT("channels", AT(shape.c)),
	RATE("sample_rate_hz", AT(shape.fs_hz)),
	{0},
};

static const struct run_word realtime_words[] = {
	{.name = "scheduler"},
	{.name = "priority"},
	{.name = "cpu_affinity"},
	/* What SCHED_DEADLINE is told. */
	{.name = "deadline"},
	DEADLINE_MS("deadline_ms"),
	{0},
};

static const struct run_word power_words[] = {
	{.name = "governor"},
	{.name = "turbo"},
	{0},
};

static const struct run_word parameters_words[] = {
	{.name = "duration_seconds"},
	{.name = "repeats"},
	NUMBER("warmup_seconds", AT(warmup_s), 0, 86400, 1, "seconds from 0 to 86400"),
	{0},
};

static const struct run_word benchmark_words[] = {
	{.name = "metrics"},
	SECTION("parameters", parameters_words),
	TEXT("load_profile", AT(load_profile)),
	{0},
};

static const struct run_word output_words[] = {
	{.name = "directory"},
	{.name = "include_raw_data"},
	{.name = "format", .take = take_output_format},
	{0},
};

static const struct run_word execution_words[] = {
	COUNT("window_samples", AT(shape.w)),
	COUNT("hop_samples", AT(shape.h)),
	DEADLINE_MS("deadline_ms"),
	{.name = "warmup_iterations", .take = take_warmup},
	{.name = "total_iterations"}, /* how many windows there will be */
	{0},
};

static const struct run_word load_profile_words[] = {
	{.name = "type"},
	{.name = "cpu_percent"},
	{0},
};

static const struct run_word runtime_words[] = {
	COUNT("window_length_samples", PLUGIN_AT(shape.w)),
	COUNT("hop_samples", PLUGIN_AT(shape.h)),
	COUNT("channels", PLUGIN_AT(shape.c)),
	TEXT("dtype", PLUGIN_AT(shape.dtype)),
	{.name = "allow_in_place"},
	{0},
};

static const struct run_word plugin_words[] = {
	TEXT("name", PLUGIN_AT(name)),
	SECTION("runtime", runtime_words),
	{.name = "status"},
	{.name = "spec_uri"},
	{.name = "spec_version"},
	{.name = "params"},
	{.name = "tolerances"},
	{.name = "oracle"},
	{.name = "calibration_state"},
	{.name = "adapter_path"},
	{.name = "path"},
	/* Ours. */
	COUNT("W", PLUGIN_AT(shape.w)),
	COUNT("H", PLUGIN_AT(shape.h)),
	COUNT("C", PLUGIN_AT(shape.c)),
	RATE("Fs", PLUGIN_AT(shape.fs_hz)),
	TEXT("dtype", PLUGIN_AT(shape.dtype)),
	{0},
};

/* In this order: execution is the more particular of the harness's, and ours stand before the harness's. */
static const struct run_word words[] = {
	{.name = "cortex_version", .take = take_version},
	{.name = "device"},
	SECTION("system", system_words),
	SECTION("dataset", dataset_words),
	SECTION("realtime", realtime_words),
	SECTION("power", power_words),
	SECTION("benchmark", benchmark_words),
	SECTION("output", output_words),
	SECTION("execution", execution_words),
	{.name = "plugins", .take = take_plugins, .within = plugin_words},
	{.name = "kernels", .take = take_plugins, .within = plugin_words},
	{.name = "pipelines"},
	/* Ours. */
	COUNT("W", AT(shape.w)),
	COUNT("H", AT(shape.h)),
	COUNT("C", AT(shape.c)),
	RATE("Fs", AT(shape.fs_hz)),
	TEXT("dtype", AT(shape.dtype)),
	{.name = "load_profile",
	 .take = take_load_profile,
	 .at = AT(load_profile),
	 .within = load_profile_words},
	{.name = "warmup", .take = take_warmup},
	COUNT("repeat", AT(repeat)),
	TEXT("plugin", AT(plugin)),
	NUMBER("deadline", AT(deadline_s), 1e-6, 3600, 1, "seconds from 0.000001 to 3600"),
	{.name = "format", .take = take_format},
	{0},
};

_Static_assert(sizeof(words) / sizeof(*words) <= RUN_WORDS_MAX + 1, "room for all words");

static int read_root(const char *path, yaml_document_t *document, struct run_config *config,
		     struct errmsg *msg)
{
	const struct run_reading reading = {path, document, &config->texts, msg};
	struct telemetry_settings *settings = &config->settings;
	const yaml_node_t *root = yaml_document_get_root_node(document);
	int err;

	if (!root || run_word_is_nothing(root))
		return errmsg_set(msg, -EINVAL, "%s is no run configuration: it is empty", path);
	err = run_words_take(&reading, root, words, config);
	if (err)
		return err;
	settings->plugins = config->plugins;
	if (!settings->plugin && settings->n_plugins == 1)
		settings->plugin = settings->plugins[0].name;
	return 0;
}

int run_config_parse(const char *path, const char *text, size_t size, struct run_config *ret,
		     struct errmsg *msg)
{
	_cleanup_(yaml_document_delete) yaml_document_t document = {0};
	struct run_config config = {0};
	int err;

	if (size > MAX_SIZE)
		return errmsg_set(msg, -EFBIG, "%s is too big for a run configuration", path);
	err = run_words_load(path, text, size, &document, msg);
	if (!err)
		err = read_root(path, &document, &config, msg);
	if (err) {
		run_config_done(&config);
		return err;
	}
	*ret = config;
	return 0;
}

static int read_text(FILE *stream, const char *path, char text[MAX_SIZE + 2], struct errmsg *msg)
{
	size_t size = fread(text, 1, MAX_SIZE + 1, stream);

	if (ferror(stream))
		return errmsg_set(msg, -errno, "can't read %s: %s", path, strerror(errno));
	if (memchr(text, '\0', size))
		return errmsg_set(msg, -EINVAL, "%s is no text", path);
	text[size] = '\0';
	return 0;
}

static int copy_text(const char *text, char **ret, struct errmsg *msg)
{
	*ret = strdup(text);
	return *ret ? 0 : errmsg_set(msg, -ENOMEM, "out of memory");
}

int run_config_text(const char *path, char **ret, struct errmsg *msg)
{
	_cleanup_fclose_ FILE *stream = fopen(path, "re");
	char text[MAX_SIZE + 2];
	int err;

	if (!stream)
		return errmsg_set(msg, -errno, "can't open %s: %s", path, strerror(errno));
	err = read_text(stream, path, text, msg);
	return err ? err : copy_text(text, ret, msg);
}

int run_config_read(const char *path, struct run_config *ret, struct errmsg *msg)
{
	char *text = NULL;
	int err = run_config_text(path, &text, msg);

	if (text)
		err = run_config_parse(path, text, strlen(text), ret, msg);
	free(text);
	return err;
}

void run_config_done(struct run_config *config)
{
	arena_done(&config->texts);
	free(config->plugins);
	*config = (struct run_config){0};
}
