// SPDX-License-Identifier: BSD-2-Clause
/* What powercap counts while its files change, go away and come back. */
#include "energy/energy.h"

#include "sysfs_tree.h"

#define S UINT64_C(1000000000)
#define MS UINT64_C(1000000)
#define J UINT64_C(1000000)

struct fixture {
	struct sysfs_tree tree;
	struct energy *energy;
	struct sample sample;
};

/* Opens the tree and primes its counters at 0 ns. */
static void start(struct fixture *fixture)
{
	struct energy_options options = {.sysfs = fixture->tree.root, .procfs = "/nonexistent"};
	struct errmsg msg = {""};

	if (energy_open("powercap", &options, &fixture->energy, &msg) != 0)
		fail_msg("%s", msg.text);
	energy_poll(fixture->energy, 0);
}

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	assert_non_null(fixture);
	fixture->tree = tree_new();
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	energy_close(fixture->energy);
	sample_done(&fixture->sample);
	tree_free(&fixture->tree);
	free(fixture);
	return 0;
}

static void assert_take(struct fixture *fixture, uint64_t now_ns, size_t domain,
			struct sample_energy expected)
{
	const struct run_domain *domains;
	const struct sample_energy *taken;

	sample_reset(&fixture->sample);
	assert_int_equal(energy_take(fixture->energy, now_ns, &fixture->sample), 0);
	assert_int_equal(fixture->sample.n_energy, energy_domains(fixture->energy, &domains));
	taken = &fixture->sample.energy[domain];
	assert_int_equal(taken->uj, expected.uj);
	assert_int_equal(taken->wraps, expected.wraps);
	assert_int_equal(taken->resets, expected.resets);
	assert_int_equal(taken->gaps, expected.gaps);
}

#define TAKE(now_ns, domain, ...) \
	assert_take(fixture, now_ns, domain, (struct sample_energy){__VA_ARGS__})

static void assert_complains(struct fixture *fixture, const char *part)
{
	const char *complaint = energy_complaint(fixture->energy);

	if (!complaint || !strstr(complaint, part))
		fail_msg("\"%s\" does not say \"%s\"", complaint ? complaint : "(nothing)", part);
}

static void assert_quiet(struct fixture *fixture)
{
	assert_null(energy_complaint(fixture->energy));
}

static void polls_add_up_until_they_are_taken(void **state)
{
	struct fixture *fixture = *state;

	tree_zone(&fixture->tree, "intel-rapl:0", "package-0", 500 * J);
	tree_zone(&fixture->tree, "intel-rapl:0:0", "dram", 40 * J);
	start(fixture);
	tree_set_energy(&fixture->tree, "intel-rapl:0", 510 * J);
	energy_poll(fixture->energy, 1 * S);
	tree_set_energy(&fixture->tree, "intel-rapl:0", 530 * J);
	tree_set_energy(&fixture->tree, "intel-rapl:0:0", 41 * J);
	energy_poll(fixture->energy, 2 * S);
	tree_set_energy(&fixture->tree, "intel-rapl:0", 533 * J);
	TAKE(3 * S, 0, .uj = 33 * J);
	assert_int_equal(fixture->sample.energy[1].uj, 1 * J);
	TAKE(4 * S, 0, .uj = 0);
	assert_quiet(fixture);
}

static void wraps_are_counted_and_resets_prime_anew(void **state)
{
	struct fixture *fixture = *state;

	tree_zone(&fixture->tree, "intel-rapl:0", "package-0", UINT64_C(262143328850) - 10 * J);
	start(fixture);
	tree_set_energy(&fixture->tree, "intel-rapl:0", 20 * J - 1);
	TAKE(1 * S, 0, .uj = 30 * J, .wraps = 1);
	tree_set_energy(&fixture->tree, "intel-rapl:0", 1 * J);
	TAKE(2 * S, 0, .resets = 1);
	tree_set_energy(&fixture->tree, "intel-rapl:0", 51 * J);
	TAKE(3 * S, 0, .uj = 50 * J);
}

static void small_range_counts_when_polled_in_time(void **state)
{
	struct fixture *fixture = *state;

	tree_zone(&fixture->tree, "intel-rapl:0", "package-0", 0);
	tree_put(&fixture->tree, "class/powercap/intel-rapl:0/max_energy_range_uj", "1000000");
	start(fixture);
	assert_int_equal(energy_max_read_interval_ns(fixture->energy), MS);
	for (uint64_t i = 1; i < 100; i++) {
		tree_set_energy(&fixture->tree, "intel-rapl:0", i * 300000 % 1000001);
		energy_poll(fixture->energy, i * MS);
	}
	TAKE(100 * MS, 0, .uj = 29700000, .wraps = 29);
}

