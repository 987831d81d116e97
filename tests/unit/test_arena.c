// SPDX-License-Identifier: BSD-2-Clause
#include "base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_copies_stay_where_they_are(void **state)
{
	static const size_t n = 20000;
	struct arena arena = {0};
	char **copies = calloc(n, sizeof(*copies));
	char text[32];

	(void)state;
	assert_non_null(copies);
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < n; i++) {
			snprintf(text, sizeof(text), "%d text %zu", round, i);
			copies[i] = arena_copy(&arena, text);
			assert_non_null(copies[i]);
		}
		for (size_t i = 0; i < n; i++) {
			snprintf(text, sizeof(text), "%d text %zu", round, i);
			assert_string_equal(copies[i], text);
		}
		arena_reset(&arena);
	}
	arena_done(&arena);
	free(copies);
}

static void test_a_copy_is_no_longer_the_text(void **state)
{
	struct arena arena = {0};
	char text[] = "abc", *copy = arena_copy(&arena, text);

	(void)state;
	assert_string_equal(copy, "abc");
	text[0] = 'x';
	assert_string_equal(copy, "abc");
	assert_string_equal(arena_copy(&arena, ""), "");
	arena_done(&arena);
}

/* Of every length about that of a chunk and far beyond, between short ones. */
static void test_long_texts_between_short_ones(void **state)
{
	static const size_t lengths[] = {16300, 16380, 16383, 16384, 16385, 100000, 4096};
	struct arena arena = {0};
	char *longs[7], *shorts[7], *text = malloc(100001);

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < 7; i++) {
		memset(text, 'a' + (int)i, lengths[i]);
		text[lengths[i]] = '\0';
		longs[i] = arena_copy(&arena, text);
		text[3] = '\0';
		shorts[i] = arena_copy(&arena, text);
	}
	for (size_t i = 0; i < 7; i++) {
		assert_int_equal(strlen(longs[i]), lengths[i]);
		assert_int_equal(longs[i][0], 'a' + i);
		assert_int_equal(longs[i][lengths[i] - 1], 'a' + i);
		assert_int_equal(strlen(shorts[i]), 3);
		assert_int_equal(shorts[i][2], 'a' + i);
	}
	arena_reset(&arena);
	assert_string_equal(arena_copy(&arena, "again"), "again");
	arena_done(&arena);
	free(text);
}

static void test_a_tick_like_the_last_one_is_in_the_same_place(void **state)
{
	struct arena arena = {0};
	char *first = arena_copy(&arena, "first");

	(void)state;
	arena_reset(&arena);
	assert_ptr_equal(arena_copy(&arena, "again"), first);
	arena_done(&arena);
	assert_null(arena.chunks);
	arena_done(&arena); /* takes an empty one */
	arena_reset(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_copies_stay_where_they_are),
		cmocka_unit_test(test_a_copy_is_no_longer_the_text),
		cmocka_unit_test(test_long_texts_between_short_ones),
		cmocka_unit_test(test_a_tick_like_the_last_one_is_in_the_same_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
