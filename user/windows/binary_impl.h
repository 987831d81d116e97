/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_WINDOWS_BINARY_IMPL_H
#define ENERGYTRACE_WINDOWS_BINARY_IMPL_H

/* Shared by binary.c, symbols.c and markers.c. */

#include "windows/binary.h"

#include <gelf.h>
#include <libelf.h>

struct binary {
	int fd; /* -1: in memory */
	Elf *elf;
	const char *path; /* for messages */
	char *path_owned;
	size_t names; /* section that has the names of sections */
};

/* The section by that name, or NULL; its header in *ret. */
Elf_Scn *binary_section(struct binary *binary, const char *name, GElf_Shdr *ret);

/* Where an address is in the file; `flags` are those its segment must have. 0 or -ENOENT. */
int binary_file_offset(struct binary *binary, uint64_t address, uint32_t flags, uint64_t *ret);

/* 0 or -ENOMEM. One that is there already is not added again. */
int binary_add_offset(struct binary_offsets *offsets, uint64_t offset, uint64_t semaphore);

#endif
