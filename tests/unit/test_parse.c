// SPDX-License-Identifier: BSD-2-Clause
#include "base/parse.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define UNTOUCHED 77

static void assert_u64(const char *text, uint64_t wanted)
{
	uint64_t value = UNTOUCHED;

	assert_int_equal(parse_u64(text, 0, UINT64_MAX, &value), 0);
	assert_true(value == wanted);
}

static void assert_u64_fails(const char *text, uint64_t min, uint64_t max, int err)
{
	uint64_t value = UNTOUCHED;

	if (parse_u64(text, min, max, &value) != err)
		fail_msg("\"%s\" does not give %d", text, err);
	assert_int_equal(value, UNTOUCHED);
}

static void test_u64_takes_whole_numbers(void **state)
{
	(void)state;
	assert_u64("0", 0);
	assert_u64("007", 7); /* decimal, whatever C makes of it */
	assert_u64("18446744073709551615", UINT64_MAX);
	assert_u64("262143328850\n", 262143328850);
	assert_u64("5 \t\r\n", 5);
}

static void test_u64_rejects_what_is_no_number(void **state)
{
	static const char *const bad[] = {"",	 " ",	 "\n", " 5",	"\t5", "+5",
					  "-5",	 "-0",	 "5x", "5 6",	"0x5", "5.0",
					  "5e3", "five", "٣",  "1,000", "1'0", "5\n6"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_u64_fails(bad[i], 0, UINT64_MAX, -EINVAL);
	/* Too long as well, but no number in the first place. */
	assert_u64_fails("99999999999999999999x", 0, UINT64_MAX, -EINVAL);
}

static void test_u64_keeps_to_its_range(void **state)
{
	uint64_t value = UNTOUCHED;

	(void)state;
	assert_u64_fails("18446744073709551616", 0, UINT64_MAX, -ERANGE);
	assert_u64_fails("99999999999999999999999999999999", 0, UINT64_MAX, -ERANGE);
	assert_u64_fails("9", 10, 20, -ERANGE);
	assert_u64_fails("21", 10, 20, -ERANGE);
	assert_int_equal(parse_u64("10", 10, 20, &value), 0);
	assert_int_equal(value, 10);
	assert_int_equal(parse_u64("20", 10, 20, &value), 0);
	assert_int_equal(value, 20);
	/* What an earlier call left in errno is not taken for this one's. */
	errno = ERANGE;
	assert_int_equal(parse_u64("15", 10, 20, &value), 0);
	assert_int_equal(value, 15);
}

static void test_u32_does_not_wrap(void **state)
{
	uint32_t value = UNTOUCHED;

	(void)state;
	assert_int_equal(parse_u32("4294967296", 0, UINT32_MAX, &value), -ERANGE);
	assert_int_equal(parse_u32("4294967297", 1, 10, &value), -ERANGE);
	assert_int_equal(parse_u32("-1", 0, UINT32_MAX, &value), -EINVAL);
	assert_int_equal(parse_u32("0", 1, 10, &value), -ERANGE);
	assert_int_equal(value, UNTOUCHED);
	assert_int_equal(parse_u32("4294967295\n", 0, UINT32_MAX, &value), 0);
	assert_true(value == UINT32_MAX);
}

static void test_i64_takes_both_signs_of_a_whole_number(void **state)
{
	int64_t value = UNTOUCHED;

	(void)state;
	assert_int_equal(parse_i64("-1\n", -1, 10, &value), 0);
	assert_true(value == -1);
	assert_int_equal(parse_i64("-9223372036854775808", INT64_MIN, INT64_MAX, &value), 0);
	assert_true(value == INT64_MIN);
	assert_int_equal(parse_i64("9223372036854775807", INT64_MIN, INT64_MAX, &value), 0);
	assert_true(value == INT64_MAX);
	assert_int_equal(parse_i64("-0", INT64_MIN, INT64_MAX, &value), 0);
	assert_true(value == 0);
}

static void test_i64_rejects_the_rest(void **state)
{
	static const char *const bad[] = {"",	"-",  "--1", "- 1", " -1",
					  "+1", "-x", "1-",  "-1x", "-1 2"};
	int64_t value = UNTOUCHED;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(parse_i64(bad[i], INT64_MIN, INT64_MAX, &value), -EINVAL);
	assert_int_equal(parse_i64("9223372036854775808", INT64_MIN, INT64_MAX, &value), -ERANGE);
	assert_int_equal(parse_i64("-9223372036854775809", INT64_MIN, INT64_MAX, &value), -ERANGE);
	assert_int_equal(parse_i64("-2", -1, 10, &value), -ERANGE);
	assert_int_equal(parse_i64("11", -1, 10, &value), -ERANGE);
	assert_true(value == UNTOUCHED);
}

static void assert_double(const char *text, double wanted)
{
	double value = UNTOUCHED;

	if (parse_double(text, -1e300, 1e300, &value) != 0)
		fail_msg("\"%s\" is not taken", text);
	assert_true(value == wanted);
}

static void test_double_takes_decimals(void **state)
{
	(void)state;
	assert_double("0", 0);
	assert_double("0.01", 0.01);
	assert_double("3600", 3600);
	assert_double(".5", 0.5);
	assert_double("5.", 5);
	assert_double("1e3", 1000);
	assert_double("1E-3\n", 0.001);
	assert_double("-2.5e+1 ", -25);
	assert_double("2.3283064365386962890625e-10", 0x1p-32);
	assert_double("0.1\f\v", 0.1);
	assert_double("1e-400", 0); /* as near as a double comes */
}

static void test_double_rejects_what_is_no_decimal(void **state)
{
	static const char *const bad[] = {
		"",    " ",    "\n",	" 1",	  "\t1",    "inf", "INF", "-inf", "infinity", "nan",
		"NAN", "-nan", "0x1",	"0x1p-3", "nan(1)", "1e",  "1e+", "e5",	  ".",	      "-",
		"+",   "--1",  "1.2.3", "1,5",	  "1 5",    "1d",  "1f",  "1e5x", "1e5e5"};
	double value = UNTOUCHED;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (parse_double(bad[i], -1e300, 1e300, &value) != -EINVAL)
			fail_msg("\"%s\" does not give -EINVAL", bad[i]);
	}
	assert_true(value == UNTOUCHED);
}

