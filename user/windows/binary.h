/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_WINDOWS_BINARY_H
#define ENERGYTRACE_WINDOWS_BINARY_H

/*
 * What is where in an ELF file: functions by name, USDT markers, the libraries it needs. Any bytes may
 * be given; nothing but an error comes of those that are no such file.
 */

#include "base/errmsg.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct binary;

/* 0 or a negative errno with `msg` filled: -ENOEXEC for what is no 64-bit ELF file of this machine. */
int binary_open(const char *path, struct binary **ret, struct errmsg *msg);

/* The same of bytes in memory, which have to outlive it. `path` is for messages. */
int binary_from_memory(void *bytes, size_t size, const char *path, struct binary **ret,
		       struct errmsg *msg);

/* Takes NULL. */
void binary_close(struct binary *binary);

/* A list that grows; zeroed it is empty. */
struct binary_offsets {
	struct binary_offset {
		uint64_t offset;    /* in the file */
		uint64_t semaphore; /* of a marker: offset of its counter, 0 none */
	} * at;
	size_t n, room;
};

/*
 * Adds the places of the function: of static ones there may be several by one name. -ENOENT with a `msg`
 * that says why there is none: no symbols at all, another name meant, imported, inlined; -EOPNOTSUPP for
 * one that no return probe can be set on.
 */
int binary_function(struct binary *binary, const char *name, struct binary_offsets *offsets,
		    struct errmsg *msg);

/* Adds the places of a marker; that there is none is no error. 0 or -ENOMEM. */
int binary_marker(struct binary *binary, const char *provider, const char *name,
		  struct binary_offsets *offsets);

/* Calls `each` for every marker until it returns nonzero, and returns that. */
int binary_each_marker(struct binary *binary,
		       int (*each)(void *userdata, const char *provider, const char *name),
		       void *userdata);

/* Calls `each` for every library that is needed (DT_NEEDED), by soname. */
int binary_each_needed(struct binary *binary, int (*each)(void *userdata, const char *name),
		       void *userdata);

/* The library's own name (DT_SONAME), good as long as the binary, or NULL. */
const char *binary_soname(struct binary *binary);

/* Takes a zeroed one. */
void binary_offsets_done(struct binary_offsets *offsets);

#endif