static void energy_of_a_gap_comes_with_the_next_read(void **state)
{
	struct fixture *fixture = *state;

	tree_zone(&fixture->tree, "intel-rapl:0", "package-0", 100 * J);
	start(fixture);
	tree_rename(&fixture->tree, "class/powercap/intel-rapl:0", "class/powercap/away");
	TAKE(1 * S, 0, .gaps = 1);
	energy_poll(fixture->energy, 2 * S);
	TAKE(3 * S, 0, .gaps = 2);
	tree_rename(&fixture->tree, "class/powercap/away", "class/powercap/intel-rapl:0");
	tree_set_energy(&fixture->tree, "intel-rapl:0", 400 * J);
	TAKE(4 * S, 0, .uj = 300 * J);
	assert_complains(fixture, "package-0 (intel-rapl:0) cannot be read: No such file");
	assert_quiet(fixture);
	/* Said once, however often it happens. */
	tree_set_energy(&fixture->tree, "intel-rapl:0", 401 * J);
	tree_put(&fixture->tree, "class/powercap/intel-rapl:0/energy_uj", "");
	TAKE(5 * S, 0, .gaps = 1);
	assert_quiet(fixture);
}

static void whole_tree_may_vanish_and_come_back(void **state)
{
	struct fixture *fixture = *state;

	tree_zone(&fixture->tree, "intel-rapl:0", "package-0", 100 * J);
	start(fixture);
	tree_rename(&fixture->tree, "class", "unloaded");
	TAKE(1 * S, 0, .gaps = 1);
	TAKE(2 * S, 0, .gaps = 1);
	tree_zone(&fixture->tree, "intel-rapl:0", "package-0", 150 * J);
	TAKE(3 * S, 0, .uj = 50 * J);
}

static void zones_numbered_anew_keep_their_counters_apart(void **state)
{
	struct fixture *fixture = *state;

	tree_zone(&fixture->tree, "intel-rapl:0", "package-0", 100 * J);
	tree_zone(&fixture->tree, "intel-rapl:0:0", "dram", 10 * J);
	tree_zone(&fixture->tree, "intel-rapl:1", "package-1", 9000 * J);
	tree_zone(&fixture->tree, "intel-rapl:1:0", "dram", 900 * J);
	start(fixture);
	tree_rename(&fixture->tree, "class", "unloaded");
	TAKE(1 * S, 0, .gaps = 1);
	/* Another load of the driver: the packages have changed places. */
	tree_zone(&fixture->tree, "intel-rapl:0", "package-1", 9050 * J);
	tree_zone(&fixture->tree, "intel-rapl:0:0", "dram", 902 * J);
	tree_zone(&fixture->tree, "intel-rapl:1", "package-0", 130 * J);
	tree_zone(&fixture->tree, "intel-rapl:1:0", "dram", 11 * J);
	TAKE(2 * S, 0, .uj = 30 * J);
	assert_int_equal(fixture->sample.energy[1].uj, 50 * J);
	assert_int_equal(fixture->sample.energy[2].uj, 1 * J);
	assert_int_equal(fixture->sample.energy[3].uj, 2 * J);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(fixture->sample.energy[i].resets, 0);
		assert_int_equal(fixture->sample.energy[i].gaps, 0);
	}
}

static void package_that_cannot_be_read_at_first_counts_later(void **state)
{
	struct fixture *fixture = *state;

	tree_zone(&fixture->tree, "intel-rapl:0", "package-0", 100 * J);
	tree_zone(&fixture->tree, "intel-rapl:1", "package-1", 0);
	tree_put(&fixture->tree, "class/powercap/intel-rapl:1/energy_uj", "");
	start(fixture);
	assert_complains(fixture, "package-1 (intel-rapl:1) cannot be read");
	assert_quiet(fixture);
	TAKE(1 * S, 1, .gaps = 2);
	tree_set_energy(&fixture->tree, "intel-rapl:1", 700 * J);
	TAKE(2 * S, 1, .uj = 0);
	tree_set_energy(&fixture->tree, "intel-rapl:1", 710 * J);
	TAKE(3 * S, 1, .uj = 10 * J);
	assert_quiet(fixture);
}

static void files_replaced_by_rename_are_read_anew(void **state)
{
	struct fixture *fixture = *state;

	tree_zone(&fixture->tree, "intel-rapl:0", "package-0", 100 * J);
	start(fixture);
	tree_put(&fixture->tree, "class/powercap/intel-rapl:0/.new", "107000000");
	tree_rename(&fixture->tree, "class/powercap/intel-rapl:0/.new",
		    "class/powercap/intel-rapl:0/energy_uj");
	TAKE(1 * S, 0, .uj = 7 * J);
}

static void counter_that_stands_still_is_said_once(void **state)
{
	struct fixture *fixture = *state;

	tree_zone(&fixture->tree, "intel-rapl:0", "package-0", 0);
	tree_zone(&fixture->tree, "intel-rapl:0:0", "uncore", 0);
	start(fixture);
	for (uint64_t i = 1; i < 10; i++)
		energy_poll(fixture->energy, i * S);
	assert_quiet(fixture);
	energy_poll(fixture->energy, 10 * S);
	assert_complains(fixture, "package-0 (intel-rapl:0) has stood at 0 uJ for 10 s");
	assert_quiet(fixture);
	energy_poll(fixture->energy, 30 * S);
	assert_quiet(fixture);
}

