// SPDX-License-Identifier: BSD-2-Clause
#include "output/output.h"

#include "base/cleanup.h"
#include "base/nearest.h"
#include "output/formats.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

const struct output_format *const output_formats[] = {
	&output_table,
	&output_jsonl,
	&output_record,
	NULL,
};

#define N_FORMATS (sizeof(output_formats) / sizeof(output_formats[0]) - 1)

/*
 * Formats write to memory, and each report goes out from there at once: no tick is seen half written,
 * the errno is that of the write that failed, and nothing of a failed tick is left in a buffer.
 */
struct output {
	const struct output_format *format;
	void *state;
	struct output_options options;
	char *path; /* NULL: standard output */
	int fd;
	FILE *stream; /* to `buffer` */
	char *buffer;
	size_t size;
};

struct spec {
	const struct output_format *format;
	size_t target, target_length; /* in the text; length 0: none given */
};

static const char *target_name(const struct output *output)
{
	return output->path ? output->path : "standard output";
}

static int unknown_format(struct errmsg *msg, const char *name)
{
	const char *names[N_FORMATS];
	const char *near;

	for (size_t i = 0; i < N_FORMATS; i++)
		names[i] = output_formats[i]->name;
	near = nearest_word(name, names, N_FORMATS);
	if (near)
		return errmsg_set(msg, -EINVAL, "unknown output format '%s'; did you mean '%s'?",
				  name, near);
	return errmsg_set(
		msg, -EINVAL,
		"unknown output format '%s'; 'energytrace -o list' prints those there are", name);
}

/* Where ",KEY=" begins, or the end of the text. */
static size_t find_settings(const char *text)
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

static int parse_spec(const char *text, struct spec *ret, struct errmsg *msg)
{
	size_t length = strcspn(text, ":,"), end = find_settings(text);
	struct spec spec = {0};
	_cleanup_free_ char *name = strndup(text, length);

	if (!name)
		return errmsg_set(msg, -ENOMEM, "no memory for output '%s'", text);
	for (size_t i = 0; i < N_FORMATS && !spec.format; i++) {
		if (strcmp(output_formats[i]->name, name) == 0)
			spec.format = output_formats[i];
	}
	if (!spec.format)
		return unknown_format(msg, name);
	if (text[end])
		return errmsg_set(msg, -EINVAL, "output format '%s' takes no setting '%.*s'", name,
				  (int)strcspn(text + end + 1, "="), text + end + 1);
	if (text[length] == ',')
		return errmsg_set(msg, -EINVAL, "output '%s' has '%s' behind the format", text,
				  text + length);
	if (text[length] == ':') {
		spec.target = length + 1;
		spec.target_length = end - spec.target;
		if (spec.target_length == 0)
			return errmsg_set(
				msg, -EINVAL,
				"output '%s' has no target behind the colon: a file, or - "
				"for standard output",
				text);
	} else if (spec.format->needs_target) {
		return errmsg_set(msg, -EINVAL,
				  "output format '%s' needs a target: '%s:FILE', or '%s:-' for "
				  "standard output",
				  name, name, name);
	}
	*ret = spec;
	return 0;
}

int output_check(const char *spec, struct errmsg *msg)
{
	struct spec parsed;

	return parse_spec(spec, &parsed, msg);
}

/* O_APPEND, so that a rotation by copying and emptying the file leaves no hole in it. */
static int open_file(const char *path, int *ret, struct errmsg *msg)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOCTTY, 0644);

	if (fd < 0)
		return errmsg_set(msg, -errno, "can't open %s for writing: %s", path,
				  strerror(errno));
	*ret = fd;
	return 0;
}

static int open_target(struct output *output, struct errmsg *msg)
{
	if (output->path)
		return open_file(output->path, &output->fd, msg);
	output->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (output->fd < 0)
		return errmsg_set(msg, -errno, "can't write to standard output: %s",
				  strerror(errno));
	return 0;
}

/* Without TERM, or with that of a typewriter, nothing is known that could be drawn with. */
static bool may_draw(const struct output *output, int fd)
{
	const char *term = getenv("TERM");

	return !output->options.replayed && isatty(fd) && term && term[0] &&
	       strcmp(term, "dumb") != 0;
}

/* A window may have changed since the last report. */
static void measure_terminal(struct output *output)
{
	struct winsize size = {0};

	if (!output->options.terminal)
		return;
	if (ioctl(output->fd, TIOCGWINSZ, &size) < 0)
		size = (struct winsize){0};
	output->options.columns = size.ws_col;
	output->options.rows = size.ws_row;
}

static int wait_writable(int fd)
{
	struct pollfd ready = {.fd = fd, .events = POLLOUT};

	return poll(&ready, 1, -1) < 0 && errno != EINTR ? -errno : 0;
}

/* Puts how much was written also when it fails. */
static int write_all(int fd, const char *bytes, size_t size, size_t *ret_written)
{
	int err;

	for (*ret_written = 0; *ret_written < size;) {
		ssize_t n = write(fd, bytes + *ret_written, size - *ret_written);

		if (n >= 0) {
			*ret_written += (size_t)n;
			continue;
		}
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN)
			return -errno;
		err = wait_writable(fd); /* someone made it non-blocking: it is shared */
		if (err)
			return err;
	}
	return 0;
}

