/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_BASE_FILEIO_H
#define ENERGYTRACE_BASE_FILEIO_H

#include <stddef.h>
#include <stdint.h>

/*
 * Reads a small text file (a sysfs attribute) below the directory `dir_fd` (or AT_FDCWD) into
 * `buffer`, NUL-terminated, without its trailing white space. Returns 0 or a negative errno: that of
 * open or read, -EFBIG when the file does not fit in size - 1 bytes. The buffer is untouched on
 * failure to open, unspecified after a failure to read.
 */
int fileio_read_text(int dir_fd, const char *path, char *buffer, size_t size);

/* The same for a file that holds one unsigned number. -EINVAL when it holds something else. */
int fileio_read_u64(int dir_fd, const char *path, uint64_t *ret);

/* The same for a signed one (die_id is -1 where the hardware has no dies). */
int fileio_read_i64(int dir_fd, const char *path, int64_t *ret);

#endif