static void gaps_do_not_count_as_standing_still(void **state)
{
	struct fixture *fixture = *state;

	tree_zone(&fixture->tree, "intel-rapl:0", "package-0", 5 * J);
	start(fixture);
	energy_poll(fixture->energy, 1 * S);
	tree_put(&fixture->tree, "class/powercap/intel-rapl:0/energy_uj", "");
	energy_poll(fixture->energy, 20 * S);
	assert_complains(fixture, "cannot be read: energy_uj gives no number");
	tree_set_energy(&fixture->tree, "intel-rapl:0", 5 * J);
	energy_poll(fixture->energy, 21 * S);
	assert_quiet(fixture);
	energy_poll(fixture->energy, 29 * S);
	assert_quiet(fixture);
	energy_poll(fixture->energy, 30 * S);
	assert_complains(fixture, "has stood at 5000000 uJ");
}

static void mirrored_dies_count_once(void **state)
{
	struct fixture *fixture = *state;
	const struct run_domain *domains;

	tree_zone(&fixture->tree, "intel-rapl:0", "package-0-die-0", 500 * J);
	tree_zone(&fixture->tree, "intel-rapl:1", "package-0-die-1", 500 * J + 300);
	start(fixture);
	assert_int_equal(energy_domains(fixture->energy, &domains), 1);
	for (uint64_t i = 1; i <= 20; i++) {
		tree_set_energy(&fixture->tree, "intel-rapl:0", (500 + 68 * i) * J);
		tree_set_energy(&fixture->tree, "intel-rapl:1", (500 + 68 * i) * J + 300);
		TAKE(i * S, 0, .uj = 68 * J);
	}
	assert_quiet(fixture);
}

static void dies_that_only_looked_like_mirrors_all_count(void **state)
{
	struct fixture *fixture = *state;

	tree_zone(&fixture->tree, "intel-rapl:0", "package-0-die-0", 1 * J);
	tree_zone(&fixture->tree, "intel-rapl:1", "package-0-die-1", 1 * J);
	start(fixture);
	for (uint64_t i = 1; i <= 2; i++) {
		tree_set_energy(&fixture->tree, "intel-rapl:0", (1 + 50 * i) * J);
		tree_set_energy(&fixture->tree, "intel-rapl:1", (1 + 30 * i) * J);
		TAKE(i * S, 0, .uj = 50 * J);
	}
	/* Now it is sure, and what the second die has used since the start comes with it. */
	tree_set_energy(&fixture->tree, "intel-rapl:0", 151 * J);
	tree_set_energy(&fixture->tree, "intel-rapl:1", 91 * J);
	TAKE(3 * S, 0, .uj = 50 * J + 90 * J);
	assert_complains(fixture, "looked like one counter and are two");
	tree_set_energy(&fixture->tree, "intel-rapl:0", 201 * J);
	tree_set_energy(&fixture->tree, "intel-rapl:1", 121 * J);
	TAKE(4 * S, 0, .uj = 80 * J);
	assert_quiet(fixture);
}

static void dies_at_zero_are_no_mirrors(void **state)
{
	struct fixture *fixture = *state;
	const struct run_domain *domains;

	tree_zone(&fixture->tree, "intel-rapl:0", "package-0-die-0", 0);
	tree_zone(&fixture->tree, "intel-rapl:1", "package-0-die-1", 0);
	start(fixture);
	assert_int_equal(energy_domains(fixture->energy, &domains), 2);
	tree_set_energy(&fixture->tree, "intel-rapl:0", 5 * J);
	tree_set_energy(&fixture->tree, "intel-rapl:1", 7 * J);
	TAKE(1 * S, 0, .uj = 5 * J);
	assert_int_equal(fixture->sample.energy[1].uj, 7 * J);
}

static void dies_of_which_only_some_are_alike_are_no_mirrors(void **state)
{
	struct fixture *fixture = *state;
	const struct run_domain *domains;

	tree_zone(&fixture->tree, "intel-rapl:0", "package-0-die-0", 5 * J);
	tree_zone(&fixture->tree, "intel-rapl:1", "package-0-die-1", 900 * J);
	tree_zone(&fixture->tree, "intel-rapl:2", "package-0-die-2", 900 * J);
	start(fixture);
	assert_int_equal(energy_domains(fixture->energy, &domains), 3);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(domains[i].die, i);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(polls_add_up_until_they_are_taken),
		TEST(wraps_are_counted_and_resets_prime_anew),
		TEST(small_range_counts_when_polled_in_time),
		TEST(energy_of_a_gap_comes_with_the_next_read),
		TEST(whole_tree_may_vanish_and_come_back),
		TEST(zones_numbered_anew_keep_their_counters_apart),
		TEST(package_that_cannot_be_read_at_first_counts_later),
		TEST(files_replaced_by_rename_are_read_anew),
		TEST(counter_that_stands_still_is_said_once),
		TEST(gaps_do_not_count_as_standing_still),
		TEST(mirrored_dies_count_once),
		TEST(dies_that_only_looked_like_mirrors_all_count),
		TEST(dies_at_zero_are_no_mirrors),
		TEST(dies_of_which_only_some_are_alike_are_no_mirrors),
	};

	return cmocka_run_group_tests_name("powercap_read", tests, NULL, NULL);
}
