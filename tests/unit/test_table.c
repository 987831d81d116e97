// SPDX-License-Identifier: BSD-2-Clause
#include "output/table_text.h"
#include "output/table_totals.h"
#include "report_fixture.h"

#include <math.h>

#define COLUMNS "    PID   CPU%   WATTS    JOULES    gCO2e  PROCESS          CGROUP\n"
#define TOTALS_COLUMNS "  COUNT     PID       CPU-S      JOULES      %      gCO2e  PROCESS\n"

static void test_start_says_what_is_traced(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_start(&fixture);
	fixture.run.kind = ENERGY_SIMULATED;
	assert_renders(&output_table, &fixture.report,
		       "energytrace: powercap (simulated), 2 CPUs, 475 gCO2e/kWh (GLOBAL)\n\n");
	fixture.report.selective = true;
	fixture.report.n_entities = 1;
	fixture.run.n_cpus = 1;
	assert_renders(&output_table, &fixture.report,
		       "energytrace: powercap (simulated), 1 CPU, 475 gCO2e/kWh (GLOBAL)"
		       " | 1 process\n\n");
	fixture.run.kind = ENERGY_NONE;
	fixture.report.selective = false;
	assert_renders(&output_table, &fixture.report, "energytrace: no energy source, 1 CPU\n\n");
}

static void test_tick_by_watts(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_init(&fixture);
	assert_renders(
		&output_table, &fixture.report,
		"10:20:18 UTC | 1.000 s | 20.0 W powercap, measured | 2 CPUs 25.1 % busy\n"
		"  unattributed 0.4 % of busy time, 0.080 W | own cost 0.1 % CPU, 0.040 W\n" COLUMNS
		"  95030  50.00  19.880    45.500 0.006000  worker           …ice/worker.service\n"
		"   4242   0.10   0.040     0.100 0.000013  energytrace\n"
		"      - 149.70   0.000     0.000 0.000000  (idle)\n"
		"      -   0.20   0.080     0.080 0.000010  (unattributed)\n"
		"\n");
}

static void test_watts_are_joules_over_the_interval(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_init(&fixture);
	fixture.sample.interval_ns = 2000000000;
	fixture.report.n_entities = 1;
	fixture.report.host.idle = fixture.report.host.unattributed = (struct figures){0};
	assert_renders(&output_table, &fixture.report,
		       "10:20:18 UTC | 2.000 s | 10.0 W powercap, measured | 2 CPUs 25.1 % busy\n"
		       "  own cost 0.1 % CPU, 0.020 W\n" COLUMNS
		       "   4242   0.05   0.020     0.100 0.000013  energytrace\n"
		       "\n");
}

static void test_what_is_not_measured_is_loud(void **state)
{
	struct fixture fixture;
	char *text;

	(void)state;
	fixture_init(&fixture);
	fixture.run.kind = ENERGY_SIMULATED;
	text = fixture_render(&output_table, &fixture.report);
	assert_non_null(strstr(text, "20.0 W powercap, SIMULATED: not this machine's energy\n"));
	free(text);
	fixture.run.kind = ENERGY_ESTIMATED;
	text = fixture_render(&output_table, &fixture.report);
	assert_non_null(strstr(text, "20.0 W powercap, ESTIMATED: not measured\n"));
	free(text);
}

static void test_without_energy_joules_are_dashes_and_cpu_time_orders(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_init(&fixture);
	fixture.run.kind = ENERGY_NONE;
	fixture.worker.tick.joules = fixture.self.tick.joules = 0;
	assert_renders(
		&output_table, &fixture.report,
		"10:20:18 UTC | 1.000 s | NO ENERGY SOURCE: CPU time only | 2 CPUs 25.1 % busy\n"
		"  unattributed 0.4 % of busy time | own cost 0.1 % CPU\n" COLUMNS
		"  95030  50.00       -         -        -  worker           …ice/worker.service\n"
		"   4242   0.10       -         -        -  energytrace\n"
		"      - 149.70       -         -        -  (idle)\n"
		"      -   0.20       -         -        -  (unattributed)\n"
		"\n");
}

