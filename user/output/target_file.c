// SPDX-License-Identifier: BSD-2-Clause
#include "output/target_file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct file {
	struct target target; /* first */
	char *path;	      /* NULL: standard output */
};

static const char *name_of(const struct file *file)
{
	return file->path ? file->path : "standard output";
}

/* O_APPEND, so that a rotation by copying and emptying the file leaves no hole in it. */
static int open_path(const char *path, int *ret, struct errmsg *msg)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOCTTY, 0644);

	if (fd < 0)
		return errmsg_set(msg, -errno, "can't open %s for writing: %s", path,
				  strerror(errno));
	*ret = fd;
	return 0;
}

static int open_stdout(int *ret, struct errmsg *msg)
{
	int fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);

	if (fd < 0)
		return errmsg_set(msg, -errno, "can't write to standard output: %s",
				  strerror(errno));
	*ret = fd;
	return 0;
}

static int wait_writable(int fd)
{
	struct pollfd ready = {.fd = fd, .events = POLLOUT};

	return poll(&ready, 1, -1) < 0 && errno != EINTR ? -errno : 0;
}

int target_write_all(int fd, const char *bytes, size_t size, size_t *ret_written)
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
static void cut_off(const struct file *file, size_t written)
{
	off_t end;

	if (!file->path || written == 0)
		return;
	end = lseek(file->target.fd, 0, SEEK_CUR);
	if (end >= (off_t)written && ftruncate(file->target.fd, end - (off_t)written) == 0)
		lseek(file->target.fd, 0, SEEK_END);
}

static int send_file(struct target *target, const char *bytes, size_t size, struct errmsg *msg)
{
	struct file *file = (struct file *)target;
	size_t written;
	int err = target_write_all(target->fd, bytes, size, &written);

	if (!err)
		return 0;
	cut_off(file, written);
	return errmsg_set(msg, err, "can't write to %s: %s", name_of(file), strerror(-err));
}

/* Whether the name still leads to the open file. */
static bool is_current(const struct file *file)
{
	struct stat named, opened;

	return stat(file->path, &named) == 0 && fstat(file->target.fd, &opened) == 0 &&
	       named.st_dev == opened.st_dev && named.st_ino == opened.st_ino;
}

static int reopen_file(struct target *target, struct target **ret, struct errmsg *msg)
{
	const struct file *file = (const struct file *)target;

	*ret = NULL;
	if (!file->path || is_current(file))
		return 0;
	return target_file_open(file->path, ret, msg);
}

static int close_file(struct target *target)
{
	struct file *file = (struct file *)target;
	int err = 0;

	if (target->fd >= 0 && close(target->fd) < 0)
		err = -errno;
	free(file->path);
	free(file);
	return err;
}

static const struct target_ops file_ops = {
	.send = send_file,
	.reopen = reopen_file,
	.close = close_file,
};

int target_file_open(const char *path, struct target **ret, struct errmsg *msg)
{
	bool named = path && strcmp(path, "-") != 0;
	struct file *file = calloc(1, sizeof(*file));
	int err;

	if (file && named)
		file->path = strdup(path);
	if (!file || (named && !file->path)) {
		free(file);
		return errmsg_set(msg, -ENOMEM, "no memory for the output to %s",
				  named ? path : "standard output");
	}
	file->target = (struct target){.ops = &file_ops, .fd = -1};
	err = named ? open_path(path, &file->target.fd, msg) : open_stdout(&file->target.fd, msg);
	if (err) {
		close_file(&file->target);
		return err;
	}
	*ret = &file->target;
	return 0;
}
