// SPDX-License-Identifier: BSD-2-Clause
#include "output/telemetry_settings.h"

#include "base/parse.h"

#include <errno.h>
#include <string.h>

#define MAX_DEADLINE_S 3600.0

const char *const telemetry_key_names[] = {
	"run", "format", "plugin", "warmup",	   "repeat",   "w", "h",
	"c",   "fs",	 "dtype",  "load-profile", "deadline", NULL};

static int parse_counts(const struct output_spec *spec, struct telemetry_settings *settings,
			struct errmsg *msg)
{
	const struct {
		const char *key;
		uint32_t *value;
		uint32_t least;
	} counts[] = {{"warmup", &settings->warmup, 0},
		      {"repeat", &settings->repeat, 1},
		      {"w", &settings->shape.w, 1},
		      {"h", &settings->shape.h, 1},
		      {"c", &settings->shape.c, 1}};

	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		const char *value = output_spec_value(spec, counts[i].key);

		if (value && parse_u32(value, counts[i].least, UINT32_MAX, counts[i].value) != 0)
			return errmsg_set(msg, -EINVAL,
					  "telemetry: %s= takes a number from %u, not \"%s\"",
					  counts[i].key, counts[i].least, value);
	}
	return 0;
}

static int parse_others(const struct output_spec *spec, struct telemetry_settings *settings,
			struct errmsg *msg)
{
	const char *format = output_spec_value(spec, "format");
	const char *fs = output_spec_value(spec, "fs");
	const char *deadline = output_spec_value(spec, "deadline");

	if (format && telemetry_format_from_name(format, &settings->format) != 0)
		return errmsg_set(msg, -EINVAL, "telemetry: format= is ndjson or csv, not \"%s\"",
				  format);
	if (fs && parse_double(fs, 1e-6, 1e9, &settings->shape.fs_hz) != 0)
		return errmsg_set(msg, -EINVAL, "telemetry: fs= takes samples a second, not \"%s\"",
				  fs);
	if (deadline && parse_double(deadline, 1e-6, MAX_DEADLINE_S, &settings->deadline_s) != 0)
		return errmsg_set(msg, -EINVAL,
				  "telemetry: deadline= takes seconds up to 3600, not \"%s\"",
				  deadline);
	settings->plugin = output_spec_value(spec, "plugin");
	settings->load_profile = output_spec_value(spec, "load-profile");
	settings->shape.dtype = output_spec_value(spec, "dtype");
	return 0;
}

/* What the keys leave open is what the run was told; only the shape waits for the kernel's name. */
static void fill_in(struct telemetry_settings *settings, const struct telemetry_settings *told,
		    bool warmup_given, bool format_given)
{
	if (!settings->plugin)
		settings->plugin = told->plugin;
	if (!settings->load_profile)
		settings->load_profile = told->load_profile;
	if (!warmup_given) {
		settings->warmup = told->warmup;
		settings->warmup_s = told->warmup_s;
	}
	if (!settings->repeat)
		settings->repeat = told->repeat;
	if (!(settings->deadline_s > 0))
		settings->deadline_s = told->deadline_s;
	if (!format_given && told->format_given)
		settings->format = told->format;
	settings->plugins = told->plugins;
	settings->n_plugins = told->n_plugins;
}

int telemetry_keys_parse(const struct output_spec *spec, const struct telemetry_settings *told,
			 struct telemetry_keys *ret, struct errmsg *msg)
{
	struct telemetry_keys keys = {.run = output_spec_value(spec, "run")};
	int err;

	err = parse_counts(spec, &keys.settings, msg);
	if (!err)
		err = parse_others(spec, &keys.settings, msg);
	if (err)
		return err;
	if (told) {
		fill_in(&keys.settings, told, output_spec_value(spec, "warmup") != NULL,
			output_spec_value(spec, "format") != NULL);
		keys.told = told->shape;
	}
	if (!keys.settings.repeat)
		keys.settings.repeat = 1;
	*ret = keys;
	return 0;
}

static void fill_shape(struct telemetry_shape *shape, const struct telemetry_shape *behind)
{
	if (!shape->w)
		shape->w = behind->w;
	if (!shape->h)
		shape->h = behind->h;
	if (!shape->c)
		shape->c = behind->c;
	if (!(shape->fs_hz > 0))
		shape->fs_hz = behind->fs_hz;
	if (!shape->dtype)
		shape->dtype = behind->dtype;
}

struct telemetry_shape telemetry_shape_of(const struct telemetry_keys *keys, const char *plugin)
{
	const struct telemetry_shape one_channel = {.c = 1};
	struct telemetry_shape shape = keys->settings.shape;

	for (size_t i = 0; i < keys->settings.n_plugins; i++) {
		if (strcmp(keys->settings.plugins[i].name, plugin) == 0)
			fill_shape(&shape, &keys->settings.plugins[i].shape);
	}
	fill_shape(&shape, &keys->told);
	fill_shape(&shape, &one_channel);
	return shape;
}
