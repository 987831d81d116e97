// SPDX-License-Identifier: BSD-2-Clause
#include "output/table_screen.h"
#include "output_fixture.h"
#include "terminal.h"

#include <math.h>

#define COLUMNS "    PID   CPU%   WATTS    JOULES    gCO2e  PROCESS          CGROUP"
#define MANY 100

struct view {
	struct fixture fixture;
	struct entity many[MANY];
	char ids[MANY][8];
	struct entity *entities[MANY];
	struct output_options options;
	struct terminal terminal;
	void *state;
};

static int open_view(void **state)
{
	struct view *view = calloc(1, sizeof(*view));
	struct errmsg msg;

	assert_non_null(view);
	fixture_init(&view->fixture);
	view->options.run = &view->fixture.run;
	view->options.terminal = true;
	assert_int_equal(output_table.open(NULL, &view->options, &view->state, &msg), 0);
	assert_non_null(view->state);
	*state = view;
	return 0;
}

static int close_view(void **state)
{
	struct view *view = *state;

	output_table.close(view->state);
	free(view);
	return 0;
}

/* Process i of n uses n - i times 0.01 W. */
static void let_run(struct view *view, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		double times = (double)(n - i);

		snprintf(view->ids[i], sizeof(view->ids[i]), "%zu", 100 + i);
		view->many[i] = (struct entity){
			.kind = ENTITY_PROCESS,
			.id = view->ids[i],
			.name = view->many[i].comm,
			.pid = 100 + (uint32_t)i,
			.comm = "many",
			.cgroup = "/a/rather/long/path/of/a/cgroup.slice/that.scope",
			.tick = {(uint64_t)times * 1000000, times * 0.01, times * 0.001},
			.total = {(uint64_t)times * 2000000, times * 0.02, times * 0.002},
		};
		view->entities[i] = &view->many[i];
	}
	view->fixture.report.entities = view->entities;
	view->fixture.report.n_entities = n;
}

static char *draw(struct view *view)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	assert_int_equal(output_table.report(view->state, stream, &view->fixture.report), 0);
	fclose(stream);
	return text;
}

/* The next tick, on a window of that size. */
static void show(struct view *view, unsigned int columns, unsigned int rows)
{
	char *text;

	view->options.columns = columns;
	view->options.rows = rows;
	terminal_resize(&view->terminal, columns, rows);
	text = draw(view);
	terminal_take(&view->terminal, text);
	free(text);
}

