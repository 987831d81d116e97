// SPDX-License-Identifier: BSD-2-Clause
#include "energy/cpu_watts.h"
#include "energy/energy.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "sysfs_tree.h"

#define PROCFS TESTS_DIR "/fixtures/procfs/"
#define SYSFS TESTS_DIR "/fixtures/sysfs/"

#define NS_PER_S UINT64_C(1000000000)

static void assert_says(const char *text, const char *part)
{
	assert_non_null(text);
	if (!strstr(text, part))
		fail_msg("\"%s\" does not say \"%s\"", text, part);
}

/* --- which processor, which figures */

static void assert_cpu(const char *fixture, const char *cpu, const char *taken_for, double min,
		       double max)
{
	struct cpu_watts watts;
	char procfs[128];

	memset(&watts, 0xff, sizeof(watts));
	snprintf(procfs, sizeof(procfs), PROCFS "%s", fixture);
	cpu_watts_read(procfs, &watts);
	assert_string_equal(watts.cpu, cpu);
	if (taken_for)
		assert_string_equal(watts.taken_for, taken_for);
	else
		assert_null(watts.taken_for);
	assert_true(fabs(watts.min_watts - min) < 1e-9);
	assert_true(fabs(watts.max_watts - max) < 1e-9);
}

static void processor_goes_by_its_numbers_not_its_name(void **state)
{
	(void)state;
	assert_cpu("ice-lake", "Intel Ice Lake-SP 06_6AH", NULL, 0.77, 3.76);
	assert_cpu("sapphire-rapids", "Intel Sapphire Rapids 06_8FH", NULL, 1.04, 4.16);
	assert_cpu("rome", "AMD EPYC Rome 17_31H", NULL, 0.47, 1.69);
	assert_cpu("genoa", "AMD EPYC Genoa 19_11H", NULL, 0.74, 2.28);
	assert_cpu("neoverse-n1", "ARM Neoverse N1 41/d0c", NULL, 0.74, 1.71);
}

static void stepping_tells_three_generations_of_one_model(void **state)
{
	(void)state;
	assert_cpu("skylake-sp", "Intel Skylake-SP 06_55H", NULL, 0.55, 4.01);
	assert_cpu("cascade-lake", "Intel Cascade Lake 06_55H", NULL, 0.69, 4.06);
	assert_cpu("cooper-lake", "Intel Cooper Lake 06_55H", "Cascade Lake", 0.69, 4.06);
}

static void nearest_generation_stands_in_and_is_named(void **state)
{
	(void)state;
	assert_cpu("rocket-lake", "Intel Rocket Lake 06_A7H", "Coffee Lake", 1.14, 5.42);
	assert_cpu("turin", "AMD EPYC Turin 1A_02H", "EPYC 4th Gen", 0.74, 2.28);
	assert_cpu("ryzen", "AMD Zen 3 or Zen 4 (client) 19_21H", "Coffee Lake", 1.14, 5.42);
	assert_cpu("neoverse-v2", "ARM Neoverse V2 41/d4f", "Neoverse N1", 0.74, 1.71);
}

static void tile_registers_give_away_a_disguised_model(void **state)
{
	(void)state;
	assert_cpu("disguised-amx", "Intel 06_A7H with AMX", "Sapphire Rapids", 1.04, 4.16);
}

static void unknown_processor_is_an_average_server(void **state)
{
	const char *average = "the average server since 2017";
	const double min = 7.70 / 11, max = 33.24 / 11;

	(void)state;
	assert_cpu("unknown-intel", "unknown CPU GenuineIntel 06_FEH", average, min, max);
	assert_cpu("cortex-a76", "unknown CPU ARM 41/d0b", average, min, max);
	assert_cpu("power9", "unknown CPU", average, min, max);
	assert_cpu("empty", "unknown CPU", average, min, max);
	assert_cpu("garbage", "unknown CPU", average, min, max);
	assert_cpu("no-such-directory", "unknown CPU", average, min, max);
}

static void file_without_its_last_lines_is_read(void **state)
{
	(void)state;
	assert_cpu("cut-short", "AMD EPYC Milan 19_01H", NULL, 0.46, 1.96);
}

/* --- --estimate */

