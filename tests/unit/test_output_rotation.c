// SPDX-License-Identifier: BSD-2-Clause
/* Files that are opened anew while the run goes on, and what a record holds then. */
#include "output_fixture.h"
#include "sample/record.h"

#include <sys/stat.h>

static void test_rotated_file_is_opened_anew(void **state)
{
	struct place *place = *state;
	char *tick = fixture_render(&output_jsonl, &place->fixture.report);
	char *first = NULL;
	char rotated[128];
	struct output *output = open_output(place, place->spec);

	snprintf(rotated, sizeof(rotated), "%s.1", place->file);
	write_report(place, output);
	assert_int_equal(rename(place->file, rotated), 0);
	write_report(place, output);
	assert_int_equal(output_reopen(output, &place->msg), 0);
	write_report(place, output);
	assert_int_equal(output_close(output), 0);
	assert_int_not_equal(asprintf(&first, "%s%s", tick, tick), -1);
	assert_file(rotated, first);
	assert_file(place->file, tick);
	free(first);
	free(tick);
}

static void test_file_in_its_place_is_kept(void **state)
{
	struct place *place = *state;
	char *tick = fixture_render(&output_jsonl, &place->fixture.report);
	struct output *output = open_output(place, place->spec);

	write_report(place, output);
	assert_int_equal(output_reopen(output, &place->msg), 0);
	assert_file(place->file, tick);
	assert_int_equal(output_close(output), 0);
	free(tick);
}

static void test_file_emptied_by_rotation_has_no_hole(void **state)
{
	struct place *place = *state;
	char *tick = fixture_render(&output_jsonl, &place->fixture.report);
	struct output *output = open_output(place, place->spec);

	write_report(place, output);
	assert_int_equal(truncate(place->file, 0), 0);
	write_report(place, output);
	assert_file(place->file, tick);
	assert_int_equal(output_close(output), 0);
	free(tick);
}

static void test_failed_reopen_keeps_the_old_file(void **state)
{
	struct place *place = *state;
	char *tick = fixture_render(&output_jsonl, &place->fixture.report);
	struct output *output = open_output(place, place->spec);
	char rotated[128];

	snprintf(rotated, sizeof(rotated), "%s.1", place->file);
	assert_int_equal(rename(place->file, rotated), 0);
	assert_int_equal(mkdir(place->file, 0755), 0);
	assert_int_equal(output_reopen(output, &place->msg), -EISDIR);
	write_report(place, output);
	assert_int_equal(output_close(output), 0);
	assert_int_equal(rmdir(place->file), 0);
	assert_file(rotated, tick);
	free(tick);
}

static void expect_record(const char *path, const struct run *run, size_t samples)
{
	const struct record_setting *settings;
	struct record_reader *reader;
	struct sample sample = {0};
	struct errmsg msg;
	FILE *file = fopen(path, "re");

	assert_non_null(file);
	assert_int_equal(record_reader_new(file, path, &reader, &msg), 0);
	assert_int_equal(record_reader_settings(reader, &settings), 2);
	assert_string_equal(settings[0].name, "window");
	assert_string_equal(settings[0].value, "10");
	assert_string_equal(settings[1].name, "pid");
	assert_string_equal(record_reader_run(reader)->host, run->host);
	for (size_t i = 0; i < samples; i++) {
		assert_int_equal(record_read_sample(reader, &sample, &msg), 1);
		assert_int_equal(sample.realtime_ns, FIXTURE_REALTIME_NS);
		assert_int_equal(sample.energy[0].uj, 20000000);
	}
	assert_int_equal(record_read_sample(reader, &sample, &msg), 0);
	sample_done(&sample);
	record_reader_free(reader);
	fclose(file);
}

static void test_record_holds_settings_and_samples(void **state)
{
	struct place *place = *state;
	struct totals totals = {.run = &place->fixture.run};
	struct output *output;

	snprintf(place->spec, sizeof(place->spec), "record:%s", place->file);
	output = open_output(place, place->spec);
	expect_record(place->file, &place->fixture.run, 0);
	write_report(place, output);
	write_report(place, output);
	assert_int_equal(output_totals(output, &totals, &place->msg), 0);
	assert_int_equal(output_close(output), 0);
	expect_record(place->file, &place->fixture.run, 2);
}

/* Each file of a rotated record can be read by itself. */
static void test_rotated_record_has_its_own_head(void **state)
{
	struct place *place = *state;
	struct output *output;
	char rotated[128];

	snprintf(place->spec, sizeof(place->spec), "record:%s", place->file);
	snprintf(rotated, sizeof(rotated), "%s.1", place->file);
	output = open_output(place, place->spec);
	write_report(place, output);
	assert_int_equal(rename(place->file, rotated), 0);
	assert_int_equal(output_reopen(output, &place->msg), 0);
	write_report(place, output);
	write_report(place, output);
	assert_int_equal(output_close(output), 0);
	expect_record(rotated, &place->fixture.run, 1);
	expect_record(place->file, &place->fixture.run, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		test_in_place(test_rotated_file_is_opened_anew),
		test_in_place(test_file_in_its_place_is_kept),
		test_in_place(test_file_emptied_by_rotation_has_no_hole),
		test_in_place(test_failed_reopen_keeps_the_old_file),
		test_in_place(test_record_holds_settings_and_samples),
		test_in_place(test_rotated_record_has_its_own_head),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
