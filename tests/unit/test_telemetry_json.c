// SPDX-License-Identifier: BSD-2-Clause
/* The JSON reader: what it takes, what it gives, and what it refuses. */
#include "telemetry_fixture.h"

#include "telemetry/json_read.h"

#include <errno.h>

#define ROOM 4096

/* All members of an object, as "key=value;", values by their types. */
static int read_members(const char *text, char *ret, size_t size, const char **ret_problem)
{
	static char copy[ROOM];
	struct json_cursor cursor;
	struct json_value value;
	size_t used = 0;
	char *key;
	int got;

	snprintf(copy, sizeof(copy), "%s", text);
	ret[0] = '\0';
	json_cursor_begin(&cursor, copy, strlen(copy));
	got = json_enter_object(&cursor);
	while (!got && (got = json_next(&cursor, &key, &value)) > 0) {
		static const char *const names[] = {"null", "bool",   "number",
						    "text", "object", "array"};

		used += (size_t)snprintf(ret + used, size - used, "%s=%s %.*s%s;", key,
					 names[value.type], (int)value.length,
					 value.text ? value.text : "", value.truth ? "true" : "");
		got = 0;
	}
	if (!got)
		got = json_finish(&cursor);
	*ret_problem = cursor.problem;
	return got;
}

static void assert_members(const char *text, const char *expected)
{
	const char *problem;
	char members[ROOM];

	if (read_members(text, members, sizeof(members), &problem) != 0)
		fail_msg("%s: expected %s", text, problem);
	assert_string_equal(members, expected);
}

static void assert_refused(const char *text, const char *expected)
{
	const char *problem = NULL;
	char members[ROOM];

	if (read_members(text, members, sizeof(members), &problem) != -EBADMSG)
		fail_msg("taken: %s", text);
	if (strcmp(problem, expected) != 0)
		fail_msg("%s: \"%s\", expected \"%s\"", text, problem, expected);
}

static void test_values(void **state)
{
	(void)state;
	assert_members("{}", "");
	assert_members(" { } \n", "");
	assert_members("{\"a\":null,\"b\":true,\"c\":false}", "a=null ;b=bool true;c=bool ;");
	assert_members("{\"a\":0,\"b\":-0,\"c\":-12.50e+3 , \"d\" : 1E9}",
		       "a=number 0;b=number -0;c=number -12.50e+3;d=number 1E9;");
	assert_members("{\"a\":[1,[2,{}],\"]\"],\"b\":{\"c\":{\"d\":\"}\"}}}",
		       "a=array [1,[2,{}],\"]\"];b=object {\"c\":{\"d\":\"}\"}};");
	assert_members("{\"a\":\"\"}", "a=text ;");
}

static void test_escapes(void **state)
{
	(void)state;
	assert_members("{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"}", "a=text \"\\/\b\f\n\r\t;");
	assert_members("{\"a\":\"\\u0041\\u00e4\\u20AC\\ud83d\\ude00\"}",
		       "a=text A\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80;");
	/* Halves of pairs. */
	assert_members("{\"a\":\"\\ud83dx\\ude00\\ud83d\\u0041\"}",
		       "a=text \xef\xbf\xbdx\xef\xbf\xbd\xef\xbf\xbd\x41;");
	/* In a key, and untouched in what is skipped. */
	assert_members("{\"\\u0061\":[\"\\u0061\\n\"]}", "a=array [\"\\u0061\\n\"];");
	assert_members("{\"a\":\"\xff\"}", "a=text \xff;");
}

static void test_what_is_refused(void **state)
{
	static const struct {
		const char *text, *problem;
	} cases[] = {
		{"", "'{'"},
		{"[]", "'{'"},
		{"{", "a string"},
		{"{a:1}", "a string"},
		{"{\"a\"}", "':' behind a key"},
		{"{\"a\":}", "a value"},
		{"{\"a\":1,}", "a string"},
		{"{\"a\":1 \"b\":2}", "',' or '}'"},
		{"{\"a\":[1,]}", "a value"},
		{"{\"a\":[1 2]}", "',' or ']'"},
		{"{\"a\":{\"b\" 1}}", "':' behind a key"},
		{"{\"a\":{\"b\":1,}}", "a string"},
		{"{\"a\":01}", "',' or '}'"},
		{"{\"a\":.5}", "a value"},
		{"{\"a\":1.}", "a digit behind the point"},
		{"{\"a\":1e}", "a digit in the exponent"},
		{"{\"a\":+1}", "a value"},
		{"{\"a\":-}", "a value"},
		{"{\"a\":NaN}", "a value"},
		{"{\"a\":nul", "a value"},
		{"{\"a\":truth}", "a value"},
		{"{\"a\":\"x", "the end of a string"},
		{"{\"a\":\"\t\"}", "the end of a string"},
		{"{\"a\":\"\\x\"}", "an escape that there is"},
		{"{\"a\":\"\\", "an escape that there is"},
		{"{\"a\":\"\\u00g0\"}", "four hexadecimal digits behind \\u"},
		{"{\"a\":\"\\u00", "four hexadecimal digits behind \\u"},
		{"{\"a\":\"\\u0000\"}", "a text without NUL"},
		{"{\"a\":[\"\\u0000\"]}", "a text without NUL"},
		{"{\"a\":[\"\n\"]}", "the end of a string"},
		{"{}x", "nothing more"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_refused(cases[i].text, cases[i].problem);
}

static void test_how_deep(void **state)
{
	char text[ROOM], members[ROOM];
	const char *problem;
	size_t used;

	(void)state;
	for (unsigned int depth = 60; depth < 80; depth++) {
		used = (size_t)snprintf(text, sizeof(text), "{\"a\":");
		for (unsigned int i = 0; i < depth; i++)
			text[used++] = '[';
		for (unsigned int i = 0; i < depth; i++)
			text[used++] = ']';
		memcpy(text + used, "}", 2);
		assert_int_equal(read_members(text, members, sizeof(members), &problem),
				 depth <= 64 ? 0 : -EBADMSG);
	}
	assert_string_equal(problem, "fewer values inside one another");
}

/* Exactly so many bytes are looked at: a sanitizer sees one more. */
static void test_the_end_of_the_text(void **state)
{
	static const char *const texts[] = {"{\"a\":1", "{\"a\":tru", "{\"a\":\"\\ud83d\\",
					    "{\"a\":-", "{\"a\":\"\\u12"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		size_t length = strlen(texts[i]);
		char *exact = malloc(length), *key;
		struct json_cursor cursor;
		struct json_value value;

		memcpy(exact, texts[i], length);
		json_cursor_begin(&cursor, exact, length);
		assert_int_equal(json_enter_object(&cursor), 0);
		if (json_next(&cursor, &key, &value) == 1)
			assert_int_equal(json_next(&cursor, &key, &value), -EBADMSG);
		free(exact);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_what_is_refused),
		cmocka_unit_test(test_how_deep),
		cmocka_unit_test(test_the_end_of_the_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
