// SPDX-License-Identifier: BSD-2-Clause
/* Figures as people read them: units, digits, ticks at round numbers, and what is drawn. */
#include "telemetry_fixture.h"

#include "telemetry/axis.h"
#include "telemetry/chart.h"
#include "telemetry/distribution.h"
#include "telemetry/quantity.h"
#include "telemetry/svg.h"

#include <math.h>

static void test_quantities(void **state)
{
	static const struct {
		enum quantity quantity;
		double value;
		const char *text;
	} cases[] = {
		{QUANTITY_TIME, 0, "0 ns"},
		{QUANTITY_TIME, 12, "12 ns"},
		{QUANTITY_TIME, 999.4, "999.4 ns"},
		{QUANTITY_TIME, 1234, "1.234 µs"},
		{QUANTITY_TIME, 1.5e9, "1.5 s"},
		{QUANTITY_TIME, 9.8765432e12, "9,877 s"},
		{QUANTITY_ENERGY, 0.000274194, "274.2 µJ"},
		{QUANTITY_ENERGY, 3.6e9, "3,600 MJ"},
		{QUANTITY_ENERGY, 2e-12, "0.002 nJ"},
		{QUANTITY_POWER, 0.4999961, "500 mW"},
		{QUANTITY_CARBON, 0.07811, "78.11 mgCO2e"},
		{QUANTITY_BYTES, 6451200, "6.152 MiB"},
		{QUANTITY_RATE, 99.99982, "100 /s"},
		{QUANTITY_PERCENT, 0.0163, "1.63 %"},
		{QUANTITY_COUNT, 1234567, "1,234,567"},
		{QUANTITY_TIME, -1234, "-1.234 µs"},
		{QUANTITY_TIME, NAN, "–"},
		{QUANTITY_TIME, INFINITY, "–"},
		{QUANTITY_ENERGY, 1e300, "1.000e+294 MJ"},
	};
	char text[QUANTITY_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		quantity_text(cases[i].quantity, cases[i].value, text);
		assert_string_equal(text, cases[i].text);
	}
	quantity_number(1234.56, text);
	assert_string_equal(text, "1,235");
	quantity_number(0.0123449, text);
	assert_string_equal(text, "0.01234");
	quantity_number(99.996, text); /* which has one digit more once it is rounded */
	assert_string_equal(text, "100.0");
	quantity_decimals(-0.001, 2, text);
	assert_string_equal(text, "0.00");
	quantity_count(1000, text);
	assert_string_equal(text, "1,000");
}

static void assert_ticks(const struct axis *axis, const char *expected)
{
	char labels[512] = "";

	for (size_t i = 0; i < axis->n_ticks; i++) {
		strcat(labels, i > 0 ? " | " : "");
		strcat(labels, axis->ticks[i].label);
	}
	assert_string_equal(labels, expected);
}

static void test_linear_axes(void **state)
{
	struct axis axis;

	(void)state;
	axis_make(&axis, QUANTITY_TIME, 0, 1.23e6, false, true, 6);
	assert_ticks(&axis, "0.0 | 0.5 | 1.0 | 1.5");
	assert_near(1.5e6, axis.high, 1e-6);
	assert_string_equal(axis.unit.symbol, "ms");
	/* Not rounded: it ends where the values do, and the ticks are inside. */
	axis_make(&axis, QUANTITY_TIME, 3381, 6062, false, false, 6);
	assert_ticks(&axis, "3.5 | 4.0 | 4.5 | 5.0 | 5.5 | 6.0");
	assert_near(3381, axis.low, 0);
	axis_make(&axis, QUANTITY_COUNT, 0, 3, false, true, 10);
	assert_ticks(&axis, "0 | 1 | 2 | 3");
	axis_make(&axis, QUANTITY_COUNT, 0, 12345, false, true, 5);
	assert_ticks(&axis, "0 | 5,000 | 10,000 | 15,000");
	axis_make(&axis, QUANTITY_PERCENT, -0.021, 0.078, false, true, 6);
	assert_ticks(&axis, "-4 | -2 | 0 | 2 | 4 | 6 | 8");
	axis_make(&axis, QUANTITY_ENERGY, 0.00001, 0.000012, false, false, 5);
	assert_ticks(&axis, "10.0 | 10.5 | 11.0 | 11.5 | 12.0");
	/* One value, and none. */
	axis_make(&axis, QUANTITY_TIME, 500, 500, false, false, 4);
	assert_true(axis.low < 500 && axis.high > 500 && axis.n_ticks > 1);
	axis_make(&axis, QUANTITY_TIME, INFINITY, -INFINITY, false, true, 4);
	assert_near(0, axis.low, 0);
	assert_near(1, axis.high, 0);
	axis_make(&axis, QUANTITY_TIME, 0, 0, false, true, 4);
	assert_near(0, axis.low, 0);
	assert_true(axis.high > 0);
}

