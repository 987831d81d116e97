// SPDX-License-Identifier: BSD-2-Clause
/*
 * Any bytes as a record: nothing but an error may come of them, and what was read of them, once
 * written, must read back and be written as the same bytes.
 */

#define FUZZ_NAME "fuzz_record"

#include "fuzz_main.h"
#include "sample/record.h"

#include <stdlib.h>
#include <string.h>

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
