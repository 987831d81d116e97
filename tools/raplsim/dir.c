// SPDX-License-Identifier: BSD-2-Clause
#include "raplsim/dir.h"

#include "base/cleanup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define OPEN_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

int dir_make(int parent_fd, const char *name, int *ret_fd)
{
	int fd;

	if (mkdirat(parent_fd, name, 0777) < 0 && errno != EEXIST)
		return -errno;
	fd = openat(parent_fd, name, OPEN_FLAGS);
	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

int dir_make_path(int parent_fd, const char *path, int *ret_fd)
{
	_cleanup_close_ int fd = -1;
	const char *slash = strchr(path, '/');
	char name[256];
	int err;

	if (!slash)
		return dir_make(parent_fd, path, ret_fd);
	snprintf(name, sizeof(name), "%.*s", (int)(slash - path), path);
	err = dir_make(parent_fd, name, &fd);
	if (err)
		return err;
	return dir_make_path(fd, slash + 1, ret_fd);
}

int dir_write(int dir_fd, const char *name, const char *format, ...)
{
	_cleanup_fclose_ FILE *file = NULL;
	va_list args;
	int fd;

	fd = openat(dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	file = fdopen(fd, "w");
	if (!file) {
		close(fd);
		return -ENOMEM;
	}
	va_start(args, format);
	vfprintf(file, format, args);
	va_end(args);
	return fflush(file) == 0 ? 0 : -errno;
}

static bool is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* A stream of its own over the directory, from its beginning. */
static DIR *open_stream(int parent_fd, const char *name)
{
	int fd = openat(parent_fd, name, OPEN_FLAGS);
	DIR *stream;

	if (fd < 0)
		return NULL;
	stream = fdopendir(fd);
	if (!stream)
		close(fd);
	return stream;
}

int dir_is_empty(int dir_fd)
{
	DIR *stream = open_stream(dir_fd, ".");
	struct dirent *entry;

	if (!stream)
		return -errno;
	do
		entry = readdir(stream);
	while (entry && is_dots(entry->d_name));
	closedir(stream);
	return !entry;
}

int dir_remove(int parent_fd, const char *name)
{
	struct dirent *entry;
	DIR *stream;
	int err = 0;

	if (unlinkat(parent_fd, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -errno;
	stream = open_stream(parent_fd, name);
	if (!stream)
		return -errno;
	while (err == 0 && (entry = readdir(stream)) != NULL)
		if (!is_dots(entry->d_name))
			err = dir_remove(dirfd(stream), entry->d_name);
	closedir(stream);
	if (err)
		return err;
	return unlinkat(parent_fd, name, AT_REMOVEDIR) == 0 ? 0 : -errno;
}
