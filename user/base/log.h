/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_BASE_LOG_H
#define ENERGYTRACE_BASE_LOG_H

/*
 * Messages to the person, on standard error, each behind "energytrace: ", or as JSON lines for a
 * collector of logs. Only cli/ calls these: library code returns an errno and an errmsg. Level and
 * format are the program's one mutable global.
 */

enum log_level {
	LOG_LEVEL_ERROR, /* -q */
	LOG_LEVEL_INFO,	 /* as it comes: warnings and what is said once */
	LOG_LEVEL_DEBUG, /* -v */
};

enum log_format {
	LOG_FORMAT_TEXT,
	LOG_FORMAT_JSON, /* {"level":"error","program":"energytrace","message":"…"} */
};

void log_set_format(enum log_format format);
void log_set_level(enum log_level level);
enum log_level log_level(void);

__attribute__((format(printf, 2, 3))) void log_write(enum log_level level, const char *format, ...);

#define log_error(...) log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_info(...) log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_write(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
