// SPDX-License-Identifier: BSD-2-Clause
/* The reports of the format powerapi as JSON. */
#include "powerapi_fixture.h"

#define HEAD "{\"timestamp\":\"2026-01-12T10:20:18.428999\",\"sensor\":\"testhost\","
#define MEASURED "\"metadata\":{\"source\":\"powercap\",\"kind\":\"measured\""

static void test_power_of_all_and_each(void **state)
{
	struct scene *scene = *state;

	open_format(scene, "powerapi:-,reports=power");
	assert_string_equal(render(scene), HEAD "\"target\":\"all\",\"power\":6," MEASURED
						",\"idle\":1,\"unattributed\":0.5}}\n" HEAD
						"\"target\":\"/a\",\"power\":3," MEASURED
						",\"entity\":\"cgroup\"}}\n" HEAD
						"\"target\":\"/b\",\"power\":1.5," MEASURED
						",\"entity\":\"cgroup\"}}\n");
}

static void test_usage_in_percent_of_one_cpu(void **state)
{
	struct scene *scene = *state;

	open_format(scene, "powerapi:-,reports=procfs");
	assert_string_equal(render(scene),
			    HEAD "\"target\":[\"/a\",\"/b\"],\"usage\":{\"/a\":100,\"/b\":40},"
				 "\"global_cpu_usage\":150,\"metadata\":{}}\n");
}

/* 1.5 J are 6442450944 units of 2^-32 J; 10.000001 J are 42949677254.9…, rounded. */
static void test_rapl_by_socket_and_cpu(void **state)
{
	struct scene *scene = *state;

	open_format(scene, "powerapi:-,reports=hwpc");
	assert_string_equal(
		render(scene),
		HEAD "\"target\":\"all\",\"groups\":{\"rapl\":{"
		     "\"0\":{\"0\":{\"RAPL_ENERGY_DRAM\":1073741824,\"RAPL_ENERGY_PKG\":6442450944,"
		     "\"RAPL_ENERGY_PSYS\":42949677255,\"time_enabled\":500000000,"
		     "\"time_running\":500000000}},"
		     "\"1\":{\"1\":{\"RAPL_ENERGY_DRAM\":536870912,\"RAPL_ENERGY_PKG\":6442450944,"
		     "\"time_enabled\":500000000,\"time_running\":500000000}}}}," MEASURED "}}\n");
}

static void test_all_kinds_in_one_file(void **state)
{
	struct scene *scene = *state;
	const char *text, *power, *procfs, *hwpc;

	open_format(scene, "powerapi:-");
	text = render(scene);
	power = strstr(text, "\"power\":");
	procfs = strstr(text, "\"global_cpu_usage\":");
	hwpc = strstr(text, "\"groups\":");
	assert_true(power && power < procfs && procfs < hwpc);
}

static void test_events_that_were_asked_for(void **state)
{
	struct scene *scene = *state;

	open_format(scene,
		    "powerapi:-,reports=hwpc,events=RAPL_ENERGY_PKG+LLC_MISSES+RAPL_ENERGY_GPU");
	assert_non_null(strstr(render(scene),
			       "{\"rapl\":{\"0\":{\"0\":{\"RAPL_ENERGY_PKG\":6442450944,"
			       "\"time_enabled\""));
	assert_null(strstr(scene->text, "DRAM"));
	assert_null(strstr(scene->text, "LLC_MISSES"));
	assert_string_equal(output_powerapi.complaint(scene->format),
			    "powerapi: nothing here counts LLC_MISSES, RAPL_ENERGY_GPU");
	assert_null(output_powerapi.complaint(scene->format));
}

static void test_without_any_of_the_events_there_is_no_report(void **state)
{
	struct scene *scene = *state;

	open_format(scene, "powerapi:-,reports=hwpc,events=LLC_MISSES");
	assert_string_equal(render(scene), "");
}

