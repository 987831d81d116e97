// SPDX-License-Identifier: BSD-2-Clause
/* The command line as a whole: its commands, what goes together, and what a record brings along. */
#include "options_fixture.h"

/* --- commands */

static void test_commands(void **state)
{
	(void)state;
	TAKES("sources");
	assert_int_equal(config.command, COMMAND_SOURCES);
	TAKES("sources", "--sysfs", "/tmp/s");
	assert_string_equal(config.sysfs, "/tmp/s");
	TAKES("replay", "a.rec");
	assert_int_equal(config.command, COMMAND_REPLAY);
	assert_string_equal(config.file, "a.rec");
	TAKES("replay", "-w", "5", "a.rec");
	assert_string_equal(config.file, "a.rec");
	assert_int_equal(config.window, 5);
	TAKES("replay", "a.rec", "-w", "5");
	assert_string_equal(config.file, "a.rec");
	assert_int_equal(config.window, 5);
	TAKES("replay", "-");
	assert_string_equal(config.file, "-");
}

static void test_unknown_command_with_the_nearest(void **state)
{
	(void)state;
	REFUSES("no command \"repaly\"", "\"replay\"", "repaly", "x");
	REFUSES("no command \"source\"", "\"sources\"", "source");
	REFUSES("no command \"ls\"", "replay", "ls", "-l");
	REFUSES("no command \"\"", "replay", "");
}

static void test_words_too_few_and_too_many(void **state)
{
	(void)state;
	REFUSES("replay needs the FILE", "record", "replay");
	REFUSES("\"b.rec\"", "too many", "replay", "a.rec", "b.rec");
	REFUSES("\"powercap\"", "too many", "sources", "powercap");
	REFUSES("\"make\"", "after --", "-q", "make", "-n1");
}

/* --- -- COMMAND */

static void test_all_behind_two_dashes_is_the_command(void **state)
{
	(void)state;
	TAKES("-i", "0.5", "--", "make", "-j8", "--", "-p", "1");
	assert_int_equal(config.command, COMMAND_TRACE);
	assert_true(config.interval_s == 0.5);
	assert_string_equal(config.argv[0], "make");
	assert_string_equal(config.argv[1], "-j8");
	assert_string_equal(config.argv[2], "--");
	assert_string_equal(config.argv[3], "-p");
	assert_string_equal(config.argv[4], "1");
	assert_null(config.argv[5]);
	assert_int_equal(config.n_pids, 0);
	TAKES("--", "replay");
	assert_int_equal(config.command, COMMAND_TRACE);
	assert_string_equal(config.argv[0], "replay");
	TAKES("--", "");
	assert_string_equal(config.argv[0], "");
}

static void test_command_goes_with_a_live_run_of_its_own(void **state)
{
	(void)state;
	REFUSES("-- needs a COMMAND", "", "--");
	REFUSES("-- COMMAND", "-p", "-p", "1", "--", "true");
	REFUSES("-- COMMAND", "-c", "-c", "/a", "--", "true");
	REFUSES("-- COMMAND", "live", "replay", "a.rec", "--", "true");
	REFUSES("-- COMMAND", "live", "sources", "--", "true");
	TAKES("-t", "3", "-o", "jsonl", "--", "true");
}

static void test_repeat(void **state)
{
	(void)state;
	TAKES("--repeat", "3", "--", "true");
	assert_int_equal(config.repeat, 3);
	TAKES("--repeat", "1", "-o", "jsonl", "--", "true");
	assert_int_equal(config.repeat, 1);
	REFUSES("--repeat goes with", "-- COMMAND", "--repeat", "3");
	REFUSES("--repeat", "-o", "--repeat", "2", "-o", "jsonl", "--", "true");
	REFUSES("--repeat takes a number of runs from 1", "\"0\"", "--repeat", "0", "--", "true");
	REFUSES("--repeat takes a number of runs", "\"x\"", "--repeat", "x", "--", "true");
}

