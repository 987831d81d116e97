// SPDX-License-Identifier: BSD-2-Clause
#include "output_fixture.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

static void assert_check(const char *spec, int err, const char *text)
{
	struct errmsg msg = {.text = ""};

	assert_int_equal(output_check(spec, &msg), err);
	assert_string_equal(msg.text, text);
}

static void test_specs_that_are_fine(void **state)
{
	(void)state;
	assert_check("table", 0, "");
	assert_check("jsonl:-", 0, "");
	assert_check("jsonl:a:b,c", 0, "");
	assert_check("record:-", 0, "");
	assert_check("record:x.rec", 0, "");
}

static void test_unknown_format_names_the_nearest(void **state)
{
	(void)state;
	assert_check("json:x", -EINVAL, "unknown output format 'json'; did you mean 'jsonl'?");
	assert_check("tabel", -EINVAL, "unknown output format 'tabel'; did you mean 'table'?");
	assert_check("csv,a=b", -EINVAL,
		     "unknown output format 'csv'; 'energytrace -o list' prints those there are");
}

static void test_specs_that_lack_something(void **state)
{
	(void)state;
	assert_check("record", -EINVAL,
		     "output format 'record' needs a target: 'record:FILE', or 'record:-' for "
		     "standard output");
	assert_check("telemetry", -EINVAL,
		     "output format 'telemetry' needs a folder: 'telemetry:DIR'");
	assert_check("telemetry:-", -EINVAL,
		     "output format 'telemetry' needs a folder: 'telemetry:DIR'");
	assert_check("jsonl:", -EINVAL,
		     "output 'jsonl:' has no target behind the colon: a file, or - for standard "
		     "output");
	assert_check("jsonl:x,sensor=a", -EINVAL,
		     "output format 'jsonl' takes no setting 'sensor'");
	assert_check("jsonl,sensor=a", -EINVAL, "output format 'jsonl' takes no setting 'sensor'");
	assert_check("jsonl,x", -EINVAL, "output 'jsonl,x' has ',x' behind the format");
}

static void test_file_has_what_the_format_writes(void **state)
{
	struct place *place = *state;
	struct output *output = open_output(place, place->spec);
	char *expected = fixture_render(&output_jsonl, &place->fixture.report);
	struct totals totals = {.run = &place->fixture.run};
	struct stat status;

	write_report(place, output);
	assert_file(place->file, expected); /* at once, not when the file is closed */
	assert_int_equal(output_totals(output, &totals, &place->msg), 0);
	assert_int_equal(output_close(output), 0);
	assert_file(place->file, expected);
	assert_int_equal(stat(place->file, &status), 0);
	assert_int_equal(status.st_mode & 07133, 0);
	free(expected);
}

static void test_old_file_is_emptied(void **state)
{
	struct place *place = *state;
	FILE *old = fopen(place->file, "we");

	assert_non_null(old);
	fputs("old\n", old);
	fclose(old);
	output_close(open_output(place, place->spec));
	assert_file(place->file, "");
}

static void test_file_that_cannot_be_opened(void **state)
{
	struct place *place = *state;
	struct output *output = NULL;

	assert_int_equal(output_open("jsonl:/nonexistent/x", &place->options, &output, &place->msg),
			 -ENOENT);
	assert_string_equal(place->msg.text, "can't open /nonexistent/x for writing: "
					     "No such file or directory");
	assert_null(output);
	assert_int_equal(output_open("tbl", &place->options, &output, &place->msg), -EINVAL);
	assert_null(output);
}

static void test_table_has_totals(void **state)
{
	struct place *place = *state;
	struct totals totals = {
		.run = &place->fixture.run,
		.carbon = &place->fixture.carbon,
		.kind = ENTITY_PROCESS,
		.ticks = 1,
	};
	struct output *output;

	snprintf(place->spec, sizeof(place->spec), "table:%s", place->file);
	output = open_output(place, place->spec);
	assert_int_equal(output_totals(output, &totals, &place->msg), 0);
	assert_int_equal(output_close(output), 0);
	assert_file(place->file,
		    "total of 0.000 s | 1 tick | 0.000 J powercap, measured\n"
		    "  0.000000 gCO2e at 475 gCO2e/kWh (GLOBAL)\n"
		    "  COUNT     PID       CPU-S      JOULES      %      gCO2e  PROCESS\n");
}

static void test_full_disk_is_told(void **state)
{
	struct place *place = *state;
	struct output *output;

	if (access("/dev/full", W_OK) != 0) {
		print_message("no /dev/full on this machine\n");
		skip();
	}
	output = open_output(place, "jsonl:/dev/full");
	assert_int_equal(output_report(output, &place->fixture.report, &place->msg), -ENOSPC);
	assert_string_equal(place->msg.text, "can't write to /dev/full: No space left on device");
	assert_int_equal(output_close(output), 0);
}