static void test_double_keeps_to_its_range(void **state)
{
	double value = UNTOUCHED;

	(void)state;
	assert_int_equal(parse_double("0.0099", 0.01, 3600, &value), -ERANGE);
	assert_int_equal(parse_double("3600.001", 0.01, 3600, &value), -ERANGE);
	assert_int_equal(parse_double("1e400", 0.01, 3600, &value), -ERANGE);
	assert_int_equal(parse_double("-1e400", -1e308, 1e308, &value), -ERANGE);
	assert_true(value == UNTOUCHED);
	assert_int_equal(parse_double("0.01", 0.01, 3600, &value), 0);
	assert_true(value == 0.01);
	assert_int_equal(parse_double("3600", 0.01, 3600, &value), 0);
	assert_true(value == 3600);
}

struct cpus {
	unsigned int seen[64];
	size_t n;
	size_t stop_after; /* 0: never */
};

static int note_cpu(unsigned int cpu, void *userdata)
{
	struct cpus *cpus = userdata;

	assert_true(cpus->n < 64);
	cpus->seen[cpus->n++] = cpu;
	return cpus->n == cpus->stop_after ? -ENOSPC : 0;
}

static void assert_cpu_list(const char *text, const unsigned int *wanted, size_t n)
{
	struct cpus cpus = {.n = 0};

	assert_int_equal(parse_cpu_list(text, note_cpu, &cpus), 0);
	assert_int_equal(cpus.n, n);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(cpus.seen[i], wanted[i]);
}

#define ASSERT_CPU_LIST(text, ...)                                   \
	assert_cpu_list((text), (const unsigned int[]){__VA_ARGS__}, \
			sizeof((const unsigned int[]){__VA_ARGS__}) / sizeof(unsigned int))

static void test_cpu_list_gives_each_in_the_order_written(void **state)
{
	(void)state;
	ASSERT_CPU_LIST("0\n", 0);
	ASSERT_CPU_LIST("0-3,8,10-11\n", 0, 1, 2, 3, 8, 10, 11);
	ASSERT_CPU_LIST("8,0-1", 8, 0, 1);
	ASSERT_CPU_LIST("5-5", 5);
	ASSERT_CPU_LIST("1048575", 1048575);
	assert_cpu_list("", NULL, 0);
	assert_cpu_list("\n", NULL, 0);
	assert_cpu_list(" \n", NULL, 0);
}

static void test_cpu_list_rejects_the_rest(void **state)
{
	static const char *const bad[] = {",",	 "0,",	    ",0",    "0,,1", "0-",   "-1",
					  "3-1", "0--3",    "0-1-2", " 0",   "0, 1", "0 1",
					  "a",	 "0-3:1/2", "0x1",   "+1",   "0-x",  "1.5"};
	struct cpus cpus;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		cpus.n = cpus.stop_after = 0;
		if (parse_cpu_list(bad[i], note_cpu, &cpus) != -EINVAL)
			fail_msg("\"%s\" does not give -EINVAL", bad[i]);
	}
}

static void test_cpu_list_has_a_highest_cpu(void **state)
{
	struct cpus cpus = {.n = 0};

	(void)state;
	assert_int_equal(parse_cpu_list("1048576", note_cpu, &cpus), -ERANGE);
	assert_int_equal(parse_cpu_list("0-1048576", note_cpu, &cpus), -ERANGE);
	assert_int_equal(parse_cpu_list("0-4294967295", note_cpu, &cpus), -ERANGE);
	assert_int_equal(parse_cpu_list("99999999999999999999", note_cpu, &cpus), -ERANGE);
	assert_int_equal(cpus.n, 0);
}

static void test_cpu_list_stops_when_told_to(void **state)
{
	struct cpus cpus = {.stop_after = 3};

	(void)state;
	assert_int_equal(parse_cpu_list("4-9,1", note_cpu, &cpus), -ENOSPC);
	assert_int_equal(cpus.n, 3);
	assert_int_equal(cpus.seen[2], 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_u64_takes_whole_numbers),
		cmocka_unit_test(test_u64_rejects_what_is_no_number),
		cmocka_unit_test(test_u64_keeps_to_its_range),
		cmocka_unit_test(test_u32_does_not_wrap),
		cmocka_unit_test(test_i64_takes_both_signs_of_a_whole_number),
		cmocka_unit_test(test_i64_rejects_the_rest),
		cmocka_unit_test(test_double_takes_decimals),
		cmocka_unit_test(test_double_rejects_what_is_no_decimal),
		cmocka_unit_test(test_double_keeps_to_its_range),
		cmocka_unit_test(test_cpu_list_gives_each_in_the_order_written),
		cmocka_unit_test(test_cpu_list_rejects_the_rest),
		cmocka_unit_test(test_cpu_list_has_a_highest_cpu),
		cmocka_unit_test(test_cpu_list_stops_when_told_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
