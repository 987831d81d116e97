// SPDX-License-Identifier: BSD-2-Clause
/* Windows as lines: their columns, their exact text, and that they read back as they were. */
#include "telemetry_fixture.h"

#include "telemetry/read.h"
#include "telemetry/write.h"

#include <errno.h>
#include <float.h>
#include <math.h>

#define HEADER                                                                                  \
	"run_id,plugin,window_index,release_ts_ns,deadline_ts_ns,start_ts_ns,end_ts_ns,"        \
	"deadline_missed,W,H,C,Fs,warmup,repeat,device_tin_ns,device_tstart_ns,device_tend_ns," \
	"device_tfirst_tx_ns,device_tlast_tx_ns,adapter_name,window_failed,error_code,"         \
	"energy_j,power_mw,rss_bytes,dtype,load_profile,state_bytes,workspace_bytes,cpu_ns,"    \
	"energy_source,energy_kind,energy_method,tid\n"

static struct telemetry_window full_window(void)
{
	struct telemetry_window window = window_of(7, 2500000);

	window.repeat = 3;
	window.device_tin_ns = 1;
	window.device_tstart_ns = 2;
	window.device_tend_ns = 3;
	window.device_tfirst_tx_ns = 4;
	window.device_tlast_tx_ns = 5;
	window.adapter_name = "x86@loopback";
	window.error_code = -5;
	window.rss_bytes = 4096;
	window.dtype = "float32";
	window.load_profile = "medium";
	window.state_bytes = 6;
	window.workspace_bytes = 7;
	window.cpu_ns = 2400000;
	window.energy_method = "resolved";
	window.tid = 4242;
	give_energy(&window, 0.0375, "powercap", "measured");
	return window;
}

#define FULL_NDJSON                                                                               \
	"{\"run_id\":\"1768213218428\",\"plugin\":\"fir\",\"window_index\":7,"                    \
	"\"release_ts_ns\":1070000000,\"deadline_ts_ns\":1080000000,\"start_ts_ns\":1070001000,"  \
	"\"end_ts_ns\":1072501000,\"deadline_missed\":0,\"W\":20,\"H\":10,\"C\":64,\"Fs\":1000,"  \
	"\"warmup\":0,\"repeat\":3,\"device_tin_ns\":1,\"device_tstart_ns\":2,"                   \
	"\"device_tend_ns\":3,\"device_tfirst_tx_ns\":4,\"device_tlast_tx_ns\":5,"                \
	"\"adapter_name\":\"x86@loopback\",\"window_failed\":0,\"error_code\":-5,"                \
	"\"energy_j\":0.0375,\"power_mw\":3750,\"rss_bytes\":4096,\"dtype\":\"float32\","         \
	"\"load_profile\":\"medium\",\"state_bytes\":6,\"workspace_bytes\":7,\"cpu_ns\":2400000," \
	"\"energy_source\":\"powercap\",\"energy_kind\":\"measured\","                            \
	"\"energy_method\":\"resolved\",\"tid\":4242}\n"

#define FULL_CSV                                                                                 \
	"1768213218428,fir,7,1070000000,1080000000,1070001000,1072501000,0,20,10,64,1000,0,3,1," \
	"2,3,4,5,x86@loopback,0,-5,0.0375,3750,4096,float32,medium,6,7,2400000,powercap,"        \
	"measured,resolved,4242\n"

static void assert_written(enum telemetry_format format, const struct telemetry_window *window,
			   const char *expected)
{
	struct memory memory;

	memory_open(&memory);
	telemetry_write(memory.stream, format, window);
	assert_string_equal(memory_text(&memory), expected);
	memory_close(&memory);
}

static void test_columns_and_their_order(void **state)
{
	struct memory memory;

	(void)state;
	memory_open(&memory);
	telemetry_write_head(memory.stream, TELEMETRY_NDJSON);
	assert_string_equal(memory_text(&memory), "");
	telemetry_write_head(memory.stream, TELEMETRY_CSV);
	assert_string_equal(memory_text(&memory), HEADER);
	memory_close(&memory);
	assert_int_equal(telemetry_column_find("plugin"), 1);
	assert_int_equal(telemetry_column_find("plugin_name"), 1);
	assert_int_equal(telemetry_column_find("fs"), TELEMETRY_COLUMNS);
}

