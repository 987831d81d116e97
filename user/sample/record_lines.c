// SPDX-License-Identifier: BSD-2-Clause
#include "sample/record_lines.h"

#include "sample/record_text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

int record_lines_next(struct record_lines *lines)
{
	ssize_t length;

	if (lines->unread) {
		lines->unread = false;
		return 1;
	}
	errno = 0;
	length = getline(&lines->text, &lines->room, lines->stream);
	if (ferror(lines->stream) || (length < 0 && !feof(lines->stream)))
		return record_lines_failed(lines);
	if (length < 0)
		return 0;
	lines->number++;
	if (lines->text[length - 1] != '\n') {
		lines->cut = true;
		return 0;
	}
	lines->text[length - 1] = '\0';
	if (strlen(lines->text) != (size_t)length - 1)
		return record_lines_bad(lines, "the line holds a NUL byte");
	return 1;
}

int record_lines_next_known(struct record_lines *lines, enum record_kind *ret, char **ret_keys)
{
	int got;

	do {
		got = record_lines_next(lines);
	} while (got > 0 && record_kind_of(lines->text, ret, ret_keys) != 0);
	return got;
}

int record_lines_parse(struct record_lines *lines, enum record_kind kind, char *keys, void *object)
{
	struct errmsg problem;
	int err;

	err = record_line_parse(kind, keys, object, &problem);
	return err ? record_lines_bad(lines, "%s", problem.text) : 0;
}

int record_lines_bad(struct record_lines *lines, const char *format, ...)
{
	struct errmsg problem;
	va_list args;

	va_start(args, format);
	/* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): clang 14 loses sight of va_start */
	vsnprintf(problem.text, sizeof(problem.text), format, args);
	va_end(args);
	return errmsg_set(&lines->msg, -EBADMSG, "%s:%" PRIu64 ": %s", lines->name, lines->number,
			  problem.text);
}

int record_lines_misplaced(struct record_lines *lines, enum record_kind kind)
{
	const char *name = record_kind_name(kind);

	if (kind == RECORD_FIRST)
		return record_lines_bad(lines, "%s: a second record begins; a file holds one",
					name);
	if (kind < RECORD_TICK)
		return record_lines_bad(lines, "%s: is not in the head, before the first tick",
					name);
	if (kind == RECORD_TICK)
		return record_lines_bad(lines, "%s: begins before the last one has ended", name);
	return record_lines_bad(lines, "%s: is not in a tick", name);
}

int record_lines_failed(struct record_lines *lines)
{
	int err = errno ? -errno : -EIO;

	return errmsg_set(&lines->msg, err, "%s: %s", lines->name, strerror(-err));
}

int record_lines_no_memory(struct record_lines *lines)
{
	return errmsg_set(&lines->msg, -ENOMEM, "%s: out of memory", lines->name);
}
