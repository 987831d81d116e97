// SPDX-License-Identifier: BSD-2-Clause
/* Files of windows: ours, the harness's, and those that are broken. */
#include "telemetry_fixture.h"

#include "telemetry/read.h"

#include <errno.h>
#include <math.h>

#define LINE(index, more)                                                               \
	"{\"run_id\":\"1\",\"plugin\":\"car\",\"window_index\":" #index                 \
	",\"release_ts_ns\":10,\"deadline_ts_ns\":20,\"start_ts_ns\":11,\"end_ts_ns\":" \
	"15,\"deadline_missed\":0" more "}\n"
#define SYSTEM_INFO                                                                 \
	"{\"_type\":\"system_info\",\"os\":\"Darwin 23.2.0\",\"cpu\":\"Apple M1\"," \
	"\"hostname\":\"air.local\",\"cpu_count\":8,\"total_ram_mb\":8192,"         \
	"\"thermal_celsius\":null,\"device\":{\"cpu\":[\"a\",{\"b\":\"\\u00e4\"}],\"x\":-1.5e3}}\n"
#define CSV_HEADER                                                                       \
	"run_id,plugin,window_index,release_ts_ns,deadline_ts_ns,start_ts_ns,end_ts_ns," \
	"deadline_missed,W,H,C,Fs,warmup,repeat\n"

/* All of a text, read. */
struct all {
	struct telemetry_window windows[8]; /* their texts are gone */
	char plugins[8][64];
	size_t n;
	int end;
	struct errmsg msg;
	struct telemetry_reading reading;
};

static void read_all_of(enum telemetry_format format, const char *text, size_t size,
			struct all *all)
{
	FILE *stream = fmemopen((void *)(uintptr_t)text, size, "r");
	struct telemetry_reader *reader;

	*all = (struct all){0};
	assert_non_null(stream);
	assert_int_equal(telemetry_reader_new(stream, format, &reader), 0);
	while ((all->end = telemetry_read(reader, &all->windows[all->n], &all->msg)) > 0) {
		snprintf(all->plugins[all->n], sizeof(all->plugins[0]), "%s",
			 all->windows[all->n].plugin);
		assert_true(all->n < 7);
		all->n++;
	}
	all->reading = *telemetry_reader_reading(reader);
	assert_int_equal(all->reading.n_windows, all->n);
	telemetry_reader_free(reader);
	fclose(stream);
}

static void read_all(enum telemetry_format format, const char *text, struct all *all)
{
	read_all_of(format, text, strlen(text), all);
}

/* That a line is broken in that way, and the ones around it are read. */
static void assert_broken(enum telemetry_format format, const char *line, const char *problem)
{
	struct all all;
	char text[2048];

	snprintf(text, sizeof(text), "%s%s\n%s",
		 format == TELEMETRY_CSV ? CSV_HEADER "1,a,0,1,2,1,2,0,1,1,1,1,0,1\n" : LINE(0, ""),
		 line, format == TELEMETRY_CSV ? "1,b,1,1,2,1,2,0,1,1,1,1,0,1\n" : LINE(1, ""));
	read_all(format, text, &all);
	assert_int_equal(all.end, 0);
	if (all.n != 2 || all.reading.n_broken != 1)
		fail_msg("%s: %zu windows, %zu broken", line, all.n, all.reading.n_broken);
	assert_int_equal(all.reading.problems[0].line, format == TELEMETRY_CSV ? 3 : 2);
	if (strcmp(all.reading.problems[0].text, problem) != 0)
		fail_msg("%s: \"%s\", expected \"%s\"", line, all.reading.problems[0].text,
			 problem);
}

