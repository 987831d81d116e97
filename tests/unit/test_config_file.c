// SPDX-License-Identifier: BSD-2-Clause
/* Configurations of hwpc-sensor: what becomes of them, and what is wrong with them. */
#include "cli/config_file.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* After what it needs. */
#include <cmocka.h>

#define OUTPUT "\"output\":{\"type\":\"socket\",\"uri\":\"formula\",\"port\":9080}"

static const char *value_of(const struct config_file *file, const char *name)
{
	for (size_t i = 0; i < file->n_options; i++) {
		if (strcmp(file->options[i].name, name) == 0)
			return file->options[i].value ? file->options[i].value : "";
	}
	return NULL;
}

/* What the text is as options; `expected` in the order interval, verbose, output, NULL: not there. */
static void assert_options(const char *text, const char *interval, const char *verbose,
			   const char *output)
{
	const char *const names[] = {"interval", "verbose", "output"};
	const char *const expected[] = {interval, verbose, output};
	struct config_file file = {0};
	struct errmsg msg = {.text = ""};

	if (config_file_parse("c.json", text, strlen(text), &file, &msg) != 0)
		fail_msg("%s", msg.text);
	for (size_t i = 0; i < 3; i++) {
		const char *value = value_of(&file, names[i]);

		if (expected[i] && value)
			assert_string_equal(value, expected[i]);
		else if (expected[i] || value)
			fail_msg("%s is %s", names[i], value ? value : "not there");
	}
	config_file_done(&file);
}

static void assert_wrong(const char *text, const char *complaint)
{
	struct config_file file = {0};
	struct errmsg msg = {.text = ""};

	assert_int_equal(config_file_parse("c.json", text, strlen(text), &file, &msg), -EINVAL);
	assert_string_equal(msg.text, complaint);
	assert_int_equal(file.n_options, 0);
}

/* That of the toolkit's own example deployment, with all that the sensor knows. */
static void test_whole_configuration(void **state)
{
	(void)state;
	assert_options(
		"{\"name\":\"sensor\",\"verbose\":true,\"frequency\":500,\n"
		"\"cgroup_basepath\":\"/sys/fs/cgroup/perf_event/docker\",\n"
		"\"output\":{\"type\":\"socket\",\"uri\":\"formula\",\"port\":9080},\n"
		"\"system\":{\"rapl\":{\"events\":[\"RAPL_ENERGY_PKG\",\"RAPL_ENERGY_DRAM\"],"
		"\"monitoring_type\":\"MONITOR_ONE_CPU_PER_SOCKET\"},"
		"\"msr\":{\"events\":[\"TSC\",\"APERF\",\"MPERF\"]}},\n"
		"\"container\":{\"core\":{\"events\":[\"CPU_CLK_THREAD_UNHALTED:REF_P\"]}}}\n",
		"0.500", "",
		"powerapi:tcp://formula:9080,reports=hwpc,sensor=sensor,base=/docker,"
		"events=RAPL_ENERGY_PKG+RAPL_ENERGY_DRAM+TSC+APERF+MPERF+"
		"CPU_CLK_THREAD_UNHALTED:REF_P");
}

static void test_least_configuration(void **state)
{
	(void)state;
	assert_options("{" OUTPUT "}", NULL, NULL, "powerapi:tcp://formula:9080,reports=hwpc");
}

static void test_outputs(void **state)
{
	(void)state;
	assert_options("{\"output\":{\"type\":\"csv\",\"directory\":\"/tmp/reports\"}}", NULL, NULL,
		       "powerapi:/tmp/reports/,reports=hwpc");
	assert_options("{\"output\":{\"type\":\"null\"}}", NULL, NULL,
		       "powerapi:/dev/null,reports=hwpc");
	assert_options("{\"output\":{\"port\":\"80\",\"uri\":\"::1\",\"type\":\"socket\"}}", NULL,
		       NULL, "powerapi:tcp://[::1]:80,reports=hwpc");
}