static void assert_range(const char *text, double min, double max)
{
	double got_min = -1, got_max = -1;
	struct errmsg msg = {""};

	assert_int_equal(energy_parse_estimate(text, &got_min, &got_max, &msg), 0);
	assert_true(got_min == min && got_max == max);
	assert_false(signbit(got_min) || signbit(got_max));
	assert_string_equal(msg.text, "");
}

static void assert_range_refused(const char *text, int err, const char *sentence)
{
	double min = -1, max = -1;
	struct errmsg msg = {""};

	assert_int_equal(energy_parse_estimate(text, &min, &max, &msg), err);
	assert_string_equal(msg.text, sentence);
	assert_true(min == -1 && max == -1);
	assert_int_equal(energy_parse_estimate(text, &min, &max, NULL), err);
}

static void range_is_two_numbers_of_watts(void **state)
{
	(void)state;
	assert_range("0.7:3.5", 0.7, 3.5);
	assert_range("0:0", 0, 0);
	assert_range("-0:1", 0, 1);
	assert_range("1000:1000", 1000, 1000);
	assert_range("5e-1:2", 0.5, 2);
}

static void wrong_range_gets_a_sentence(void **state)
{
	static const char *const no_numbers[] = {"",	  "1",	   ":",	    "1:",    ":1",
						 "1:2:3", "nan:1", "0:nan", "a:b",   "1-2",
						 "0x1:2", " 1:2",  "1:2 W", "5000:x"};

	(void)state;
	for (size_t i = 0; i < sizeof(no_numbers) / sizeof(no_numbers[0]); i++) {
		char sentence[256];

		snprintf(sentence, sizeof(sentence),
			 "--estimate takes MIN:MAX in watts per logical CPU (0.7:3.5), not \"%s\"",
			 no_numbers[i]);
		assert_range_refused(no_numbers[i], -EINVAL, sentence);
	}
	assert_range_refused("2:1", -EINVAL,
			     "--estimate takes MIN:MAX, and in \"2:1\" MIN is above MAX");
	assert_range_refused("-1:2", -ERANGE,
			     "--estimate takes 0 to 1000 W per logical CPU, \"-1:2\" is outside");
	assert_range_refused("1:1001", -ERANGE,
			     "--estimate takes 0 to 1000 W per logical CPU, \"1:1001\" is outside");
	assert_range_refused(
		"1e999:1", -ERANGE,
		"--estimate takes 0 to 1000 W per logical CPU, \"1e999:1\" is outside");
}

/* --- joules */

/* An open estimate on the topology of a fixture, and a run with its CPUs. */
struct bench {
	struct topology *topology;
	struct energy *energy;
	struct run run;
	struct sample sample;
};

static struct bench bench_open(const char *sysfs, const char *estimate)
{
	struct bench bench = {0};
	struct energy_options options = {
		.sysfs = sysfs, .procfs = PROCFS "ice-lake", .estimate = estimate};
	struct errmsg msg = {""};

	assert_int_equal(topology_read(sysfs, 2, &bench.topology, &msg), 0);
	options.topology = bench.topology;
	if (energy_open("estimate", &options, &bench.energy, &msg) != 0)
		fail_msg("%s", msg.text);
	bench.run.n_cpus = bench.topology->n_cpus;
	bench.run.cpus = calloc(bench.run.n_cpus, sizeof(*bench.run.cpus));
	assert_non_null(bench.run.cpus);
	for (size_t i = 0; i < bench.run.n_cpus; i++)
		bench.run.cpus[i].domain = energy_domain_of(bench.energy, &bench.topology->cpus[i]);
	return bench;
}

static void bench_close(struct bench *bench)
{
	energy_close(bench->energy);
	topology_free(bench->topology);
	sample_done(&bench->sample);
	run_done(&bench->run);
}

/* Between bench_start and bench_finish, the CPUs of a tick. */
static void bench_start(struct bench *bench)
{
	sample_reset(&bench->sample);
	assert_int_equal(energy_take(bench->energy, 0, &bench->sample), 0);
}

static void bench_cpu(struct bench *bench, uint32_t cpu, uint64_t busy_ns, uint64_t idle_ns,
		      uint64_t lost_ns)
{
	struct sample_cpu *added = sample_add_cpu(&bench->sample);

	assert_non_null(added);
	*added = (struct sample_cpu){cpu, busy_ns, idle_ns, lost_ns};
}

