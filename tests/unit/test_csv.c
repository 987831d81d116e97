// SPDX-License-Identifier: BSD-2-Clause
/* Directories of CSV files: what is there before, what is added, rotations, full disks. */
#include "output/csv.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* After what it needs. */
#include <cmocka.h>

struct place {
	char root[64], directory[80], file[96], other[96];
	struct target *csv;
	FILE *table, *second;
	struct errmsg msg;
};

static int set_up(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	assert_non_null(place);
	strcpy(place->root, "/tmp/energytrace-test-XXXXXX");
	assert_non_null(mkdtemp(place->root));
	snprintf(place->directory, sizeof(place->directory), "%s/deep/dir", place->root);
	snprintf(place->file, sizeof(place->file), "%s/a.csv", place->directory);
	snprintf(place->other, sizeof(place->other), "%s/b.csv", place->directory);
	*state = place;
	return 0;
}

static int tear_down(void **state)
{
	struct place *place = *state;
	char command[128];

	if (place->csv)
		place->csv->ops->close(place->csv);
	snprintf(command, sizeof(command), "rm -r %s", place->root);
	assert_int_equal(system(command), 0);
	free(place);
	return 0;
}

static void open_directory(struct place *place)
{
	char path[96];

	snprintf(path, sizeof(path), "%s/", place->directory);
	if (csv_open(path, &place->csv, &place->msg) != 0)
		fail_msg("%s", place->msg.text);
}

static void open_tables(struct place *place)
{
	open_directory(place);
	if (csv_add_table(place->csv, "a", "x,y", &place->table, &place->msg) != 0 ||
	    csv_add_table(place->csv, "b", "z", &place->second, &place->msg) != 0)
		fail_msg("%s", place->msg.text);
}

static void close_tables(struct place *place)
{
	assert_int_equal(place->csv->ops->close(place->csv), 0);
	place->csv = NULL;
}

static int send(struct place *place)
{
	int err = place->csv->ops->send(place->csv, "", 0, &place->msg);

	place->csv->ops->discard(place->csv);
	return err;
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void assert_file(const char *path, const char *expected)
{
	char text[4096] = "";
	FILE *file = fopen(path, "re");

	assert_non_null(file);
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	assert_string_equal(text, expected);
}

static void make_directories(struct place *place)
{
	open_directory(place);
	close_tables(place);
}

static void test_rows_go_below_the_header(void **state)
{
	struct place *place = *state;

	open_tables(place);
	assert_file(place->file, "x,y\n"); /* before the first row */
	fputs("1,2\n", place->table);
	fputs("9\n", place->second);
	assert_int_equal(send(place), 0);
	fputs("3,4\n", place->table); /* the other has none in this tick */
	assert_int_equal(send(place), 0);
	assert_int_equal(send(place), 0);
	assert_file(place->file, "x,y\n1,2\n3,4\n");
	assert_file(place->other, "z\n9\n");
}

static void test_rows_are_added_to_a_run_before(void **state)
{
	struct place *place = *state;

	for (int i = 0; i < 2; i++) {
		open_tables(place);
		fprintf(place->table, "%d,0\n", i);
		assert_int_equal(send(place), 0);
		close_tables(place);
	}
	assert_file(place->file, "x,y\n0,0\n1,0\n");
}

static void test_cut_row_is_taken_off(void **state)
{
	struct place *place = *state;

	make_directories(place);
	write_file(place->file, "x,y\n1,2\n3,");
	open_tables(place);
	fputs("5,6\n", place->table);
	assert_int_equal(send(place), 0);
	assert_file(place->file, "x,y\n1,2\n5,6\n");
}

static void assert_refused(struct place *place, int err, const char *why)
{
	open_directory(place);
	assert_int_equal(csv_add_table(place->csv, "a", "x,y", &place->table, &place->msg), err);
	if (!strstr(place->msg.text, why) || !strstr(place->msg.text, place->file))
		fail_msg("\"%s\" lacks \"%s\" or \"%s\"", place->msg.text, why, place->file);
	close_tables(place);
}

static void test_other_columns_are_refused(void **state)
{
	static const char *const others[] = {"x,z\n1,2\n", "x,y,z\n",	    "x\n",
					     "x,y",	   "no CSV at all", "\n"};
	struct place *place = *state;

	make_directories(place);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		write_file(place->file, others[i]);
		assert_refused(place, -EEXIST, "does not begin with \"x,y\"");
		assert_file(place->file, others[i]);
	}
}

static void test_what_is_no_file_is_refused(void **state)
{
	struct place *place = *state;

	make_directories(place);
	assert_int_equal(mkfifo(place->file, 0600), 0);
	assert_refused(place, -EEXIST, "is no file");
	assert_int_equal(unlink(place->file), 0);
	assert_int_equal(mkdir(place->file, 0700), 0);
	assert_refused(place, -EISDIR, "Is a directory");
}

static void test_two_programs_are_not_mixed(void **state)
{
	struct place *place = *state;
	struct target *first;

	open_tables(place);
	first = place->csv;
	assert_refused(place, -EBUSY, "another program is adding to it");
	place->csv = first;
}

static void test_directory_that_cannot_be(void **state)
{
	struct place *place = *state;
	char path[128];

	make_directories(place);
	write_file(place->file, "");
	snprintf(path, sizeof(path), "%s/", place->file);
	assert_int_equal(csv_open(path, &place->csv, &place->msg), -ENOTDIR);
	assert_non_null(strstr(place->msg.text, "is there and is no directory"));
	snprintf(path, sizeof(path), "%s/below/", place->file);
	assert_int_equal(csv_open(path, &place->csv, &place->msg), -ENOTDIR);
	assert_null(place->csv);
}

