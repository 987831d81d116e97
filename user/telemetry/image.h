/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_TELEMETRY_IMAGE_H
#define ENERGYTRACE_TELEMETRY_IMAGE_H

/*
 * A drawing as a file. SVG is what we draw; PNG and PDF are made of it by rsvg-convert (librsvg), which
 * is run where they are asked for: it and what it is linked to are many times this program.
 */

#include "base/errmsg.h"

#include <stddef.h>

enum image_format {
	IMAGE_SVG,
	IMAGE_PNG, /* two pixels a unit, for screens and slides */
	IMAGE_PDF, /* with its text as text, for papers */
};

/* "svg", "png", "pdf": how the files' names end. */
const char *image_format_name(enum image_format format);

/* 0 or -EINVAL with `msg` filled. */
int image_format_from_name(const char *name, enum image_format *ret, struct errmsg *msg);

/* Whether the format can be had here: 0, or -EOPNOTSUPP with `msg` filled: what to install. */
int image_check(enum image_format format, struct errmsg *msg);

/* Writes or replaces the file. 0 or a negative errno with `msg` filled. */
int image_write(const char *path, enum image_format format, const char *svg, size_t size,
		struct errmsg *msg);

#endif
