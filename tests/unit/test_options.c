// SPDX-License-Identifier: BSD-2-Clause
/* Each option of the command line: what it takes, and what it says of what it does not. */
#include "options_fixture.h"

#include "entity/cgroup.h"
#include "ledger/ledger.h"

#include <unistd.h>

static void test_defaults(void **state)
{
	(void)state;
	assert_int_equal(parse_on(GIVEN(NULL)), 0);
	assert_int_equal(config.command, COMMAND_TRACE);
	assert_null(config.argv);
	assert_int_equal(config.n_pids + config.n_cgroups + config.n_outputs, 0);
	assert_int_equal(config.n_settings, 0);
	assert_int_equal(config.top, 0);
	assert_true(config.interval_s == 1);
	assert_int_equal(config.window, 10);
	assert_int_equal(config.count, 0);
	assert_true(config.duration_s == 0);
	assert_string_equal(config.source, "auto");
	assert_string_equal(config.model->name, "share");
	assert_string_equal(config.carbon.code, "GLOBAL");
	assert_true(config.carbon.grams_per_kwh == 475);
	assert_false(config.carbon_given);
	assert_string_equal(config.sysfs, "/sys");
	assert_string_equal(config.procfs, "/proc");
	assert_int_equal(config.ledger_rows, LEDGER_DEFAULT_ROWS);
	assert_int_equal(config.repeat, 0);
}

static void test_pids(void **state)
{
	(void)state;
	TAKES("-p", "12,1,4194304", "--pid=7", "-p12");
	assert_int_equal(config.n_pids, 4); /* each once */
	assert_int_equal(config.pids[0], 12);
	assert_int_equal(config.pids[1], 1);
	assert_int_equal(config.pids[2], 4194304);
	assert_int_equal(config.pids[3], 7);
	assert_int_equal(count_settings("pid", "12,1,4194304"), 1);
	assert_int_equal(count_settings("pid", "7"), 1);
	REFUSES("-p takes process ids", "\"\"", "-p", "");
	REFUSES("-p takes process ids", "\"0\"", "-p", "0");
	REFUSES("-p takes process ids", "\"-1\"", "-p", "-1");
	REFUSES("-p takes process ids", "\"1,\"", "-p", "1,");
	REFUSES("-p takes process ids", "\",1\"", "-p", ",1");
	REFUSES("-p takes process ids", "\"1,,2\"", "-p", "1,,2");
	REFUSES("-p takes process ids", "\"1, 2\"", "-p", "1, 2");
	REFUSES("-p takes process ids", "\"firefox\"", "-p", "firefox");
	REFUSES("-p takes process ids", "\"4194305\"", "-p", "4194305");
	REFUSES("-p takes process ids", "0000000000000001", "-p", "0000000000000001");
}

static void test_children(void **state)
{
	(void)state;
	TAKES("-C", "-p", "12");
	assert_true(config.children);
	assert_int_equal(count_settings("children", ""), 1);
	TAKES("-p", "12", "--children");
	assert_true(config.children);
	TAKES("-p", "12");
	assert_false(config.children);
	REFUSES("-C goes with -p", "", "-C");
	REFUSES("-C goes with -p", "", "-C", "-c", "/a");
}

static void test_cgroups(void **state)
{
	(void)state;
	TAKES("-c", "/system.slice", "--cgroup", "user.slice/*");
	assert_int_equal(config.n_cgroups, 2);
	assert_string_equal(config.cgroups[0], "/system.slice");
	assert_string_equal(config.cgroups[1], "/user.slice/*");
	TAKES("-c", "/");
	assert_string_equal(config.cgroups[0], "/");
	assert_int_equal(count_settings("cgroup", "/"), 1);
	REFUSES("-c takes the path of a cgroup", "empty", "-c", "");
}