static void test_socket_has_milliseconds(void **state)
{
	struct scene *scene = *state;

	open_format(scene, "powerapi:tcp://localhost:1,reports=procfs,sensor=one \"two\"");
	assert_int_equal(
		strncmp(render(scene),
			"{\"timestamp\":1768213218428,\"sensor\":\"one \\\"two\\\"\",\"target\":[",
			60),
		0);
	render(scene); /* in the same millisecond: another one, to be another report */
	assert_int_equal(strncmp(scene->text, "{\"timestamp\":1768213218429,", 27), 0);
	scene->fixture.sample.realtime_ns -= 100000000; /* a clock that is put right by 0.1 s */
	render(scene);
	assert_int_equal(strncmp(scene->text, "{\"timestamp\":1768213218430,", 27), 0);
	scene->fixture.sample.realtime_ns += 1000000000;
	render(scene);
	assert_int_equal(strncmp(scene->text, "{\"timestamp\":1768213219328,", 27), 0);
	scene->fixture.sample.realtime_ns -= 3600000000000; /* one that is set */
	render(scene);
	assert_int_equal(strncmp(scene->text, "{\"timestamp\":1768209619328,", 27), 0);
}

static void test_timestamp_as_asked(void **state)
{
	struct scene *scene = *state;

	open_format(scene, "powerapi:-,timestamp=ms");
	assert_int_equal(strncmp(render(scene), "{\"timestamp\":1768213218428,", 27), 0);
}

static void test_start_mark_is_no_measurement(void **state)
{
	struct scene *scene = *state;

	open_format(scene, "powerapi:-");
	scene->fixture.report.first = true;
	assert_string_equal(render(scene), "");
}

static void test_without_joules_only_usage(void **state)
{
	struct scene *scene = *state;

	scene->fixture.run.kind = ENERGY_NONE;
	open_format(scene, "powerapi:-");
	assert_non_null(strstr(render(scene), "\"global_cpu_usage\":150"));
	assert_null(strstr(scene->text, "\"power\""));
	assert_null(strstr(scene->text, "\"groups\""));
	assert_string_equal(output_powerapi.complaint(scene->format),
			    "powerapi: without an energy source there are no PowerReports and no "
			    "RAPL counters");
	assert_null(output_powerapi.complaint(scene->format));
}

static void test_doubtful_joules_are_marked(void **state)
{
	struct scene *scene = *state;

	scene->energy[0].resets = 1;
	scene->energy[1].gaps = 2;
	open_format(scene, "powerapi:-,reports=power");
	assert_non_null(strstr(render(scene), "\"unattributed\":0.5,\"resets\":1,\"gaps\":2}}\n"));
}

static void test_others_of_a_selection(void **state)
{
	struct scene *scene = *state;

	scene->fixture.report.selective = true;
	scene->fixture.report.host.others.joules = 0.125;
	open_format(scene, "powerapi:-,reports=power");
	assert_non_null(strstr(render(scene), "\"unattributed\":0.5,\"others\":0.25}}\n"));
}

static void test_base_names_what_is_below_it(void **state)
{
	struct scene *scene = *state;

	scene->fixture.report.n_entities = 0;
	add_entity(scene, ENTITY_CGROUP, "/pods/x/y", 1, 0.5);
	add_entity(scene, ENTITY_CGROUP, "/pods", 1, 0.25);
	add_entity(scene, ENTITY_CGROUP, "/podsnot", 1, 0.125);
	add_entity(scene, ENTITY_CGROUP, "/", 1, 0.125);
	open_format(scene, "powerapi:-,reports=power,base=/pods");
	assert_non_null(strstr(render(scene), "\"others\":0.5}}\n"));
	assert_non_null(strstr(scene->text, "\"target\":\"/x/y\",\"power\":1,"));
	assert_non_null(strstr(scene->text, "\"target\":\"/\",\"power\":0.5,"));
	assert_non_null(strstr(scene->text, "\"name\":\"/pods\""));
	assert_null(strstr(scene->text, "not"));
}

static void test_what_is_below_a_cgroup_is_beside_its_own(void **state)
{
	struct scene *scene = *state;

	scene->entity[1].subtree_tick.joules = 2; /* of "/a", whose own are 1.5 */
	open_format(scene, "powerapi:-,reports=power");
	assert_non_null(strstr(render(scene), "\"target\":\"/a\",\"power\":3," MEASURED
					      ",\"entity\":\"cgroup\",\"subtree\":4}}\n"));
	assert_non_null(strstr(scene->text, "\"target\":\"/b\",\"power\":1.5," MEASURED
					    ",\"entity\":\"cgroup\"}}\n"));
}

