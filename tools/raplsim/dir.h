/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RAPLSIM_DIR_H
#define RAPLSIM_DIR_H

/* Directories by file descriptor. None of these follows a symbolic link. */

/* Opens `name` in `parent_fd`, made if it is not there. Returns 0 or a negative errno. */
int dir_make(int parent_fd, const char *name, int *ret_fd);

/* The same for a path: every directory on it is made if it is not there. */
int dir_make_path(int parent_fd, const char *path, int *ret_fd);

/* Writes a small text file that is not there yet. Returns 0 or a negative errno. */
__attribute__((format(printf, 3, 4))) int dir_write(int dir_fd, const char *name,
						    const char *format, ...);

/* 1 if the directory has no entries, 0 if it has, or a negative errno. */
int dir_is_empty(int dir_fd);

/* Removes `name` and all below it; not to be there is no error. Returns 0 or a negative errno. */
int dir_remove(int parent_fd, const char *name);

#endif