static void test_logarithmic_axes(void **state)
{
	struct axis axis;

	(void)state;
	axis_make(&axis, QUANTITY_TIME, 28e3, 12.7e6, true, true, 6);
	assert_ticks(&axis, "10 µs | 100 µs | 1 ms | 10 ms | 100 ms");
	axis_make(&axis, QUANTITY_TIME, 28e3, 12.7e6, true, false, 6);
	assert_ticks(&axis, "100 µs | 1 ms | 10 ms");
	axis_make(&axis, QUANTITY_TIME, 120, 4000, true, false, 6);
	assert_ticks(&axis, "200 ns | 500 ns | 1 µs | 2 µs");
	axis_make(&axis, QUANTITY_ENERGY, 1e-9, 1e9, true, true, 5);
	assert_ticks(&axis, "1 nJ | 10 µJ | 100 mJ | 1 kJ | 10 MJ");
	/* There is no logarithm of 0. */
	axis_make(&axis, QUANTITY_TIME, 0, 100, true, true, 5);
	assert_false(axis.log);
}

static void test_places_on_an_axis(void **state)
{
	struct axis axis;

	(void)state;
	axis_make(&axis, QUANTITY_COUNT, 0, 10, false, true, 5);
	axis_place(&axis, 300, 20); /* upwards */
	assert_near(300, axis_at(&axis, 0), 0);
	assert_near(20, axis_at(&axis, 10), 0);
	assert_near(160, axis_at(&axis, 5), 1e-9);
	assert_near(20, axis_at(&axis, 99), 0);
	assert_near(300, axis_at(&axis, -1), 0);
	axis_make(&axis, QUANTITY_TIME, 10, 1000, true, true, 5);
	axis_place(&axis, 0, 100);
	assert_near(50, axis_at(&axis, 100), 1e-9);
	assert_near(0, axis_at(&axis, 0), 0);
}

static void test_svg(void **state)
{
	static const struct svg_head head = {.id = "x",
					     .title = "a < b & \"c\"",
					     .description = "d\x01\xff>",
					     .width = 10,
					     .height = 20.5};
	struct memory memory;

	(void)state;
	memory_open(&memory);
	svg_begin(memory.stream, &head);
	svg_line(memory.stream, "grid", 1, 2.005, -0.001, 1234.5678);
	svg_rect(memory.stream, NULL, 0, 0, NAN, 1e300, "t<");
	svg_path_begin(memory.stream, "p");
	svg_path_point(memory.stream, 'M', 1.50, 2);
	svg_path_one(memory.stream, 'h', -3.125);
	svg_path_end(memory.stream);
	svg_text(memory.stream, "tick", 1, 2, SVG_END, "µ&");
	svg_end(memory.stream);
	assert_string_equal(
		memory_text(&memory),
		"<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\" viewBox=\"0 0 10 20.5\" "
		"role=\"img\" aria-labelledby=\"x-t x-d\"><title id=\"x-t\">a &lt; b &amp; "
		"&quot;c&quot;</title><desc id=\"x-d\">d\xef\xbf\xbd\xef\xbf\xbd&gt;</desc>"
		"<line class=\"grid\" x1=\"1\" y1=\"2\" x2=\"0\" y2=\"1234.57\"/>"
		"<rect x=\"0\" y=\"0\" width=\"0\" height=\"10000000\"><title>t&lt;</title></rect>"
		"<path class=\"p\" d=\"M1.5 2h-3.12\"/>"
		"<text class=\"tick\" x=\"1\" y=\"2\" text-anchor=\"end\">µ&amp;</text></svg>\n");
	memory_close(&memory);
}

/* The sum of "N windows" in the tips of the bars. */
static size_t sum_of_tips(const char *svg)
{
	size_t sum = 0;

	for (const char *at = svg; (at = strstr(at, "<rect ")); at++) {
		const char *colon = strstr(at, ": "), *end = strstr(at, "/rect");
		size_t count = 0;

		if (!colon || !end || colon > end)
			continue;
		for (const char *c = colon + 2; *c != ' '; c++)
			count = *c == ',' ? count : count * 10 + (size_t)(*c - '0');
		sum += count;
	}
	return sum;
}

static void test_every_value_is_in_a_bin(void **state)
{
	static const struct chart_head head = {.id = "h", .title = "t", .description = "d"};

	(void)state;
	for (size_t n = 1; n < 3000; n = n * 3 + 1) {
		double *values = malloc(n * sizeof(*values));
		struct chart_histogram chart = {
			.scale = {QUANTITY_TIME, "Latency"}, .sorted = values, .n = n};
		struct memory memory;

		for (size_t i = 0; i < n; i++)
			values[i] = (double)((i * 7919) % 1000) + (i % 97 == 5 ? 90000 : 1000);
		telemetry_sort(values, n);
		memory_open(&memory);
		chart_histogram(memory.stream, &head, &chart);
		assert_int_equal(sum_of_tips(memory_text(&memory)), n);
		assert_in_range(chart.bins, 1, 80);
		memory_close(&memory);
		free(values);
	}
}

