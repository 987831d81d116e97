/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_OUTPUT_SPEC_H
#define ENERGYTRACE_OUTPUT_SPEC_H

/*
 * The word of --output: FORMAT[:TARGET][,KEY=VALUE…].
 *
 * TARGET goes on to the first comma that begins a KEY=, with KEY of small letters and dashes; so does each
 * VALUE. Any other comma is part of them: `jsonl:a,b` writes the file "a,b".
 */

#include "base/errmsg.h"
#include "output/output.h"

#include <stdbool.h>
#include <stddef.h>

#define OUTPUT_KEYS_MAX 16

struct output_key {
	const char *name, *value;
};

struct output_spec {
	const struct output_format *format;
	const char *target; /* NULL: none was given */
	struct output_key keys[OUTPUT_KEYS_MAX];
	size_t n_keys;
	char *text; /* owned; what the rest points into */
};

/*
 * Returns 0, -ENOMEM, or -EINVAL with `msg` filled: an unknown format or key (the nearest one is named), a
 * key twice, a target that is missing, or what the format itself finds wrong.
 */
int output_spec_parse(const char *text, struct output_spec *ret, struct errmsg *msg);

/* The value that was given for the key, or NULL. */
const char *output_spec_value(const struct output_spec *spec, const char *key);

/* Whether the text can be a target or a value: it holds no comma that begins a KEY=. */
bool output_spec_can_hold(const char *text);

/* Takes a zeroed one. */
void output_spec_done(struct output_spec *spec);

#endif
