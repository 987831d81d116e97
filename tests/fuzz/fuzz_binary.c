// SPDX-License-Identifier: BSD-2-Clause
/*
 * Any bytes as a program and as a cache of libraries: nothing but an error may come of them. What is
 * found of a function or a marker lies within what the file says of its segments, not in memory here.
 */

#define FUZZ_NAME "fuzz_binary"

#include "fuzz_main.h"
#include "windows/binary.h"
#include "windows/files.h"

#include <stdlib.h>
#include <string.h>

static int read_marker(void *userdata, const char *provider, const char *name)
{
	*(size_t *)userdata += strlen(provider) + strlen(name);
	return 0;
}

static int read_name(void *userdata, const char *name)
{
	*(size_t *)userdata += strlen(name);
	return 0;
}

static void try_binary(void *bytes, size_t size)
{
	struct binary_offsets offsets = {0};
	struct errmsg msg = {""};
	struct binary *binary;
	const char *soname;
	size_t read = 0;
	int err;

	err = binary_from_memory(bytes, size, "fuzz", &binary, &msg);
	check(!err == !msg.text[0], "an error without a sentence, or the reverse");
	if (err)
		return;
	err = binary_function(binary, "work", &offsets, &msg);
	check(!err == !msg.text[0], "an error without a sentence, or the reverse");
	check(err || offsets.n > 0, "no error, and no place");
	binary_marker(binary, "windows", "begin", &offsets);
	binary_each_marker(binary, read_marker, &read);
	binary_each_needed(binary, read_name, &read);
	soname = binary_soname(binary);
	read += soname ? strlen(soname) : 0;
	check(read <= 64 * size, "more names than there are bytes");
	binary_close(binary);
	binary_offsets_done(&offsets);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *bytes = malloc(size + 1); /* libelf may write into them */
	const char *path;

	check(bytes != NULL, "no memory");
	memcpy(bytes, data, size);
	path = library_cache_find(bytes, size, "libc.so.6");
	check(!path || path + strlen(path) < bytes + size, "a path beyond the bytes");
	try_binary(bytes, size);
	free(bytes);
	return 0;
}
