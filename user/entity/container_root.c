// SPDX-License-Identifier: BSD-2-Clause
#include "entity/container_root.h"

#include "base/cleanup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static void cleanup_closedir(DIR **folder)
{
	if (*folder)
		closedir(*folder);
}

/* No link of /proc either: it leads to what a process has open, wherever that is. */
static int open_in_root(int root_fd, const char *path, int flags)
{
	struct open_how how = {
		.flags = (unsigned int)flags,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	long fd;

	/* EAGAIN: a rename or mount at this moment, somewhere, that might have led out (man 2 openat2). */
	for (int tries = 0; tries < 8; tries++) {
		fd = syscall(SYS_openat2, root_fd, path, &how, sizeof(how));
		if (fd >= 0)
			return (int)fd;
		if (errno != EAGAIN && errno != EINTR)
			break;
	}
	return -errno;
}

/* Folder by folder; a link or ".." on the way is refused, since following it in the root is a race. */
static int open_without_links(int root_fd, const char *path, int flags)
{
	_cleanup_close_ int at = fcntl(root_fd, F_DUPFD_CLOEXEC, 0);
	char part[NAME_MAX + 1];

	while (at >= 0) {
		size_t length;
		int next;

		path += strspn(path, "/");
		length = strcspn(path, "/");
		if (length > NAME_MAX)
			return -ENAMETOOLONG;
		memcpy(part, path, length);
		part[length] = '\0';
		path += length + strspn(path + length, "/");
		if (strcmp(part, "..") == 0)
			return -EXDEV;
		next = openat(at, part,
			      (*path ? O_PATH | O_DIRECTORY | O_CLOEXEC : flags) | O_NOFOLLOW);
		if (next < 0 || !*path)
			return next < 0 ? -errno : next;
		close(at);
		at = next;
	}
	return -errno;
}

static int open_below(const struct container_root *root, const char *path, int flags)
{
	path += strspn(path, "/");
	if (!*path)
		path = ".";
	return root->has_openat2 ? open_in_root(root->fd, path, flags)
				 : open_without_links(root->fd, path, flags);
}

int container_root_open(const char *root, struct container_root *ret)
{
	struct container_root opened = {.has_openat2 = true};
	int probe;

	opened.fd = open(root[0] ? root : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (opened.fd < 0)
		return -errno;
	probe = open_in_root(opened.fd, ".", O_PATH | O_CLOEXEC);
	if (probe >= 0)
		close(probe);
	else
		opened.has_openat2 = false;
	*ret = opened;
	return 0;
}

void container_root_close(struct container_root *root)
{
	if (root->fd >= 0)
		close(root->fd);
	root->fd = -1;
}

struct container_stamp container_root_stamp(const struct container_root *root, const char *path)
{
	_cleanup_close_ int fd = open_below(root, path, O_PATH | O_CLOEXEC);
	struct container_stamp stamp = {0};
	struct stat status;

	if (fd < 0 || fstat(fd, &status))
		return stamp;
	stamp.inode = status.st_ino;
	stamp.device = status.st_dev;
	stamp.size = (uint64_t)status.st_size;
	stamp.mtime_ns = status.st_mtim.tv_sec * 1000000000L + status.st_mtim.tv_nsec;
	return stamp;
}

bool container_stamp_equal(const struct container_stamp *a, const struct container_stamp *b)
{
	return a->inode == b->inode && a->device == b->device && a->size == b->size &&
	       a->mtime_ns == b->mtime_ns;
}

/*
 * To open a device or a FIFO does something, so the file is looked at first and opened after, through
 * the descriptor: what was looked at is what is opened.
 */
static int open_regular(const struct container_root *root, const char *path, int64_t owner,
			size_t *ret_size)
{
	_cleanup_close_ int fd = open_below(root, path, O_PATH | O_CLOEXEC);
	char link[32];
	struct stat status;
	int opened;

	if (fd < 0)
		return fd;
	if (fstat(fd, &status))
		return -errno;
	if (!S_ISREG(status.st_mode))
		return -EINVAL;
	if (owner != CONTAINER_ANY_OWNER && (int64_t)status.st_uid != owner)
		return -EPERM;
	if ((uint64_t)status.st_size > CONTAINER_FILE_MAX)
		return -EFBIG;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	opened = open(link, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (opened < 0)
		return -errno;
	*ret_size = (size_t)status.st_size;
	return opened;
}

int container_root_read(const struct container_root *root, const char *path, int64_t owner,
			char **ret_text, size_t *ret_size)
{
	size_t expected = 0, used = 0;
	_cleanup_close_ int fd = open_regular(root, path, owner, &expected);
	_cleanup_free_ char *text = NULL;
	ssize_t n;

	if (fd < 0)
		return fd;
	/* One byte more than there should be: it is full if the file has grown. */
	text = malloc(expected + 2);
	if (!text)
		return -ENOMEM;
	while (used <= expected) {
		n = read(fd, text + used, expected + 1 - used);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		used += (size_t)n;
	}
	if (used > expected)
		return -EAGAIN;
	text[used] = '\0';
	*ret_text = TAKE_PTR(text);
	*ret_size = used;
	return 0;
}

int container_root_list(const struct container_root *root, const char *path,
			int (*each)(const char *name, void *userdata), void *userdata)
{
	_cleanup_(cleanup_closedir) DIR *folder = NULL;
	int fd = open_below(root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), got = 0;
	struct dirent *entry;

	if (fd < 0)
		return fd;
	folder = fdopendir(fd);
	if (!folder) {
		close(fd);
		return -ENOMEM;
	}
	for (int n = 0; n < CONTAINER_NAMES_MAX && got == 0; n++) {
		entry = readdir(folder);
		if (!entry)
			break;
		if (entry->d_name[0] != '.')
			got = each(entry->d_name, userdata);
	}
	return got;
}
