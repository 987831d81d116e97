/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_OUTPUT_TARGET_FILE_H
#define ENERGYTRACE_OUTPUT_TARGET_FILE_H

#include "output/target.h"

#include <sys/types.h>

/*
 * A file, emptied if it is there, or standard output (NULL or "-"). Of a file of ours whole ticks are kept
 * when the disk is full. Returns 0 or a negative errno with `msg` filled.
 */
int target_file_open(const char *path, struct target **ret, struct errmsg *msg);

/*
 * For other targets that are made of files. Writes all, waiting where someone made the descriptor
 * non-blocking. Puts how much was written also when it fails. 0 or a negative errno.
 */
int target_write_all(int fd, const char *bytes, size_t size, size_t *ret_written);

#endif
