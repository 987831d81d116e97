// SPDX-License-Identifier: BSD-2-Clause
/*
 * Any bytes as a configuration of hwpc-sensor: an error with a sentence comes of them, or options that are as
 * good as those of a command line, and the same ones again.
 */

#define FUZZ_NAME "fuzz_config_file"

#include "cli/config_file.h"
#include "fuzz_main.h"
#include "output/output.h"
#include "output/spec.h"

#include <string.h>

static const char *value_of(const struct config_file *file, const char *name)
{
	for (size_t i = 0; i < file->n_options; i++) {
		if (strcmp(file->options[i].name, name) == 0)
			return file->options[i].value ? file->options[i].value : "";
	}
	return NULL;
}

/* The output is what the file's one word for it says, whatever its texts hold. */
static void check_output(const char *text)
{
	struct output_spec spec = {0};
	struct errmsg msg = {""};
	const char *reports;

	check(output_spec_parse(text, &spec, &msg) == 0, "an output that can't be asked for");
	check(strcmp(spec.format->name, "powerapi") == 0, "another format");
	reports = output_spec_value(&spec, "reports");
	check(reports && strcmp(reports, "hwpc") == 0, "other reports than the sensor's");
	check(!output_spec_value(&spec, "by"), "a key that no word stands for");
	output_spec_done(&spec);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config_file file = {0}, again = {0};
	struct errmsg msg = {""};
	int err = config_file_parse("fuzz", (const char *)data, size, &file, &msg);

	check(!err == !msg.text[0], "an error without a sentence, or the reverse");
	if (err) {
		check(file.n_options == 0, "options of what is wrong");
		return 0;
	}
	check(value_of(&file, "output") != NULL, "no output");
	check_output(value_of(&file, "output"));
	check(config_file_parse("fuzz", (const char *)data, size, &again, &msg) == 0 &&
		      again.n_options == file.n_options,
	      "not the same again");
	for (size_t i = 0; i < file.n_options; i++)
		check(strcmp(value_of(&file, file.options[i].name),
			     value_of(&again, file.options[i].name)) == 0,
		      "not the same again");
	config_file_done(&file);
	config_file_done(&again);
	return 0;
}