static void test_rotated_file_begins_anew(void **state)
{
	struct place *place = *state;
	struct target *fresh = NULL;
	char rotated[128];

	snprintf(rotated, sizeof(rotated), "%s.1", place->file);
	open_tables(place);
	fputs("1,2\n", place->table);
	fputs("1\n", place->second);
	assert_int_equal(send(place), 0);
	assert_int_equal(rename(place->file, rotated), 0);
	assert_int_equal(place->csv->ops->reopen(place->csv, &fresh, &place->msg), 0);
	assert_null(fresh);
	fputs("3,4\n", place->table);
	fputs("3\n", place->second);
	assert_int_equal(send(place), 0);
	assert_file(rotated, "x,y\n1,2\n");
	assert_file(place->file, "x,y\n3,4\n");
	assert_file(place->other, "z\n1\n3\n");
}

static void test_file_emptied_by_rotation_gets_its_header(void **state)
{
	struct place *place = *state;

	open_tables(place);
	fputs("1,2\n", place->table);
	assert_int_equal(send(place), 0);
	assert_int_equal(truncate(place->file, 0), 0);
	fputs("3,4\n", place->table);
	assert_int_equal(send(place), 0);
	assert_file(place->file, "x,y\n3,4\n");
}

static void test_failed_reopen_keeps_the_old_file(void **state)
{
	struct place *place = *state;
	struct target *fresh = NULL;
	char rotated[128];

	snprintf(rotated, sizeof(rotated), "%s.1", place->file);
	open_tables(place);
	assert_int_equal(rename(place->file, rotated), 0);
	write_file(place->file, "else\n");
	assert_int_equal(place->csv->ops->reopen(place->csv, &fresh, &place->msg), -EEXIST);
	fputs("3,4\n", place->table);
	assert_int_equal(send(place), 0);
	assert_file(rotated, "x,y\n3,4\n");
	assert_file(place->file, "else\n");
}

/* A limit on the size of files stands for a disk that fills up in the middle of a tick. */
static void test_full_disk_keeps_whole_ticks_in_all_tables(void **state)
{
	struct place *place = *state;
	struct rlimit old, small;
	char long_row[64];

	memset(long_row, '1', sizeof(long_row) - 1);
	long_row[sizeof(long_row) - 1] = '\0';
	open_tables(place);
	fputs("1,2\n", place->table);
	fputs("1\n", place->second);
	assert_int_equal(send(place), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	signal(SIGXFSZ, SIG_IGN);
	small = (struct rlimit){40, old.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	fputs("3,4\n", place->table);
	fprintf(place->second, "%s\n", long_row);
	assert_int_equal(send(place), -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_non_null(strstr(place->msg.text, "b.csv: File too large"));
	assert_file(place->file, "x,y\n1,2\n");
	assert_file(place->other, "z\n1\n");
	/* There is room again: the lost tick is not sent late. */
	fputs("5,6\n", place->table);
	assert_int_equal(send(place), 0);
	assert_file(place->file, "x,y\n1,2\n5,6\n");
}

static void test_claims(void **state)
{
	struct place *place = *state;
	char path[128];

	open_directory(place);
	assert_int_equal(csv_claim(place->csv, "claim", "{\"a\":1}", &place->msg), 0);
	snprintf(path, sizeof(path), "%s/claim", place->directory);
	assert_file(path, "{\"a\":1}\n");
	assert_int_equal(csv_claim(place->csv, "claim", "{\"a\":1}", &place->msg), 0);
	assert_int_equal(csv_claim(place->csv, "claim", "{\"a\":2}", &place->msg), -EEXIST);
	assert_non_null(strstr(place->msg.text, "says {\"a\":1}, not {\"a\":2}"));
	assert_file(path, "{\"a\":1}\n");
}

static void assert_field(const char *text, const char *expected)
{
	char *field = NULL;
	size_t size;
	FILE *stream = open_memstream(&field, &size);

	assert_non_null(stream);
	csv_put_text(stream, text);
	assert_int_equal(fclose(stream), 0);
	assert_string_equal(field, expected);
	free(field);
}

static void test_fields(void **state)
{
	(void)state;
	assert_field("plain text", "plain text");
	assert_field("", "");
	assert_field("a,b", "\"a,b\"");
	assert_field("say \"no\"", "\"say \"\"no\"\"\"");
	assert_field("two\nlines", "\"two\nlines\"");
}

#define test_in_place(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test_in_place(test_rows_go_below_the_header),
		test_in_place(test_rows_are_added_to_a_run_before),
		test_in_place(test_cut_row_is_taken_off),
		test_in_place(test_other_columns_are_refused),
		test_in_place(test_what_is_no_file_is_refused),
		test_in_place(test_two_programs_are_not_mixed),
		test_in_place(test_directory_that_cannot_be),
		test_in_place(test_rotated_file_begins_anew),
		test_in_place(test_file_emptied_by_rotation_gets_its_header),
		test_in_place(test_failed_reopen_keeps_the_old_file),
		test_in_place(test_full_disk_keeps_whole_ticks_in_all_tables),
		test_in_place(test_claims),
		cmocka_unit_test(test_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
