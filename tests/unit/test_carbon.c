// SPDX-License-Identifier: BSD-2-Clause
#include "carbon/carbon.h"
#include "carbon/countries.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
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

static void test_countries_by_code_or_name_in_any_case(void **state)
{
	(void)state;
	assert_parses("DE", "DE", 380.95);
	assert_parses("de", "DE", 380.95);
	assert_parses("DEU", "DE", 380.95);
	assert_parses("deu", "DE", 380.95);
	assert_parses("Germany", "DE", 380.95);
	assert_parses("united states", "US", 369.473);
	assert_parses("FRA", "FR", 56.039);
	assert_parses("GB", "GB", 237.589);
	assert_parses("uk", "GB", 237.589);
	assert_parses("tkm", "TM", 1306.025);
}

static void test_unknown_word_names_the_nearest_country(void **state)
{
	(void)state;
	assert_refused("Germny", -EINVAL,
		       "--carbon knows no country \"Germny\"; did you mean DE (Germany)? "
		       "--carbon list prints them all");
	assert_refused("GER", -EINVAL,
		       "--carbon knows no country \"GER\"; did you mean DE (Germany)? "
		       "--carbon list prints them all");
	assert_refused("QQ", -EINVAL,
		       "--carbon knows no country \"QQ\"; did you mean GQ (Equatorial Guinea)? "
		       "--carbon list prints them all");
	assert_refused("golbal", -EINVAL,
		       "--carbon knows no country \"golbal\"; did you mean GLOBAL? "
		       "--carbon list prints them all");
	assert_refused("GLOBAL ", -EINVAL,
		       "--carbon knows no country \"GLOBAL \"; did you mean GLOBAL? "
		       "--carbon list prints them all");
	assert_refused(
		"Liechtenstein", -EINVAL,
		"--carbon knows no country \"Liechtenstein\"; --carbon list prints them all");
	assert_refused("nan", -EINVAL,
		       "--carbon knows no country \"nan\"; did you mean CA (Canada)? "
		       "--carbon list prints them all");
}

static void test_what_is_no_word_and_no_number_is_refused(void **state)
{
	(void)state;
	assert_refused("", -EINVAL,
		       "--carbon takes GLOBAL, a country's code or a number in gCO2e per kWh, "
		       "not \"\"");
	assert_refused("475g", -EINVAL,
		       "--carbon takes GLOBAL, a country's code or a number in gCO2e per kWh, "
		       "not \"475g\"");
	assert_refused("1,5", -EINVAL,
		       "--carbon takes GLOBAL, a country's code or a number in gCO2e per kWh, "
		       "not \"1,5\"");
}

static bool is_upper(const char *text, size_t length)
{
	return strlen(text) == length && strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == strlen(text);
}

/* Every way to name a row finds that row, so none is there twice. */
static void test_table_is_sorted_unique_and_in_bounds(void **state)
{
	(void)state;
	assert_int_equal(n_countries, 212);
	for (size_t i = 0; i < n_countries; i++) {
		const struct country *country = &countries[i];

		assert_true(is_upper(country->code2, 2));
		assert_true(is_upper(country->code3, 3));
		assert_ptr_equal(country_find(country->code2), country);
		assert_ptr_equal(country_find(country->code3), country);
		assert_ptr_equal(country_find(country->name), country);
		assert_true(i == 0 || strcmp(countries[i - 1].code2, country->code2) < 0);
		assert_in_range(country->year, 2009, 2023);
		assert_true(country->grams_per_kwh >= 20 && country->grams_per_kwh < 1400);
	}
	assert_null(country_find("GLOBAL"));
	assert_null(country_find("CUSTOM"));
	assert_null(country_find(""));
}

static void test_list_says_whose_figures_they_are(void **state)
{
	char *text = NULL;
	size_t size = 0, lines = 0;
	FILE *file = open_memstream(&text, &size);

	(void)state;
	assert_non_null(file);
	carbon_print_list(file);
	assert_int_equal(fclose(file), 0);
	assert_non_null(strstr(text, "Our World in Data / Ember, CC BY 4.0. GLOBAL, the default, "
				     "is 475."));
	assert_non_null(strstr(text, "\nDE  DEU    2023   380.950  Germany\n"));
	assert_non_null(strstr(text, "\nTM  TKM    2022  1306.025  Turkmenistan\n"));
	for (const char *at = text; (at = strchr(at, '\n')); at++)
		lines++;
	assert_int_equal(lines, n_countries + 4);
	free(text);
}

static void test_notice_names_the_default(void **state)
{
	char figure[32];

	(void)state;
	snprintf(figure, sizeof(figure), " %g gCO2e/kWh", CARBON_GLOBAL_G_PER_KWH);
	assert_non_null(strstr(CARBON_DEFAULT_NOTICE, figure));
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
		cmocka_unit_test(test_countries_by_code_or_name_in_any_case),
		cmocka_unit_test(test_unknown_word_names_the_nearest_country),
		cmocka_unit_test(test_what_is_no_word_and_no_number_is_refused),
		cmocka_unit_test(test_table_is_sorted_unique_and_in_bounds),
		cmocka_unit_test(test_list_says_whose_figures_they_are),
		cmocka_unit_test(test_notice_names_the_default),
		cmocka_unit_test(test_grams_of_the_documents_example),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
