/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_OUTPUT_TELEMETRY_SETTINGS_H
#define ENERGYTRACE_OUTPUT_TELEMETRY_SETTINGS_H

/* The keys of `telemetry:DIR,KEY=VALUE…`. */

#include "output/spec.h"
#include "telemetry/settings.h"

struct telemetry_keys {
	const char *run;		    /* the folder's name, or NULL */
	struct telemetry_settings settings; /* its shape is what the keys say */
	struct telemetry_shape told;	    /* what the run was told of all kernels */
};

extern const char *const telemetry_key_names[]; /* ended by NULL */

/*
 * The keys, over what the whole run was told (NULL: nothing). Texts and plugins are borrowed from both. 0 or
 * -EINVAL with `msg` filled.
 */
int telemetry_keys_parse(const struct output_spec *spec, const struct telemetry_settings *told,
			 struct telemetry_keys *ret, struct errmsg *msg);

/* The shape of the windows of that kernel: what a key says, else what is told of it, else of all. */
struct telemetry_shape telemetry_shape_of(const struct telemetry_keys *keys, const char *plugin);

#endif