static void test_a_full_window(void **state)
{
	struct telemetry_window window = full_window();

	(void)state;
	assert_written(TELEMETRY_NDJSON, &window, FULL_NDJSON);
	assert_written(TELEMETRY_CSV, &window, FULL_CSV);
}

static void test_what_is_not_known(void **state)
{
	struct telemetry_window window;

	(void)state;
	telemetry_window_clear(&window);
	window.plugin = "a";
	assert_written(TELEMETRY_CSV, &window,
		       ",a,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,,0,0,,,0,,,0,0,0,,,,0\n");
	assert_written(TELEMETRY_NDJSON, &window,
		       "{\"run_id\":null,\"plugin\":\"a\",\"window_index\":0,\"release_ts_ns\":0,"
		       "\"deadline_ts_ns\":0,\"start_ts_ns\":0,\"end_ts_ns\":0,"
		       "\"deadline_missed\":0,\"W\":0,\"H\":0,\"C\":0,\"Fs\":0,\"warmup\":0,"
		       "\"repeat\":0,\"device_tin_ns\":0,\"device_tstart_ns\":0,"
		       "\"device_tend_ns\":0,\"device_tfirst_tx_ns\":0,\"device_tlast_tx_ns\":0,"
		       "\"adapter_name\":null,\"window_failed\":0,\"error_code\":0,"
		       "\"energy_j\":null,\"power_mw\":null,\"rss_bytes\":0,\"dtype\":null,"
		       "\"load_profile\":null,\"state_bytes\":0,\"workspace_bytes\":0,"
		       "\"cpu_ns\":0,\"energy_source\":null,\"energy_kind\":null,"
		       "\"energy_method\":null,\"tid\":0}\n");
}

static void test_texts_that_need_care(void **state)
{
	struct telemetry_window window = window_of(0, 1);
	struct memory memory;

	(void)state;
	window.plugin = "std::map<int, char>::at(\"x\")\n\x01";
	window.run_id = "#1";
	memory_open(&memory);
	telemetry_write(memory.stream, TELEMETRY_CSV, &window);
	/* Quotes doubled; the line end would have begun another line. */
	assert_memory_equal(memory_text(&memory),
			    "\"#1\",\"std::map<int, char>::at(\"\"x\"\")??\",0,",
			    strlen("\"#1\",\"std::map<int, char>::at(\"\"x\"\")??\",0,"));
	memory_close(&memory);
	memory_open(&memory);
	telemetry_write(memory.stream, TELEMETRY_NDJSON, &window);
	assert_has(memory_text(&memory),
		   "\"plugin\":\"std::map<int, char>::at(\\\"x\\\")\\n\\u0001\"");
	memory_close(&memory);
}

static void assert_same_text(const char *a, const char *b)
{
	if (!a || !b)
		assert_ptr_equal(a, b);
	else
		assert_string_equal(a, b);
}

/* By bits: NaN is as good as NaN. */
static void assert_same_number(double a, double b)
{
	assert_true((isnan(a) && isnan(b)) || memcmp(&a, &b, sizeof(a)) == 0);
}

static void assert_same_window(const struct telemetry_window *a, const struct telemetry_window *b)
{
	for (size_t i = 0; i < TELEMETRY_COLUMNS; i++) {
		const struct telemetry_column *column = &telemetry_columns[i];
		const void *of_a = (const char *)a + column->offset;
		const void *of_b = (const char *)b + column->offset;

		if (column->type == COLUMN_TEXT)
			assert_same_text(*(const char *const *)of_a, *(const char *const *)of_b);
		else if (column->type == COLUMN_DOUBLE)
			assert_same_number(*(const double *)of_a, *(const double *)of_b);
		else if (column->type == COLUMN_U64)
			assert_memory_equal(of_a, of_b, sizeof(uint64_t));
		else if (column->type == COLUMN_BOOL)
			assert_memory_equal(of_a, of_b, sizeof(bool));
		else
			assert_memory_equal(of_a, of_b, sizeof(uint32_t));
	}
}

