// SPDX-License-Identifier: BSD-2-Clause
#include "carbon/carbon.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void assert_parses(const char *text, const char *code, double grams_per_kwh)
{
	struct carbon carbon = {.code = "?", .grams_per_kwh = -1};
	struct errmsg msg = {""};

	assert_int_equal(carbon_parse(text, &carbon, &msg), 0);
	assert_string_equal(carbon.code, code);
	assert_true(carbon.grams_per_kwh == grams_per_kwh);
	assert_string_equal(msg.text, "");
}

static void assert_refused(const char *text, int err, const char *sentence)
{
	struct carbon carbon = {.code = "?", .grams_per_kwh = -1};
	struct errmsg msg = {""};

	assert_int_equal(carbon_parse(text, &carbon, &msg), err);
	assert_string_equal(msg.text, sentence);
	assert_string_equal(carbon.code, "?");
	assert_true(carbon.grams_per_kwh == -1);
	assert_int_equal(carbon_parse(text, &carbon, NULL), err);
}

static void test_global_is_475_in_any_case(void **state)
{
	(void)state;
	assert_parses(CARBON_DEFAULT, "GLOBAL", 475);
	assert_parses("global", "GLOBAL", 475);
	assert_parses("Global", "GLOBAL", 475);
}

static void test_number_is_custom(void **state)
{
	struct carbon carbon = {.code = ""};

	(void)state;
	assert_parses("0", "CUSTOM", 0);
	assert_parses("56.04", "CUSTOM", 56.04);
	assert_parses("1e2", "CUSTOM", 100);
	assert_parses("10000", "CUSTOM", 10000);
	assert_int_equal(carbon_parse("-0", &carbon, NULL), 0);
	assert_false(signbit(carbon.grams_per_kwh));
}

static void test_number_out_of_range_is_refused(void **state)
{
	(void)state;
	assert_refused("-1", -ERANGE, "--carbon takes 0 to 10000 gCO2e per kWh, \"-1\" is outside");
	assert_refused("10000.1", -ERANGE,
		       "--carbon takes 0 to 10000 gCO2e per kWh, \"10000.1\" is outside");
	assert_refused("1e999", -ERANGE,
		       "--carbon takes 0 to 10000 gCO2e per kWh, \"1e999\" is outside");
}

static void test_other_words_are_refused(void **state)
{
	(void)state;
	assert_refused("QQ", -EINVAL,
		       "--carbon takes GLOBAL or a number in gCO2e per kWh, not \"QQ\"");
	assert_refused("", -EINVAL, "--carbon takes GLOBAL or a number in gCO2e per kWh, not \"\"");
	assert_refused("GLOBAL ", -EINVAL,
		       "--carbon takes GLOBAL or a number in gCO2e per kWh, not \"GLOBAL \"");
	assert_refused("nan", -EINVAL,
		       "--carbon takes GLOBAL or a number in gCO2e per kWh, not \"nan\"");
	assert_refused("475g", -EINVAL,
		       "--carbon takes GLOBAL or a number in gCO2e per kWh, not \"475g\"");
}

/* The JSONL document's example; its own grams are a rounding away from the product. */
static void test_grams_of_the_documents_example(void **state)
{
	const struct carbon global = {.code = "GLOBAL", .grams_per_kwh = 475};

	(void)state;
	assert_true(carbon_kwh(1.7648605200945628) == 4.902390333596008e-7);
	assert_true(fabs(carbon_grams(&global, 1.7648605200945628) - 2.3286354084581035e-4) <=
		    1e-15 * 2.3286354084581035e-4);
	assert_true(carbon_grams(&global, 3.6e6) == 475);
	assert_true(carbon_grams(&global, 0) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_global_is_475_in_any_case),
		cmocka_unit_test(test_number_is_custom),
		cmocka_unit_test(test_number_out_of_range_is_refused),
		cmocka_unit_test(test_other_words_are_refused),
		cmocka_unit_test(test_grams_of_the_documents_example),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
