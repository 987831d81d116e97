// SPDX-License-Identifier: BSD-2-Clause
/* The groups msr and core of HWPCReports, from the run's performance counters. */
#include "powerapi_fixture.h"

#define N_COUNTERS 4

/* CPUs 2 and 0 are of socket 0, 1 and 3 of socket 1; in this tick CPU 3 was not online. */
struct counted {
	struct run_counter counters[N_COUNTERS];
	struct sample_cpu spans[3];
	struct sample_count cpus[3 * N_COUNTERS];
	struct sample_count sums[N_COUNTERS], domains[6 * N_COUNTERS]; /* of "/a" */
};

static const struct run_counter counters[N_COUNTERS] = {
	{"LLC_MISSES", COUNTER_CORE},
	{"CYCLES", COUNTER_CORE},
	{"TSC", COUNTER_MSR},
	{"APERF", COUNTER_MSR},
};

static struct sample_count count(uint64_t value)
{
	return (struct sample_count){value, 500, 500};
}

static void add_counters(struct scene *scene, struct counted *counted)
{
	static const uint32_t order[] = {1, 0, 2}; /* CPUs 0, 2, 1 */
	struct sample *sample = &scene->fixture.sample;

	memset(counted, 0, sizeof(*counted));
	memcpy(counted->counters, counters, sizeof(counters));
	for (size_t i = 0; i < 3; i++) {
		counted->spans[i].cpu = order[i];
		for (size_t j = 0; j < N_COUNTERS; j++)
			counted->cpus[i * N_COUNTERS + j] =
				count(1000 * (j + 1) + scene->cpus[order[i]].id);
	}
	scene->fixture.run.counters = counted->counters;
	scene->fixture.run.n_counters = N_COUNTERS;
	sample->cpus = counted->spans;
	sample->n_cpus = 3;
	sample->cpu_counts = counted->cpus;
	sample->n_cpu_counts = 3 * N_COUNTERS;
}

static void test_all_has_every_cpu(void **state)
{
	struct scene *scene = *state;
	struct counted counted;

	add_counters(scene, &counted);
	open_format(scene, "powerapi:-,reports=hwpc,events=TSC+LLC_MISSES+APERF+CYCLES");
	assert_string_equal(
		render(scene),
		"{\"timestamp\":\"2026-01-12T10:20:18.428999\",\"sensor\":\"testhost\",\"target\":\"all\","
		"\"groups\":{\"msr\":{\"0\":{"
		"\"0\":{\"APERF\":4000,\"TSC\":3000,\"time_enabled\":500,\"time_running\":500},"
		"\"2\":{\"APERF\":4002,\"TSC\":3002,\"time_enabled\":500,\"time_running\":500}},"
		"\"1\":{\"1\":{\"APERF\":4001,\"TSC\":3001,\"time_enabled\":500,\"time_running\":500}}},"
		"\"core\":{\"0\":{"
		"\"0\":{\"CYCLES\":2000,\"LLC_MISSES\":1000,\"time_enabled\":500,\"time_running\":500},"
		"\"2\":{\"CYCLES\":2002,\"LLC_MISSES\":1002,\"time_enabled\":500,\"time_running\":500}},"
		"\"1\":{\"1\":{\"CYCLES\":2001,\"LLC_MISSES\":1001,\"time_enabled\":500,"
		"\"time_running\":500}}}},"
		"\"metadata\":{\"source\":\"powercap\",\"kind\":\"measured\"}}\n");
	assert_null(output_powerapi.complaint(scene->format));
}

/* "/a" ran on package 0, on both dies of package 1, and where no domain is. */
static void test_target_has_the_sums_of_each_socket(void **state)
{
	struct scene *scene = *state;
	struct counted counted;
	struct entity *entity = &scene->entity[1];

	add_counters(scene, &counted);
	counted.domains[0 * N_COUNTERS + 1] = count(100);
	counted.domains[2 * N_COUNTERS + 1] = count(20);
	counted.domains[3 * N_COUNTERS + 1] = count(3);
	counted.sums[1] = (struct sample_count){100 + 20 + 3 + 7, 2000, 2000};
	entity->counts = counted.sums;
	entity->domain_counts = counted.domains;
	open_format(scene, "powerapi:-,reports=hwpc,events=CYCLES+TSC");
	render(scene);
	assert_non_null(strstr(
		scene->text,
		"\"target\":\"/a\",\"groups\":{\"core\":{"
		"\"0\":{\"0\":{\"CYCLES\":107,\"time_enabled\":1000,\"time_running\":1000}},"
		"\"1\":{\"1\":{\"CYCLES\":23,\"time_enabled\":1000,\"time_running\":1000}}}},"));
	assert_null(strstr(scene->text, "\"target\":\"/b\"")); /* it ran on none */
}

static void test_counters_that_took_turns(void **state)
{
	struct scene *scene = *state;
	struct counted counted;

	add_counters(scene, &counted);
	counted.cpus[0] = (struct sample_count){3000, 900, 600};
	counted.cpus[1] = (struct sample_count){7000, 901, 300};
	counted.cpus[N_COUNTERS] = (struct sample_count){0, 900, 0}; /* never had its turn */
	open_format(scene, "powerapi:-,reports=hwpc,events=LLC_MISSES+CYCLES");
	assert_non_null(strstr(render(scene), "\"0\":{\"CYCLES\":7000,\"LLC_MISSES\":1500,"
					      "\"time_enabled\":901,\"time_running\":300}"));
	assert_non_null(strstr(scene->text, "\"2\":{\"CYCLES\":2002,\"time_enabled\":500,"));
}

static void test_events_that_this_run_has_not(void **state)
{
	struct scene *scene = *state;
	struct counted counted;

	add_counters(scene, &counted);
	open_format(scene, "powerapi:-,reports=hwpc,events=CYCLES+MPERF");
	assert_null(strstr(render(scene), "MPERF"));
	assert_null(strstr(scene->text, "rapl"));
	assert_string_equal(output_powerapi.complaint(scene->format),
			    "powerapi: nothing here counts MPERF");
}

static void test_all_there_are_without_events(void **state)
{
	struct scene *scene = *state;
	struct counted counted;

	add_counters(scene, &counted);
	open_format(scene, "powerapi:-,reports=hwpc");
	assert_non_null(strstr(render(scene), "\"groups\":{\"rapl\":{"));
	assert_non_null(strstr(scene->text, "\"msr\":{"));
	assert_non_null(strstr(scene->text, "\"core\":{"));
}

/* A tick in which nothing could be read, and machines that do not know where their CPUs are. */
static void test_samples_without_counts(void **state)
{
	struct scene *scene = *state;
	struct counted counted;

	add_counters(scene, &counted);
	scene->fixture.sample.n_cpu_counts = 0;
	open_format(scene, "powerapi:-,reports=hwpc,events=CYCLES+TSC");
	assert_string_equal(render(scene), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		test_in_scene(test_all_has_every_cpu),
		test_in_scene(test_target_has_the_sums_of_each_socket),
		test_in_scene(test_counters_that_took_turns),
		test_in_scene(test_events_that_this_run_has_not),
		test_in_scene(test_all_there_are_without_events),
		test_in_scene(test_samples_without_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
