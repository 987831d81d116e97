// SPDX-License-Identifier: BSD-2-Clause
#include "attribution/attribution.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Two packages of one CPU each, their dram, the platform, and a CPU of no known package. */
static struct run_cpu cpus[] = {
	{.id = 0, .domain = 0},
	{.id = 1, .domain = 2},
	{.id = 2, .domain = SAMPLE_NO_DOMAIN},
};
static struct run_domain domains[] = {
	{.type = DOMAIN_PACKAGE, .name = "package-0"}, {.type = DOMAIN_DRAM, .name = "dram"},
	{.type = DOMAIN_PACKAGE, .name = "package-1"}, {.type = DOMAIN_CORE, .name = "core"},
	{.type = DOMAIN_PSYS, .name = "psys"},
};
static const struct run run = {
	.kind = ENERGY_MEASURED,
	.cpus = cpus,
	.n_cpus = 3,
	.domains = domains,
	.n_domains = 5,
};

static void add_energy(struct sample *sample, uint64_t package_0, uint64_t package_1)
{
	const uint64_t uj[] = {package_0, 7000000, package_1, 1000000, 99000000};

	for (size_t d = 0; d < 5; d++)
		sample_add_energy(sample)->uj = uj[d];
}

static void add_task(struct sample *sample, int32_t domain, uint64_t cpu_ns)
{
	struct sample_task *task = sample_add_task(sample);

	task->domain = domain;
	task->cpu_ns = cpu_ns;
}

static void add_cpu(struct sample *sample, uint32_t index, uint64_t lost_ns)
{
	struct sample_cpu *cpu = sample_add_cpu(sample);

	cpu->cpu = index;
	cpu->lost_ns = lost_ns;
	cpu->idle_ns = 1000;
}

static void attribute(struct sample *sample, struct attribution *ret)
{
	memset(ret, 0, sizeof(*ret));
	assert_int_equal(attribution_share.attribute(&run, sample, ret), 0);
	assert_int_equal(ret->n_tasks, sample->n_tasks);
}

static void test_find_knows_share_and_nothing_else(void **state)
{
	(void)state;
	assert_ptr_equal(attribution_find("share"), &attribution_share);
	assert_null(attribution_find("Share"));
	assert_null(attribution_find(""));
}

static void test_energy_stays_in_its_package(void **state)
{
	struct attribution attribution;
	struct sample sample = {0};

	(void)state;
	add_energy(&sample, 8000000, 3000000);
	add_task(&sample, 0, 100);
	add_task(&sample, 2, 50);
	add_task(&sample, 0, 300);
	add_cpu(&sample, 0, 0);
	add_cpu(&sample, 1, 100);
	attribute(&sample, &attribution);
	assert_true(attribution.host_j == 11);
	assert_true(attribution.task_j[0] == 2);
	assert_true(attribution.task_j[1] == 1);
	assert_true(attribution.task_j[2] == 6);
	assert_true(attribution.unattributed_j == 2);
	assert_true(attribution.idle_j == 0);
	attribution_done(&attribution);
	sample_done(&sample);
}

static void test_energy_of_a_package_where_nothing_ran_is_idle(void **state)
{
	struct attribution attribution;
	struct sample sample = {0};

	(void)state;
	add_energy(&sample, 8000000, 3000000);
	add_task(&sample, 0, 1);
	add_task(&sample, 2, 0);
	add_cpu(&sample, 0, 0);
	add_cpu(&sample, 1, 0);
	attribute(&sample, &attribution);
	assert_true(attribution.task_j[0] == 8);
	assert_true(attribution.task_j[1] == 0);
	assert_true(attribution.idle_j == 3);
	assert_true(attribution.unattributed_j == 0);
	attribution_done(&attribution);
	sample_done(&sample);
}

static void test_time_outside_packages_gets_nothing(void **state)
{
	struct attribution attribution;
	struct sample sample = {0};

	(void)state;
	add_energy(&sample, 8000000, 0);
	add_task(&sample, SAMPLE_NO_DOMAIN, 500);
	add_task(&sample, 1, 500);
	add_task(&sample, 0, 500);
	add_cpu(&sample, 0, 0);
	add_cpu(&sample, 2, 500);
	attribute(&sample, &attribution);
	assert_true(attribution.task_j[0] == 0);
	assert_true(attribution.task_j[1] == 0);
	assert_true(attribution.task_j[2] == 8);
	assert_true(attribution.unattributed_j == 0);
	assert_true(attribution.host_j == 8);
	attribution_done(&attribution);
	sample_done(&sample);
}

static void test_start_mark_and_no_source_have_no_joules(void **state)
{
	struct attribution attribution = {0};
	struct sample sample = {0};
	struct run none = run;

	(void)state;
	add_task(&sample, 0, 100);
	attribute(&sample, &attribution);
	assert_true(attribution.host_j == 0);
	assert_true(attribution.task_j[0] == 0);
	add_energy(&sample, 8000000, 3000000);
	none.kind = ENERGY_NONE;
	assert_int_equal(attribution_share.attribute(&none, &sample, &attribution), 0);
	assert_true(attribution.host_j == 0);
	assert_true(attribution.task_j[0] == 0);
	assert_true(attribution.idle_j == 0);
	attribution_done(&attribution);
	sample_done(&sample);
}

static uint64_t random_state = 88172645463325252U;

static uint64_t random_below(uint64_t n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state % n;
}

static void fill_randomly(struct sample *sample)
{
	uint64_t n = random_below(200);

	sample_reset(sample);
	add_energy(sample, random_below(300000000), random_below(3) ? random_below(300000000) : 0);
	for (uint64_t i = 0; i < n; i++)
		add_task(sample, (int32_t)random_below(6) - 1, random_below(1000000000));
	for (uint32_t i = 0; i < 3; i++)
		add_cpu(sample, i, random_below(2) ? random_below(1000000) : 0);
}

static void test_random_samples_conserve_energy(void **state)
{
	struct attribution attribution = {0};
	struct sample sample = {0};

	(void)state;
	for (int round = 0; round < 2000; round++) {
		double sum, host;

		fill_randomly(&sample);
		assert_int_equal(attribution_share.attribute(&run, &sample, &attribution), 0);
		host = (double)(sample.energy[0].uj + sample.energy[2].uj) / 1e6;
		sum = attribution.idle_j + attribution.unattributed_j;
		for (size_t i = 0; i < attribution.n_tasks; i++) {
			assert_true(attribution.task_j[i] >= 0);
			sum += attribution.task_j[i];
		}
		assert_true(fabs(attribution.host_j - host) <= 1e-12 * host);
		assert_true(fabs(sum - host) <= 1e-12 * host);
	}
	attribution_done(&attribution);
	sample_done(&sample);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find_knows_share_and_nothing_else),
		cmocka_unit_test(test_energy_stays_in_its_package),
		cmocka_unit_test(test_energy_of_a_package_where_nothing_ran_is_idle),
		cmocka_unit_test(test_time_outside_packages_gets_nothing),
		cmocka_unit_test(test_start_mark_and_no_source_have_no_joules),
		cmocka_unit_test(test_random_samples_conserve_energy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
