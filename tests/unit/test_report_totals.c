// SPDX-License-Identifier: BSD-2-Clause
#include "report/ended.h"
#include "reporter_fixture.h"

static const struct total *line_of(const struct totals *totals, const char *comm)
{
	for (size_t i = 0; i < totals->n_lines; i++) {
		if (strcmp(totals->lines[i].name, comm) == 0)
			return &totals->lines[i];
	}
	fail_msg("no line %s", comm);
	return NULL;
}

static void assert_line(const struct total *line, const char *comm, uint32_t pid, uint64_t count,
			uint64_t cpu_ns)
{
	assert_string_equal(line->name, comm);
	assert_int_equal(line->pid, pid);
	assert_int_equal(line->count, count);
	assert_int_equal(line->figures.cpu_ns, cpu_ns);
}

static void test_nothing_measured_has_no_lines(void **state)
{
	struct totals totals;
	struct fixture f;

	(void)state;
	begin(&f, 10, NULL, 0);
	assert_int_equal(reporter_totals(f.reporter, &totals), 0);
	assert_int_equal(totals.n_lines, 0);
	assert_int_equal(totals.ticks, 0);
	assert_int_equal(totals.elapsed_ns, 0);
	totals_done(&totals);
	end(&f);
}

static void test_processes_of_one_name_are_one_line(void **state)
{
	struct totals totals;
	struct fixture f;

	(void)state;
	begin(&f, 1, NULL, 0);
	next(&f);
	process(&f, 99, 1, "sh")->self = true; /* its own line, whatever it is called */
	tick(&f);
	for (uint32_t i = 0; i < 5; i++) {
		next(&f);
		process(&f, 100 + i, i + 1, "sh")->ended = true;
		ran(&f, 0, 10 * MS);
		process(&f, 50, 1, "sh");
		ran(&f, 0, 1 * MS);
		if (i == 0) {
			process(&f, 200, 1, "cat")->ended = true;
			ran(&f, 0, 0);
			ran(&f, 1, 7 * MS);
		}
		f.sample.energy[0].uj = 11000000;
		tick(&f);
	}
	assert_int_equal(reporter_totals(f.reporter, &totals), 0);
	assert_int_equal(totals.n_lines, 3);
	assert_line(&totals.lines[0], "sh", 0, 6, 55 * MS);
	assert_false(totals.lines[0].self);
	assert_near(totals.lines[0].figures.joules, 55);
	assert_near(totals.lines[0].figures.grams, 55 / 3.6e6 * 475);
	assert_line(&totals.lines[1], "cat", 200, 1, 7 * MS);
	assert_line(&totals.lines[2], "sh", 99, 1, 0);
	assert_true(totals.lines[2].self);
	assert_int_equal(totals.ticks, 5);
	assert_int_equal(totals.elapsed_ns, 5 * S);
	assert_int_equal(totals.host.total.cpu_ns, 10 * S);
	totals_done(&totals);
	assert_null(totals.lines);
	end(&f);
}

static void test_self_keeps_its_line_when_it_has_ended(void **state)
{
	struct totals totals;
	struct fixture f;

	(void)state;
	begin(&f, 1, NULL, 0);
	next(&f);
	tick(&f);
	next(&f);
	process(&f, 99, 1, "energytrace")->self = true;
	f.sample.processes[0].ended = true;
	ran(&f, 0, 2 * MS);
	tick(&f);
	next(&f);
	tick(&f);
	assert_int_equal(reporter_totals(f.reporter, &totals), 0);
	assert_int_equal(totals.n_lines, 1);
	assert_line(&totals.lines[0], "energytrace", 99, 1, 2 * MS);
	assert_true(totals.lines[0].self);
	totals_done(&totals);
	end(&f);
}

static void test_lines_are_sorted_by_joules_time_name(void **state)
{
	static const struct {
		const char *comm;
		uint32_t cpu;
		uint64_t ns;
	} wanted[] = {{"z", 0, 3 * MS}, {"y", 0, 1 * MS}, {"x", 1, 9 * MS},
		      {"a", 1, 5 * MS}, {"b", 1, 5 * MS}, {"c", 1, 1 * MS}};
	struct totals totals;
	struct fixture f;

	(void)state;
	begin(&f, 1, NULL, 0);
	next(&f);
	tick(&f);
	next(&f);
	for (uint32_t i = 0; i < 6; i++) {
		uint32_t w = (i * 5 + 3) % 6;

		process(&f, 10 + w, 1, wanted[w].comm);
		ran(&f, wanted[w].cpu, wanted[w].ns);
	}
	f.sample.energy[0].uj = 4000000;
	tick(&f);
	assert_int_equal(reporter_totals(f.reporter, &totals), 0);
	assert_int_equal(totals.n_lines, 6);
	for (uint32_t i = 0; i < 6; i++)
		assert_line(&totals.lines[i], wanted[i].comm, 10 + i, 1, wanted[i].ns);
	totals_done(&totals);
	end(&f);
}

