// SPDX-License-Identifier: BSD-2-Clause
#include "output/json.h"
#include "output/number.h"
#include "output/utf8.h"

#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct page {
	struct json json;
	char *text;
	size_t size;
};

static void page_open(struct page *page)
{
	FILE *stream = open_memstream(&page->text, &page->size);

	assert_non_null(stream);
	json_begin(&page->json, stream);
}

static void page_expect(struct page *page, const char *expected)
{
	json_flush(&page->json);
	assert_int_equal(fclose(page->json.stream), 0);
	assert_string_equal(page->text, expected);
	free(page->text);
}

static void assert_number(double value, const char *expected)
{
	char text[NUMBER_SIZE];

	assert_int_equal(number_double(value, text), strlen(expected));
	assert_string_equal(text, expected);
}

static void assert_text(const char *text, const char *expected)
{
	struct page page;

	page_open(&page);
	json_text(&page.json, NULL, text);
	page_expect(&page, expected);
}

static void assert_time(int64_t realtime_ns, const char *expected)
{
	struct page page;

	page_open(&page);
	json_utc_ms(&page.json, NULL, realtime_ns);
	page_expect(&page, expected);
}

static void test_commas_follow_the_nesting(void **state)
{
	struct page page;

	(void)state;
	page_open(&page);
	json_object(&page.json, NULL);
	json_object(&page.json, "empty");
	json_object_end(&page.json);
	json_array(&page.json, "list");
	json_u64(&page.json, NULL, UINT64_MAX);
	json_null(&page.json, NULL);
	json_array(&page.json, NULL);
	json_array_end(&page.json);
	json_object(&page.json, NULL);
	json_bool(&page.json, "yes", true);
	json_bool(&page.json, "no", false);
	json_object_end(&page.json);
	json_array_end(&page.json);
	json_u64_text(&page.json, "big", UINT64_MAX);
	json_text(&page.json, "none", NULL);
	json_double(&page.json, "half", 0.5);
	json_object_end(&page.json);
	page_expect(&page, "{\"empty\":{},\"list\":[18446744073709551615,null,[],"
			   "{\"yes\":true,\"no\":false}],\"big\":\"18446744073709551615\","
			   "\"none\":null,\"half\":0.5}");
}

static void test_spliced_bytes_are_elements(void **state)
{
	struct page page;

	(void)state;
	page_open(&page);
	json_object(&page.json, NULL);
	json_splice(&page.json, "\"a\":1,\"b\":2", 11);
	json_u64(&page.json, "c", 3);
	json_object_end(&page.json);
	page_expect(&page, "{\"a\":1,\"b\":2,\"c\":3}");
}

static void test_control_bytes_are_escaped(void **state)
{
	(void)state;
	assert_text("", "\"\"");
	assert_text("a\"b\\c/d", "\"a\\\"b\\\\c/d\"");
	assert_text("\b\t\n\v\f\r", "\"\\b\\t\\n\\u000b\\f\\r\"");
	assert_text("\x01\x1b[31m\x1f\x7f", "\"\\u0001\\u001b[31m\\u001f\x7f\"");
}

static void test_utf8_passes(void **state)
{
	(void)state;
	assert_text("gr\xc3\xbcn \xe2\x82\xac \xf0\x9f\x94\x8b",
		    "\"gr\xc3\xbcn \xe2\x82\xac \xf0\x9f\x94\x8b\"");
	assert_text("\xf4\x8f\xbf\xbf", "\"\xf4\x8f\xbf\xbf\""); /* U+10FFFF */
}