static void test_the_documents_example(void **state)
{
	static const char text[] =
		"{\"run_id\":\"1762310612183\",\"plugin\":\"goertzel\",\"window_index\":1,"
		"\"release_ts_ns\":21195476495000,\"deadline_ts_ns\":21195976495000,"
		"\"start_ts_ns\":21195476495000,\"end_ts_ns\":21195476742000,"
		"\"deadline_missed\":0,\"W\":160,\"H\":80,\"C\":64,\"Fs\":160,\"warmup\":0,"
		"\"repeat\":1}\n";
	struct all all;

	(void)state;
	read_all(TELEMETRY_NDJSON, text, &all);
	assert_int_equal(all.n, 1);
	assert_string_equal(all.plugins[0], "goertzel");
	assert_int_equal(all.windows[0].end_ts_ns, 21195476742000);
	assert_int_equal(all.windows[0].h, 80);
	assert_near(160, all.windows[0].fs_hz, 0);
	assert_true(isnan(all.windows[0].energy_j));
	assert_null(all.windows[0].adapter_name);
}

static void test_the_harness_ndjson(void **state)
{
	struct all all;

	(void)state;
	read_all(TELEMETRY_NDJSON,
		 SYSTEM_INFO LINE(10,
				  ",\"dtype\":1,\"stage_index\":4294967295,\"adapter_name\":\"n\"")
			 LINE(11, ",\"energy_j\":0,\"power_mw\":0,\"dtype\":2 ,\"W\":160"),
		 &all);
	assert_int_equal(all.end, 0);
	assert_int_equal(all.n, 2);
	assert_int_equal(all.reading.n_notes, 1);
	assert_int_equal(all.reading.n_broken, 0);
	assert_string_equal(all.reading.host.os, "Darwin 23.2.0");
	assert_string_equal(all.reading.host.cpu, "Apple M1");
	assert_string_equal(all.reading.host.hostname, "air.local");
	assert_int_equal(all.reading.host.cpus, 8);
	assert_int_equal(all.reading.host.ram_mb, 8192);
	/* Its zeros were counted by nobody. */
	assert_true(isnan(all.windows[1].energy_j));
	assert_true(isnan(all.windows[1].power_mw));
	assert_int_equal(all.windows[1].w, 160);
}

static void test_a_dtype_that_is_a_number(void **state)
{
	static const char text[] = LINE(0, ",\"dtype\":17,\"error_code\":-3");
	struct telemetry_reader *reader;
	struct telemetry_window window;
	struct errmsg msg;
	FILE *stream = fmemopen((void *)(uintptr_t)text, strlen(text), "r");

	(void)state;
	assert_int_equal(telemetry_reader_new(stream, TELEMETRY_NDJSON, &reader), 0);
	assert_int_equal(telemetry_read(reader, &window, &msg), 1);
	assert_string_equal(window.dtype, "17");
	assert_string_equal(window.plugin, "car");
	assert_int_equal(window.error_code, -3);
	telemetry_reader_free(reader);
	fclose(stream);
}

static void test_the_harness_csv(void **state)
{
	struct all all;

	(void)state;
	read_all(TELEMETRY_CSV,
		 "# System Information\n# OS: Darwin 23.2.0\n# CPU: Apple M1\n"
		 "# Hostname: air.local\n# CPU Cores: 8\n# Total RAM: 8192 MB\n"
		 "# Thermal: 41.0\xc2\xb0\x43\n#\n" CSV_HEADER
		 "1762310612183,goertzel,0,100,600,100,342,0,160,80,64,160,0,1\n"
		 "1762310612183,goertzel,1,600,1100,600,1200,1,160,80,64,160,1,1\n",
		 &all);
	assert_int_equal(all.end, 0);
	assert_int_equal(all.n, 2);
	assert_int_equal(all.reading.n_broken, 0);
	assert_int_equal(all.reading.n_notes, 8);
	assert_string_equal(all.reading.host.os, "Darwin 23.2.0");
	assert_string_equal(all.reading.host.cpu, "Apple M1");
	assert_string_equal(all.reading.host.hostname, "air.local");
	assert_int_equal(all.reading.host.cpus, 8);
	assert_int_equal(all.reading.host.ram_mb, 8192);
	assert_int_equal(all.windows[0].end_ts_ns, 342);
	assert_false(all.windows[0].deadline_missed);
	assert_true(all.windows[1].deadline_missed);
	assert_true(all.windows[1].warmup);
}

