// SPDX-License-Identifier: BSD-2-Clause
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

static struct {
	enum log_level level;
	enum log_format format;
} settings = {.level = LOG_LEVEL_INFO, .format = LOG_FORMAT_TEXT};

void log_set_level(enum log_level level)
{
	settings.level = level;
}

void log_set_format(enum log_format format)
{
	settings.format = format;
}

enum log_level log_level(void)
{
	return settings.level;
}

/* The text inside a JSON string; bytes that are not ASCII are left as they are. */
static void escape(const char *text, char *to, size_t size)
{
	size_t used = 0;

	for (; *text && used + 7 < size; text++) {
		unsigned char byte = (unsigned char)*text;

		if (byte == '"' || byte == '\\')
			used += (size_t)snprintf(to + used, size - used, "\\%c", byte);
		else if (byte < 0x20)
			used += (size_t)snprintf(to + used, size - used, "\\u%04x", byte);
		else
			to[used++] = (char)byte;
	}
	to[used] = '\0';
}

void log_write(enum log_level level, const char *format, ...)
{
	static const char *const names[] = {"error", "info", "debug"};
	char line[1024], escaped[2048];
	va_list args;

	if (level > settings.level)
		return;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	/* One write a message: lines of several programs on one terminal do not mix. */
	if (settings.format == LOG_FORMAT_TEXT) {
		fprintf(stderr, "energytrace: %s\n", line);
		return;
	}
	escape(line, escaped, sizeof(escaped));
	fprintf(stderr, "{\"level\":\"%s\",\"program\":\"energytrace\",\"message\":\"%s\"}\n",
		names[level], escaped);
}
