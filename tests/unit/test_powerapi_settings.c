// SPDX-License-Identifier: BSD-2-Clause
/* The words of -o FORMAT[:TARGET][,KEY=VALUE…] in general, and those of powerapi. */
#include "output/powerapi_settings.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* After what it needs. */
#include <cmocka.h>

static void assert_check(const char *text, const char *complaint)
{
	struct errmsg msg = {.text = ""};

	assert_int_equal(output_check(text, &msg), complaint[0] ? -EINVAL : 0);
	assert_string_equal(msg.text, complaint);
}

static void test_target_goes_on_to_the_first_key(void **state)
{
	struct output_spec spec = {0};
	struct errmsg msg;

	(void)state;
	assert_int_equal(output_spec_parse("powerapi:a,b:c,sensor=d,e,by=unit", &spec, &msg), 0);
	assert_string_equal(spec.target, "a,b:c");
	assert_int_equal(spec.n_keys, 2);
	assert_string_equal(output_spec_value(&spec, "sensor"), "d,e");
	assert_string_equal(output_spec_value(&spec, "by"), "unit");
	assert_null(output_spec_value(&spec, "reports"));
	output_spec_done(&spec);
	assert_true(output_spec_can_hold("a,b c=d"));
	assert_true(output_spec_can_hold("a,B=d"));
	assert_false(output_spec_can_hold("a,b=d"));
}

static void assert_kind(const char *spec, const enum entity_kind *by, enum entity_kind expected)
{
	struct run run = {.host = "h", .kind = ENERGY_NONE};
	const struct output_options options = {
		.run = &run, .kind = by ? *by : ENTITY_PROCESS, .kind_given = by != NULL};
	struct output *output;
	struct errmsg msg;

	assert_int_equal(output_open(spec, &options, &output, &msg), 0);
	assert_int_equal(output_kind(output), expected);
	output_close(output);
}

static void test_kind_of_entity(void **state)
{
	const enum entity_kind user = ENTITY_USER;

	(void)state;
	assert_kind("jsonl", NULL, ENTITY_PROCESS);
	assert_kind("jsonl", &user, ENTITY_USER);
	assert_kind("jsonl,by=unit", &user, ENTITY_UNIT);
	assert_kind("powerapi:-", NULL, ENTITY_CGROUP);
	assert_kind("powerapi:-", &user, ENTITY_USER);
	assert_kind("powerapi:-,by=tree", &user, ENTITY_TREE);
}

static void test_keys_of_every_format(void **state)
{
	(void)state;
	assert_check("jsonl:x,by=cgroup", "");
	assert_check("table,by=container", "");
	assert_check("jsonl,by=proces", "there is no by=proces: did you mean by=process?");
	assert_check("jsonl,bye=x",
		     "output format 'jsonl' takes no setting 'bye'; did you mean 'by'?");
	assert_check("jsonl,by=user,by=unit", "output format 'jsonl' has the setting 'by' twice");
}

static void test_targets(void **state)
{
	(void)state;
	assert_check("powerapi:-", "");
	assert_check("powerapi:out.json", "");
	assert_check("powerapi:/var/lib/reports/", "");
	assert_check("powerapi:tcp://[::1]:9080", "");
	assert_check("powerapi", "output format 'powerapi' needs a target: 'powerapi:FILE', or "
				 "'powerapi:-' for standard output");
	assert_check("powerapi:tcp://host", "'host' is no HOST:PORT");
	assert_check("powerapi:tpc://host:1",
		     "powerapi can't reach 'tpc://host:1': it takes a FILE, a "
		     "DIRECTORY/ or tcp://HOST:PORT");
	assert_check("powerapi:dir/a://b", "");
}

static void test_values(void **state)
{
	(void)state;
	assert_check("powerapi:x,reports=power+hwpc,timestamp=ms,sensor=a b,base=/x", "");
	assert_check("powerapi:x,report=power",
		     "output format 'powerapi' takes no setting 'report'; did you mean 'reports'?");
	assert_check("powerapi:x,reports=power+hwcp",
		     "powerapi has no reports=hwcp: did you mean reports=hwpc?");
	assert_check("powerapi:x,reports=",
		     "powerapi has no reports=: did you mean reports=power?");
	assert_check("powerapi:x,timestamp=unix",
		     "powerapi has no timestamp=unix: did you mean timestamp=iso?");
	assert_check("powerapi:x,sensor=", "sensor= needs a name");
	assert_check("powerapi:x,base=x", "base=x: it is the path of a cgroup, as /kubepods.slice");
	assert_check("powerapi:x,base=/x/",
		     "base=/x/: it is the path of a cgroup, as /kubepods.slice");
	assert_check("powerapi:x,base=/", "");
	assert_check("powerapi:x,buffer=1", "buffer= goes with tcp://HOST:PORT");
	assert_check("powerapi:tcp://h:1,buffer=4096", "");
	assert_check("powerapi:tcp://h:1,buffer=0",
		     "buffer=0: it is a number of MiB from 1 to 4096");
}