static void test_what_is_no_utf8_is_replaced(void **state)
{
	(void)state;
	assert_text("a\xff"
		    "b",
		    "\"a\xef\xbf\xbd"
		    "b\"");
	assert_text("\x80", "\"\xef\xbf\xbd\"");
	/* Cut short, as a name of 15 bytes may be. */
	assert_text("x\xe2\x82", "\"x\xef\xbf\xbd\xef\xbf\xbd\"");
	assert_text("\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\"");		 /* overlong */
	assert_text("\xe0\x80\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""); /* overlong */
	assert_text("\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""); /* surrogate */
	assert_text("\xf4\x90\x80\x80",
		    "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""); /* beyond */
}

static void test_utf8_codes(void **state)
{
	uint32_t code = 1;

	(void)state;
	assert_int_equal(utf8_decode("", &code), 1);
	assert_int_equal(code, 0);
	assert_int_equal(utf8_decode("\xc2\x9b", &code), 2);
	assert_int_equal(code, 0x9b);
	assert_int_equal(utf8_decode("\xe2\x80\xa6", &code), 3);
	assert_int_equal(code, 0x2026);
	assert_int_equal(utf8_decode("\xf0\x9f\x94\x8b", &code), 4);
	assert_int_equal(code, 0x1f50b);
	assert_int_equal(utf8_decode("\xf8\x88\x80\x80\x80", &code), 0);
	assert_int_equal(code, 0x1f50b);
}

static void test_whole_numbers_have_no_exponent(void **state)
{
	(void)state;
	assert_number(0, "0");
	assert_number(-0.0, "0");
	assert_number(475, "475");
	assert_number(-3, "-3");
	assert_number(1e15, "1000000000000000");
	assert_number(9007199254740991, "9007199254740991");
}

static void test_doubles_are_shortest(void **state)
{
	(void)state;
	assert_number(0.1, "0.1");
	assert_number(0.1 + 0.2, "0.30000000000000004");
	assert_number(1.001824681, "1.001824681");
	assert_number(-2.5, "-2.5");
	assert_number(1.7648605200945628, "1.7648605200945628");
	assert_number(4.902390333596008e-7, "4.902390333596008e-07");
	assert_number(2.3286354084581034e-4, "0.00023286354084581034");
	assert_number(0.0001, "0.0001");
	assert_number(0.00001, "1e-05");
	assert_number(1e-15, "1e-15");
	assert_number(123456789012345.67, "123456789012345.67");
	assert_number(4503599627370495.5, "4503599627370495.5");
	assert_number(0.5000000000000001, "0.5000000000000001");   /* next above a power of two */
	assert_number(0.49999999999999994, "0.49999999999999994"); /* … and below */
}

static void test_doubles_beyond_the_exact_range(void **state)
{
	(void)state;
	assert_number(9007199254740992, "9007199254740992");
	assert_number(1e16, "1e+16");
	assert_number(1e300, "1e+300");
	assert_number(9.99e-16, "9.99e-16");
	assert_number(-5e-324, "-4.94065645841247e-324");
	assert_number(1.7976931348623157e308, "1.7976931348623157e+308");
}

/* The value of a reader that knows nothing of the writer: the first %.15g … that reads back. */
static void test_doubles_are_what_printf_gives(void **state)
{
	uint64_t random = UINT64_C(88172645463325252);
	char text[NUMBER_SIZE], expected[64];

	(void)state;
	for (int i = 0; i < 20000; i++) {
		double value;

		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		value = ldexp((double)(random >> 11) + 0.5, -53 - (int)(random % 50));
		for (int digits = 15; digits <= 17; digits++) {
			snprintf(expected, sizeof(expected), "%.*g", digits, value);
			if (strtod(expected, NULL) == value)
				break;
		}
		number_double(value, text);
		assert_string_equal(text, expected);
	}
}

static void test_integers_of_every_length(void **state)
{
	char text[NUMBER_SIZE], expected[64];

	(void)state;
	for (uint64_t power = 1;; power *= 10) {
		const uint64_t values[] = {power - 1, power, power + 7, power * 9};

		for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
			size_t length = number_u64(values[i], text);

			snprintf(expected, sizeof(expected), "%llu", (unsigned long long)values[i]);
			assert_string_equal(text, expected);
			assert_int_equal(length, strlen(expected));
		}
		if (power == UINT64_C(10000000000000000000))
			break;
	}
	assert_int_equal(number_u64(UINT64_MAX, text), 20);
	assert_string_equal(text, "18446744073709551615");
}

/* Texts and lines longer than the writer's buffer, at every place in it. */
static void test_what_is_longer_than_the_buffer(void **state)
{
	char *text = malloc(2 * JSON_BUFFER_SIZE + 1), *expected;
	size_t length = 2 * JSON_BUFFER_SIZE;
	struct page page;

	(void)state;
	expected = malloc(length + 64);
	assert_true(text && expected);
	memset(text, 'a', length);
	text[length] = '\0';
	for (size_t before = JSON_BUFFER_SIZE - 80; before < JSON_BUFFER_SIZE + 80; before++) {
		char *at = expected;

		page_open(&page);
		json_array(&page.json, NULL);
		json_text(&page.json, NULL, text + length - before);
		json_u64_text(&page.json, NULL, UINT64_MAX);
		json_word(&page.json, NULL, "word");
		json_splice(&page.json, text, 2);
		json_array_end(&page.json);
		json_newline(&page.json);
		at += sprintf(at, "[\"%s\",", text + length - before);
		sprintf(at, "\"18446744073709551615\",\"word\",aa]\n");
		page_expect(&page, expected);
	}
	page_open(&page);
	json_text(&page.json, NULL, text);
	sprintf(expected, "\"%s\"", text);
	page_expect(&page, expected);
	free(text);
	free(expected);
}

static void test_what_is_no_number_is_null(void **state)
{
	struct page page;

	(void)state;
	page_open(&page);
	json_array(&page.json, NULL);
	json_double(&page.json, NULL, NAN);
	json_double(&page.json, NULL, INFINITY);
	json_double(&page.json, NULL, -INFINITY);
	json_array_end(&page.json);
	page_expect(&page, "[null,null,null]");
}

static void test_the_locale_has_no_say(void **state)
{
	static const char *const commas[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE", "fr_FR"};
	bool found = false;

	(void)state;
	for (size_t i = 0; i < sizeof(commas) / sizeof(commas[0]) && !found; i++)
		found = setlocale(LC_ALL, commas[i]) != NULL;
	if (!found) {
		print_message("no locale with a decimal comma on this machine\n");
		skip();
	}
	assert_number(0.5, "0.5");
	assert_number(1.5e300, "1.5e+300");
	setlocale(LC_ALL, "C");
}

static void test_times_are_cut_to_milliseconds(void **state)
{
	(void)state;
	assert_time(INT64_C(1768213218428000000), "\"2026-01-12T10:20:18.428Z\"");
	assert_time(INT64_C(1768213218428999999), "\"2026-01-12T10:20:18.428Z\"");
	assert_time(0, "\"1970-01-01T00:00:00.000Z\"");
	assert_time(-1, "\"1969-12-31T23:59:59.999Z\"");
	assert_time(-INT64_C(1000000000), "\"1969-12-31T23:59:59.000Z\"");
	assert_time(INT64_MAX, "\"2262-04-11T23:47:16.854Z\"");
	assert_time(INT64_MIN, "\"1677-09-21T00:12:43.145Z\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_commas_follow_the_nesting),
		cmocka_unit_test(test_spliced_bytes_are_elements),
		cmocka_unit_test(test_control_bytes_are_escaped),
		cmocka_unit_test(test_utf8_passes),
		cmocka_unit_test(test_what_is_no_utf8_is_replaced),
		cmocka_unit_test(test_utf8_codes),
		cmocka_unit_test(test_whole_numbers_have_no_exponent),
		cmocka_unit_test(test_doubles_are_shortest),
		cmocka_unit_test(test_doubles_beyond_the_exact_range),
		cmocka_unit_test(test_doubles_are_what_printf_gives),
		cmocka_unit_test(test_integers_of_every_length),
		cmocka_unit_test(test_what_is_longer_than_the_buffer),
		cmocka_unit_test(test_what_is_no_number_is_null),
		cmocka_unit_test(test_the_locale_has_no_say),
		cmocka_unit_test(test_times_are_cut_to_milliseconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
