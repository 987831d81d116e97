/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_TESTS_FUZZ_FUZZ_MAIN_H
#define ENERGYTRACE_TESTS_FUZZ_FUZZ_MAIN_H

/*
 * What a fuzz target is without a fuzzing engine: a program that tries every file that its arguments name, and
 * every file of the folders among them. A target defines FUZZ_NAME and LLVMFuzzerTestOneInput, and
 * includes this; -DFUZZING_ENGINE leaves the program out.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void check(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "%s: %s\n", FUZZ_NAME, what);
	abort();
}

#ifndef FUZZING_ENGINE

#include <dirent.h>
#include <errno.h>
#include <string.h>

static int run_file(const char *path)
{
	FILE *stream = fopen(path, "re"), *memory;
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
	int err = 0, n = 0;
	DIR *folder = opendir(path);

	if (!folder) {
		err = run_file(path);
		return err ? err : 1;
	}
	while (!err && (entry = readdir(folder))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		err = run_file(name);
		n++;
	}
	closedir(folder);
	return err ? err : n;
}

int main(int argc, char **argv)
{
	int n = 0;

	for (int i = 1; i < argc; i++) {
		int got = run_path(argv[i]);

		if (got < 0) {
			fprintf(stderr, "%s: %s: %s\n", FUZZ_NAME, argv[i], strerror(-got));
			return 1;
		}
		n += got;
	}
	if (n == 0) {
		fprintf(stderr, "usage: %s FILE|FOLDER...\n", FUZZ_NAME);
		return 1;
	}
	printf("%s: %d inputs\n", FUZZ_NAME, n);
	return 0;
}

#endif
#endif