static void test_selection_has_others_and_trouble_is_named(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_init(&fixture);
	fixture.entities[0] = &fixture.worker;
	fixture.report.n_entities = 1;
	fixture.report.selective = true;
	fixture.report.host.others = (struct figures){1000000, 0.04, 0.000005};
	fixture.report.host.total_others = (struct figures){3000000, 0.1, 0.000013};
	fixture.report.host.idle = fixture.report.host.unattributed = (struct figures){0};
	fixture.sample.suspended_ns = 3000000000;
	fixture.energy[0].resets = 1;
	fixture.energy[1].gaps = 2;
	fixture.sample.losses[LOSS_HASH_FULL] = 9;
	assert_renders(
		&output_table, &fixture.report,
		"10:20:18 UTC | 1.000 s | 20.0 W powercap, measured | 2 CPUs 25.1 % busy\n"
		"  own cost 0.1 % CPU, 0.040 W | suspended 3.000 s | 1 counter reset\n"
		"  2 counter gaps | hash-full 9\n" COLUMNS
		"  95030  50.00  19.880    45.500 0.006000  worker           …ice/worker.service\n"
		"      -   0.10   0.040     0.100 0.000013  (others)\n"
		"\n");
}

static void test_ticks_that_the_counters_do_not_resolve_say_so(void **state)
{
	struct fixture fixture;
	char *text;

	(void)state;
	fixture_init(&fixture);
	fixture.run.update_ns = 19000000;
	text = fixture_render(&output_table, &fixture.report);
	assert_null(strstr(text, "counters move"));
	free(text);
	fixture.run.update_ns = 100000000;
	text = fixture_render(&output_table, &fixture.report);
	assert_non_null(strstr(text, "counters move every 100 ms: joules ± 10 %"));
	free(text);
}

static void test_equal_watts_go_by_pid(void **state)
{
	struct fixture fixture;
	char *text;

	(void)state;
	fixture_init(&fixture);
	fixture.worker.tick = fixture.self.tick;
	fixture.entities[0] = &fixture.worker;
	fixture.entities[1] = &fixture.self;
	text = fixture_render(&output_table, &fixture.report);
	assert_true(strstr(text, "   4242 ") < strstr(text, "  95030 "));
	assert_ptr_equal(fixture.entities[0], &fixture.worker); /* the report stays as it is */
	free(text);
}

static void test_names_give_no_commands_to_the_terminal(void **state)
{
	struct fixture fixture;
	char *text;

	(void)state;
	fixture_init(&fixture);
	strcpy(fixture.worker.comm, "\x1b[2J\xc2\x9b\xff\r\n\x7f");
	fixture.worker.cgroup = "/\xe2\x80\xae\t\xc3\xbc";
	text = fixture_render(&output_table, &fixture.report);
	assert_non_null(strstr(text, "  ?[2J?????"
				     "        /??\xc3\xbc\n"));
	free(text);
}

/* A record may hold anything. */
static void test_a_source_gives_no_commands_to_the_terminal(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_start(&fixture);
	strcpy(fixture.run.source, "\x1b[31m\n\xc3\xbc");
	assert_renders(
		&output_table, &fixture.report,
		"energytrace: ?[31m?\xc3\xbc (measured), 2 CPUs, 475 gCO2e/kWh (GLOBAL)\n\n");
}

static void assert_cut(size_t width, bool pad, const char *text, const char *expected)
{
	char *shown = NULL;
	size_t size;
	FILE *stream = open_memstream(&shown, &size);

	table_text(stream, width, pad, text);
	fclose(stream);
	assert_string_equal(shown, expected);
	free(shown);
}

static void test_text_keeps_to_its_columns(void **state)
{
	(void)state;
	assert_cut(6, false, "/a/bcd", "  /a/bcd");
	assert_cut(6, false, "/aa/bcd", "  …a/bcd");
	assert_cut(6, true, "ab", "  ab    ");
	assert_cut(3, false, "\xff\xff\xff\xff", "  …??");
	/* Two columns each: two of them and the ellipsis are five of six. */
	assert_cut(6, true, "電電電電", "  …電電 ");
	assert_cut(8, true, "電電電電", "  電電電電");
}

