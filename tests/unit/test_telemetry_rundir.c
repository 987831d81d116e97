// SPDX-License-Identifier: BSD-2-Clause
/* The folders of runs: their names, that nothing is overwritten, and files that are there whole. */
#include "telemetry_fixture.h"

#include "telemetry/rundir.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define DAY_NS (INT64_C(1768213218) * 1000000000) /* 2026-01-12T10:20:18Z */

static void assert_created(const char *dir, const char *name, const char *expected)
{
	struct errmsg msg = {""};
	struct stat status;
	char *path = NULL;

	if (telemetry_rundir_create(dir, name, DAY_NS, &path, &msg) != 0)
		fail_msg("%s", msg.text);
	assert_string_equal(strrchr(path, '/') + 1, expected);
	assert_int_equal(stat(path, &status), 0);
	assert_true(S_ISDIR(status.st_mode));
	free(path);
}

static void test_numbers_of_a_day(void **state)
{
	const char *dir = path_of("%s/results/all", (const char *)*state);

	/* DIR and what it is in are made; other names, other days and files change nothing. */
	assert_created(dir, NULL, "run-2026-01-12-001");
	assert_created(dir, NULL, "run-2026-01-12-002");
	assert_int_equal(mkdir(path_of("%s/run-2026-01-11-500", dir), 0755), 0);
	assert_int_equal(mkdir(path_of("%s/run-2026-01-12-9x", dir), 0755), 0);
	assert_created(dir, NULL, "run-2026-01-12-003");
	/* The number of a run that was removed is given again only if it was the last. */
	assert_int_equal(rmdir(path_of("%s/run-2026-01-12-002", dir)), 0);
	assert_created(dir, NULL, "run-2026-01-12-004");
	assert_int_equal(mkdir(path_of("%s/run-2026-01-12-999", dir), 0755), 0);
	assert_created(dir, NULL, "run-2026-01-12-1000");
	write_whole(path_of("%s/run-2026-01-12-1001", dir), "a file");
	assert_created(dir, NULL, "run-2026-01-12-1002");
}

static void test_names_that_are_given(void **state)
{
	static const char *const bad[] = {"", ".", "..", ".hidden", "a/b", "a\nb", "/"};
	const char *dir = *state;
	struct errmsg msg;
	char *path, long_name[300];

	assert_created(dir, "before change", "before change");
	assert_int_equal(telemetry_rundir_create(dir, "before change", 0, &path, &msg), -EEXIST);
	assert_has(msg.text, "before change is there already: a run overwrites nothing");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(telemetry_rundir_create(dir, bad[i], 0, &path, &msg), -EINVAL);
		assert_has(msg.text, "is no name for a run");
	}
	memset(long_name, 'x', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	assert_int_equal(telemetry_rundir_create(dir, long_name, 0, &path, &msg), -EINVAL);
}

static void test_places_that_are_no_place(void **state)
{
	struct errmsg msg;
	char *path;

	write_whole(path_of("%s/file", (const char *)*state), "");
	assert_int_equal(telemetry_rundir_create(path_of("%s/file", (const char *)*state), NULL,
						 DAY_NS, &path, &msg),
			 -ENOTDIR);
	assert_has(msg.text, "/file is there and is no folder");
	assert_int_equal(
		telemetry_rundir_create("/proc/self/nothing/here", NULL, DAY_NS, &path, &msg),
		-ENOENT);
	assert_has(msg.text, "cannot make the folder /proc/self/nothing");
}

/* Four programs at once, each making so many runs in one folder. */
#define PROGRAMS 4
#define RUNS 25

static void test_runs_at_once_get_folders_of_their_own(void **state)
{
	const char *dir = *state;
	int go[2], status;
	char *path;

	assert_int_equal(pipe(go), 0);
	for (int i = 0; i < PROGRAMS; i++) {
		struct errmsg msg;
		char byte;

		if (fork() != 0)
			continue;
		/* All begin when the pipe's last writer is gone. */
		close(go[1]);
		if (read(go[0], &byte, 1) != 0)
			_exit(2);
		for (int run = 0; run < RUNS; run++) {
			if (telemetry_rundir_create(dir, NULL, DAY_NS, &path, &msg) != 0)
				_exit(1);
			/* Only the first to come here can make this. */
			if (mkdir(path_of("%s/mine", path), 0755) != 0)
				_exit(3);
			free(path);
		}
		_exit(0);
	}
	close(go[0]);
	close(go[1]);
	for (int i = 0; i < PROGRAMS; i++) {
		assert_true(wait(&status) > 0);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
	}
	assert_created(dir, NULL, "run-2026-01-12-101");
}