static void test_few_far_values_do_not_flatten_a_histogram(void **state)
{
	static const struct chart_head head = {.id = "h", .title = "t", .description = "d"};
	double values[1000];
	struct chart_histogram chart = {
		.scale = {QUANTITY_TIME, "Latency"}, .sorted = values, .n = 1000};
	struct memory memory;

	(void)state;
	for (int i = 0; i < 1000; i++)
		values[i] = 1000 + i;
	values[998] = values[999] = 1e6;
	memory_open(&memory);
	chart_histogram(memory.stream, &head, &chart);
	/* p1 1009.99, p99 1989.01: half of their distance behind. */
	assert_near(1989.01 + 489.51, chart.end, 0.01);
	assert_int_equal(chart.n_beyond, 2);
	assert_has(memory_text(&memory), "class=\"rest\"");
	assert_has(memory_text(&memory), "<title>above 2.479 µs: 2 windows</title>");
	memory_close(&memory);
	/* All of one value. */
	for (int i = 0; i < 1000; i++)
		values[i] = 7;
	memory_open(&memory);
	chart_histogram(memory.stream, &head, &chart);
	assert_int_equal(chart.bins, 1);
	assert_int_equal(sum_of_tips(memory_text(&memory)), 1000);
	memory_close(&memory);
}

static size_t count(const char *text, const char *part)
{
	size_t n = 0;

	for (; (text = strstr(text, part)); text++)
		n++;
	return n;
}

static void draw_time(size_t n, double limit, struct chart_time *chart, struct memory *memory)
{
	static const struct chart_head head = {.id = "t", .title = "t", .description = "d"};
	struct chart_moment *moments = calloc(n, sizeof(*moments));
	struct chart_track track = {.name = "a", .moments = moments, .n = n};
	struct chart_mark mark = {.value = limit, .label = "deadline", .limit = true};

	for (size_t i = 0; i < n; i++)
		moments[i] = (struct chart_moment){.time_ns = (double)i * 1e6,
						   .value = 100 + (double)(i % 10),
						   .missed = i % 100 == 99};
	*chart = (struct chart_time){.scale = {QUANTITY_TIME, "Latency"},
				     .tracks = &track,
				     .n_tracks = 1,
				     .limit = &mark};
	memory_open(memory);
	assert_int_equal(chart_time(memory->stream, &head, chart), 0);
	memory_text(memory);
	free(moments);
}

static void test_time_dot_by_dot_and_in_columns(void **state)
{
	struct memory memory;
	struct chart_time chart;

	(void)state;
	draw_time(1000, 105, &chart, &memory);
	assert_false(chart.binned);
	assert_true(chart.limit_shown);
	assert_int_equal(count(memory.text, "h0"), 1000);
	assert_int_equal(count(strstr(memory.text, "class=\"miss\""), "Z"), 10);
	memory_close(&memory);
	draw_time(100000, 1e9, &chart, &memory);
	assert_true(chart.binned);
	assert_false(chart.limit_shown);
	assert_null(strstr(memory.text, "deadline"));
	/* A span and a miss in each of the columns, whatever n is. */
	assert_int_equal(count(strstr(memory.text, "class=\"span"), "V"), CHART_COLUMNS);
	assert_int_equal(count(strstr(memory.text, "class=\"miss\""), "Z"), CHART_COLUMNS);
	assert_in_range(memory.size, 5000, 40000);
	memory_close(&memory);
}

static void test_a_scatter_of_many(void **state)
{
	static const struct chart_head head = {.id = "s", .title = "t", .description = "d"};
	static double xs[50000], ys[50000];
	struct chart_scatter chart = {.x = {QUANTITY_TIME, "Latency"},
				      .y = {QUANTITY_ENERGY, "Energy"},
				      .xs = xs,
				      .ys = ys,
				      .n = 50000};
	struct memory memory;

	(void)state;
	for (size_t i = 0; i < 50000; i++) {
		xs[i] = 1000 + (double)(i % 100);
		ys[i] = 1 + (double)(i % 7);
	}
	memory_open(&memory);
	assert_int_equal(chart_scatter(memory.stream, &head, &chart), 0);
	memory_text(&memory);
	assert_in_range(chart.most, 70, 2000);
	assert_in_range(memory.size, 1000, 60000);
	memory_close(&memory);
	chart.n = 100;
	memory_open(&memory);
	assert_int_equal(chart_scatter(memory.stream, &head, &chart), 0);
	assert_int_equal(chart.most, 0);
	assert_int_equal(count(memory_text(&memory), "h0"), 100);
	memory_close(&memory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quantities),
		cmocka_unit_test(test_linear_axes),
		cmocka_unit_test(test_logarithmic_axes),
		cmocka_unit_test(test_places_on_an_axis),
		cmocka_unit_test(test_svg),
		cmocka_unit_test(test_every_value_is_in_a_bin),
		cmocka_unit_test(test_few_far_values_do_not_flatten_a_histogram),
		cmocka_unit_test(test_time_dot_by_dot_and_in_columns),
		cmocka_unit_test(test_a_scatter_of_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