static void assert_fits(int width, int decimals, double value, const char *expected)
{
	char *shown = NULL;
	size_t size;
	FILE *stream = open_memstream(&shown, &size);

	table_number(stream, width, decimals, value);
	fclose(stream);
	assert_string_equal(shown, expected);
	free(shown);
}

static void test_numbers_keep_to_their_columns(void **state)
{
	(void)state;
	assert_fits(7, 3, 999.999, " 999.999");
	assert_fits(7, 3, 999.9999, " 1000.00");
	assert_fits(7, 3, 12345.678, " 12345.7");
	assert_fits(7, 3, 123456.78, "  123457");
	assert_fits(7, 3, 1234567.8, " 1234568");
	assert_fits(7, 3, 12345678, "   1e+07");
	assert_fits(7, 3, NAN, "       -");
	assert_fits(7, 3, 0, "   0.000");
}

/* Every line of the widest tick there is. */
static void test_no_line_is_wider_than_a_terminal(void **state)
{
	struct fixture fixture;
	char *text;

	(void)state;
	fixture_init(&fixture);
	fixture.run.kind = ENERGY_SIMULATED;
	strcpy(fixture.run.source, "powercap-mmio-x");
	fixture.worker.pid = 4194304;
	strcpy(fixture.worker.comm, "123456789012345");
	fixture.worker.tick = (struct figures){1000000000000, 1e6, 132};
	fixture.worker.total = (struct figures){1000000000000, 1e12, 132e6};
	fixture.self.tick = fixture.worker.tick;
	fixture.report.host.self = fixture.worker.tick;
	fixture.report.host.joules = 1e9;
	fixture.report.host.unattributed = fixture.worker.tick;
	for (int i = 0; i < LOSS_N; i++)
		fixture.sample.losses[i] = UINT64_MAX;
	text = fixture_render(&output_table, &fixture.report);
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		size_t columns = 0;

		for (const char *at = line; *at; at++)
			columns += (*at & 0xc0) != 0x80;
		if (columns > TABLE_COLUMNS)
			fail_msg("%zu columns: %s", columns, line);
	}
	free(text);
}

static void render_totals(const struct totals *totals, const char *expected)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	assert_int_equal(output_table.totals(NULL, stream, totals), 0);
	fclose(stream);
	assert_string_equal(text, expected);
	free(text);
}

static struct totals totals_of(struct fixture *fixture, struct total *lines, size_t n)
{
	return (struct totals){
		.run = &fixture->run,
		.carbon = &fixture->carbon,
		.kind = ENTITY_PROCESS,
		.elapsed_ns = 10020000000,
		.ticks = 10,
		.host =
			{
				.total = {20040000000, 200, 0.0264},
				.total_idle = {15000000000, 0, 0},
			},
		.lines = lines,
		.n_lines = n,
	};
}

static void test_totals(void **state)
{
	struct total lines[] = {
		{"worker", 95030, 1, {5000000000, 150, 0.0198}, false},
		{"sh", 0, 1234, {30000000, 40, 0.005}, false},
		{"energytrace", 4242, 1, {10000000, 0.5, 0.00007}, true},
	};
	struct fixture fixture;
	struct totals totals;

	(void)state;
	fixture_init(&fixture);
	totals = totals_of(&fixture, lines, 3);
	totals.host.total_self = (struct figures){10000000, 0.5, 0.0001};
	render_totals(
		&totals,
		"total of 10.020 s | 10 ticks | 200.000 J powercap, measured | mean 20.0 W\n"
		"  0.026400 gCO2e at 475 gCO2e/kWh (GLOBAL) | own cost 0.010 s CPU, 0.500 J\n" TOTALS_COLUMNS
		"      1   95030       5.000     150.000  75.00   0.019800  worker\n"
		"   1234       -       0.030      40.000  20.00   0.005000  sh\n"
		"      1    4242       0.010       0.500   0.25   0.000070  energytrace\n"
		"      -       -      15.000       0.000   0.00   0.000000  (idle)\n");
}

