/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_TESTS_UNIT_OUTPUT_FIXTURE_H
#define ENERGYTRACE_TESTS_UNIT_OUTPUT_FIXTURE_H

/* A directory of its own for each test that opens outputs, and what an output is given. */

#include "report_fixture.h"

#include <errno.h>
#include <unistd.h>

struct place {
	char directory[64];
	char file[96]; /* in the directory */
	char spec[128];
	struct fixture fixture;
	struct output_setting settings[2];
	struct output_options options;
	struct errmsg msg;
};

static inline int set_up(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	assert_non_null(place);
	strcpy(place->directory, "/tmp/energytrace-test-XXXXXX");
	assert_non_null(mkdtemp(place->directory));
	snprintf(place->file, sizeof(place->file), "%s/out", place->directory);
	snprintf(place->spec, sizeof(place->spec), "jsonl:%s", place->file);
	fixture_init(&place->fixture);
	place->settings[0] = (struct output_setting){"window", "10"};
	place->settings[1] = (struct output_setting){"pid", "12"};
	place->options = (struct output_options){
		.run = &place->fixture.run,
		.settings = place->settings,
		.n_settings = 2,
	};
	*state = place;
	return 0;
}

static inline int tear_down(void **state)
{
	struct place *place = *state;
	char rotated[128];

	snprintf(rotated, sizeof(rotated), "%s.1", place->file);
	unlink(rotated);
	unlink(place->file);
	assert_int_equal(rmdir(place->directory), 0);
	free(place);
	return 0;
}

static inline struct output *open_output(struct place *place, const char *spec)
{
	struct output *output = NULL;

	if (output_open(spec, &place->options, &output, &place->msg) != 0)
		fail_msg("%s", place->msg.text);
	assert_non_null(output);
	return output;
}

static inline void write_report(struct place *place, struct output *output)
{
	if (output_report(output, &place->fixture.report, &place->msg) != 0)
		fail_msg("%s", place->msg.text);
}

static inline char *read_file(const char *path)
{
	char *text = NULL;
	size_t room = 0;
	FILE *file = fopen(path, "re");

	assert_non_null(file);
	if (getdelim(&text, &room, '\0', file) < 0)
		text[0] = '\0'; /* an empty file; the buffer is there all the same */
	fclose(file);
	return text;
}

static inline void assert_file(const char *path, const char *expected)
{
	char *text = read_file(path);

	assert_string_equal(text, expected);
	free(text);
}

#define test_in_place(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

#endif