static void assert_reads_back(enum telemetry_format format, const struct telemetry_window *window)
{
	struct telemetry_reader *reader;
	struct telemetry_window again;
	struct errmsg msg = {""};
	struct memory memory;
	FILE *stream;

	memory_open(&memory);
	telemetry_write_head(memory.stream, format);
	telemetry_write(memory.stream, format, window);
	memory_text(&memory);
	stream = fmemopen(memory.text, memory.size, "r");
	assert_int_equal(telemetry_reader_new(stream, format, &reader), 0);
	if (telemetry_read(reader, &again, &msg) != 1)
		fail_msg("not read: %s, %s", msg.text,
			 telemetry_reader_reading(reader)->problems[0].text);
	assert_same_window(window, &again);
	assert_int_equal(telemetry_read(reader, &again, &msg), 0);
	telemetry_reader_free(reader);
	fclose(stream);
	memory_close(&memory);
}

static void test_every_value_reads_back(void **state)
{
	struct telemetry_window window = full_window();

	(void)state;
	for (unsigned int i = 0; i < 2; i++) {
		enum telemetry_format format = (enum telemetry_format)i;

		window = full_window();
		assert_reads_back(format, &window);
		/* Every column at its end. */
		window.window_index = window.release_ts_ns = window.end_ts_ns = UINT64_MAX;
		window.deadline_ts_ns = window.start_ts_ns = window.cpu_ns = UINT64_MAX;
		window.w = window.h = window.c = window.repeat = window.tid = UINT32_MAX;
		window.error_code = INT32_MIN;
		window.deadline_missed = window.warmup = window.window_failed = true;
		window.energy_j = 0.1 + 0.2;
		window.power_mw = DBL_MIN;
		window.fs_hz = 1e18;
		window.plugin = "a,\"b\" 'c' \xc3\xa4\xe2\x82\xac";
		assert_reads_back(format, &window);
		/* No joules at all; and joules that are none, of a source that counts. */
		window = window_of(0, 0);
		assert_reads_back(format, &window);
		give_energy(&window, 0, "powercap", "measured");
		assert_reads_back(format, &window);
	}
}

static void test_names_of_formats(void **state)
{
	enum telemetry_format format;

	(void)state;
	assert_int_equal(telemetry_format_from_name("csv", &format), 0);
	assert_int_equal(format, TELEMETRY_CSV);
	assert_int_equal(telemetry_format_from_name("ndjson", &format), 0);
	assert_int_equal(format, TELEMETRY_NDJSON);
	assert_int_equal(telemetry_format_from_name("json", &format), -EINVAL);
	assert_string_equal(telemetry_format_name(TELEMETRY_CSV), "csv");
}

static void test_power_by_the_definition(void **state)
{
	struct telemetry_window window = window_of(0, 4 * MS);

	(void)state;
	window.energy_j = 0.05;
	window.h = 80;
	window.fs_hz = 160;
	assert_near(100, telemetry_power_mw(&window), 1e-12); /* 0.05 J in half a second */
	window.h = 0;
	assert_near(12500, telemetry_power_mw(&window), 1e-9); /* in 4 ms */
	window.end_ts_ns = window.start_ts_ns;
	assert_true(isnan(telemetry_power_mw(&window)));
	window = window_of(0, 4 * MS);
	assert_true(isnan(telemetry_power_mw(&window)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_columns_and_their_order),
		cmocka_unit_test(test_a_full_window),
		cmocka_unit_test(test_what_is_not_known),
		cmocka_unit_test(test_texts_that_need_care),
		cmocka_unit_test(test_every_value_reads_back),
		cmocka_unit_test(test_names_of_formats),
		cmocka_unit_test(test_power_by_the_definition),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