static void bench_finish(struct bench *bench)
{
	energy_estimate(bench->energy, &bench->run, &bench->sample);
}

static void rest_costs_the_minimum_and_work_the_maximum(void **state)
{
	struct bench bench = bench_open(SYSFS "one-package", "1:4");
	const struct run_domain *domains;

	(void)state;
	assert_int_equal(energy_domains(bench.energy, &domains), 1);
	assert_int_equal(domains[0].type, DOMAIN_PACKAGE);
	assert_string_equal(domains[0].name, "package-0");
	assert_string_equal(domains[0].node, "estimate:0");
	assert_int_equal(domains[0].die, -1);
	assert_int_equal(energy_kind(bench.energy), ENERGY_ESTIMATED);
	assert_true(energy_max_read_interval_ns(bench.energy) == UINT64_MAX);
	assert_null(energy_complaint(bench.energy));

	bench_start(&bench);
	bench_cpu(&bench, 0, 0, NS_PER_S, 0);
	bench_finish(&bench);
	assert_int_equal(bench.sample.n_energy, 1);
	assert_int_equal(bench.sample.energy[0].uj, 1000000);

	bench_start(&bench);
	bench_cpu(&bench, 0, NS_PER_S, 0, 0);
	bench_finish(&bench);
	assert_int_equal(bench.sample.energy[0].uj, 4000000);

	/* A quarter busy, a quarter lost: half at work. */
	bench_start(&bench);
	bench_cpu(&bench, 0, NS_PER_S / 4, NS_PER_S / 2, NS_PER_S / 4);
	bench_finish(&bench);
	assert_int_equal(bench.sample.energy[0].uj, 2500000);
	assert_int_equal(bench.sample.energy[0].wraps, 0);
	assert_int_equal(bench.sample.energy[0].resets, 0);
	assert_int_equal(bench.sample.energy[0].gaps, 0);
	bench_close(&bench);
}

static void start_mark_costs_nothing(void **state)
{
	struct bench bench = bench_open(SYSFS "one-package", "1:4");

	(void)state;
	bench_start(&bench);
	bench_finish(&bench);
	assert_int_equal(bench.sample.energy[0].uj, 0);
	bench_close(&bench);
}

static void offline_cpus_cost_nothing(void **state)
{
	struct bench bench = bench_open(SYSFS "cpu-holes", "2:2");
	const struct run_domain *domains;

	(void)state;
	assert_true(bench.run.n_cpus > 1);
	bench_start(&bench);
	bench_cpu(&bench, 0, 0, NS_PER_S, 0);
	bench_finish(&bench);
	assert_int_equal(bench.sample.n_energy, energy_domains(bench.energy, &domains));
	assert_int_equal(bench.sample.energy[bench.run.cpus[0].domain].uj, 2000000);
	for (size_t i = 0; i < bench.sample.n_energy; i++) {
		if ((int)i != bench.run.cpus[0].domain)
			assert_int_equal(bench.sample.energy[i].uj, 0);
	}
	bench_close(&bench);
}

static void packages_are_apart(void **state)
{
	struct bench bench = bench_open(SYSFS "two-packages", "1:3");
	const struct run_domain *domains;
	uint64_t expected[2] = {0};

	(void)state;
	assert_int_equal(energy_domains(bench.energy, &domains), 2);
	assert_string_equal(domains[0].name, "package-0");
	assert_string_equal(domains[1].name, "package-1");
	assert_string_equal(domains[1].node, "estimate:1");
	bench_start(&bench);
	for (uint32_t cpu = 0; cpu < bench.run.n_cpus; cpu++) {
		int domain = bench.run.cpus[cpu].domain;

		assert_in_range(domain, 0, 1);
		assert_int_equal(domains[domain].package, bench.topology->cpus[cpu].package);
		bench_cpu(&bench, cpu, domain == 1 ? NS_PER_S : 0, domain == 1 ? 0 : NS_PER_S, 0);
		expected[domain] += domain == 1 ? 3000000 : 1000000;
	}
	bench_finish(&bench);
	assert_true(expected[0] > 0 && expected[1] > 0);
	assert_int_equal(bench.sample.energy[0].uj, expected[0]);
	assert_int_equal(bench.sample.energy[1].uj, expected[1]);
	bench_close(&bench);
}