static void test_windows_go_with_telemetry(void **state)
{
	(void)state;
	TAKES("--window-of", "./a:f", "--window-of", "lib:b.so:f", "-o", "telemetry:r", "-p", "1");
	assert_int_equal(config.n_windows, 2);
	assert_string_equal(config.windows[1].place, "lib:b.so");
	TAKES("--window-usdt", "p:b:e", "--deadline", "0.004", "-o", "telemetry:r", "--", "true");
	assert_true(config.telemetry.deadline_s == 0.004);
	TAKES("replay", "--deadline", "0.004", "a.rec");
	REFUSES("--window-of", "-p PID", "--window-of", "./a:f", "-o", "telemetry:r");
	REFUSES("--window-of", "telemetry:DIR", "--window-of", "./a:f", "-o", "jsonl", "-p", "1");
	REFUSES("--window-of", "record", "replay", "--window-of", "./a:f", "a.rec");
	REFUSES("./a:f", "twice", "--window-of", "./a:f", "--window-of", "./a:f", "-o",
		"telemetry:r", "-p", "1");
	REFUSES("--deadline goes with", "telemetry", "--deadline", "1");
	REFUSES("--deadline takes", "\"0\"", "--deadline", "0", "-o", "telemetry:r");
	REFUSES("--deadline takes", "\"3601\"", "--deadline", "3601", "-o", "telemetry:r");
}

static void test_recorded_run_configuration_is_its_text(void **state)
{
	(void)state;
	TAKES("replay", "a.rec");
	assert_int_equal(options_take_setting(&config, "deadline", "0.5", &msg), 0);
	assert_int_equal(
		options_take_setting(&config, "run-config-text", "W: 7\ndeadline: 2\n", &msg), 0);
	assert_int_equal(config.telemetry.shape.w, 7);
	assert_true(config.telemetry.deadline_s == 0.5);
	assert_int_equal(options_take_setting(&config, "run-config-text", "W: x", &msg), -EINVAL);
	assert_non_null(strstr(msg.text, "recorded run configuration"));
}

static void test_sources_print_no_reports(void **state)
{
	(void)state;
	REFUSES("sources", "-o", "sources", "-o", "jsonl");
}

static void test_tree_of_a_process_is_selected(void **state)
{
	(void)state;
	TAKES("-w", "5", "--", "true");
	assert_int_equal(options_select_tree(&config, 4711), 0);
	assert_int_equal(config.n_pids, 1);
	assert_int_equal(config.pids[0], 4711);
	assert_true(config.children);
	assert_int_equal(count_settings("pid", "4711"), 1);
	assert_int_equal(count_settings("children", ""), 1);
	assert_int_equal(count_settings("window", "5"), 1);
	assert_int_equal(config.n_settings, 3);
}

/* With --repeat: of each run only its own. */
static void test_next_tree_stands_instead_of_the_last(void **state)
{
	(void)state;
	TAKES("-w", "5", "--repeat", "3", "-t", "2", "--", "true");
	for (uint32_t pid = 100; pid < 103; pid++)
		assert_int_equal(options_select_tree(&config, pid), 0);
	assert_int_equal(config.n_pids, 1);
	assert_int_equal(config.pids[0], 102);
	assert_int_equal(count_settings("pid", NULL), 1);
	assert_int_equal(count_settings("pid", "102"), 1);
	assert_int_equal(count_settings("children", NULL), 1);
	assert_int_equal(count_settings("window", "5"), 1);
	assert_int_equal(count_settings("top", "2"), 1);
	assert_int_equal(config.n_settings, 4);
}

/* --- what a record brings along */

static void record_says(const char *name, const char *value)
{
	if (options_take_setting(&config, name, value, &msg) != 0)
		fail_msg("%s %s of a record is refused: %s", name, value, msg.text);
}

static void replay(const char *const *given)
{
	if (parse_on(given) != 0)
		fail_msg("refused: %s", msg.text);
}

static void test_replay_has_the_recorded_settings(void **state)
{
	(void)state;
	record_says("pid", "12,13");
	record_says("pid", "14");
	record_says("children", "");
	record_says("cgroup", "/a");
	record_says("cgroup", "/b");
	record_says("top", "3");
	record_says("window", "5");
	record_says("model", "share");
	record_says("carbon", "100");
	replay(GIVEN("replay", "a.rec"));
	assert_int_equal(config.n_pids, 3);
	assert_int_equal(config.pids[2], 14);
	assert_true(config.children);
	assert_int_equal(config.n_cgroups, 2);
	assert_string_equal(config.cgroups[1], "/b");
	assert_int_equal(config.top, 3);
	assert_int_equal(config.window, 5);
	assert_true(config.carbon.grams_per_kwh == 100);
	assert_int_equal(config.n_settings, 9); /* for a record of the replay */
}

