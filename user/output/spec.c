// SPDX-License-Identifier: BSD-2-Clause
#include "output/spec.h"

#include "base/nearest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 32

static int unknown_format(struct errmsg *msg, const char *name)
{
	const char *names[WORDS_MAX], *near;
	size_t n = 0;

	for (; n < WORDS_MAX && output_formats[n]; n++)
		names[n] = output_formats[n]->name;
	near = nearest_word(name, names, n);
	if (near)
		return errmsg_set(msg, -EINVAL, "unknown output format '%s'; did you mean '%s'?",
				  name, near);
	return errmsg_set(
		msg, -EINVAL,
		"unknown output format '%s'; 'energytrace -o list' prints those there are", name);
}

static const struct output_format *find_format(const char *name)
{
	for (size_t i = 0; output_formats[i]; i++) {
		if (strcmp(output_formats[i]->name, name) == 0)
			return output_formats[i];
	}
	return NULL;
}

/* Where ",KEY=" begins, or the end of the text. */
static size_t find_key(const char *text)
{
	for (size_t at = 0;; at++) {
		size_t key;

		at += strcspn(text + at, ",");
		if (!text[at])
			return at;
		key = strspn(text + at + 1, "abcdefghijklmnopqrstuvwxyz-");
		if (key > 0 && text[at + 1 + key] == '=')
			return at;
	}
}

bool output_spec_can_hold(const char *text)
{
	return text[find_key(text)] == '\0';
}

/* The keys that the format takes, into `words`; returns how many. */
static size_t keys_of(const struct output_format *format, const char *words[WORDS_MAX])
{
	size_t n = 0;

	words[n++] = "by";
	for (size_t i = 0; n < WORDS_MAX && format->keys && format->keys[i]; i++)
		words[n++] = format->keys[i];
	return n;
}

static int check_key(const struct output_spec *spec, const char *name, struct errmsg *msg)
{
	const char *words[WORDS_MAX], *near;
	size_t n = keys_of(spec->format, words);

	if (output_spec_value(spec, name))
		return errmsg_set(msg, -EINVAL, "output format '%s' has the setting '%s' twice",
				  spec->format->name, name);
	for (size_t i = 0; i < n; i++) {
		if (strcmp(words[i], name) == 0)
			return 0;
	}
	near = nearest_word(name, words, n);
	if (near)
		return errmsg_set(msg, -EINVAL,
				  "output format '%s' takes no setting '%s'; did you mean '%s'?",
				  spec->format->name, name, near);
	return errmsg_set(msg, -EINVAL, "output format '%s' takes no setting '%s'",
			  spec->format->name, name);
}

/* `at` is the place of the comma before the first key, if there are any. */
static int parse_keys(struct output_spec *spec, char *at, bool more, struct errmsg *msg)
{
	while (more) {
		char *name = at + 1, *value = strchr(name, '='), *next;
		int err;

		*value++ = '\0';
		err = check_key(spec, name, msg);
		if (err)
			return err;
		if (spec->n_keys == OUTPUT_KEYS_MAX)
			return errmsg_set(msg, -EINVAL, "output format '%s' has too many settings",
					  spec->format->name);
		next = value + find_key(value);
		more = *next != '\0';
		*next = '\0';
		spec->keys[spec->n_keys++] = (struct output_key){name, value};
		at = next;
	}
	return 0;
}

static int check_by(const struct output_spec *spec, struct errmsg *msg)
{
	const char *words[ENTITY_N_KINDS], *near, *by = output_spec_value(spec, "by");
	enum entity_kind kind;

	if (!by || entity_kind_from_name(by, &kind) == 0)
		return 0;
	for (int i = 0; i < ENTITY_N_KINDS; i++)
		words[i] = entity_kind_name((enum entity_kind)i);
	near = nearest_word(by, words, ENTITY_N_KINDS);
	return errmsg_set(msg, -EINVAL, "there is no by=%s: did you mean by=%s?", by,
			  near ? near : words[ENTITY_PROCESS]);
}

static int check_target(const struct output_spec *spec, const char *text, struct errmsg *msg)
{
	const char *name = spec->format->name;

	if (spec->target && !spec->target[0])
		return errmsg_set(msg, -EINVAL,
				  "output '%s' has no target behind the colon: a file, or - "
				  "for standard output",
				  text);
	if (spec->format->needs_folder && (!spec->target || strcmp(spec->target, "-") == 0))
		return errmsg_set(msg, -EINVAL, "output format '%s' needs a folder: '%s:DIR'", name,
				  name);
	if (!spec->target && spec->format->needs_target)
		return errmsg_set(msg, -EINVAL,
				  "output format '%s' needs a target: '%s:FILE', or '%s:-' for "
				  "standard output",
				  name, name, name);
	return 0;
}

static int parse(struct output_spec *spec, const char *text, struct errmsg *msg)
{
	size_t length = strcspn(text, ":,"), end = find_key(text);
	char separator = text[length], *name = spec->text;
	int err;

	name[length] = '\0';
	spec->format = find_format(name);
	if (!spec->format)
		return unknown_format(msg, name);
	if (separator == ',' && end != length)
		return errmsg_set(msg, -EINVAL, "output '%s' has '%s' behind the format", text,
				  text + length);
	err = parse_keys(spec, spec->text + end, text[end] != '\0', msg);
	if (err)
		return err;
	spec->text[end] = '\0';
	if (separator == ':')
		spec->target = spec->text + length + 1;
	err = check_target(spec, text, msg);
	if (!err)
		err = check_by(spec, msg);
	if (!err && spec->format->check)
		err = spec->format->check(spec, msg);
	return err;
}

int output_spec_parse(const char *text, struct output_spec *ret, struct errmsg *msg)
{
	struct output_spec spec = {.text = strdup(text)};
	int err;

	if (!spec.text)
		return errmsg_set(msg, -ENOMEM, "no memory for output '%s'", text);
	err = parse(&spec, text, msg);
	if (err) {
		output_spec_done(&spec);
		return err;
	}
	*ret = spec;
	return 0;
}

const char *output_spec_value(const struct output_spec *spec, const char *key)
{
	for (size_t i = 0; i < spec->n_keys; i++) {
		if (strcmp(spec->keys[i].name, key) == 0)
			return spec->keys[i].value;
	}
	return NULL;
}

void output_spec_done(struct output_spec *spec)
{
	free(spec->text);
	*spec = (struct output_spec){0};
}