#define assert_screen(view, ...)                                               \
	terminal_assert(&(view)->terminal, (const char *const[]){__VA_ARGS__}, \
			sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static void test_80x24(void **state)
{
	struct view *view = *state;

	show(view, 80, 24);
	assert_screen(
		view,
		"20.0 W powercap, measured | 2 CPUs 25.1 % busy | own cost 0.1 % CPU, 0.040 W",
		"  unattributed 0.4 % of busy time, 0.080 W | 10:20:18 UTC | 1.000 s", COLUMNS,
		"  95030  50.00  19.880    45.500 0.006000  worker           …ice/worker.service",
		"   4242   0.10   0.040     0.100 0.000013  energytrace",
		"      - 149.70   0.000     0.000 0.000000  (idle)",
		"      -   0.20   0.080     0.080 0.000010  (unattributed)");
	assert_int_equal(view->terminal.row, 7); /* below the table */
	assert_int_equal(view->terminal.column, 0);
}

static void test_a_wide_window_shows_more_of_the_cgroup(void **state)
{
	struct view *view = *state;

	show(view, 120, 24);
	assert_screen(
		view,
		"20.0 W powercap, measured | 2 CPUs 25.1 % busy | own cost 0.1 % CPU, 0.040 W | "
		"unattributed 0.4 % of busy time, 0.080 W",
		"  10:20:18 UTC | 1.000 s | 475 gCO2e/kWh (GLOBAL)", COLUMNS,
		"  95030  50.00  19.880    45.500 0.006000  worker           "
		"/system.slice/worker.service",
		"   4242   0.10   0.040     0.100 0.000013  energytrace",
		"      - 149.70   0.000     0.000 0.000000  (idle)",
		"      -   0.20   0.080     0.080 0.000010  (unattributed)");
}

static void test_40x10(void **state)
{
	struct view *view = *state;

	show(view, 40, 10);
	assert_screen(view, "20.0 W powercap, measured", "  2 CPUs 25.1 % busy | own 0.1 % CPU",
		      "  unattributed 0.4 % | 10:20:18 UTC", "    PID   CPU%   WATTS  PROCESS",
		      "  95030  50.00  19.880  worker", "   4242   0.10   0.040  energytrace",
		      "      - 149.70   0.000  (idle)", "      -   0.20   0.080  (unattributed)");
}

static void test_a_head_that_does_not_fit_says_so(void **state)
{
	struct view *view = *state;

	let_run(view, 5);
	view->fixture.report.selective = true;
	view->fixture.report.host.others = (struct figures){1000000, 0.04, 0.000005};
	show(view, 40, 8);
	assert_screen(view, "20.0 W powercap, measured…", "    PID   CPU%   WATTS  PROCESS",
		      "    100   0.50   0.050  many", "      -   1.00   0.100  (4 more)",
		      "      -   0.10   0.040  (others)", "      - 149.70   0.000  (idle)",
		      "      -   0.20   0.080  (unattributed)");
}

static void test_what_does_not_fit_is_summed(void **state)
{
	struct view *view = *state;

	let_run(view, MANY);
	show(view, 80, 24);
	/* 23 lines: 2 of the head, the heading, 17 processes, the sum, idle, unattributed. */
	terminal_assert_line(&view->terminal, 3,
			     "    100  10.00   1.000     2.000 0.200000  many             "
			     "…p.slice/that.scope");
	terminal_assert_line(&view->terminal, 19,
			     "    116   8.40   0.840     1.680 0.168000  many             "
			     "…p.slice/that.scope");
	/* Those with 1 to 83 times 0.01 W. */
	terminal_assert_line(&view->terminal, 20,
			     "      - 348.60  34.860    69.720 6.972000  (83 more)");
	terminal_assert_line(&view->terminal, 22,
			     "      -   0.20   0.080     0.080 0.000010  (unattributed)");
	assert_int_equal(view->terminal.row, 23);
}

static void test_what_just_fits_is_not_summed(void **state)
{
	struct view *view = *state;

	let_run(view, 18);
	show(view, 80, 24);
	terminal_assert_line(&view->terminal, 20,
			     "    117   0.10   0.010     0.020 0.002000  many             "
			     "…p.slice/that.scope");
	assert_int_equal(view->terminal.row, 23);
	let_run(view, 19);
	show(view, 80, 24);
	terminal_assert_line(&view->terminal, 20,
			     "      -   0.30   0.030     0.060 0.006000  (2 more)");
}

static void test_nothing_of_the_last_table_is_left(void **state)
{
	static const unsigned int sizes[][2] = {{120, 40}, {40, 10}, {80, 24}, {60, 40}, {130, 9}};
	struct view *view = *state;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct terminal *fresh = calloc(1, sizeof(*fresh));
		char *text;

		let_run(view, MANY);
		show(view, sizes[i][0], sizes[i][1]);
		let_run(view, 3);
		show(view, sizes[i][0], sizes[i][1]);
		text = draw(view);
		terminal_resize(fresh, sizes[i][0], sizes[i][1]);
		terminal_take(fresh, text);
		for (unsigned int row = 0; row < sizes[i][1]; row++)
			terminal_assert_line(&view->terminal, row, terminal_line(fresh, row));
		free(text);
		free(fresh);
	}
}

/* What was on the screen goes into the history, once. */
static void test_the_first_tick_scrolls_and_the_next_do_not(void **state)
{
	struct view *view = *state;
	char *text;

	show(view, 80, 24);
	assert_int_equal(view->terminal.scrolled, 0); /* the cursor was at the top */
	show(view, 80, 24);
	assert_int_equal(view->terminal.scrolled, 0);
	output_table.close(view->state);
	assert_int_equal(output_table.open(NULL, &view->options, &view->state, NULL), 0);
	show(view, 80, 24); /* now there are 7 lines above the cursor */
	assert_int_equal(view->terminal.scrolled, 7);
	text = draw(view);
	assert_int_equal(strncmp(text, "\x1b[H", 3), 0);
	assert_null(strstr(text, "\x1b[2J"));
	free(text);
}

static void test_no_mode_is_set(void **state)
{
	struct view *view = *state;
	char *text;

	show(view, 80, 24);
	text = draw(view); /* terminal_take knows no other commands than these */
	assert_null(strstr(text, "\x1b[?"));
	assert_string_equal(text + strlen(text) - 3, "\x1b[J");
	free(text);
}

