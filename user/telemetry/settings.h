/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_TELEMETRY_SETTINGS_H
#define ENERGYTRACE_TELEMETRY_SETTINGS_H

/* What a run is told of its windows beforehand, and nobody can measure: their shape and when they are due. */

#include "telemetry/write.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 0 and NULL: not told. */
struct telemetry_shape {
	uint32_t w, h, c; /* samples in a window, samples to the next, channels */
	double fs_hz;
	const char *dtype;
};

/* What differs for one kernel. */
struct telemetry_plugin {
	const char *name;
	struct telemetry_shape shape;
};

/* Texts are borrowed. 0 and NULL: not told. */
struct telemetry_settings {
	struct telemetry_shape shape; /* of every kernel, as far as its own does not say */
	const char *plugin;	      /* the name of the one kernel that there is */
	const char *load_profile;
	uint32_t warmup; /* windows of each kernel */
	double warmup_s; /* or those of so long */
	uint32_t repeat;
	double deadline_s; /* from the release */
	bool format_given;
	enum telemetry_format format;
	const struct telemetry_plugin *plugins;
	size_t n_plugins;
};

#endif
