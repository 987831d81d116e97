// SPDX-License-Identifier: BSD-2-Clause
#include "output/json.h"

#include "output/number.h"
#include "output/utf8.h"

#include <math.h>
#include <string.h>
#include <time.h>

#define NS_PER_MS 1000000

/* Room for so many bytes more, of which there are few. */
static char *make_room(struct json *json, size_t length)
{
	if (json->used + length > sizeof(json->buffer))
		json_flush(json);
	return json->buffer + json->used;
}

static void put(struct json *json, const char *bytes, size_t length)
{
	if (length > sizeof(json->buffer)) {
		json_flush(json);
		fwrite_unlocked(bytes, 1, length, json->stream);
		return;
	}
	memcpy(make_room(json, length), bytes, length);
	json->used += length;
}

static void put_char(struct json *json, char c)
{
	*make_room(json, 1) = c;
	json->used++;
}

/* What comes before a value: the comma, the key. */
static void begin_value(struct json *json, const char *key)
{
	size_t length = key ? strlen(key) : 0;
	char *at = make_room(json, length + 4), *start = at;

	if (json->comma)
		*at++ = ',';
	json->comma = true;
	if (key) {
		*at++ = '"';
		memcpy(at, key, length);
		at += length;
		*at++ = '"';
		*at++ = ':';
	}
	json->used += (size_t)(at - start);
}

void json_begin(struct json *json, FILE *stream)
{
	json->stream = stream;
	json->comma = false;
	json->used = 0;
}

void json_newline(struct json *json)
{
	put_char(json, '\n');
	json->comma = false;
}

void json_flush(struct json *json)
{
	fwrite_unlocked(json->buffer, 1, json->used, json->stream);
	json->used = 0;
}

static void open_with(struct json *json, const char *key, char bracket)
{
	begin_value(json, key);
	put_char(json, bracket);
	json->comma = false;
}

static void close_with(struct json *json, char bracket)
{
	put_char(json, bracket);
	json->comma = true;
}

void json_object(struct json *json, const char *key)
{
	open_with(json, key, '{');
}

void json_object_end(struct json *json)
{
	close_with(json, '}');
}

void json_array(struct json *json, const char *key)
{
	open_with(json, key, '[');
}

void json_array_end(struct json *json)
{
	close_with(json, ']');
}

static void put_escaped(struct json *json, unsigned char c)
{
	static const char letters[] = "btn?fr"; /* from \b, 8, on; 11 has none */
	static const char hex[] = "0123456789abcdef";
	char text[] = {'\\', 'u', '0', '0', hex[c >> 4 & 15], hex[c & 15]};

	if (c == '"' || c == '\\')
		text[1] = (char)c;
	else if (c >= '\b' && c <= '\r' && c != '\v')
		text[1] = letters[c - '\b'];
	put(json, text, text[1] == 'u' ? sizeof(text) : 2);
}

static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

void json_text(struct json *json, const char *key, const char *text)
{
	if (!text) {
		json_null(json, key);
		return;
	}
	begin_value(json, key);
	put_char(json, '"');
	while (*text) {
		size_t plain = 0, length;
		uint32_t code;

		while (is_plain((unsigned char)text[plain]))
			plain++;
		put(json, text, plain);
		text += plain;
		if (!*text)
			break;
		length = utf8_decode(text, &code);
		if (length == 0)
			put(json, "\xef\xbf\xbd", 3);
		else if (length == 1)
			put_escaped(json, (unsigned char)*text);
		else
			put(json, text, length);
		text += length ? length : 1;
	}
	put_char(json, '"');
}

void json_u64(struct json *json, const char *key, uint64_t value)
{
	begin_value(json, key);
	json->used += number_u64(value, make_room(json, NUMBER_SIZE));
}

void json_u64_text(struct json *json, const char *key, uint64_t value)
{
	begin_value(json, key);
	put_char(json, '"');
	json->used += number_u64(value, make_room(json, NUMBER_SIZE));
	put_char(json, '"');
}

void json_double(struct json *json, const char *key, double value)
{
	if (!isfinite(value)) {
		json_null(json, key);
		return;
	}
	begin_value(json, key);
	json->used += number_double(value, make_room(json, NUMBER_SIZE));
}

void json_bool(struct json *json, const char *key, bool value)
{
	begin_value(json, key);
	put(json, value ? "true" : "false", value ? 4 : 5);
}

void json_null(struct json *json, const char *key)
{
	begin_value(json, key);
	put(json, "null", 4);
}

static char *put_digits(char *at, unsigned int value, int digits)
{
	for (int i = digits - 1; i >= 0; i--) {
		at[i] = (char)('0' + value % 10);
		value /= 10;
	}
	return at + digits;
}

void json_utc_ms(struct json *json, const char *key, int64_t realtime_ns)
{
	int64_t ms = realtime_ns / NS_PER_MS - (realtime_ns % NS_PER_MS < 0);
	time_t seconds = (time_t)(ms / 1000 - (ms % 1000 < 0));
	char text[32], *at = text;
	struct tm tm;

	gmtime_r(&seconds, &tm); /* 64 bits of nanoseconds: the years 1677 to 2262 */
	*at++ = '"';
	at = put_digits(at, (unsigned int)tm.tm_year + 1900, 4);
	*at++ = '-';
	at = put_digits(at, (unsigned int)tm.tm_mon + 1, 2);
	*at++ = '-';
	at = put_digits(at, (unsigned int)tm.tm_mday, 2);
	*at++ = 'T';
	at = put_digits(at, (unsigned int)tm.tm_hour, 2);
	*at++ = ':';
	at = put_digits(at, (unsigned int)tm.tm_min, 2);
	*at++ = ':';
	at = put_digits(at, (unsigned int)tm.tm_sec, 2);
	*at++ = '.';
	at = put_digits(at, (unsigned int)(ms - (int64_t)seconds * 1000), 3);
	*at++ = 'Z';
	*at++ = '"';
	begin_value(json, key);
	put(json, text, (size_t)(at - text));
}

void json_splice(struct json *json, const char *bytes, size_t length)
{
	begin_value(json, NULL);
	put(json, bytes, length);
}
