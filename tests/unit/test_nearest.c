// SPDX-License-Identifier: BSD-2-Clause
#include "base/nearest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *const formats[] = {"table", "jsonl", "powerapi", "record", "prometheus"};

static const char *nearest(const char *word)
{
	return nearest_word(word, formats, sizeof(formats) / sizeof(formats[0]));
}

static void test_one_slip_is_near(void **state)
{
	(void)state;
	assert_string_equal(nearest("tabel"), "table");	 /* swapped */
	assert_string_equal(nearest("jsnl"), "jsonl");	 /* left out */
	assert_string_equal(nearest("jsonll"), "jsonl"); /* doubled */
	assert_string_equal(nearest("recard"), "record");
	assert_string_equal(nearest("json"), "jsonl");
}

static void test_case_is_no_edit(void **state)
{
	(void)state;
	assert_string_equal(nearest("JSONL"), "jsonl");
	assert_string_equal(nearest("JSLON"), "jsonl");
}

static void test_beginning_is_near(void **state)
{
	(void)state;
	assert_string_equal(nearest("prom"), "prometheus");
	assert_string_equal(nearest("po"), "powerapi");
	assert_null(nearest("p"));
}

static void test_longer_words_may_have_more_edits(void **state)
{
	(void)state;
	assert_string_equal(nearest("promeetius"), "prometheus");
	assert_null(nearest("xyomxthxuz"));
}

static void test_nothing_near(void **state)
{
	static const char *const short_words[] = {"a", "it"};

	(void)state;
	assert_null(nearest("csv"));
	assert_null(nearest(""));
	assert_null(nearest_word("table", formats, 0));
	assert_null(nearest_word("b", (const char *const[]){""}, 1));
	assert_string_equal(nearest_word("at", short_words, 2), "a");
}

static void test_first_of_equals(void **state)
{
	static const char *const words[] = {"cat", "bat", "hat"};

	(void)state;
	assert_string_equal(nearest_word("zat", words, 3), "cat");
	assert_string_equal(nearest_word("hat", words, 3), "hat");
}

static void test_very_long_words_are_far(void **state)
{
	char longest[64], longer[65], word[64];
	const char *words[] = {longest, longer};

	(void)state;
	memset(longest, 'x', 63);
	longest[63] = '\0';
	memset(longer, 'x', 64);
	longer[64] = '\0';
	memcpy(word, longest, sizeof(word));
	word[10] = 'y';
	assert_string_equal(nearest_word(word, words, 1), longest);
	assert_null(nearest_word(longer, words + 1, 1));
	assert_null(nearest_word(longer, words, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_slip_is_near),
		cmocka_unit_test(test_case_is_no_edit),
		cmocka_unit_test(test_beginning_is_near),
		cmocka_unit_test(test_longer_words_may_have_more_edits),
		cmocka_unit_test(test_nothing_near),
		cmocka_unit_test(test_first_of_equals),
		cmocka_unit_test(test_very_long_words_are_far),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
