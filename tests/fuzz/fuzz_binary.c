// SPDX-License-Identifier: BSD-2-Clause
/*
 * Any bytes as a program and as a cache of libraries: nothing but an error may come of them. What is
 * found of a function or a marker lies within what the file says of its segments, not in memory here.
 *
 * With -fsanitize=fuzzer -DFUZZING_ENGINE a fuzzer; else a program that tries every file that its
 * arguments name, and every file of the folders among them.
 */
#include "windows/binary.h"
#include "windows/files.h"

#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "fuzz_binary: %s\n", what);
	abort();
}

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

#ifndef FUZZING_ENGINE
static int run_file(const char *path)
{
	FILE *stream = fopen(path, "r"), *memory;
	char *bytes, block[4096];
	size_t size, got;

	if (!stream)
		return -errno;
	memory = open_memstream(&bytes, &size);
	check(memory != NULL, "no stream");
	while ((got = fread(block, 1, sizeof(block), stream)) > 0)
		fwrite(block, 1, got, memory);
	fclose(stream);
	fclose(memory);
	LLVMFuzzerTestOneInput((const uint8_t *)bytes, size);
	free(bytes);
	return 0;
}

/* The number of files that were tried, or a negative errno. */
static int run_path(const char *path)
{
	struct dirent *entry;
	char name[4096];
	int err, n = 0;
	DIR *folder = opendir(path);

	if (!folder) {
		err = run_file(path);
		return err ? err : 1;
	}
	while ((entry = readdir(folder))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		err = run_file(name);
		if (err) {
			closedir(folder);
			return err;
		}
		n++;
	}
	closedir(folder);
	return n;
}

int main(int argc, char **argv)
{
	int n = 0;

	for (int i = 1; i < argc; i++) {
		int got = run_path(argv[i]);

		if (got < 0) {
			fprintf(stderr, "fuzz_binary: %s: %s\n", argv[i], strerror(-got));
			return 1;
		}
		n += got;
	}
	if (n == 0) {
		fprintf(stderr, "usage: fuzz_binary FILE|FOLDER...\n");
		return 1;
	}
	printf("fuzz_binary: %d inputs\n", n);
	return 0;
}
#endif
