// SPDX-License-Identifier: BSD-2-Clause
#include "output/summary.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define S 1000000000ULL

static struct run_domain domains[] = {
	{.type = DOMAIN_PACKAGE, .name = "package-0"},
	{.type = DOMAIN_DRAM, .name = "dram"},
};

/* Totals made by hand: two lines, one of a process and one of two that ended under one name. */
struct fixture {
	struct run run;
	struct carbon carbon;
	struct total lines[2];
	struct domain_total used[2];
	struct totals totals;
};

static void fixture_init(struct fixture *f)
{
	*f = (struct fixture){
		.run = {.source = "powercap",
			.kind = ENERGY_MEASURED,
			.domains = domains,
			.n_domains = 2},
		.carbon = {"GLOBAL", 475},
		.lines = {{"make", 100, 1, {S / 2, 10, 0.0015}, false},
			  {"cc", 0, 2, {S, 2.5, 0.0005}, false}},
		.used = {{50, 12.5}, {3.25, 0}},
		.totals = {.kind = ENTITY_PROCESS,
			   .elapsed_ns = 2 * S,
			   .host = {.total = {8 * S, 50, 0.0066},
				    .total_idle = {5 * S, 20, 0.0026}}},
	};
	f->totals.run = &f->run;
	f->totals.carbon = &f->carbon;
	f->totals.lines = f->lines;
	f->totals.n_lines = 2;
	f->totals.domains = f->used;
}

/* The caller frees it. */
static char *print(const struct summary *summary, const struct fixture *f, char *const *argv)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	assert_non_null(stream);
	summary_print(summary, &f->totals, argv, stream);
	assert_int_equal(fclose(stream), 0);
	return text;
}

/* The summary of this one run. */
static void assert_prints(const struct fixture *f, char *const *argv, const char *wanted)
{
	struct summary summary = {0};
	char *text;

	assert_int_equal(summary_add(&summary, &f->totals), 0);
	text = print(&summary, f, argv);
	summary_done(&summary);
	if (strcmp(text, wanted) != 0)
		fail_msg("printed:\n%s\nwanted:\n%s", text, wanted);
	free(text);
}

static char *const make[] = {(char[]){"make"}, (char[]){"-j2"}, NULL};

static void test_one_run(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	assert_prints(
		&f, make,
		"\n"
		"  make -j2\n"
		"  with all its descendants\n"
		"\n"
		"       12.500000 J   energy                # powercap, measured\n"
		"       12.500000 J   package-0             # 25.00 % of its 50.000000 J\n"
		"        3.250000 J   dram                  # of the whole machine, beside the "
		"energy above\n"
		"        6.250000 W   mean power            # energy over elapsed time\n"
		"        0.002000 g   CO2e                  # at 475 gCO2e/kWh (GLOBAL)\n"
		"        1.500000 s   CPU time              # 0.750 CPUs used\n"
		"        2.000000 s   elapsed               # 3 processes\n"
		"\n"
		"  share of the machine: 25.00 % of 50.000000 J, 50.00 % of 3.000000 s of "
		"active CPU time\n"
		"\n");
}

static void test_three_runs_with_their_deviation(void **state)
{
	struct summary summary = {0};
	struct fixture f;
	char *text;

	(void)state;
	for (uint64_t i = 1; i <= 3; i++) {
		fixture_init(&f);
		f.lines[0].figures = (struct figures){i * S / 2, 6, 0.1 * (double)i};
		f.lines[1].figures = (struct figures){0, 2 + 2 * (double)i, 0};
		f.lines[1].count = i;
		f.used[0].listed = 8 + 2 * (double)i;
		f.used[1].host = (double)i;
		f.totals.elapsed_ns = i * S;
		assert_int_equal(summary_add(&summary, &f.totals), 0);
	}
	text = print(&summary, &f, make);
	summary_done(&summary);
	/* Watts are the mean of the runs' own: 10, 6 and 4.667. */
	assert_string_equal(
		text,
		"\n"
		"  make -j2\n"
		"  with all its descendants, mean ± standard deviation of 3 runs\n"
		"\n"
		"       12.000000 J  ± 2.000000    energy                # powercap, measured\n"
		"       12.000000 J  ± 2.000000    package-0             # 24.00 % of its "
		"50.000000 J\n"
		"        2.000000 J  ± 1.000000    dram                  # of the whole "
		"machine, beside the energy above\n"
		"        6.888889 W  ± 2.775555    mean power            # energy over elapsed "
		"time\n"
		"        0.200000 g  ± 0.100000    CO2e                  # at 475 gCO2e/kWh "
		"(GLOBAL)\n"
		"        1.000000 s  ± 0.500000    CPU time              # 0.500 CPUs used\n"
		"        2.000000 s  ± 1.000000    elapsed               # 3 processes\n"
		"\n"
		"  share of the machine: 24.00 % of 50.000000 J, 33.33 % of 3.000000 s of "
		"active CPU time\n"
		"\n");
	free(text);
}