static void assert_dirname(const char *plugin, const char *expected)
{
	char name[TELEMETRY_DIRNAME_SIZE];

	telemetry_dirname(plugin, name);
	assert_string_equal(name, expected);
}

static void test_folders_of_kernels(void **state)
{
	char plugin[2000], name[TELEMETRY_DIRNAME_SIZE], other[TELEMETRY_DIRNAME_SIZE];

	(void)state;
	assert_dirname("notch_iir", "notch_iir");
	assert_dirname("car@f32-1.2", "car@f32-1.2");
	assert_dirname("libm.so.6:sin", "libm.so.6:sin");
	assert_dirname("../../etc", "%2E.%2F..%2Fetc");
	assert_dirname("..", "%2E.");
	assert_dirname(".", "%2E");
	assert_dirname("a b%20\n\xc3\xa4", "a%20b%2520%0A%C3%A4");
	/* Names that are too long for a folder are cut, and still differ. */
	memset(plugin, 'n', sizeof(plugin) - 1);
	plugin[sizeof(plugin) - 1] = '\0';
	telemetry_dirname(plugin, name);
	plugin[sizeof(plugin) - 2] = 'm';
	telemetry_dirname(plugin, other);
	assert_in_range(strlen(name), 190, 255);
	assert_string_not_equal(name, other);
	assert_has(name, "n%-");
}

static void test_a_file_is_there_whole(void **state)
{
	const char *path = path_of("%s/file", (const char *)*state);
	struct telemetry_file file;
	struct errmsg msg;
	struct stat status;
	char *text;

	assert_int_equal(telemetry_file_open(&file, path, &msg), 0);
	fputs("first", file.stream);
	fflush(file.stream);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(telemetry_file_close(&file, &msg), 0);
	/* While the second is written, the first stays; and when it is dropped. */
	assert_int_equal(telemetry_file_open(&file, path, &msg), 0);
	fputs("second", file.stream);
	fflush(file.stream);
	text = read_whole(path);
	assert_string_equal(text, "first");
	free(text);
	telemetry_file_drop(&file);
	text = read_whole(path);
	assert_string_equal(text, "first");
	free(text);
	/* As readable as any file of this user. */
	umask(022);
	assert_int_equal(telemetry_file_open(&file, path, &msg), 0);
	fputs("third", file.stream);
	assert_int_equal(telemetry_file_close(&file, &msg), 0);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0644);
	text = read_whole(path);
	assert_string_equal(text, "third");
	free(text);
	/* Nothing else is left. */
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(*state), 0);
	assert_int_equal(mkdir(*state, 0755), 0);
}

static void test_a_file_that_cannot_be(void **state)
{
	struct telemetry_file file;
	struct errmsg msg;

	assert_int_equal(
		telemetry_file_open(&file, path_of("%s/no/file", (const char *)*state), &msg),
		-ENOENT);
	assert_has(msg.text, "/no/file: No such file or directory");
	/* A folder of that name: the new file can't take its place. */
	assert_int_equal(mkdir(path_of("%s/folder", (const char *)*state), 0755), 0);
	assert_int_equal(
		telemetry_file_open(&file, path_of("%s/folder", (const char *)*state), &msg), 0);
	assert_int_equal(telemetry_file_close(&file, &msg), -EISDIR);
	assert_has(msg.text, "/folder: Is a directory");
	assert_int_equal(rmdir(path_of("%s/folder", (const char *)*state)), 0);
	assert_int_equal(rmdir(*state), 0);
	assert_int_equal(mkdir(*state, 0755), 0);
}

#define folder_test(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		folder_test(test_numbers_of_a_day),
		folder_test(test_names_that_are_given),
		folder_test(test_places_that_are_no_place),
		folder_test(test_runs_at_once_get_folders_of_their_own),
		cmocka_unit_test(test_folders_of_kernels),
		folder_test(test_a_file_is_there_whole),
		folder_test(test_a_file_that_cannot_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