static void test_columns_of_old_and_new_files(void **state)
{
	struct all all;

	(void)state;
	/* In another order, with one that is called otherwise, and with some that nobody knows. */
	read_all(TELEMETRY_CSV,
		 "flops_per_window,end_ts_ns,start_ts_ns,plugin_name,window_index,release_ts_ns,"
		 "deadline_ts_ns,deadline_missed,\"bytes,\"\"x\"\"\"\n"
		 "12,30,20,\"car, \"\"v2\"\"\",5,20,25,1,\n",
		 &all);
	assert_int_equal(all.n, 1);
	assert_string_equal(all.plugins[0], "car, \"v2\"");
	assert_int_equal(all.windows[0].end_ts_ns, 30);
	assert_int_equal(all.windows[0].window_index, 5);
	assert_true(all.windows[0].deadline_missed);
	read_all(
		TELEMETRY_NDJSON,
		" {\"plugin_name\" : \"a\\\\b\\ud83d\\ude00\" , \"nobody\":[1,{\"x\":[]},\"]\"],"
		"\"window_index\":1,\"release_ts_ns\":1,\"deadline_ts_ns\":2,\"start_ts_ns\":1,"
		"\"end_ts_ns\":1,\"deadline_missed\":true,\"energy_j\":1.5e-3,\"dtype\":null} \r\n\n",
		&all);
	assert_int_equal(all.n, 1);
	assert_string_equal(all.plugins[0], "a\\b\xf0\x9f\x98\x80");
	assert_true(all.windows[0].deadline_missed);
	assert_near(0.0015, all.windows[0].energy_j, 0);
	assert_null(all.windows[0].dtype);
}

static void test_line_ends_and_marks(void **state)
{
	struct all all;

	(void)state;
	read_all(TELEMETRY_NDJSON, "\xef\xbb\xbf" LINE(0, "") "\r\n  \n" LINE(1, ""), &all);
	assert_int_equal(all.n, 2);
	assert_int_equal(all.reading.n_broken, 0);
	/* The last line of a run that was killed may lack its end, and may be whole all the same. */
	read_all_of(TELEMETRY_NDJSON, LINE(0, "") LINE(1, ""), 2 * strlen(LINE(0, "")) - 1, &all);
	assert_int_equal(all.n, 2);
	read_all(TELEMETRY_CSV, "\xef\xbb\xbf" CSV_HEADER "1,a,0,1,2,1,2,0,1,1,1,1,0,1\r\n", &all);
	assert_int_equal(all.n, 1);
}

static void test_a_line_that_was_cut(void **state)
{
	size_t whole = strlen(LINE(0, ""));
	struct all all;

	(void)state;
	/* At every byte: nothing of it is taken for a window, and the one before stays. */
	for (size_t length = whole + 1; length < 2 * whole - 2; length++) {
		read_all_of(TELEMETRY_NDJSON, LINE(0, "") LINE(1, ""), length, &all);
		assert_int_equal(all.n, 1);
		assert_int_equal(all.reading.n_broken, 1);
		assert_int_equal(all.reading.problems[0].line, 2);
	}
}

