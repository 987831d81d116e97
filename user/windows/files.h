/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_WINDOWS_FILES_H
#define ENERGYTRACE_WINDOWS_FILES_H

/* The files that a process has, or will have, its code from. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct code_files {
	struct code_file {
		char *path; /* that it can be opened by here */
		char *name; /* as it is called: its path where the process is, or its soname */
		bool gone;  /* was removed, or replaced, since the process has it */
	} * at;
	size_t n, room;
};

/*
 * Adds those that the process runs code of, its program first where it is mapped first. `procfs` is
 * /proc. Returns 0, -ENOMEM, or the errno of reading the process's maps.
 */
int code_files_of_process(const char *procfs, uint32_t pid, struct code_files *files);

/* Adds the program and, by `cache` (ld.so.cache), all libraries that it needs, and these need. */
int code_files_of_program(const char *path, const char *cache, struct code_files *files);

/* The file of that name, or NULL: by its last part ("libc.so.6", "server"), or its soname. */
const struct code_file *code_files_find(const struct code_files *files, const char *name);

/* Takes a zeroed one. */
void code_files_done(struct code_files *files);

/*
 * The path of a library by its soname, in the bytes of an ld.so.cache; borrowed from these. NULL: it is
 * not there, or they are no such cache.
 */
const char *library_cache_find(const char *bytes, size_t size, const char *soname);

/* The same of the file, in *ret, to be freed. 0, -ENOENT, -ENOMEM. */
int library_find(const char *cache, const char *soname, char **ret);

#endif