static void give_nasty_names(struct view *view)
{
	struct fixture *fixture = &view->fixture;

	let_run(view, 40);
	strcpy(view->many[0].comm, "\x1b[2J\xc2\x9b\xff\r\n\x7f");
	view->many[0].cgroup = "/\xe2\x80\xae\t\x1b]0;x\a";
	strcpy(view->many[1].comm, "電電電電電");
	view->many[1].cgroup = "/電電電電電電電電電電電電電電電電電電電電電電電電電電電電電";
	view->many[2].pid = 4194304;
	view->many[2].tick = (struct figures){UINT64_MAX / 2, 1e15, 1e12};
	view->many[2].total = (struct figures){UINT64_MAX, 1e18, 1e15};
	view->many[2].self = true;
	fixture->report.host.self = view->many[2].tick;
	strcpy(fixture->run.source, "\x1b[31m\n電電");
	fixture->run.kind = ENERGY_SIMULATED;
	fixture->report.selective = true;
	fixture->report.host.others = view->many[2].tick;
	fixture->report.host.joules = 1e18;
	for (int i = 0; i < LOSS_N; i++)
		fixture->sample.losses[i] = UINT64_MAX;
}

/* The terminal fails the test when a line is too wide or the screen scrolls. */
static void test_every_size_holds_its_table(void **state)
{
	struct view *view = *state;

	give_nasty_names(view);
	for (unsigned int columns = 1; columns <= 130; columns++) {
		for (unsigned int rows = 2; rows <= 50; rows += 1 + columns % 5) {
			view->terminal.scrolled = 0;
			terminal_home(&view->terminal);
			show(view, columns, rows);
			assert_int_equal(view->terminal.scrolled, 0);
			if (columns >= 60)
				assert_true(rows == 2 ||
					    strstr(terminal_line(&view->terminal, 0), "SIMULATED"));
		}
	}
}

static void test_names_give_no_commands(void **state)
{
	struct view *view = *state;

	give_nasty_names(view);
	show(view, 80, 50);
	terminal_assert_line(
		&view->terminal, 0,
		"1000000000000000000.0 W ?[31m?電電, SIMULATED: not this machine's energy");
	for (unsigned int row = 0;; row++) {
		const char *line = terminal_line(&view->terminal, row);

		assert_true(row < 50);
		if (!strstr(line, "    100 "))
			continue;
		assert_non_null(strstr(line, "  ?[2J?????        /??"));
		assert_non_null(strstr(line, "?]0;x?"));
		break;
	}
}

static void test_a_window_too_small_says_so(void **state)
{
	struct view *view = *state;

	show(view, 40, 7);
	terminal_assert_line(&view->terminal, 0, "20.0 W powercap, measured");
	terminal_assert_line(&view->terminal, 3, "too small for the table: 21x8");
	show(view, 20, 24);
	terminal_assert_line(&view->terminal, 0, "20.0 W powercap, m…");
}

static void test_a_size_that_is_not_known_is_80x24(void **state)
{
	struct view *view = *state;
	char *text, *expected;

	show(view, 80, 24);
	let_run(view, MANY);
	expected = draw(view);
	view->options.columns = view->options.rows = 0;
	text = draw(view);
	assert_string_equal(text, expected);
	free(text);
	free(expected);
}

static void test_start_and_totals_are_plain(void **state)
{
	struct view *view = *state;
	struct totals totals = {
		.run = &view->fixture.run, .carbon = &view->fixture.carbon, .kind = ENTITY_PROCESS};
	char *text = NULL;
	size_t size;
	FILE *stream;

	show(view, 80, 24);
	stream = open_memstream(&text, &size);
	assert_int_equal(output_table.totals(view->state, stream, &totals), 0);
	fclose(stream);
	assert_int_equal(strncmp(text, "\ntotal of 0.000 s | ", 20), 0);
	assert_null(strchr(text, '\x1b'));
	free(text);
	fixture_start(&view->fixture);
	text = draw(view);
	assert_string_equal(text, "energytrace: powercap (measured), 2 CPUs, 475 gCO2e/kWh"
				  " (GLOBAL)\n\n");
	free(text);
}

#define test_in_view(test) cmocka_unit_test_setup_teardown(test, open_view, close_view)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test_in_view(test_80x24),
		test_in_view(test_a_wide_window_shows_more_of_the_cgroup),
		test_in_view(test_40x10),
		test_in_view(test_a_head_that_does_not_fit_says_so),
		test_in_view(test_what_does_not_fit_is_summed),
		test_in_view(test_what_just_fits_is_not_summed),
		test_in_view(test_nothing_of_the_last_table_is_left),
		test_in_view(test_the_first_tick_scrolls_and_the_next_do_not),
		test_in_view(test_no_mode_is_set),
		test_in_view(test_every_size_holds_its_table),
		test_in_view(test_names_give_no_commands),
		test_in_view(test_a_window_too_small_says_so),
		test_in_view(test_a_size_that_is_not_known_is_80x24),
		test_in_view(test_start_and_totals_are_plain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