static void test_without_a_source_no_joules_are_told(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	f.run.kind = ENERGY_NONE;
	f.run.n_domains = 0;
	f.totals.n_lines = 1;
	f.lines[0].figures = (struct figures){S / 2, 0, 0};
	f.totals.host.total.joules = 0;
	assert_prints(&f, make,
		      "\n"
		      "  make -j2\n"
		      "  with all its descendants\n"
		      "\n"
		      "        0.500000 s   CPU time              # 0.250 CPUs used\n"
		      "        2.000000 s   elapsed               # 1 process\n"
		      "\n"
		      "  share of the machine: 16.67 % of 3.000000 s of active CPU time\n"
		      "\n");
}

static void assert_says(const struct fixture *f, char *const *argv, const char *wanted)
{
	struct summary summary = {0};
	char *text;

	assert_int_equal(summary_add(&summary, &f->totals), 0);
	text = print(&summary, f, argv);
	summary_done(&summary);
	if (!strstr(text, wanted))
		fail_msg("no \"%s\" in:\n%s", wanted, text);
	free(text);
}

static void test_joules_that_are_not_measured_are_loud(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	f.run.kind = ENERGY_ESTIMATED;
	snprintf(f.run.source, sizeof(f.run.source), "estimate");
	assert_says(&f, make, "energy                # estimate, ESTIMATED\n");
	f.run.kind = ENERGY_SIMULATED;
	assert_says(&f, make, "# estimate, SIMULATED: not this machine's energy\n");
}

static void test_unattributed_is_told_where_there_is_any(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	f.totals.host.total_unattributed = (struct figures){S, 1.5, 0.1};
	assert_says(&f, make,
		    "of active CPU time\n  (unattributed) on the machine: 1.500000 J\n\n");
}

static void test_run_of_no_time_has_no_power(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	f.totals.elapsed_ns = 0;
	f.totals.n_lines = 0;
	f.totals.host = (struct report_host){0};
	f.used[0] = (struct domain_total){0, 0};
	assert_says(&f, make, "        0.000000 W   mean power");
	assert_says(&f, make, "# 0.00 % of its 0.000000 J\n");
	assert_says(&f, make, "# 0.000 CPUs used\n");
	assert_says(&f, make, "# 0 processes\n");
	assert_says(&f, make, "machine: 0.00 % of 0.000000 J, 0.00 % of 0.000000 s");
}

static void test_carbon_by_its_code(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	f.carbon = (struct carbon){"CUSTOM", 32.541};
	assert_says(&f, make, "# at 32.541 gCO2e/kWh (CUSTOM)\n");
}

static void test_command_is_safe_for_a_terminal(void **state)
{
	char *const argv[] = {(char[]){"sh"}, (char[]){"-c"}, (char[]){"a\033[2J\nb"}, NULL};
	struct fixture f;

	(void)state;
	fixture_init(&f);
	assert_says(&f, argv, "\n  sh -c a?[2J?b\n");
}

static void test_long_command_is_cut(void **state)
{
	char name[100];
	char *argv[] = {name, (char[]){"more"}, NULL};
	struct fixture f;

	(void)state;
	fixture_init(&f);
	memset(name, 'x', sizeof(name));
	name[72] = '\0';
	argv[1] = NULL;
	assert_says(&f, argv,
		    "  xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		    "xx\n");
	argv[1] = (char[]){"more"};
	name[60] = '\0';
	assert_says(&f, argv,
		    "  xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx more\n");
	name[60] = 'x';
	name[70] = '\0';
	assert_says(&f, argv,
		    "  xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		    " m…\n");
}

/* What fits to the last column, with more to come. */
static void test_command_that_is_cut_between_words_says_so(void **state)
{
	char name[100];
	char *const argv[] = {name, (char[]){"more"}, NULL};
	struct fixture f;

	(void)state;
	fixture_init(&f);
	memset(name, 'x', sizeof(name));
	name[72] = '\0';
	assert_says(&f, argv, "xxxx…\n");
}

static void test_deviation_of_large_and_close_values(void **state)
{
	static const double values[] = {1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16};
	struct spread spread = {0};

	(void)state;
	assert_true(spread_deviation(&spread) == 0);
	spread_add(&spread, 5);
	assert_true(spread.mean == 5 && spread_deviation(&spread) == 0);
	memset(&spread, 0, sizeof(spread));
	for (size_t i = 0; i < 4; i++)
		spread_add(&spread, values[i]);
	assert_int_equal(spread.n, 4);
	assert_true(spread.mean == 1e9 + 10);
	assert_true(fabs(spread_deviation(&spread) - sqrt(30)) < 1e-9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_run),
		cmocka_unit_test(test_three_runs_with_their_deviation),
		cmocka_unit_test(test_without_a_source_no_joules_are_told),
		cmocka_unit_test(test_joules_that_are_not_measured_are_loud),
		cmocka_unit_test(test_unattributed_is_told_where_there_is_any),
		cmocka_unit_test(test_run_of_no_time_has_no_power),
		cmocka_unit_test(test_carbon_by_its_code),
		cmocka_unit_test(test_command_is_safe_for_a_terminal),
		cmocka_unit_test(test_long_command_is_cut),
		cmocka_unit_test(test_command_that_is_cut_between_words_says_so),
		cmocka_unit_test(test_deviation_of_large_and_close_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