static void test_totals_name_what_went_wrong(void **state)
{
	struct total lines[] = {{"worker", 95030, 1, {5000000000, 150, 0.0198}, false}};
	struct fixture fixture;
	struct totals totals;

	(void)state;
	fixture_init(&fixture);
	fixture.run.kind = ENERGY_SIMULATED;
	totals = totals_of(&fixture, lines, 1);
	totals.selective = true;
	totals.host.total_others = (struct figures){1000000000, 49, 0.0065};
	totals.host.total_unattributed = (struct figures){20000000, 1, 0.0001};
	totals.losses[LOSS_LEDGER_FULL] = 3;
	totals.losses[LOSS_PROGRAM_SKIPPED] = 1;
	totals.wraps = 1;
	totals.gaps = 2;
	render_totals(&totals,
		      "total of 10.020 s | 10 ticks\n"
		      "  200.000 J powercap, SIMULATED: not this machine's energy | mean 20.0 W\n"
		      "  0.026400 gCO2e at 475 gCO2e/kWh (GLOBAL)\n" TOTALS_COLUMNS
		      "      1   95030       5.000     150.000  75.00   0.019800  worker\n"
		      "      -       -       1.000      49.000  24.50   0.006500  (others)\n"
		      "      -       -      15.000       0.000   0.00   0.000000  (idle)\n"
		      "      -       -       0.020       1.000   0.50   0.000100  (unattributed)\n"
		      "losses: ledger-full 3 | program-skipped 1\n"
		      "energy counters: 1 wrap | 2 gaps\n");
}

static void test_totals_without_energy_or_ticks(void **state)
{
	struct fixture fixture;
	struct totals totals;

	(void)state;
	fixture_init(&fixture);
	fixture.run.kind = ENERGY_NONE;
	totals = totals_of(&fixture, NULL, 0);
	totals.elapsed_ns = totals.ticks = 0;
	render_totals(
		&totals,
		"total of 0.000 s | 0 ticks | NO ENERGY SOURCE: CPU time only\n" TOTALS_COLUMNS
		"      -       -      15.000           -      -          -  (idle)\n");
}

static size_t count_lines(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

static char *many_totals(struct fixture *fixture, size_t n)
{
	struct total lines[TABLE_TOTALS_LINES + 3];
	struct totals totals = totals_of(fixture, lines, n);
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	for (size_t i = 0; i < n; i++)
		lines[i] = (struct total){"many", 0, 2, {1000000000, 4, 0.0005}, false};
	totals.host.total_idle = (struct figures){0};
	table_totals(stream, &totals);
	fclose(stream);
	return text;
}

static void test_long_totals_sum_the_rest(void **state)
{
	struct fixture fixture;
	char *text;

	(void)state;
	fixture_init(&fixture);
	text = many_totals(&fixture, TABLE_TOTALS_LINES + 1);
	assert_int_equal(count_lines(text), 3 + TABLE_TOTALS_LINES + 1);
	assert_null(strstr(text, "more"));
	free(text);
	text = many_totals(&fixture, TABLE_TOTALS_LINES + 3);
	assert_int_equal(count_lines(text), 3 + TABLE_TOTALS_LINES + 1);
	assert_non_null(strstr(
		text, "\n      6       -       3.000      12.000   6.00   0.001500  (3 more)\n"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_start_says_what_is_traced),
		cmocka_unit_test(test_tick_by_watts),
		cmocka_unit_test(test_watts_are_joules_over_the_interval),
		cmocka_unit_test(test_what_is_not_measured_is_loud),
		cmocka_unit_test(test_without_energy_joules_are_dashes_and_cpu_time_orders),
		cmocka_unit_test(test_selection_has_others_and_trouble_is_named),
		cmocka_unit_test(test_ticks_that_the_counters_do_not_resolve_say_so),
		cmocka_unit_test(test_equal_watts_go_by_pid),
		cmocka_unit_test(test_names_give_no_commands_to_the_terminal),
		cmocka_unit_test(test_a_source_gives_no_commands_to_the_terminal),
		cmocka_unit_test(test_text_keeps_to_its_columns),
		cmocka_unit_test(test_numbers_keep_to_their_columns),
		cmocka_unit_test(test_no_line_is_wider_than_a_terminal),
		cmocka_unit_test(test_totals),
		cmocka_unit_test(test_totals_name_what_went_wrong),
		cmocka_unit_test(test_totals_without_energy_or_ticks),
		cmocka_unit_test(test_long_totals_sum_the_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
