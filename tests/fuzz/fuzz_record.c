// SPDX-License-Identifier: BSD-2-Clause
/*
 * Any bytes as a record: nothing but an error may come of them, and what was read of them, once
 * written, must read back and be written as the same bytes.
 *
 * With -fsanitize=fuzzer -DFUZZING_ENGINE a fuzzer; else a program that tries every file that its
 * arguments name, and every file of the folders among them.
 */

#include "sample/record.h"

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
	fprintf(stderr, "fuzz_record: %s\n", what);
	abort();
}

struct text {
	char *bytes;
	size_t size;
};

/* Reads `in` and writes the head and all whole samples of it; no bytes when there is no head. */
static struct text rewrite(const void *bytes, size_t size, int *ret_err)
{
	const struct record_setting *settings;
	struct record_reader *reader = NULL;
	struct record_writer *writer;
	struct sample sample = {0};
	struct text copy = {0};
	struct errmsg msg = {""};
	FILE *in = fmemopen((void *)(uintptr_t)bytes, size, "r"), *out;
	size_t n;
	int got;

	check(in != NULL, "no stream");
	*ret_err = record_reader_new(in, "fuzz", &reader, &msg);
	check(!*ret_err == !msg.text[0], "an error without a sentence, or the reverse");
	if (*ret_err) {
		fclose(in);
		return copy;
	}
	out = open_memstream(&copy.bytes, &copy.size);
	check(out != NULL, "no stream");
	check(record_writer_new(out, record_reader_run(reader), &writer) == 0, "no writer");
	n = record_reader_settings(reader, &settings);
	for (size_t i = 0; i < n; i++)
		record_write_setting(writer, settings[i].name, settings[i].value);
	while ((got = record_read_sample(reader, &sample, &msg)) > 0) {
		check(sample.n_energy == record_reader_run(reader)->n_domains, "energy is missing");
		check(record_write_sample(writer, &sample) == 0, "a sample was not written");
	}
	check(!got == !msg.text[0], "an error without a sentence, or the reverse");
	*ret_err = got;
	sample_done(&sample);
	record_writer_free(writer);
	record_reader_free(reader);
	fclose(in);
	fclose(out);
	return copy;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text once, twice;
	int err;

	once = rewrite(data, size, &err);
	if (!once.bytes)
		return 0;
	twice = rewrite(once.bytes, once.size, &err);
	check(err == 0, "what was written is no good record");
	check(once.size == twice.size && memcmp(once.bytes, twice.bytes, once.size) == 0,
	      "what was written is not written the same again");
	free(once.bytes);
	free(twice.bytes);
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
			fprintf(stderr, "fuzz_record: %s: %s\n", argv[i], strerror(-got));
			return 1;
		}
		n += got;
	}
	if (n == 0) {
		fprintf(stderr, "usage: fuzz_record FILE|FOLDER...\n");
		return 1;
	}
	printf("fuzz_record: %d inputs\n", n);
	return 0;
}
#endif