static void test_broken_ndjson(void **state)
{
	static const struct {
		const char *line, *problem;
	} cases[] = {
		{"x", "byte 1: expected '{'"},
		{"{\"plugin\":\"a\"", "byte 14: expected ',' or '}'"},
		{"{} {}", "byte 4: expected nothing more"},
		{"{}", "plugin is missing"},
		{"{\"plugin\":3}", "window_index is missing"},
		{"{\"plugin\":true}", "plugin is no text"},
		{"{\"window_index\":\"1\"}", "window_index is no number"},
		{"{\"window_index\":-1}", "window_index: \"-1\" is not a number"},
		{"{\"window_index\":1.5}", "window_index: \"1.5\" is not a number"},
		{"{\"end_ts_ns\":18446744073709551616}",
		 "end_ts_ns: \"18446744073709551616\" is out of range"},
		{"{\"W\":4294967296}", "W: \"4294967296\" is out of range"},
		{"{\"warmup\":2}", "warmup: \"2\" is out of range"},
		{"{\"error_code\":2147483648}", "error_code: \"2147483648\" is out of range"},
		{"{\"energy_j\":1e999}", "energy_j: \"1e999\" is out of range"},
		{"{\"Fs\":1.1e18}", "Fs: \"1.1e18\" is out of range"},
		{"{\"W\":1,\"W\":2}", "W is there twice"},
		{"{\"plugin\":\"a\",\"plugin_name\":\"b\"}", "plugin is there twice"},
		{"{\"plugin\":\"\",\"window_index\":1,\"release_ts_ns\":1,\"deadline_ts_ns\":2,"
		 "\"start_ts_ns\":1,\"end_ts_ns\":1,\"deadline_missed\":0}",
		 "plugin is empty"},
		{"{\"plugin\":\"a\",\"window_index\":1,\"release_ts_ns\":1,\"deadline_ts_ns\":2,"
		 "\"start_ts_ns\":2,\"end_ts_ns\":1,\"deadline_missed\":0}",
		 "it ends before it starts"},
		{"{\"plugin\":\"a\",\"window_index\":1,\"release_ts_ns\":1,\"deadline_ts_ns\":2,"
		 "\"start_ts_ns\":1,\"end_ts_ns\":1,\"deadline_missed\":0,\"energy_j\":-1,"
		 "\"energy_kind\":\"measured\"}",
		 "energy_j is negative"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_broken(TELEMETRY_NDJSON, cases[i].line, cases[i].problem);
}

static void test_broken_csv(void **state)
{
	static const struct {
		const char *line, *problem;
	} cases[] = {
		{"1,a,0", "3 fields, and 14 in the header"},
		{"1,a,0,1,2,1,2,0,1,1,1,1,0,1,9", "15 fields, and 14 in the header"},
		{"1,,0,1,2,1,2,0,1,1,1,1,0,1", "plugin is missing"},
		{"1,a,x,1,2,1,2,0,1,1,1,1,0,1", "window_index: \"x\" is not a number"},
		{"1,a,0,1,2,1,2,0,1,1,1,1,0,1x", "repeat: \"1x\" is not a number"},
		{"1,\"a,0,1,2,1,2,0,1,1,1,1,0,1", "a quote is not closed"},
		{"1,\"a\"b,0,1,2,1,2,0,1,1,1,1,0,1",
		 "\"b,0,1,2,1,2,0,1,1,1,1,0,1\" stands behind a closing quote"},
		{"1,a\"b,0,1,2,1,2,0,1,1,1,1,0,1", "\"a\"b\": a quote inside a field without"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_broken(TELEMETRY_CSV, cases[i].line, cases[i].problem);
}

static void test_a_failed_window_may_lack_its_end(void **state)
{
	struct all all;

	(void)state;
	read_all(TELEMETRY_NDJSON,
		 "{\"plugin\":\"a\",\"window_index\":1,\"release_ts_ns\":1,\"deadline_ts_ns\":2,"
		 "\"start_ts_ns\":5,\"end_ts_ns\":0,\"deadline_missed\":0,\"window_failed\":1,"
		 "\"error_code\":-110}\n",
		 &all);
	assert_int_equal(all.n, 1);
	assert_true(all.windows[0].window_failed);
	assert_int_equal(all.windows[0].error_code, -110);
}

static void test_what_ends_the_reading(void **state)
{
	static const struct {
		const char *text, *sentence;
	} cases[] = {
		{"hello\n", "line 1: the header has no plugin"},
		{"# a\n\nplugin,window_index\n", "line 3: the header has no release_ts_ns"},
		{"plugin,plugin_name,window_index\n", "line 1: the header has plugin_name twice"},
		{"\"plugin\n", "line 1: a quote is not closed"},
	};
	struct all all;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		read_all(TELEMETRY_CSV, cases[i].text, &all);
		assert_int_equal(all.end, -EBADMSG);
		assert_int_equal(all.n, 0);
		assert_string_equal(all.msg.text, cases[i].sentence);
	}
}

static void test_many_broken_lines_are_counted(void **state)
{
	char text[400] = LINE(0, "");
	struct all all;

	(void)state;
	for (int i = 0; i < 20; i++)
		strcat(text, "?\n");
	read_all(TELEMETRY_NDJSON, text, &all);
	assert_int_equal(all.n, 1);
	assert_int_equal(all.reading.n_broken, 20);
	assert_int_equal(all.reading.problems[TELEMETRY_PROBLEMS_MAX - 1].line, 9);
}

static void test_bytes_that_are_no_text(void **state)
{
	static const char nul[] = LINE(0, "") "{\"plugin\":\"a\0b\"}\n" LINE(1, "");
	static const char blank_nul[] = LINE(0, "") " \0 \n" LINE(1, "");
	static const char csv_nul[] = CSV_HEADER "1,a\0,0,1,2,1,2,0,1,1,1,1,0,1\n";
	struct all all;

	(void)state;
	read_all_of(TELEMETRY_NDJSON, nul, sizeof(nul) - 1, &all);
	assert_int_equal(all.n, 2);
	assert_int_equal(all.reading.n_broken, 1);
	assert_string_equal(all.reading.problems[0].text, "byte 13: expected the end of a string");
	read_all_of(TELEMETRY_NDJSON, blank_nul, sizeof(blank_nul) - 1, &all);
	assert_int_equal(all.n, 2);
	assert_int_equal(all.reading.n_broken, 1);
	read_all_of(TELEMETRY_CSV, csv_nul, sizeof(csv_nul) - 1, &all);
	assert_int_equal(all.n, 0);
	assert_string_equal(all.reading.problems[0].text, "it holds a NUL");
}

static void test_an_empty_file(void **state)
{
	struct all all;

	(void)state;
	read_all(TELEMETRY_NDJSON, "\n", &all);
	assert_int_equal(all.n, 0);
	assert_int_equal(all.end, 0);
	read_all(TELEMETRY_CSV, "\n", &all);
	assert_int_equal(all.n, 0);
	assert_int_equal(all.end, 0);
}

/* A stream that fails, as one of a disk does. */
static ssize_t fail_to_read(void *cookie, char *buffer, size_t size)
{
	(void)cookie;
	(void)buffer;
	(void)size;
	errno = EIO;
	return -1;
}

static void test_a_stream_that_fails(void **state)
{
	FILE *stream = fopencookie(NULL, "r", (cookie_io_functions_t){.read = fail_to_read});
	struct telemetry_reader *reader;
	struct telemetry_window window;
	struct errmsg msg;

	(void)state;
	assert_int_equal(telemetry_reader_new(stream, TELEMETRY_NDJSON, &reader), 0);
	assert_int_equal(telemetry_read(reader, &window, &msg), -EIO);
	assert_string_equal(msg.text, "line 1: Input/output error");
	telemetry_reader_free(reader);
	telemetry_reader_free(NULL);
	fclose(stream);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_documents_example),
		cmocka_unit_test(test_the_harness_ndjson),
		cmocka_unit_test(test_a_dtype_that_is_a_number),
		cmocka_unit_test(test_the_harness_csv),
		cmocka_unit_test(test_columns_of_old_and_new_files),
		cmocka_unit_test(test_line_ends_and_marks),
		cmocka_unit_test(test_a_line_that_was_cut),
		cmocka_unit_test(test_broken_ndjson),
		cmocka_unit_test(test_broken_csv),
		cmocka_unit_test(test_a_failed_window_may_lack_its_end),
		cmocka_unit_test(test_what_ends_the_reading),
		cmocka_unit_test(test_many_broken_lines_are_counted),
		cmocka_unit_test(test_bytes_that_are_no_text),
		cmocka_unit_test(test_an_empty_file),
		cmocka_unit_test(test_a_stream_that_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