/* A limit on the size of files stands for a disk that fills up in the middle of a tick. */
static void test_full_disk_keeps_whole_ticks(void **state)
{
	struct place *place = *state;
	char *tick = fixture_render(&output_jsonl, &place->fixture.report);
	struct output *output = open_output(place, place->spec);
	struct rlimit old, small;
	char *both = NULL;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	signal(SIGXFSZ, SIG_IGN);
	small = (struct rlimit){strlen(tick) + 100, old.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	write_report(place, output);
	assert_int_equal(output_report(output, &place->fixture.report, &place->msg), -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_file(place->file, tick);
	/* There is room again: the lost tick is not sent late. */
	write_report(place, output);
	assert_int_equal(output_close(output), 0);
	assert_int_not_equal(asprintf(&both, "%s%s", tick, tick), -1);
	assert_file(place->file, both);
	free(both);
	free(tick);
}

struct capture {
	int saved, reader;
};

/* Standard output into a pipe, until capture_end. */
static void capture_begin(struct capture *capture)
{
	int ends[2];

	fflush(stdout);
	assert_int_equal(pipe(ends), 0);
	capture->saved = dup(STDOUT_FILENO);
	assert_int_equal(dup2(ends[1], STDOUT_FILENO), STDOUT_FILENO);
	close(ends[1]);
	capture->reader = ends[0];
}

static void capture_end(struct capture *capture)
{
	dup2(capture->saved, STDOUT_FILENO);
	close(capture->saved);
}

static void test_standard_output(void **state)
{
	struct place *place = *state;
	char *expected = fixture_render(&output_jsonl, &place->fixture.report);
	char *text = calloc(1, 2 * strlen(expected) + 1);
	struct capture capture;
	struct output *output, *second;
	int err;

	capture_begin(&capture);
	err = output_open("jsonl", &place->options, &output, &place->msg);
	err |= output_open("jsonl:-", &place->options, &second, &place->msg);
	err |= output_report(output, &place->fixture.report, &place->msg);
	err |= output_report(second, &place->fixture.report, &place->msg);
	err |= output_reopen(output, &place->msg);
	err |= output_close(output);
	err |= output_close(second);
	err |= fcntl(STDOUT_FILENO, F_GETFD) < 0; /* closing an output leaves it open */
	capture_end(&capture);
	assert_int_equal(err, 0);
	assert_int_equal(read(capture.reader, text, 2 * strlen(expected)), 2 * strlen(expected));
	close(capture.reader);
	assert_memory_equal(text, expected, strlen(expected));
	assert_string_equal(text + strlen(expected), expected);
	free(text);
	free(expected);
}

static void test_reader_that_went_away(void **state)
{
	struct place *place = *state;
	struct capture capture;
	struct output *output;
	int err, again;

	signal(SIGPIPE, SIG_IGN);
	capture_begin(&capture);
	err = output_open("jsonl", &place->options, &output, &place->msg);
	close(capture.reader);
	again = output_report(output, &place->fixture.report, &place->msg);
	output_close(output);
	capture_end(&capture);
	assert_int_equal(err, 0);
	assert_int_equal(again, -EPIPE);
	assert_string_equal(place->msg.text, "can't write to standard output: Broken pipe");
}

/* A child that begins late to read, and exits 0 if as many bytes came as expected. */
static pid_t start_slow_reader(int reader, int writer, size_t expected)
{
	pid_t child = fork();
	char block[4096];
	size_t total = 0;
	ssize_t n;

	if (child != 0)
		return child;
	close(writer);
	close(STDOUT_FILENO);
	poll(NULL, 0, 50);
	while ((n = read(reader, block, sizeof(block))) > 0)
		total += (size_t)n;
	_exit(total == expected ? 0 : 1);
}

static void test_standard_output_that_does_not_block(void **state)
{
	enum {
		REPORTS = 60
	}; /* more than a pipe holds */
	struct place *place = *state;
	char *tick = fixture_render(&output_jsonl, &place->fixture.report);
	struct capture capture;
	struct output *output;
	int err, status = -1;
	pid_t child;

	capture_begin(&capture);
	fcntl(STDOUT_FILENO, F_SETFL, O_NONBLOCK);
	child = start_slow_reader(capture.reader, capture.saved, REPORTS * strlen(tick));
	err = output_open("jsonl", &place->options, &output, &place->msg);
	for (int i = 0; i < REPORTS; i++)
		err |= output_report(output, &place->fixture.report, &place->msg);
	output_close(output);
	capture_end(&capture);
	close(capture.reader);
	assert_int_equal(err, 0);
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	free(tick);
}

static void test_close_takes_null(void **state)
{
	(void)state;
	assert_int_equal(output_close(NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_specs_that_are_fine),
		cmocka_unit_test(test_unknown_format_names_the_nearest),
		cmocka_unit_test(test_specs_that_lack_something),
		test_in_place(test_file_has_what_the_format_writes),
		test_in_place(test_old_file_is_emptied),
		test_in_place(test_file_that_cannot_be_opened),
		test_in_place(test_table_has_totals),
		test_in_place(test_full_disk_is_told),
		test_in_place(test_full_disk_keeps_whole_ticks),
		test_in_place(test_standard_output),
		test_in_place(test_reader_that_went_away),
		test_in_place(test_standard_output_that_does_not_block),
		cmocka_unit_test(test_close_takes_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