static void test_older_names_in_any_case(void **state)
{
	(void)state;
	assert_options("{\"Sensor-Name\":\"a\",\"VERBOSE\":0,"
		       "\"storage\":{\"TYPE\":\"CSV\",\"outdir\":\"d\"},"
		       "\"global\":{\"rapl\":{\"mode\":\"one_cpu_per_socket\"}},\"cgroups\":{}}",
		       NULL, NULL, "powerapi:d/,reports=hwpc,sensor=a");
	assert_options("{\"cgroup-basepath\":\"/sys/fs/cgroup\",\"verbose\":2," OUTPUT "}", NULL,
		       "", "powerapi:tcp://formula:9080,reports=hwpc");
}

static void test_base_paths(void **state)
{
	(void)state;
	assert_options("{\"cgroup_basepath\":\"/sys/fs/cgroup/\"," OUTPUT "}", NULL, NULL,
		       "powerapi:tcp://formula:9080,reports=hwpc");
	assert_options("{\"cgroup_basepath\":\"/sys/fs/cgroup/perf_event\"," OUTPUT "}", NULL, NULL,
		       "powerapi:tcp://formula:9080,reports=hwpc");
	assert_options("{\"cgroup_basepath\":\"/sys/fs/cgroup/kubepods.slice\"," OUTPUT "}", NULL,
		       NULL, "powerapi:tcp://formula:9080,reports=hwpc,base=/kubepods.slice");
	assert_wrong("{\"cgroup_basepath\":\"/cgroup\"," OUTPUT "}",
		     "c.json: \"cgroup_basepath\" has to be a directory below /sys/fs/cgroup");
	assert_wrong("{\"cgroup_basepath\":\"/sys/fs/cgroups\"," OUTPUT "}",
		     "c.json: \"cgroup_basepath\" has to be a directory below /sys/fs/cgroup");
}

static void test_unknown_words_name_the_nearest(void **state)
{
	(void)state;
	assert_wrong("{\"frequenzy\":1000," OUTPUT "}",
		     "c.json: unknown word \"frequenzy\"; did you mean \"frequency\"?");
	assert_wrong("{\"xyz\":1," OUTPUT "}", "c.json: unknown word \"xyz\"");
	assert_wrong("{\"system\":{\"rpal\":{}}," OUTPUT "}",
		     "c.json: unknown word \"rpal\"; did you mean \"rapl\"?");
	assert_wrong("{\"system\":{\"rapl\":{\"event\":[]}}," OUTPUT "}",
		     "c.json: unknown word \"event\"; did you mean \"events\"?");
	assert_wrong("{\"system\":{\"rapl\":{\"mode\":\"ONE_CPU\"}}," OUTPUT "}",
		     "c.json: unknown monitoring_type \"ONE_CPU\"; did you mean "
		     "\"ONE_CPU_PER_SOCKET\"?");
	assert_wrong("{\"output\":{\"type\":\"sockt\"}}",
		     "c.json: unknown output type \"sockt\"; did you mean \"socket\"?");
	assert_wrong("{\"output\":{\"type\":\"mongodb\",\"uri\":\"mongodb://127.0.0.1\"}}",
		     "c.json: unknown output type \"mongodb\"");
	assert_wrong("{\"output\":{\"type\":\"csv\",\"uri\":\"x\"}}",
		     "c.json: unknown word \"uri\"");
	assert_wrong("{\"system\":{\"rapl\":{\"events\":[\"RAPL_ENERGY_PACKAGE\"]}}," OUTPUT "}",
		     "c.json: powerapi has no events=RAPL_ENERGY_PACKAGE: did you mean "
		     "events=RAPL_ENERGY_PKG?");
}

