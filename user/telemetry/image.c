// SPDX-License-Identifier: BSD-2-Clause
#include "telemetry/image.h"

#include "base/cleanup.h"
#include "base/nearest.h"
#include "telemetry/rundir.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#define CONVERTER "rsvg-convert"

extern char **environ;

static const char *const names[] = {
	[IMAGE_SVG] = "svg",
	[IMAGE_PNG] = "png",
	[IMAGE_PDF] = "pdf",
};

#define N_NAMES (sizeof(names) / sizeof(names[0]))

const char *image_format_name(enum image_format format)
{
	return names[format];
}

int image_format_from_name(const char *name, enum image_format *ret, struct errmsg *msg)
{
	const char *near = nearest_word(name, names, N_NAMES);

	for (size_t i = 0; i < N_NAMES; i++) {
		if (strcmp(names[i], name) == 0) {
			*ret = (enum image_format)i;
			return 0;
		}
	}
	if (near)
		return errmsg_set(msg, -EINVAL, "unknown format \"%s\": did you mean \"%s\"?", name,
				  near);
	return errmsg_set(msg, -EINVAL, "unknown format \"%s\": svg, png or pdf", name);
}

static int not_installed(enum image_format format, struct errmsg *msg)
{
	return errmsg_set(msg, -EOPNOTSUPP,
			  "%s needs " CONVERTER ", which is not installed (Debian: apt-get install "
			  "librsvg2-bin); --format svg needs nothing",
			  names[format]);
}

int image_check(enum image_format format, struct errmsg *msg)
{
	const char *folders = getenv("PATH");

	if (format == IMAGE_SVG)
		return 0;
	/* As execvp looks for it. */
	for (size_t length; folders && *folders; folders += length + (folders[length] == ':')) {
		_cleanup_free_ char *file = NULL;

		length = strcspn(folders, ":");
		if (asprintf(&file, "%.*s/" CONVERTER, (int)length, folders) < 0)
			file = NULL;
		if (file && access(file, X_OK) == 0)
			return 0;
	}
	return not_installed(format, msg);
}

/* A file in memory, to be read from its beginning. */
static int memory_file(const char *bytes, size_t size, int *ret)
{
	_cleanup_close_ int fd = memfd_create("svg", MFD_CLOEXEC);

	if (fd < 0)
		return -errno;
	for (size_t written = 0; written < size;) {
		ssize_t n = write(fd, bytes + written, size - written);

		if (n < 0 && errno != EINTR)
			return -errno;
		written += n > 0 ? (size_t)n : 0;
	}
	if (lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	*ret = dup(fd);
	return *ret < 0 ? -errno : 0;
}

/* Runs the converter with the SVG as its standard input. Its exit status, or a negative errno. */
static int run_converter(enum image_format format, int svg, const char *output)
{
	char *const arguments[] = {CONVERTER,
				   "--format",
				   (char *)names[format],
				   "--zoom",
				   format == IMAGE_PNG ? "2" : "1",
				   "--output",
				   (char *)output,
				   NULL};
	posix_spawn_file_actions_t actions;
	int err, status;
	pid_t child;

	err = posix_spawn_file_actions_init(&actions);
	if (err)
		return -err;
	err = posix_spawn_file_actions_adddup2(&actions, svg, STDIN_FILENO);
	if (!err)
		err = posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null",
						       O_WRONLY, 0);
	if (!err)
		err = posix_spawnp(&child, CONVERTER, &actions, NULL, arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (err)
		return -err;
	while (waitpid(child, &status, 0) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : -EIO;
}

static int convert(const char *path, enum image_format format, const char *svg, size_t size,
		   struct errmsg *msg)
{
	_cleanup_close_ int input = -1;
	struct telemetry_file file;
	int err, status;

	err = memory_file(svg, size, &input);
	if (err)
		return errmsg_set(msg, err, "cannot write %s: %s", path, strerror(-err));
	err = telemetry_file_open(&file, path, msg);
	if (err)
		return err;
	status = run_converter(format, input, file.temporary);
	if (status == 0)
		return telemetry_file_close(&file, msg);
	telemetry_file_drop(&file);
	if (status == -ENOENT)
		return not_installed(format, msg);
	if (status < 0)
		return errmsg_set(msg, status, "cannot run " CONVERTER ": %s", strerror(-status));
	return errmsg_set(msg, -EIO, CONVERTER " could not write %s: exit status %d", path, status);
}

int image_write(const char *path, enum image_format format, const char *svg, size_t size,
		struct errmsg *msg)
{
	struct telemetry_file file;
	int err;

	if (format != IMAGE_SVG)
		return convert(path, format, svg, size, msg);
	err = telemetry_file_open(&file, path, msg);
	if (err)
		return err;
	fwrite(svg, 1, size, file.stream);
	return telemetry_file_close(&file, msg);
}
