// SPDX-License-Identifier: BSD-2-Clause
#include "output/json.h"

#include "output/number.h"
#include "output/utf8.h"

#include <math.h>
#include <string.h>
#include <time.h>

#define NS_PER_MS 1000000

static void put(struct json *json, const char *bytes, size_t length)
{
	fwrite_unlocked(bytes, 1, length, json->stream);
}

/* What comes before a value: the comma, the key. */
static void begin_value(struct json *json, const char *key)
{
	if (json->comma)
		putc_unlocked(',', json->stream);
	json->comma = true;
	if (!key)
		return;
	putc_unlocked('"', json->stream);
	put(json, key, strlen(key));
	put(json, "\":", 2);
}

void json_begin(struct json *json, FILE *stream)
{
	*json = (struct json){.stream = stream};
}

static void open_with(struct json *json, const char *key, char bracket)
{
	begin_value(json, key);
	putc_unlocked(bracket, json->stream);
	json->comma = false;
}

static void close_with(struct json *json, char bracket)
{
	putc_unlocked(bracket, json->stream);
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
	putc_unlocked('"', json->stream);
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
	putc_unlocked('"', json->stream);
}

void json_u64(struct json *json, const char *key, uint64_t value)
{
	char text[NUMBER_SIZE];

	begin_value(json, key);
	put(json, text, number_u64(value, text));
}

void json_u64_text(struct json *json, const char *key, uint64_t value)
{
	char text[NUMBER_SIZE + 2];
	size_t length;

	text[0] = '"';
	length = number_u64(value, text + 1);
	text[length + 1] = '"';
	begin_value(json, key);
	put(json, text, length + 2);
}

void json_double(struct json *json, const char *key, double value)
{
	char text[NUMBER_SIZE];

	if (!isfinite(value)) {
		json_null(json, key);
		return;
	}
	begin_value(json, key);
	put(json, text, number_double(value, text));
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
