// SPDX-License-Identifier: BSD-2-Clause
/* The format `record`: the samples themselves, and the settings that a replay needs beside them. */
#include "sample/record.h"
#include "output/formats.h"

static int open_record(FILE *stream, const struct output_options *options, void **ret,
		       struct errmsg *msg)
{
	struct record_writer *writer;
	int err;

	err = record_writer_new(stream, options->run, &writer);
	if (err)
		return errmsg_set(msg, err, "no memory for a record of the run");
	for (size_t i = 0; i < options->n_settings; i++)
		record_write_setting(writer, options->settings[i].name, options->settings[i].value);
	*ret = writer;
	return 0;
}

static int report_record(void *state, FILE *stream, const struct report *report)
{
	(void)stream;
	return record_write_sample(state, report->sample);
}

static void close_record(void *state)
{
	record_writer_free(state);
}

const struct output_format output_record = {
	.name = "record",
	.help = "every sample of the run, for `energytrace replay`",
	.needs_target = true,
	.open = open_record,
	.report = report_record,
	.close = close_record,
};