/* Takes a part of a tick off the end of our own file again. What can't be cut stays. */
static void cut_off(const struct output *output, size_t written)
{
	off_t end;

	if (!output->path || written == 0)
		return;
	end = lseek(output->fd, 0, SEEK_CUR);
	if (end >= (off_t)written && ftruncate(output->fd, end - (off_t)written) == 0)
		lseek(output->fd, 0, SEEK_END);
}

/* Drops what the format has written and not sent. */
static void discard(struct output *output)
{
	rewind(output->stream);
}

/* Sends what the format has written. */
static int flush(struct output *output, struct errmsg *msg)
{
	size_t written;
	int err;

	if (fflush(output->stream) != 0 || ferror(output->stream)) {
		discard(output);
		return errmsg_set(msg, -ENOMEM, "no memory for the output to %s",
				  target_name(output));
	}
	err = write_all(output->fd, output->buffer, output->size, &written);
	discard(output);
	if (!err)
		return 0;
	cut_off(output, written);
	return errmsg_set(msg, err, "can't write to %s: %s", target_name(output), strerror(-err));
}

static int open_format(struct output *output, void **ret, struct errmsg *msg)
{
	*ret = NULL;
	if (!output->format->open)
		return 0;
	return output->format->open(output->stream, &output->options, ret, msg);
}

static void close_format(const struct output *output, void *state)
{
	if (output->format->close)
		output->format->close(state);
}

static int open_parsed(struct output *output, struct errmsg *msg)
{
	int err;

	output->stream = open_memstream(&output->buffer, &output->size);
	if (!output->stream)
		return errmsg_set(msg, -ENOMEM, "no memory for the output to %s",
				  target_name(output));
	err = open_target(output, msg);
	if (err)
		return err;
	output->options.terminal = may_draw(output, output->fd);
	err = open_format(output, &output->state, msg);
	return err ? err : flush(output, msg);
}

int output_open(const char *spec, const struct output_options *options, struct output **ret,
		struct errmsg *msg)
{
	struct output *output;
	struct spec parsed = {0};
	int err;

	err = parse_spec(spec, &parsed, msg);
	if (err)
		return err;
	output = calloc(1, sizeof(*output));
	if (!output)
		return errmsg_set(msg, -ENOMEM, "no memory for output '%s'", spec);
	output->format = parsed.format;
	output->options = *options;
	output->fd = -1;
	if (parsed.target_length > 0 && strcmp(spec + parsed.target, "-") != 0) {
		output->path = strndup(spec + parsed.target, parsed.target_length);
		if (!output->path) {
			output_close(output);
			return errmsg_set(msg, -ENOMEM, "no memory for output '%s'", spec);
		}
	}
	err = open_parsed(output, msg);
	if (err) {
		output_close(output);
		return err;
	}
	*ret = output;
	return 0;
}

static int finish(struct output *output, int err, struct errmsg *msg)
{
	if (!err)
		return flush(output, msg);
	discard(output);
	return errmsg_set(msg, err, "can't write %s to %s: %s", output->format->name,
			  target_name(output), strerror(-err));
}

int output_report(struct output *output, const struct report *report, struct errmsg *msg)
{
	measure_terminal(output);
	return finish(output, output->format->report(output->state, output->stream, report), msg);
}

int output_totals(struct output *output, const struct totals *totals, struct errmsg *msg)
{
	if (!output->format->totals)
		return 0;
	return finish(output, output->format->totals(output->state, output->stream, totals), msg);
}

/* Whether the name still leads to the open file. */
static bool is_current(const struct output *output)
{
	struct stat named, opened;

	return stat(output->path, &named) == 0 && fstat(output->fd, &opened) == 0 &&
	       named.st_dev == opened.st_dev && named.st_ino == opened.st_ino;
}

int output_reopen(struct output *output, struct errmsg *msg)
{
	bool was_terminal = output->options.terminal;
	int fd = -1, old_fd, err;
	void *state;

	if (!output->path || is_current(output))
		return 0;
	err = open_file(output->path, &fd, msg);
	if (err)
		return err;
	output->options.terminal = may_draw(output, fd);
	err = open_format(output, &state, msg);
	if (err) {
		output->options.terminal = was_terminal;
		discard(output);
		close(fd);
		return err;
	}
	close_format(output, output->state);
	output->state = state;
	old_fd = output->fd;
	output->fd = fd;
	if (close(old_fd) < 0)
		err = errmsg_set(msg, -errno, "can't close the old %s: %s", output->path,
				 strerror(errno));
	return err ? err : flush(output, msg);
}

int output_close(struct output *output)
{
	int err = 0;

	if (!output)
		return 0;
	close_format(output, output->state);
	if (output->fd >= 0 && close(output->fd) < 0)
		err = -errno;
	if (output->stream)
		fclose(output->stream);
	free(output->buffer);
	free(output->path);
	free(output);
	return err;
}
