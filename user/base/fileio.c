// SPDX-License-Identifier: BSD-2-Clause
#include "base/fileio.h"

#include "base/cleanup.h"
#include "base/parse.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int fileio_read_text(int dir_fd, const char *path, char *buffer, size_t size)
{
	_cleanup_close_ int fd = -1;
	size_t used = 0;
	ssize_t n;

	fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -errno;
	for (;;) {
		n = read(fd, buffer + used, size - used);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		used += (size_t)n;
		if (used == size)
			return -EFBIG;
	}
	while (used > 0 && isspace((unsigned char)buffer[used - 1]))
		used--;
	buffer[used] = '\0';
	return 0;
}

int fileio_read_u64(int dir_fd, const char *path, uint64_t *ret)
{
	char text[64];
	int err;

	err = fileio_read_text(dir_fd, path, text, sizeof(text));
	if (err)
		return err;
	return parse_u64(text, 0, UINT64_MAX, ret);
}

int fileio_read_i64(int dir_fd, const char *path, int64_t *ret)
{
	char text[64];
	int err;

	err = fileio_read_text(dir_fd, path, text, sizeof(text));
	if (err)
		return err;
	return parse_i64(text, INT64_MIN, INT64_MAX, ret);
}