/* As a shell completes it. The record has it as it is in samples: other machines mount elsewhere. */
static void test_cgroup_below_the_mount_point(void **state)
{
	struct cgroup_mounts mounts;
	const char *mount_point;
	char given[300];

	(void)state;
	assert_int_equal(cgroup_mounts_read("/proc", &mounts), 0);
	mount_point = mounts.v2[0] ? mounts.v2 : mounts.v1;
	if (!mount_point[0]) {
		print_message("skipped: no cgroups are mounted here\n");
		skip();
	}
	snprintf(given, sizeof(given), "%s/a/b", mount_point);
	TAKES("-c", given, "-c", mount_point);
	assert_string_equal(config.cgroups[0], "/a/b");
	assert_string_equal(config.cgroups[1], "/");
	snprintf(given, sizeof(given), "%sling/b", mount_point);
	TAKES("-c", given);
	assert_string_equal(config.cgroups[0], given);
	snprintf(given, sizeof(given), "%s/a/b", mount_point);
	TAKES("-c", given);
	assert_int_equal(count_settings("cgroup", NULL), 1);
	assert_int_equal(count_settings("cgroup", "/a/b"), 1);
}

static void test_top(void **state)
{
	(void)state;
	TAKES("-t", "1");
	assert_int_equal(config.top, 1);
	TAKES("--top=4294967295");
	assert_true(config.top == UINT32_MAX);
	assert_int_equal(count_settings("top", "4294967295"), 1);
	REFUSES("-t takes a number of entities", "\"0\"", "-t", "0");
	REFUSES("-t takes a number of entities", "\"4294967296\"", "-t", "4294967296");
	REFUSES("-t takes a number of entities", "\"ten\"", "-t", "ten");
}

static void test_interval(void **state)
{
	static const char *const bad[] = {"0",	 "0.009", "3600.1", "-1",  "nan", "inf",
					  "0x1", "1s",	  "1,5",    "1e9", "",	  " 1"};

	(void)state;
	TAKES("-i", "0.01");
	assert_true(config.interval_s == 0.01);
	TAKES("--interval", "3600");
	assert_true(config.interval_s == 3600);
	TAKES("-i", "2.5e-1");
	assert_true(config.interval_s == 0.25);
	assert_int_equal(config.n_settings, 0); /* a record has its own times */
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		REFUSES("-i takes seconds from 0.01 to 3600", bad[i], "-i", bad[i]);
}

static void test_window(void **state)
{
	(void)state;
	TAKES("-w", "1");
	assert_int_equal(config.window, 1);
	TAKES("--window=3600");
	assert_int_equal(config.window, 3600);
	assert_int_equal(count_settings("window", "3600"), 1);
	TAKES("-w", "3", "-w", "4");
	assert_int_equal(config.window, 4);
	REFUSES("-w takes a number of samples from 1 to 3600", "\"0\"", "-w", "0");
	REFUSES("-w takes a number of samples from 1 to 3600", "\"3601\"", "-w", "3601");
	REFUSES("-w takes a number of samples from 1 to 3600", "\"1.5\"", "-w", "1.5");
}

static void test_count_and_duration(void **state)
{
	(void)state;
	TAKES("-n", "18446744073709551615", "-d", "0.5");
	assert_true(config.count == UINT64_MAX);
	assert_true(config.duration_s == 0.5);
	TAKES("--count", "1", "--duration", "86400");
	assert_int_equal(config.count, 1);
	assert_true(config.duration_s == 86400);
	REFUSES("-n takes a number of ticks from 1", "\"0\"", "-n", "0");
	REFUSES("-n takes a number of ticks from 1", "\"-3\"", "-n", "-3");
	REFUSES("-d takes seconds from 0.01", "\"0\"", "-d", "0");
	REFUSES("-d takes seconds from 0.01", "\"1m\"", "-d", "1m");
	REFUSES("-d takes seconds from 0.01", "\"1e300\"", "-d", "1e300");
}

static void test_source(void **state)
{
	(void)state;
	TAKES("-s", "none");
	assert_string_equal(config.source, "none");
	TAKES("--source", "powercap");
	assert_string_equal(config.source, "powercap");
	TAKES("-s", "auto");
	assert_string_equal(config.source, "auto");
	REFUSES("no energy source \"powrecap\"", "\"powercap\"", "-s", "powrecap");
	REFUSES("no energy source \"Auto\"", "\"auto\"", "-s", "Auto");
	REFUSES("no energy source \"xyzzy\"", "powercap", "-s", "xyzzy");
	REFUSES("no energy source \"\"", "powercap", "-s", "");
}