static void dies_of_a_package_are_one_domain(void **state)
{
	struct bench bench = bench_open(SYSFS "dies", "1:3");

	(void)state;
	for (size_t i = 0; i < bench.run.n_cpus; i++)
		assert_true(bench.run.cpus[i].domain >= 0);
	bench_close(&bench);
}

/*
 * 100,000 ticks of odd lengths against the closed form, in whole 10^-18 J: 0.77 and 3.76 W are 77 and
 * 376 by 10^16 of them a second.
 */
static void sums_do_not_drift(void **state)
{
	struct bench bench = bench_open(SYSFS "one-package", NULL);
	uint64_t total_uj = 0, busy_sum = 0, idle_sum = 0, random = 1, expected_uj;
	unsigned __int128 units;

	(void)state;
	for (int tick = 0; tick < 100000; tick++) {
		uint64_t busy, idle;

		random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		busy = (random >> 40) % 1237;
		idle = (random >> 20) % 777;
		bench_start(&bench);
		bench_cpu(&bench, 0, busy, idle, 0);
		bench_finish(&bench);
		total_uj += bench.sample.energy[0].uj;
		busy_sum += busy;
		idle_sum += idle;
	}
	units = (unsigned __int128)770000000 * idle_sum + (unsigned __int128)3760000000 * busy_sum;
	expected_uj = (uint64_t)(units / UINT64_C(1000000000000));
	assert_true(expected_uj > 100000);
	assert_int_equal(total_uj, expected_uj);
	bench_close(&bench);
}

static void an_hour_of_the_greatest_watts_does_not_overflow(void **state)
{
	struct bench bench = bench_open(SYSFS "one-package", "1000:1000");

	(void)state;
	bench_start(&bench);
	for (int i = 0; i < 4096; i++)
		bench_cpu(&bench, 0, 1800 * NS_PER_S, 1799 * NS_PER_S, NS_PER_S);
	bench_finish(&bench);
	assert_true(bench.sample.energy[0].uj == UINT64_C(4096) * 1000 * 3600 * 1000000);
	bench_close(&bench);
}

static void without_a_topology_all_is_one_package(void **state)
{
	struct energy_options options = {
		.sysfs = "/nonexistent", .procfs = "/nonexistent", .estimate = "1:2"};
	const struct run_domain *domains;
	struct energy *energy = NULL;

	(void)state;
	assert_int_equal(energy_open("estimate", &options, &energy, NULL), 0);
	assert_int_equal(energy_domains(energy, &domains), 1);
	assert_string_equal(domains[0].name, "package-0");
	energy_close(energy);
}

static void measured_sources_are_left_alone(void **state)
{
	struct energy_options options = {.sysfs = SYSFS "one-package", .procfs = "/nonexistent"};
	struct energy *energy = NULL;
	struct sample sample = {0};
	struct run run = {0};

	(void)state;
	assert_int_equal(energy_open("powercap", &options, &energy, NULL), 0);
	assert_int_equal(energy_take(energy, 1, &sample), 0);
	assert_non_null(sample_add_cpu(&sample));
	energy_estimate(energy, &run, &sample);
	assert_int_equal(sample.energy[0].uj, 0);
	energy_close(energy);
	sample_done(&sample);
}

/* --- what is said */

static void probe_names_processor_figures_and_whose(void **state)
{
	const struct energy_source *source = energy_source_find("estimate");
	struct energy_options options = {.sysfs = "/nonexistent", .procfs = PROCFS "ice-lake"};
	struct energy_probe probe;

	(void)state;
	assert_non_null(source);
	source->probe(&options, &probe);
	assert_int_equal(probe.state, ENERGY_USABLE);
	assert_string_equal(probe.text,
			    "Intel Ice Lake-SP 06_6AH: 0.77 to 3.76 W per logical CPU, Cloud "
			    "Carbon Footprint; an estimate, often 50 % off; --estimate MIN:MAX "
			    "gives better ones");
	options.procfs = PROCFS "rocket-lake";
	source->probe(&options, &probe);
	assert_says(probe.text, "Intel Rocket Lake 06_A7H, taken for Coffee Lake (no figure of its "
				"own is published): 1.14 to 5.42 W");
	options.estimate = "0.25:2";
	source->probe(&options, &probe);
	assert_string_equal(probe.text, "0.25 to 2 W per logical CPU, as --estimate says");
	options.estimate = "2:0.25";
	source->probe(&options, &probe);
	assert_int_equal(probe.state, ENERGY_BROKEN);
	assert_says(probe.text, "MIN is above MAX");
}