static void test_targets_of_other_kinds(void **state)
{
	static const struct entity_container container = {
		.runtime = "docker", .id = "0123456789abcdef", .path = "/p", .image = "nginx:1"};
	struct scene *scene = *state;
	struct entity *entity;

	scene->fixture.report.n_entities = 0;
	entity = add_entity(scene, ENTITY_PROCESS, "4242", 1, 0.5);
	entity->name = "energytrace";
	entity->self = true;
	entity = add_entity(scene, ENTITY_PROCESS, "(kernel)", 1, 0.25);
	entity->group = true;
	entity = add_entity(scene, ENTITY_CONTAINER, "0123456789abcdef", 1, 0.125);
	entity->name = "web";
	entity->container = &container;
	open_format(scene, "powerapi:-,reports=power,by=process");
	assert_non_null(
		strstr(render(scene),
		       "\"target\":\"energytrace[4242]\",\"power\":1," MEASURED
		       ",\"entity\":\"process\",\"name\":\"energytrace\",\"self\":true}}\n"));
	assert_non_null(strstr(scene->text, "\"target\":\"(kernel)\",\"power\":0.5,"));
	assert_non_null(strstr(scene->text,
			       "\"target\":\"web[0123456789abcdef]\",\"power\":0.25," MEASURED
			       ",\"entity\":\"container\",\"name\":\"web\",\"runtime\":\"docker\","
			       "\"image\":\"nginx:1\"}}\n"));
}

static void test_hostile_names_stay_apart_from_the_form(void **state)
{
	struct scene *scene = *state;

	scene->fixture.report.n_entities = 0;
	add_entity(scene, ENTITY_CGROUP, "/new\nline\",\"x", 100000000, 1);
	add_entity(scene, ENTITY_CGROUP, "/bad\xff\x1b[2J", 100000000, 1);
	open_format(scene, "powerapi:-,reports=procfs");
	assert_non_null(strstr(render(scene), "\"usage\":{\"/bad\\\\xff\\\\x1b[2J\":20,"
					      "\"/new\\\\x0aline\\\",\\\"x\":20},"));
}

/* An escaped name may be another's own: to a reader they are one, with the sum of both. */
static void test_names_that_meet_are_one_target(void **state)
{
	struct scene *scene = *state;

	scene->fixture.report.n_entities = 0;
	add_entity(scene, ENTITY_CGROUP, "/a\\xff", 100000000, 0.5);
	add_entity(scene, ENTITY_CGROUP, "/a\xff", 200000000, 0.25);
	open_format(scene, "powerapi:-,reports=power+procfs");
	assert_non_null(strstr(render(scene), "\"target\":\"/a\\\\xff\",\"power\":1.5,"));
	assert_non_null(
		strstr(scene->text, "\"target\":[\"/a\\\\xff\"],\"usage\":{\"/a\\\\xff\":60},"));
}

static void test_machine_that_does_not_know_its_packages(void **state)
{
	struct scene *scene = *state;

	for (size_t i = 0; i < 4; i++)
		scene->cpus[i].package = -1;
	open_format(scene, "powerapi:-,reports=hwpc");
	/* All is socket 0, and nothing is lost: 3 J of packages. */
	assert_non_null(strstr(render(scene),
			       "{\"rapl\":{\"0\":{\"0\":{\"RAPL_ENERGY_DRAM\":1610612736,"
			       "\"RAPL_ENERGY_PKG\":12884901888,"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		test_in_scene(test_power_of_all_and_each),
		test_in_scene(test_usage_in_percent_of_one_cpu),
		test_in_scene(test_rapl_by_socket_and_cpu),
		test_in_scene(test_all_kinds_in_one_file),
		test_in_scene(test_events_that_were_asked_for),
		test_in_scene(test_without_any_of_the_events_there_is_no_report),
		test_in_scene(test_socket_has_milliseconds),
		test_in_scene(test_timestamp_as_asked),
		test_in_scene(test_start_mark_is_no_measurement),
		test_in_scene(test_without_joules_only_usage),
		test_in_scene(test_doubtful_joules_are_marked),
		test_in_scene(test_others_of_a_selection),
		test_in_scene(test_base_names_what_is_below_it),
		test_in_scene(test_what_is_below_a_cgroup_is_beside_its_own),
		test_in_scene(test_targets_of_other_kinds),
		test_in_scene(test_hostile_names_stay_apart_from_the_form),
		test_in_scene(test_names_that_meet_are_one_target),
		test_in_scene(test_machine_that_does_not_know_its_packages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