static void test_model(void **state)
{
	(void)state;
	TAKES("-m", "share");
	assert_ptr_equal(config.model, &attribution_share);
	assert_int_equal(count_settings("model", "share"), 1);
	REFUSES("no model \"shear\"", "\"share\"", "--model", "shear");
	REFUSES("no model \"xyzzy\"", "share", "-m", "xyzzy");
}

static void test_carbon(void **state)
{
	(void)state;
	TAKES("--carbon", "32.5");
	assert_true(config.carbon.grams_per_kwh == 32.5);
	assert_string_equal(config.carbon.code, "CUSTOM");
	assert_true(config.carbon_given);
	assert_int_equal(count_settings("carbon", "32.5"), 1);
	TAKES("--carbon", "GLOBAL");
	assert_true(config.carbon.grams_per_kwh == 475);
	REFUSES("--carbon", "\"-1\"", "--carbon", "-1");
	REFUSES("--carbon", "\"1e9\"", "--carbon", "1e9");
	REFUSES("--carbon", "\"GLOBL\"", "--carbon", "GLOBL");
}

static void test_outputs(void **state)
{
	(void)state;
	TAKES("-o", "jsonl", "--output=table:-", "-o", "record:/tmp/x.rec");
	assert_int_equal(config.n_outputs, 3);
	assert_string_equal(config.outputs[0], "jsonl");
	assert_string_equal(config.outputs[1], "table:-");
	assert_string_equal(config.outputs[2], "record:/tmp/x.rec");
	assert_int_equal(config.n_settings, 0);
	REFUSES("'jsnol'", "'jsonl'", "-o", "jsnol");
	REFUSES("'csvx'", "-o list", "-o", "csvx");
	REFUSES("record", "needs a target", "-o", "record");
	REFUSES("no target", "jsonl:", "-o", "jsonl:");
	REFUSES("no setting", "colour", "-o", "jsonl:x,colour=red");
}

static void test_list_of_outputs(void **state)
{
	(void)state;
	TAKES("-o", "list");
	assert_int_equal(config.command, COMMAND_LIST_OUTPUTS);
	assert_int_equal(config.n_outputs, 0);
	TAKES("replay", "-o", "list"); /* needs no FILE for it */
	assert_int_equal(config.command, COMMAND_LIST_OUTPUTS);
}

static void test_roots(void **state)
{
	(void)state;
	TAKES("--sysfs", "/tmp/s", "--procfs=/tmp/p");
	assert_string_equal(config.sysfs, "/tmp/s");
	assert_string_equal(config.procfs, "/tmp/p");
}

static void test_ledger(void **state)
{
	(void)state;
	TAKES("--ledger-rows", "64");
	assert_int_equal(config.ledger_rows, 64);
	TAKES("--ledger-rows", "16777216");
	assert_int_equal(config.ledger_rows, 16777216);
	REFUSES("--ledger-rows takes a number from 64 to 16777216", "63", "--ledger-rows", "63");
	REFUSES("--ledger-rows", "16777217", "--ledger-rows", "16777217");
	TAKES("--ledger-without", "task-storage");
	assert_true(config.no_task_storage && !config.no_rq_clock);
	TAKES("--ledger-without", "rq-clock");
	assert_true(!config.no_task_storage && config.no_rq_clock);
	REFUSES("--ledger-without", "task-storage", "--ledger-without", "clock");
}

static void test_messages(void **state)
{
	(void)state;
	TAKES("-q");
	assert_int_equal(log_level(), LOG_LEVEL_ERROR);
	TAKES("--verbose");
	assert_int_equal(log_level(), LOG_LEVEL_DEBUG);
	TAKES("-q", "-v");
	assert_int_equal(log_level(), LOG_LEVEL_DEBUG);
	TAKES("-n1");
	assert_int_equal(log_level(), LOG_LEVEL_INFO);
}

static void test_letters_can_stand_together(void **state)
{
	(void)state;
	TAKES("-qCp12");
	assert_true(config.children);
	assert_int_equal(config.pids[0], 12);
	assert_int_equal(log_level(), LOG_LEVEL_ERROR);
}