static void open_refuses_a_wrong_range(void **state)
{
	struct energy_options options = {
		.sysfs = "/nonexistent", .procfs = PROCFS "ice-lake", .estimate = "x"};
	struct energy *energy = NULL;
	struct errmsg msg = {""};

	(void)state;
	assert_int_equal(energy_open("estimate", &options, &energy, &msg), -EINVAL);
	assert_null(energy);
	assert_says(msg.text, "not \"x\"");
}

/* What `auto` says when it falls back to the estimate, or NULL when it measures. */
static void assert_auto(const char *sysfs, const char *complaint_start, const char *complaint_end)
{
	struct energy_options options = {.sysfs = sysfs, .procfs = PROCFS "ice-lake"};
	struct energy *energy = NULL;
	struct errmsg msg = {""};
	const char *complaint;

	assert_int_equal(energy_open("auto", &options, &energy, &msg), 0);
	assert_string_equal(energy_source(energy)->name, complaint_start ? "estimate" : "powercap");
	if (complaint_start) {
		complaint = energy_complaint(energy);
		assert_says(complaint, complaint_start);
		assert_says(complaint, complaint_end);
		assert_null(energy_complaint(energy));
	}
	energy_close(energy);
}

static void auto_estimates_when_nothing_measures_and_says_why_once(void **state)
{
	const char *end = "; joules are estimated from CPU time (Intel Ice Lake-SP 06_6AH, 0.77 to "
			  "3.76 W per logical CPU)";

	(void)state;
	assert_auto(SYSFS "one-package", NULL, NULL);
	assert_auto(SYSFS "cpu-holes", "no measured source: no RAPL zones in ", end);
	assert_auto(SYSFS "stuck-at-zero", "no measured source: all package counters in ", end);
	assert_auto(SYSFS "eio", "no measured source: ", end);
}

static void stand_in_is_named_when_auto_falls_back(void **state)
{
	struct energy_options options = {.sysfs = "/nonexistent", .procfs = "/nonexistent"};
	struct energy *energy = NULL;

	(void)state;
	assert_int_equal(energy_open("auto", &options, &energy, NULL), 0);
	assert_says(energy_complaint(energy), "(unknown CPU, taken for the average server since "
					      "2017, 0.70 to 3.02 W per logical CPU)");
	energy_close(energy);
	energy = NULL;
	options.estimate = "0.5:2.25";
	assert_int_equal(energy_open("auto", &options, &energy, NULL), 0);
	assert_says(energy_complaint(energy), "(by --estimate, 0.5 to 2.25 W per logical CPU)");
	energy_close(energy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(processor_goes_by_its_numbers_not_its_name),
		cmocka_unit_test(stepping_tells_three_generations_of_one_model),
		cmocka_unit_test(nearest_generation_stands_in_and_is_named),
		cmocka_unit_test(tile_registers_give_away_a_disguised_model),
		cmocka_unit_test(unknown_processor_is_an_average_server),
		cmocka_unit_test(file_without_its_last_lines_is_read),
		cmocka_unit_test(range_is_two_numbers_of_watts),
		cmocka_unit_test(wrong_range_gets_a_sentence),
		cmocka_unit_test(rest_costs_the_minimum_and_work_the_maximum),
		cmocka_unit_test(start_mark_costs_nothing),
		cmocka_unit_test(offline_cpus_cost_nothing),
		cmocka_unit_test(packages_are_apart),
		cmocka_unit_test(dies_of_a_package_are_one_domain),
		cmocka_unit_test(sums_do_not_drift),
		cmocka_unit_test(an_hour_of_the_greatest_watts_does_not_overflow),
		cmocka_unit_test(without_a_topology_all_is_one_package),
		cmocka_unit_test(measured_sources_are_left_alone),
		cmocka_unit_test(probe_names_processor_figures_and_whose),
		cmocka_unit_test(open_refuses_a_wrong_range),
		cmocka_unit_test(auto_estimates_when_nothing_measures_and_says_why_once),
		cmocka_unit_test(stand_in_is_named_when_auto_falls_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