static void test_values_that_cannot_be(void **state)
{
	(void)state;
	assert_wrong("{}", "c.json has no \"output\"");
	assert_wrong("{\"name\":\"\"," OUTPUT "}", "c.json: \"name\" has to be a text");
	assert_wrong("{\"name\":7," OUTPUT "}", "c.json: \"name\" has to be a text");
	assert_wrong("{\"name\":\"a\\u0000b\"," OUTPUT "}", "c.json: \"name\" has to be a text");
	assert_wrong("{\"name\":\"a,by=user\"," OUTPUT "}",
		     "c.json: its name or its output can't be written as -o");
	assert_wrong("{\"verbose\":\"yes\"," OUTPUT "}",
		     "c.json: \"verbose\" has to be true or false");
	assert_wrong("{\"frequency\":9," OUTPUT "}",
		     "c.json: \"frequency\" has to be milliseconds from 10 to 3600000");
	assert_wrong("{\"frequency\":1e3," OUTPUT "}",
		     "c.json: \"frequency\" has to be milliseconds from 10 to 3600000");
	assert_wrong("{\"system\":[]," OUTPUT "}", "c.json: \"system\" has to be an object: {…}");
	assert_wrong("{\"system\":{\"msr\":{\"events\":\"TSC\"}}," OUTPUT "}",
		     "c.json: \"events\" has to be a list of names: […]");
	assert_wrong("{\"system\":{\"msr\":{\"events\":[\"A+B\"]}}," OUTPUT "}",
		     "c.json: an event's name can't be written as -o");
	assert_wrong("{\"output\":\"csv\"}", "c.json: \"output\" has to be an object: {…}");
	assert_wrong("{\"output\":{\"directory\":\"x\"}}",
		     "c.json: \"output\" needs a \"type\": \"socket\" or \"csv\"");
	assert_wrong("{\"output\":{\"type\":\"csv\"}}",
		     "c.json: \"output\" has to be given a \"directory\" with the type csv");
	assert_wrong(
		"{\"output\":{\"type\":\"socket\",\"port\":1}}",
		"c.json: \"output\" has to be given a \"uri\" and a \"port\" with the type socket");
	assert_wrong("{\"output\":{\"type\":\"socket\",\"uri\":\"h\",\"port\":65536}}",
		     "c.json: \"port\" has to be a number from 1 to 65535");
}

/* What exactly is wrong is the library's to say. */
static void assert_no_json(const char *text)
{
	struct config_file file = {0};
	struct errmsg msg = {.text = ""};

	assert_int_equal(config_file_parse("c.json", text, strlen(text), &file, &msg), -EINVAL);
	assert_int_equal(strncmp(msg.text, "c.json is no JSON: ", 19), 0);
}

static void test_what_is_no_json(void **state)
{
	(void)state;
	assert_wrong("", "c.json is no JSON: it ends too early");
	assert_wrong("{\"name\":", "c.json is no JSON: it ends too early");
	assert_no_json("{" OUTPUT "} {}");
	assert_no_json("{\"name\":\"a\"," OUTPUT ",}");
	assert_no_json("{\"name\":\"\xff\"," OUTPUT "}");
	assert_no_json("{" OUTPUT "} // end");
	assert_no_json("{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{}}}}}}}}}");
	assert_wrong("[]", "c.json is no configuration: it has to be {…}");
}

static void test_file(void **state)
{
	char path[] = "/tmp/energytrace-test-XXXXXX";
	struct config_file file = {0};
	struct errmsg msg;
	char block[4096];
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "{" OUTPUT "}\n", sizeof("{" OUTPUT "}\n") - 1),
			 sizeof("{" OUTPUT "}\n") - 1);
	assert_int_equal(config_file_read(path, &file, &msg), 0);
	assert_string_equal(value_of(&file, "output"), "powerapi:tcp://formula:9080,reports=hwpc");
	config_file_done(&file);
	memset(block, ' ', sizeof(block));
	for (int i = 0; i < 256; i++)
		assert_int_equal(write(fd, block, sizeof(block)), sizeof(block));
	close(fd);
	assert_int_equal(config_file_read(path, &file, &msg), -EFBIG);
	unlink(path);
	assert_int_equal(config_file_read(path, &file, &msg), -ENOENT);
	assert_non_null(strstr(msg.text, "can't open"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole_configuration),
		cmocka_unit_test(test_least_configuration),
		cmocka_unit_test(test_outputs),
		cmocka_unit_test(test_older_names_in_any_case),
		cmocka_unit_test(test_base_paths),
		cmocka_unit_test(test_unknown_words_name_the_nearest),
		cmocka_unit_test(test_values_that_cannot_be),
		cmocka_unit_test(test_what_is_no_json),
		cmocka_unit_test(test_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