static void test_unselected_processes_are_no_lines(void **state)
{
	struct totals totals;
	struct fixture f;

	(void)state;
	begin(&f, 1, (const uint32_t[]){10}, 1);
	next(&f);
	process(&f, 10, 1, "mine");
	process(&f, 11, 1, "self")->self = true;
	tick(&f);
	next(&f);
	process(&f, 11, 1, "self")->self = true;
	ran(&f, 0, 3 * MS);
	process(&f, 12, 1, "other")->ended = true;
	ran(&f, 0, 4 * MS);
	f.sample.energy[0].uj = 14000000;
	tick(&f);
	assert_int_equal(reporter_totals(f.reporter, &totals), 0);
	assert_true(totals.selective);
	assert_int_equal(totals.n_lines, 1);
	assert_line(&totals.lines[0], "mine", 10, 1, 0);
	assert_figures(&totals.host.total_others, 7 * MS, 14);
	totals_done(&totals);
	end(&f);
}

static void test_losses_and_counter_events_add_up(void **state)
{
	struct totals totals;
	struct fixture f;

	(void)state;
	begin(&f, 1, NULL, 0);
	next(&f);
	tick(&f);
	for (uint32_t i = 0; i < 3; i++) {
		next(&f);
		f.sample.losses[LOSS_LEDGER_FULL] = 2;
		f.sample.losses[LOSS_PROGRAM_SKIPPED] = i;
		f.sample.energy[0].wraps = 1;
		f.sample.energy[1].resets = 2;
		f.sample.energy[2].gaps = i;
		tick(&f);
	}
	assert_int_equal(reporter_totals(f.reporter, &totals), 0);
	assert_int_equal(totals.losses[LOSS_LEDGER_FULL], 6);
	assert_int_equal(totals.losses[LOSS_PROGRAM_SKIPPED], 3);
	assert_int_equal(totals.losses[LOSS_HASH_FULL], 0);
	assert_int_equal(totals.wraps, 3);
	assert_int_equal(totals.resets, 6);
	assert_int_equal(totals.gaps, 3);
	totals_done(&totals);
	end(&f);
}

/* Names are kept, not processes; and of names no more than a bound, the rest under a name. */
static void test_names_beyond_the_bound_are_summed(void **state)
{
	struct totals totals;
	struct fixture f;
	char comm[SAMPLE_COMM_LEN];

	(void)state;
	begin(&f, 1, NULL, 0);
	next(&f);
	tick(&f);
	for (uint32_t i = 0; i < ENDED_MAX_NAMES + 10;) {
		next(&f);
		for (uint32_t end_of_tick = i + 997; i < end_of_tick && i < ENDED_MAX_NAMES + 10;
		     i++) {
			snprintf(comm, sizeof(comm), "n%u", i);
			process(&f, i + 1, 1, comm)->ended = true;
			ran(&f, 0, 1000);
		}
		tick(&f);
	}
	next(&f);
	process(&f, 1, 2, "n5")->ended = true; /* a name that is known still has its line */
	ran(&f, 0, 1000);
	tick(&f);
	next(&f);
	tick(&f);
	assert_int_equal(reporter_totals(f.reporter, &totals), 0);
	assert_int_equal(totals.n_lines, ENDED_MAX_NAMES + 1);
	assert_line(line_of(&totals, ENDED_MORE), ENDED_MORE, 0, 10, 10000);
	assert_line(line_of(&totals, "n5"), "n5", 0, 2, 2000);
	assert_line(line_of(&totals, "n65535"), "n65535", 65536, 1, 1000);
	totals_done(&totals);
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_measured_has_no_lines),
		cmocka_unit_test(test_processes_of_one_name_are_one_line),
		cmocka_unit_test(test_self_keeps_its_line_when_it_has_ended),
		cmocka_unit_test(test_lines_are_sorted_by_joules_time_name),
		cmocka_unit_test(test_unselected_processes_are_no_lines),
		cmocka_unit_test(test_losses_and_counter_events_add_up),
		cmocka_unit_test(test_names_beyond_the_bound_are_summed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
