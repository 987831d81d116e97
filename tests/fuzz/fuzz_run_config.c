// SPDX-License-Identifier: BSD-2-Clause
/*
 * Any bytes as a run configuration: an error with a sentence comes of them, or settings that are as good as those
 * of a command line, and the same ones again.
 */

#define FUZZ_NAME "fuzz_run_config"

#include "cli/run_config.h"
#include "fuzz_main.h"

#include <string.h>

static bool is_same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool is_same_shape(const struct telemetry_shape *a, const struct telemetry_shape *b)
{
	return a->w == b->w && a->h == b->h && a->c == b->c && a->fs_hz == b->fs_hz &&
	       is_same(a->dtype, b->dtype);
}

static void check_shape(const struct telemetry_shape *shape)
{
	check(shape->fs_hz == 0 || (shape->fs_hz >= 1e-6 && shape->fs_hz <= 1e9),
	      "a rate that can't be");
	check(!shape->dtype || shape->dtype[0], "a dtype without a letter");
}

static void check_settings(const struct telemetry_settings *settings)
{
	check_shape(&settings->shape);
	check(settings->warmup_s >= 0 && settings->warmup_s <= 86400, "a warm-up that can't be");
	check(settings->deadline_s == 0 ||
		      (settings->deadline_s > 0.9e-6 && settings->deadline_s <= 3600),
	      "a deadline that can't be");
	check(!settings->plugin || settings->plugin[0], "a kernel without a letter");
	check(!settings->load_profile || settings->load_profile[0], "a load without a letter");
	check(!settings->n_plugins == !settings->plugins, "plugins that are not there");
	check(settings->n_plugins <= 64, "too many plugins");
	for (size_t i = 0; i < settings->n_plugins; i++) {
		check_shape(&settings->plugins[i].shape);
		check(settings->plugins[i].name && settings->plugins[i].name[0],
		      "a plugin without a name");
		for (size_t j = 0; j < i; j++)
			check(!is_same(settings->plugins[i].name, settings->plugins[j].name),
			      "two plugins of one name");
	}
}

static void check_same(const struct telemetry_settings *a, const struct telemetry_settings *b)
{
	check(is_same_shape(&a->shape, &b->shape) && is_same(a->plugin, b->plugin) &&
		      is_same(a->load_profile, b->load_profile) && a->warmup == b->warmup &&
		      a->warmup_s == b->warmup_s && a->repeat == b->repeat &&
		      a->deadline_s == b->deadline_s && a->format_given == b->format_given &&
		      a->format == b->format && a->n_plugins == b->n_plugins,
	      "not the same again");
	for (size_t i = 0; i < a->n_plugins; i++)
		check(is_same(a->plugins[i].name, b->plugins[i].name) &&
			      is_same_shape(&a->plugins[i].shape, &b->plugins[i].shape),
		      "not the same again");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct run_config config = {0}, again = {0};
	struct errmsg msg = {""};
	int err = run_config_parse("fuzz", (const char *)data, size, &config, &msg);

	check(!err == !msg.text[0], "an error without a sentence, or the reverse");
	if (err) {
		check(!config.plugins && !config.texts.chunks, "settings of what is wrong");
		return 0;
	}
	check_settings(&config.settings);
	check(run_config_parse("fuzz", (const char *)data, size, &again, &msg) == 0,
	      "not the same again");
	check_same(&config.settings, &again.settings);
	run_config_done(&config);
	run_config_done(&again);
	return 0;
}
