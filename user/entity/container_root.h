/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_ENTITY_CONTAINER_ROOT_H
#define ENERGYTRACE_ENTITY_CONTAINER_ROOT_H

/*
 * Files below a root folder, which may be that of another system or of a test. Symbolic links are
 * followed as they would be there: none leads out of the root. What is read may be written by anybody at
 * any time: it has to be a regular file, and is read whole within a bound.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct container_root {
	int fd;
	bool has_openat2; /* Linux 5.6; a seccomp filter may refuse it */
};

#define CONTAINER_ROOT_NONE ((struct container_root){.fd = -1})

/* "" is "/". 0 or a negative errno. */
int container_root_open(const char *root, struct container_root *ret);

/* Takes CONTAINER_ROOT_NONE. */
void container_root_close(struct container_root *root);

/* Tells one version of a file from another. */
struct container_stamp {
	uint64_t inode, device, size;
	int64_t mtime_ns;
};

/* Of the file or folder at the path; all zero where there is none. */
struct container_stamp container_root_stamp(const struct container_root *root, const char *path);

bool container_stamp_equal(const struct container_stamp *a, const struct container_stamp *b);

#define CONTAINER_FILE_MAX ((size_t)4 << 20)
#define CONTAINER_ANY_OWNER (-1)

/*
 * The whole file, a NUL behind its *ret_size bytes; to be freed. Negative errno: of open and read, -EFBIG
 * above CONTAINER_FILE_MAX, -EINVAL where it is no regular file, -EPERM where its owner is another
 * than `owner` (a user's own state is not read out of files of others that a link leads to).
 */
int container_root_read(const struct container_root *root, const char *path, int64_t owner,
			char **ret_text, size_t *ret_size);

/*
 * Calls `each` with every name in the folder that does not begin with a dot, until it returns not 0 or
 * CONTAINER_NAMES_MAX have been seen. 0, what `each` returned, or a negative errno.
 */
#define CONTAINER_NAMES_MAX 65536
int container_root_list(const struct container_root *root, const char *path,
			int (*each)(const char *name, void *userdata), void *userdata);

#endif
