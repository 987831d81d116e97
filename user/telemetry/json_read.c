// SPDX-License-Identifier: BSD-2-Clause
#include "telemetry/json_read.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#define DEPTH_MAX 64 /* of values inside one another: what is skipped is skipped by recursion */

static int skip_value(struct json_cursor *cursor, struct json_value *ret, unsigned int depth);

static int fail(struct json_cursor *cursor, const char *problem)
{
	cursor->problem = problem;
	return -EBADMSG;
}

/* The byte at the cursor, or 0 at the end: no token begins with a NUL. */
static char peek(const struct json_cursor *cursor)
{
	return cursor->at < cursor->end ? *cursor->at : '\0';
}

static void skip_space(struct json_cursor *cursor)
{
	while (cursor->at < cursor->end && *cursor->at && strchr(" \t\r\n", *cursor->at))
		cursor->at++;
}

void json_cursor_begin(struct json_cursor *cursor, char *text, size_t length)
{
	*cursor = (struct json_cursor){.at = text, .end = text + length, .first = true};
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Four hexadecimal digits; the code, or -EBADMSG. */
static int read_hex(struct json_cursor *cursor)
{
	int code = 0;

	for (int i = 0; i < 4; i++, cursor->at++) {
		int digit = hex_value(peek(cursor));

		if (digit < 0)
			return fail(cursor, "four hexadecimal digits behind \\u");
		code = code << 4 | digit;
	}
	return code;
}

static char *put_utf8(char *to, uint32_t code)
{
	if (code < 0x80) {
		*to++ = (char)code;
	} else if (code < 0x800) {
		*to++ = (char)(0xc0 | code >> 6);
		*to++ = (char)(0x80 | (code & 0x3f));
	} else if (code < 0x10000) {
		*to++ = (char)(0xe0 | code >> 12);
		*to++ = (char)(0x80 | (code >> 6 & 0x3f));
		*to++ = (char)(0x80 | (code & 0x3f));
	} else {
		*to++ = (char)(0xf0 | code >> 18);
		*to++ = (char)(0x80 | (code >> 12 & 0x3f));
		*to++ = (char)(0x80 | (code >> 6 & 0x3f));
		*to++ = (char)(0x80 | (code & 0x3f));
	}
	return to;
}

/* Behind "\u". Half a pair of surrogates stands for no character: U+FFFD. */
static int read_unicode(struct json_cursor *cursor, char **to)
{
	int code = read_hex(cursor), low;
	struct json_cursor ahead;

	if (code < 0)
		return code;
	if (code == 0)
		return fail(cursor, "a text without NUL");
	if (code >= 0xd800 && code < 0xdc00 && cursor->end - cursor->at > 2 &&
	    memcmp(cursor->at, "\\u", 2) == 0) {
		ahead = *cursor;
		ahead.at += 2;
		low = read_hex(&ahead);
		if (low >= 0xdc00 && low < 0xe000) {
			*cursor = ahead;
			code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
		}
	}
	if (code >= 0xd800 && code < 0xe000)
		code = 0xfffd;
	*to = put_utf8(*to, (uint32_t)code);
	return 0;
}

static int read_escape(struct json_cursor *cursor, char **to)
{
	static const char letters[] = "\"\\/bfnrt", bytes[] = "\"\\/\b\f\n\r\t";
	char letter = peek(cursor);
	const char *found = letter ? strchr(letters, letter) : NULL;

	if (letter == 'u') {
		cursor->at++;
		return read_unicode(cursor, to);
	}
	if (!found)
		return fail(cursor, "an escape that there is");
	cursor->at++;
	*(*to)++ = bytes[found - letters];
	return 0;
}

/* Decodes in place: an escape is never shorter than what it stands for. */
static int read_string(struct json_cursor *cursor, struct json_value *ret)
{
	char *to;
	int err;

	if (peek(cursor) != '"')
		return fail(cursor, "a string");
	to = ++cursor->at;
	*ret = (struct json_value){.type = JSON_TEXT, .text = to};
	while (peek(cursor) != '"') {
		if ((unsigned char)peek(cursor) < 0x20)
			return fail(cursor, "the end of a string");
		if (*cursor->at != '\\') {
			*to++ = *cursor->at++;
			continue;
		}
		cursor->at++;
		err = read_escape(cursor, &to);
		if (err)
			return err;
	}
	cursor->at++;
	*to = '\0'; /* at the closing quote, or before it */
	ret->length = (size_t)(to - ret->text);
	return 0;
}

static size_t skip_digits(struct json_cursor *cursor)
{
	char *start = cursor->at;

	while (peek(cursor) >= '0' && peek(cursor) <= '9')
		cursor->at++;
	return (size_t)(cursor->at - start);
}

static int read_number(struct json_cursor *cursor, struct json_value *ret)
{
	*ret = (struct json_value){.type = JSON_NUMBER, .text = cursor->at};
	if (peek(cursor) == '-')
		cursor->at++;
	if (peek(cursor) == '0')
		cursor->at++;
	else if (skip_digits(cursor) == 0)
		return fail(cursor, "a value");
	if (peek(cursor) == '.') {
		cursor->at++;
		if (skip_digits(cursor) == 0)
			return fail(cursor, "a digit behind the point");
	}
	if (peek(cursor) == 'e' || peek(cursor) == 'E') {
		cursor->at++;
		if (peek(cursor) == '+' || peek(cursor) == '-')
			cursor->at++;
		if (skip_digits(cursor) == 0)
			return fail(cursor, "a digit in the exponent");
	}
	ret->length = (size_t)(cursor->at - ret->text);
	return 0;
}

static int read_word(struct json_cursor *cursor, struct json_value *ret)
{
	static const struct {
		const char *word;
		struct json_value value;
	} words[] = {
		{"null", {.type = JSON_NULL}},
		{"true", {.type = JSON_BOOL, .truth = true}},
		{"false", {.type = JSON_BOOL}},
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t length = strlen(words[i].word);

		if ((size_t)(cursor->end - cursor->at) < length ||
		    memcmp(cursor->at, words[i].word, length) != 0)
			continue;
		cursor->at += length;
		*ret = words[i].value;
		return 0;
	}
	return fail(cursor, "a value");
}

/* Between members: 1 when another follows, 0 behind the closing bracket. */
static int more(struct json_cursor *cursor, char bracket)
{
	bool first = cursor->first;

	skip_space(cursor);
	cursor->first = false;
	if (peek(cursor) == bracket) {
		cursor->at++;
		return 0;
	}
	if (first)
		return 1;
	if (peek(cursor) != ',')
		return fail(cursor, bracket == '}' ? "',' or '}'" : "',' or ']'");
	cursor->at++;
	skip_space(cursor);
	return 1;
}

static int read_key(struct json_cursor *cursor, char **ret)
{
	struct json_value key;
	int err = read_string(cursor, &key);

	if (err)
		return err;
	skip_space(cursor);
	if (peek(cursor) != ':')
		return fail(cursor, "':' behind a key");
	cursor->at++;
	*ret = key.text;
	return 0;
}

/*
 * Checks the whole of it and leaves its text as it is: the strings in it are decoded only by who reads
 * them, so those in here are walked over without a change.
 */
static int skip_string(struct json_cursor *cursor)
{
	char scratch[4], *to;
	int err;

	if (peek(cursor) != '"')
		return fail(cursor, "a string");
	for (cursor->at++; peek(cursor) != '"';) {
		if ((unsigned char)peek(cursor) < 0x20)
			return fail(cursor, "the end of a string");
		if (*cursor->at++ != '\\')
			continue;
		to = scratch;
		err = read_escape(cursor, &to);
		if (err)
			return err;
	}
	cursor->at++;
	return 0;
}

static int skip_members(struct json_cursor *cursor, char bracket, unsigned int depth)
{
	struct json_value ignored;
	int got;

	cursor->first = true;
	while ((got = more(cursor, bracket)) > 0) {
		int err = 0;

		if (bracket == '}') {
			err = skip_string(cursor);
			if (err)
				return err;
			skip_space(cursor);
			if (peek(cursor) != ':')
				return fail(cursor, "':' behind a key");
			cursor->at++;
		}
		err = skip_value(cursor, &ignored, depth);
		if (err)
			return err;
	}
	return got;
}

static int skip_nested(struct json_cursor *cursor, struct json_value *ret, unsigned int depth)
{
	char open = *cursor->at;
	int err;

	if (depth >= DEPTH_MAX)
		return fail(cursor, "fewer values inside one another");
	*ret = (struct json_value){.type = open == '{' ? JSON_OBJECT : JSON_ARRAY,
				   .text = cursor->at++};
	err = skip_members(cursor, open == '{' ? '}' : ']', depth + 1);
	if (err)
		return err;
	cursor->first = false;
	ret->length = (size_t)(cursor->at - ret->text);
	return 0;
}

static int skip_value(struct json_cursor *cursor, struct json_value *ret, unsigned int depth)
{
	char c;

	skip_space(cursor);
	c = peek(cursor);
	if (c == '{' || c == '[')
		return skip_nested(cursor, ret, depth);
	if (c == '"')
		return skip_string(cursor);
	if (c == '-' || (c >= '0' && c <= '9'))
		return read_number(cursor, ret);
	return read_word(cursor, ret);
}

static int read_value(struct json_cursor *cursor, struct json_value *ret)
{
	skip_space(cursor);
	return peek(cursor) == '"' ? read_string(cursor, ret) : skip_value(cursor, ret, 0);
}

int json_enter_object(struct json_cursor *cursor)
{
	skip_space(cursor);
	if (peek(cursor) != '{')
		return fail(cursor, "'{'");
	cursor->at++;
	cursor->first = true;
	return 0;
}

int json_next(struct json_cursor *cursor, char **ret_key, struct json_value *ret)
{
	int got = more(cursor, '}');

	if (got <= 0)
		return got;
	got = read_key(cursor, ret_key);
	if (!got)
		got = read_value(cursor, ret);
	return got ? got : 1;
}

int json_finish(struct json_cursor *cursor)
{
	skip_space(cursor);
	return cursor->at == cursor->end ? 0 : fail(cursor, "nothing more");
}