static void test_unknown_option_with_the_nearest(void **state)
{
	(void)state;
	REFUSES("no option --windwo", "--window", "--windwo", "5");
	REFUSES("no option --intervall", "--interval", "--intervall=5");
	REFUSES("no option --xyzzy", "--help", "--xyzzy");
	REFUSES("no option -Z", "--help", "-Z");
	REFUSES("no option -Z", "--help", "-qZ");
}

/* getopt is still in the word then, and what came before it is no part of the mistake. */
static void test_unknown_letter_before_others(void **state)
{
	(void)state;
	REFUSES("no option -Z", "--help", "-Zq");
	REFUSES("no option -Z", "--help", "--window=5", "-Zq");
	REFUSES("no option -Z", "--help", "--verbose", "-qZv");
}

static void test_argument_that_is_missing_or_too_many(void **state)
{
	(void)state;
	REFUSES("--window", "needs an argument", "--window");
	REFUSES("-w", "needs an argument", "-w");
	REFUSES("-w", "needs an argument", "-q", "-w");
	/* `--` is what follows: the word is not a value. */
	REFUSES("-w", "needs an argument", "-w", "--", "true");
	REFUSES("--children", "", "-p", "12", "--children=yes");
	if (strstr(msg.text, "no option --children"))
		fail_msg("\"%s\" of an option that there is", msg.text);
}

static void test_help_and_version_need_nothing_else(void **state)
{
	(void)state;
	TAKES("--help");
	assert_int_equal(config.command, COMMAND_HELP);
	TAKES("-h", "-C");
	assert_int_equal(config.command, COMMAND_HELP);
	TAKES("--version");
	assert_int_equal(config.command, COMMAND_VERSION);
	TAKES("replay", "--help");
	assert_int_equal(config.command, COMMAND_HELP);
	TAKES("sources", "-h");
	assert_int_equal(config.command, COMMAND_HELP);
}

/* What the page says, on standard output alone. */
static void read_help(char *text, size_t size)
{
	int kept = dup(STDOUT_FILENO);
	FILE *file = tmpfile();
	size_t n;

	assert_non_null(file);
	fflush(stdout);
	dup2(fileno(file), STDOUT_FILENO);
	options_print_help();
	fflush(stdout);
	dup2(kept, STDOUT_FILENO);
	close(kept);
	rewind(file);
	n = fread(text, 1, size - 1, file);
	text[n] = '\0';
	fclose(file);
}

static void test_help_has_every_option_and_fits_a_terminal(void **state)
{
	static const char *const options[] = {
		"-p, --pid",	"-C, --children", "-c, --cgroup", "-i, --interval", "-w, --window",
		"-n, --count",	"-d, --duration", "-s, --source", "-m, --model",    "--carbon",
		"-o, --output", "-t, --top",	  "--sysfs",	  "--procfs",	    "-q",
		"-v",		"--log-format",	  "--version",	  "--repeat",	    "--ledger-rows",
		"replay",	"sources",	  "-- COMMAND",	  "3 not permitted"};
	char text[8192];

	(void)state;
	read_help(text, sizeof(text));
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (!strstr(text, options[i]))
			fail_msg("--help does not say \"%s\"", options[i]);
	}
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		size_t columns = 0;

		for (const char *at = line; *at; at++)
			columns += ((unsigned char)*at & 0xc0) != 0x80;
		if (columns > 80)
			fail_msg("%zu columns: \"%s\"", columns, line);
	}
}

#define one(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		one(test_defaults),
		one(test_pids),
		one(test_children),
		one(test_cgroups),
		one(test_cgroup_below_the_mount_point),
		one(test_top),
		one(test_interval),
		one(test_window),
		one(test_count_and_duration),
		one(test_source),
		one(test_model),
		one(test_carbon),
		one(test_outputs),
		one(test_list_of_outputs),
		one(test_roots),
		one(test_ledger),
		one(test_messages),
		one(test_letters_can_stand_together),
		one(test_unknown_option_with_the_nearest),
		one(test_unknown_letter_before_others),
		one(test_argument_that_is_missing_or_too_many),
		one(test_help_and_version_need_nothing_else),
		one(test_help_has_every_option_and_fits_a_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