static void test_events(void **state)
{
	(void)state;
	assert_check("powerapi:x,events=RAPL_ENERGY_PKG+CPU_CLK_THREAD_UNHALTED:REF_P", "");
	assert_check("powerapi:x,events=RAPL_ENERGY_PACKAGE",
		     "powerapi has no events=RAPL_ENERGY_PACKAGE: did you mean "
		     "events=RAPL_ENERGY_PKG?");
	assert_check("powerapi:x,events=TSC+", "events=TSC+ has an empty name");
	assert_check("powerapi:x,reports=power,events=TSC", "events= goes with reports=hwpc");
}

struct wanted {
	char names[256];
	int err;
};

static int take(void *userdata, const char *name)
{
	struct wanted *wanted = userdata;

	strcat(wanted->names, name ? name : "default");
	strcat(wanted->names, ";");
	return wanted->err;
}

static void assert_counters(const char *spec, const char *expected)
{
	struct wanted wanted = {.names = ""};

	assert_int_equal(output_counters(spec, take, &wanted), 0);
	assert_string_equal(wanted.names, expected);
}

static void test_counters_that_a_run_has_to_have(void **state)
{
	struct wanted wanted = {.err = -ENOMEM};

	(void)state;
	assert_counters("jsonl", "");
	assert_counters("powerapi:x", "");
	assert_counters("powerapi:x,reports=power", "");
	assert_counters("powerapi:x,reports=hwpc", "default;");
	assert_counters("powerapi:x,events=RAPL_ENERGY_PKG", "");
	assert_counters("powerapi:x,events=TSC+RAPL_ENERGY_PKG+LLC_MISSES", "TSC;LLC_MISSES;");
	assert_int_equal(output_counters("powerapi:x,events=A+B", take, &wanted), -ENOMEM);
	assert_string_equal(wanted.names, "A;");
}

static void parse(const char *text, struct powerapi_settings *settings)
{
	struct output_spec spec = {0};
	struct errmsg msg;

	assert_int_equal(output_spec_parse(text, &spec, &msg), 0);
	assert_int_equal(powerapi_settings_parse(&spec, settings, &msg), 0);
	output_spec_done(&spec);
}

static void test_what_goes_where(void **state)
{
	struct powerapi_settings settings;

	(void)state;
	parse("powerapi:x", &settings);
	assert_int_equal(settings.place, POWERAPI_FILE);
	assert_int_equal(settings.reports, POWERAPI_POWER | POWERAPI_PROCFS | POWERAPI_HWPC);
	assert_true(settings.timestamp_iso);
	parse("powerapi:x/", &settings);
	assert_int_equal(settings.place, POWERAPI_DIRECTORY);
	assert_int_equal(settings.reports, POWERAPI_POWER | POWERAPI_HWPC);
	assert_false(settings.timestamp_iso);
	parse("powerapi:tcp://h:7,timestamp=iso,buffer=2,reports=procfs", &settings);
	assert_int_equal(settings.place, POWERAPI_SOCKET);
	assert_string_equal(settings.address.host, "h");
	assert_string_equal(settings.address.port, "7");
	assert_int_equal(settings.reports, POWERAPI_PROCFS);
	assert_int_equal(settings.buffer_bytes, 2 << 20);
	assert_true(settings.timestamp_iso);
	assert_check("powerapi:x/,reports=power+procfs",
		     "reports=procfs has no CSV form: write it to a FILE or to tcp://HOST:PORT");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_target_goes_on_to_the_first_key),
		cmocka_unit_test(test_kind_of_entity),
		cmocka_unit_test(test_keys_of_every_format),
		cmocka_unit_test(test_targets),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_counters_that_a_run_has_to_have),
		cmocka_unit_test(test_what_goes_where),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