static void test_unknown_settings_are_a_newer_programs(void **state)
{
	(void)state;
	record_says("colour", "red");
	record_says("interval", "5"); /* one that no record needs */
	record_says("", "");
	assert_true(config.interval_s == 1);
	assert_int_equal(config.n_settings, 0);
}

static void test_bad_setting_is_an_error(void **state)
{
	(void)state;
	assert_int_equal(options_take_setting(&config, "window", "0", &msg), -EINVAL);
	assert_non_null(strstr(msg.text, "-w"));
	assert_int_equal(options_take_setting(&config, "pid", "", &msg), -EINVAL);
	assert_int_equal(options_take_setting(&config, "model", "xyzzy", &msg), -EINVAL);
}

static void test_command_line_goes_before_the_record(void **state)
{
	(void)state;
	record_says("window", "5");
	record_says("top", "3");
	record_says("carbon", "100");
	replay(GIVEN("replay", "a.rec", "-w", "7", "--carbon", "200"));
	assert_int_equal(config.window, 7);
	assert_int_equal(config.top, 3);
	assert_true(config.carbon.grams_per_kwh == 200);
}

static void record_of_a_tree(void)
{
	record_says("pid", "12");
	record_says("children", "");
	record_says("cgroup", "/a");
}

static void test_selection_of_the_command_line_replaces_the_recorded(void **state)
{
	(void)state;
	record_of_a_tree();
	replay(GIVEN("replay", "-p", "20", "-p", "21", "a.rec"));
	assert_int_equal(config.n_pids, 2);
	assert_int_equal(config.pids[0], 20);
	assert_int_equal(config.pids[1], 21);
	assert_false(config.children);
	assert_int_equal(config.n_cgroups, 0);
}

static void test_cgroup_replaces_the_recorded_pids(void **state)
{
	(void)state;
	record_of_a_tree();
	replay(GIVEN("replay", "-c", "/b", "-c", "/c", "a.rec"));
	assert_int_equal(config.n_pids, 0);
	assert_false(config.children);
	assert_int_equal(config.n_cgroups, 2);
	assert_string_equal(config.cgroups[0], "/b");
	assert_string_equal(config.cgroups[1], "/c");
}

static void test_children_of_the_command_line_stay_in_any_order(void **state)
{
	(void)state;
	record_of_a_tree();
	replay(GIVEN("replay", "-p", "20", "-C", "a.rec"));
	assert_true(config.children);
	end(NULL);
	begin(NULL);
	record_of_a_tree();
	replay(GIVEN("replay", "-C", "-p", "20", "a.rec"));
	assert_int_equal(config.pids[0], 20);
	assert_true(config.children);
}

/* `replay -p 20 -o record:b.rec a.rec`, and b.rec replayed, is to select what b.rec is of. */
static void test_replaced_selection_is_not_recorded_again(void **state)
{
	(void)state;
	record_of_a_tree();
	record_says("window", "5");
	replay(GIVEN("replay", "-p", "20", "a.rec"));
	assert_int_equal(count_settings("pid", "20"), 1);
	assert_int_equal(count_settings("window", "5"), 1);
	assert_int_equal(count_settings("pid", "12"), 0);
	assert_int_equal(count_settings("children", NULL), 0);
	assert_int_equal(count_settings("cgroup", NULL), 0);
}

#define one(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		one(test_commands),
		one(test_unknown_command_with_the_nearest),
		one(test_words_too_few_and_too_many),
		one(test_all_behind_two_dashes_is_the_command),
		one(test_command_goes_with_a_live_run_of_its_own),
		one(test_repeat),
		one(test_windows_go_with_telemetry),
		one(test_recorded_run_configuration_is_its_text),
		one(test_sources_print_no_reports),
		one(test_tree_of_a_process_is_selected),
		one(test_next_tree_stands_instead_of_the_last),
		one(test_replay_has_the_recorded_settings),
		one(test_unknown_settings_are_a_newer_programs),
		one(test_bad_setting_is_an_error),
		one(test_command_line_goes_before_the_record),
		one(test_selection_of_the_command_line_replaces_the_recorded),
		one(test_cgroup_replaces_the_recorded_pids),
		one(test_children_of_the_command_line_stay_in_any_order),
		one(test_replaced_selection_is_not_recorded_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
