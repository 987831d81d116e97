// SPDX-License-Identifier: BSD-2-Clause
#include "sample/record_text.h"

#include "base/parse.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

/* Writing. A row is written for every thread that ran, so it goes without printf. */

static void write_u64(FILE *stream, uint64_t value)
{
	char digits[20];
	size_t first = sizeof(digits);

	do {
		digits[--first] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	fwrite_unlocked(&digits[first], 1, sizeof(digits) - first, stream);
}

static void write_i64(FILE *stream, int64_t value)
{
	if (value < 0)
		putc_unlocked('-', stream);
	write_u64(stream, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

/* Stops at a NUL or after `max` bytes. */
static void write_text(FILE *stream, const char *text, size_t max)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < max && text[i]; i++) {
		unsigned char byte = (unsigned char)text[i];

		if (byte > ' ' && byte <= '~' && byte != '%') {
			putc_unlocked(byte, stream);
		} else {
			putc_unlocked('%', stream);
			putc_unlocked(hex[byte >> 4], stream);
			putc_unlocked(hex[byte & 15], stream);
		}
	}
}

static const char *word_name(enum record_key_type type, unsigned int value)
{
	switch (type) {
	case KEY_DOMAIN_TYPE:
		return domain_type_name((enum domain_type)value);
	case KEY_ENERGY_KIND:
		return energy_kind_name((enum energy_kind)value);
	case KEY_COUNTER_GROUP:
		return counter_group_name((enum counter_group)value);
	default:
		return sample_loss_name((enum sample_loss)value);
	}
}

/* The bits of a number: sign-extended where it has a sign. */
static uint64_t load_number(enum record_key_type type, const void *member)
{
	switch (type) {
	case KEY_U32:
		return *(const uint32_t *)member;
	case KEY_I32:
		return (uint64_t)(*(const int32_t *)member);
	case KEY_BOOL:
		return *(const bool *)member;
	default:
		return *(const uint64_t *)member;
	}
}

static void write_name(FILE *stream, const struct record_key *key)
{
	putc_unlocked(' ', stream);
	fputs_unlocked(key->name, stream);
	putc_unlocked('=', stream);
}

static void write_number(FILE *stream, const struct record_key *key, const void *member)
{
	uint64_t number = load_number(key->type, member);

	if (key->optional && number == (uint64_t)key->otherwise)
		return;
	write_name(stream, key);
	if (key->type == KEY_I32 || key->type == KEY_I64)
		write_i64(stream, (int64_t)number);
	else
		write_u64(stream, number);
}

static void write_key(FILE *stream, const struct record_key *key, const void *member)
{
	const char *text;
	size_t max = SIZE_MAX;

	switch (key->type) {
	case KEY_TEXT:
		text = member;
		max = key->size - 1;
		break;
	case KEY_STRING:
		text = *(char *const *)member;
		break;
	case KEY_DOMAIN_TYPE:
	case KEY_ENERGY_KIND:
	case KEY_LOSS:
	case KEY_COUNTER_GROUP:
		text = word_name(key->type, *(const unsigned int *)member);
		break;
	default:
		write_number(stream, key, member);
		return;
	}
	if (key->optional && (!text || (key->type == KEY_TEXT && !text[0])))
		return;
	write_name(stream, key);
	write_text(stream, text, max);
}

void record_line_write(FILE *stream, enum record_kind kind, const void *object)
{
	const struct record_line *type = &record_lines[kind];

	fputs_unlocked(type->name, stream);
	for (size_t i = 0; i < type->n_keys; i++)
		write_key(stream, &type->keys[i], (const char *)object + type->keys[i].offset);
	putc_unlocked('\n', stream);
}

/* Parsing. */

/* The sentence on a key's value, of which it shows as much as fits. */
static int bad_value(struct errmsg *msg, const struct record_line *type,
		     const struct record_key *key, const char *value, const char *problem)
{
	return errmsg_set(msg, -EBADMSG, "%s: %s=%.40s%s %s", type->name, key->name, value,
			  strlen(value) > 40 ? "..." : "", problem);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* Decodes in place. The length, or -EINVAL; a NUL can't be in a text. */
static ssize_t decode(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++) {
		int high, low;

		if (*from != '%') {
			*to++ = *from;
			continue;
		}
		high = hex_digit(from[1]);
		low = high < 0 ? -1 : hex_digit(from[2]);
		if (low < 0 || high + low == 0)
			return -EINVAL;
		*to++ = (char)(high << 4 | low);
		from += 2;
	}
	*to = '\0';
	return to - text;
}

static int parse_text(const struct record_line *type, const struct record_key *key, char *value,
		      void *member, struct errmsg *msg)
{
	ssize_t length = decode(value);

	if (length < 0)
		return errmsg_set(msg, -EBADMSG, "%s: %s= has a bad percent-encoding", type->name,
				  key->name);
	if (key->type == KEY_STRING) {
		*(char **)member = value;
		return 0;
	}
	if ((size_t)length >= key->size)
		return errmsg_set(msg, -EBADMSG, "%s: %s= is longer than %zu bytes", type->name,
				  key->name, key->size - 1);
	memset(member, 0, key->size);
	memcpy(member, value, (size_t)length);
	return 0;
}

static void store_number(enum record_key_type type, uint64_t number, void *member)
{
	switch (type) {
	case KEY_U32:
		*(uint32_t *)member = (uint32_t)number;
		break;
	case KEY_I32:
		*(int32_t *)member = (int32_t)number;
		break;
	case KEY_BOOL:
		*(bool *)member = number;
		break;
	default:
		*(uint64_t *)member = number;
	}
}

static uint64_t max_of(const struct record_key *key)
{
	if (key->max)
		return key->max;
	if (key->type == KEY_BOOL)
		return 1;
	return key->type == KEY_U32 ? UINT32_MAX : UINT64_MAX;
}

static int parse_number(const struct record_line *type, const struct record_key *key,
			const char *value, void *member, struct errmsg *msg)
{
	uint64_t number = 0;
	int64_t with_sign = 0;
	int err;

	if (key->type == KEY_I32 || key->type == KEY_I64) {
		bool narrow = key->type == KEY_I32;

		err = parse_i64(value, narrow ? INT32_MIN : INT64_MIN,
				narrow ? INT32_MAX : INT64_MAX, &with_sign);
		number = (uint64_t)with_sign;
	} else {
		err = parse_u64(value, key->min, max_of(key), &number);
	}
	if (err)
		return bad_value(msg, type, key, value,
				 err == -ERANGE ? "is out of range" : "is not a number");
	store_number(key->type, number, member);
	return 0;
}

static int parse_key(const struct record_line *type, const struct record_key *key, char *value,
		     void *member, struct errmsg *msg)
{
	int err;

	switch (key->type) {
	case KEY_TEXT:
	case KEY_STRING:
		return parse_text(type, key, value, member, msg);
	case KEY_DOMAIN_TYPE:
		err = domain_type_from_name(value, member);
		break;
	case KEY_ENERGY_KIND:
		err = energy_kind_from_name(value, member);
		break;
	case KEY_LOSS:
		err = sample_loss_from_name(value, member);
		break;
	case KEY_COUNTER_GROUP:
		err = counter_group_from_name(value, member);
		break;
	default:
		return parse_number(type, key, value, member, msg);
	}
	return err ? bad_value(msg, type, key, value, "is not a known word") : 0;
}

/* So that nothing in a line is guessed at: what is not printable was to be encoded. */
static int check_bytes(const struct record_line *type, const char *text, struct errmsg *msg)
{
	for (; *text; text++) {
		if (*text < ' ' || *text > '~')
			return errmsg_set(msg, -EBADMSG, "%s: holds the byte 0x%02x", type->name,
					  (unsigned char)*text);
	}
	return 0;
}

/* What optional keys stand for when they are not there; returns the keys that must be. */
static uint32_t set_defaults(const struct record_line *type, char *object)
{
	uint32_t required = 0;

	for (size_t i = 0; i < type->n_keys; i++) {
		const struct record_key *key = &type->keys[i];

		if (!key->optional)
			required |= 1U << i;
		else if (key->type == KEY_TEXT)
			memset(object + key->offset, 0, key->size);
		else if (key->type == KEY_STRING)
			*(char **)(object + key->offset) = NULL;
		else
			store_number(key->type, (uint64_t)key->otherwise, object + key->offset);
	}
	return required;
}

static size_t find_key(const struct record_line *type, const char *name)
{
	size_t i = 0;

	while (i < type->n_keys && strcmp(type->keys[i].name, name) != 0)
		i++;
	return i;
}

int record_line_parse(enum record_kind kind, char *keys, void *object, struct errmsg *msg)
{
	const struct record_line *type = &record_lines[kind];
	uint32_t seen = 0, missing;
	char *word, *value;
	int err;

	err = check_bytes(type, keys, msg);
	if (err)
		return err;
	missing = set_defaults(type, object);
	while ((word = strsep(&keys, " "))) {
		size_t i;

		if (word[0] == '\0')
			continue;
		value = strchr(word, '=');
		if (!value || value == word)
			return errmsg_set(msg, -EBADMSG, "%s: \"%.40s\" is not key=value",
					  type->name, word);
		*value++ = '\0';
		i = find_key(type, word);
		if (i == type->n_keys)
			continue;
		if (seen & 1U << i)
			return errmsg_set(msg, -EBADMSG, "%s: %s= is there twice", type->name,
					  word);
		seen |= 1U << i;
		err = parse_key(type, &type->keys[i], value, (char *)object + type->keys[i].offset,
				msg);
		if (err)
			return err;
	}
	missing &= ~seen;
	if (missing)
		return errmsg_set(msg, -EBADMSG, "%s: %s= is missing", type->name,
				  type->keys[__builtin_ctz(missing)].name);
	return 0;
}
