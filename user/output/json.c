// SPDX-License-Identifier: BSD-2-Clause
#include "output/json.h"

#include "output/utf8.h"

#include <string.h>
#include <time.h>

#define NS_PER_MS 1000000

void json_begin(struct json *json, FILE *stream)
{
	json->stream = stream;
	json->comma = false;
	json->used = 0;
}

void json_flush(struct json *json)
{
	fwrite_unlocked(json->buffer, 1, json->used, json->stream);
	json->used = 0;
}

/* Of any length. */
static void put(struct json *json, const char *bytes, size_t length)
{
	if (json->used + length > JSON_BUFFER_SIZE)
		json_flush(json);
	if (length > JSON_BUFFER_SIZE)
		fwrite_unlocked(bytes, 1, length, json->stream);
	else
		json_put(json, bytes, length);
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
	json_key(json, key);
	json_put_char(json, '"');
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
	json_put_char(json, '"');
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
	json_key(json, key);
	put(json, text, (size_t)(at - text));
}

void json_splice(struct json *json, const char *bytes, size_t length)
{
	json_key(json, NULL);
	put(json, bytes, length);
}
