// SPDX-License-Identifier: BSD-2-Clause
#include "output/csv_file.h"

#include "base/cleanup.h"
#include "output/target_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* A row of ours is shorter by far: some numbers, and a path of up to PATH_MAX bytes. */
#define LAST_LINE_MAX 65536

static int failed(const struct csv_file *file, int err, const char *what, struct errmsg *msg)
{
	return errmsg_set(msg, err, "can't %s %s: %s", what, file->path, strerror(-err));
}

/* Two programs that add rows in turns would break the order that readers rely on. */
static int lock(const struct csv_file *file, struct errmsg *msg)
{
	if (flock(file->fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
		return 0; /* a file system without locks is none to refuse */
	return errmsg_set(msg, -EBUSY,
			  "%s: another program is adding to it; choose another directory",
			  file->path);
}

static int check_header(const struct csv_file *file, struct errmsg *msg)
{
	size_t length = strlen(file->header);
	_cleanup_free_ char *found = malloc(length + 1);
	ssize_t n;

	if (!found)
		return errmsg_set(msg, -ENOMEM, "out of memory");
	n = pread(file->fd, found, length + 1, 0);
	if (n < 0)
		return failed(file, -errno, "read", msg);
	if ((size_t)n == length + 1 && memcmp(found, file->header, length) == 0 &&
	    found[length] == '\n')
		return 0;
	return errmsg_set(
		msg, -EEXIST,
		"%s is there and does not begin with \"%.200s\": choose another directory",
		file->path, file->header);
}

/* What comes after the last end of a line is what is left of a row whose writer was killed. */
static int cut_last_line(const struct csv_file *file, off_t size, struct errmsg *msg)
{
	size_t room = size < LAST_LINE_MAX ? (size_t)size : LAST_LINE_MAX;
	_cleanup_free_ char *tail = malloc(room);
	const char *end;
	ssize_t n;

	if (!tail)
		return errmsg_set(msg, -ENOMEM, "out of memory");
	n = pread(file->fd, tail, room, size - (off_t)room);
	if (n < 0)
		return failed(file, -errno, "read", msg);
	end = memrchr(tail, '\n', (size_t)n);
	if (!end)
		return errmsg_set(msg, -EEXIST,
				  "%s ends in no row of ours: choose another directory",
				  file->path);
	if (end + 1 < tail + n && ftruncate(file->fd, size - (tail + n - end - 1)) < 0)
		return failed(file, -errno, "shorten", msg);
	return 0;
}

static int prepare(const struct csv_file *file, struct errmsg *msg)
{
	struct stat status;
	int err;

	if (fstat(file->fd, &status) < 0)
		return failed(file, -errno, "look at", msg);
	if (!S_ISREG(status.st_mode))
		return errmsg_set(msg, -EEXIST, "%s is there and is no file", file->path);
	err = lock(file, msg);
	if (err || status.st_size == 0)
		return err;
	err = check_header(file, msg);
	return err ? err : cut_last_line(file, status.st_size, msg);
}

int csv_file_open(const char *path, const char *header, struct csv_file *ret, struct errmsg *msg)
{
	struct csv_file file = {.path = strdup(path), .header = strdup(header), .fd = -1};
	int err;

	if (!file.path || !file.header) {
		csv_file_close(&file);
		return errmsg_set(msg, -ENOMEM, "out of memory");
	}
	/* Not blocking: a fifo in its place would wait for a reader. */
	file.fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0644);
	err = file.fd < 0 ? failed(&file, -errno, "open", msg) : prepare(&file, msg);
	/* At once, so that a directory without rows yet is one of this kind. */
	if (!err && csv_file_write(&file, "", 0) != 0) {
		err = failed(&file, -errno, "write to", msg);
		csv_file_undo(&file);
	}
	if (err) {
		csv_file_close(&file);
		return err;
	}
	*ret = file;
	return 0;
}

int csv_file_write(struct csv_file *file, const char *rows, size_t size)
{
	struct stat status;
	size_t written;
	int err = 0;

	if (fstat(file->fd, &status) < 0)
		return -errno;
	file->before = status.st_size;
	/* New, or emptied by a rotation that had copied it. */
	if (status.st_size == 0) {
		err = target_write_all(file->fd, file->header, strlen(file->header), &written);
		if (!err)
			err = target_write_all(file->fd, "\n", 1, &written);
	}
	return err ? err : target_write_all(file->fd, rows, size, &written);
}

void csv_file_undo(struct csv_file *file)
{
	struct stat status;

	if (fstat(file->fd, &status) == 0 && status.st_size > file->before)
		(void)!ftruncate(file->fd, file->before); /* what can't be cut stays */
}

bool csv_file_is_current(const struct csv_file *file)
{
	struct stat named, opened;

	return stat(file->path, &named) == 0 && fstat(file->fd, &opened) == 0 &&
	       named.st_dev == opened.st_dev && named.st_ino == opened.st_ino;
}

int csv_file_close(struct csv_file *file)
{
	int err = 0;

	if (file->fd >= 0 && close(file->fd) < 0)
		err = -errno;
	free(file->path);
	free(file->header);
	*file = (struct csv_file){.fd = -1};
	return err;
}
