// SPDX-License-Identifier: BSD-2-Clause
/*
 * Groups of counters from a source of this test's own: as any other source would, it opens a group on two CPUs of
 * each socket and has values for all targets but one.
 */
#include "output/powerapi_report.h"
#include "powerapi_fixture.h"

static int open_core(const struct run *run, const struct hwpc_events *events,
		     struct hwpc_group *group)
{
	int err = hwpc_group_init(group, "core", 2, 3);

	(void)run;
	(void)events;
	if (err)
		return err;
	group->events[0] = "CYCLES:U,K"; /* a comma is no column */
	group->events[1] = "LLC_MISSES";
	group->cpus[0].cpu = 0;
	group->cpus[1].cpu = 2;
	group->cpus[2].socket = 1;
	group->cpus[2].cpu = 1;
	return 0;
}

static bool read_core(const struct report *report, const struct entity *entity,
		      struct hwpc_group *group)
{
	uint64_t base = !entity ? 1000 : entity->id[1] == 'a' ? 100 : 0;

	if (base == 0)
		return false;
	for (size_t i = 0; i < group->n_cpus; i++) {
		group->cpus[i].enabled_ns = report->sample->interval_ns;
		group->cpus[i].running_ns = report->sample->interval_ns / 2;
		group->cpus[i].values[0] = base + i;
		group->cpus[i].values[1] = i == 1 ? HWPC_NONE : i;
	}
	return true;
}

static const struct hwpc_source core = {.open = open_core, .read = read_core};

/* The tick of the scene with that source beside rapl. */
struct counted {
	struct powerapi_settings settings;
	struct powerapi_targets targets;
	struct hwpc hwpc;
	struct powerapi_tick tick;
};

static void begin(struct scene *scene, struct counted *counted)
{
	const struct hwpc_events all = {0};

	*counted = (struct counted){.settings = {.reports = POWERAPI_HWPC}};
	assert_int_equal(hwpc_open(&scene->fixture.run, &all, &counted->hwpc), 0);
	assert_int_equal(counted->hwpc.n_groups, 1);
	assert_int_equal(core.open(&scene->fixture.run, &all, &counted->hwpc.groups[1]), 0);
	counted->hwpc.sources[1] = &core;
	counted->hwpc.n_groups = 2;
	assert_true(hwpc_has_event(&counted->hwpc, "LLC_MISSES"));
	assert_int_equal(powerapi_targets_take(&counted->targets, &scene->fixture.report, NULL), 0);
	counted->tick = (struct powerapi_tick){
		.report = &scene->fixture.report,
		.settings = &counted->settings,
		.targets = &counted->targets,
		.hwpc = &counted->hwpc,
		.sensor = "s",
		.timestamp = "7",
	};
	scene->stream = open_memstream(&scene->text, &scene->size);
	assert_non_null(scene->stream);
}

static void end(struct counted *counted)
{
	hwpc_close(&counted->hwpc);
	powerapi_targets_done(&counted->targets);
}

static void test_groups_of_all_and_of_a_target(void **state)
{
	struct scene *scene = *state;
	struct counted counted;

	begin(scene, &counted);
	powerapi_put_json(&counted.tick, scene->stream);
	fflush(scene->stream);
	assert_non_null(strstr(
		scene->text,
		"},\"core\":{\"0\":{\"0\":{\"CYCLES:U,K\":1000,\"LLC_MISSES\":0,\"time_enabled\":500000000,"
		"\"time_running\":250000000},\"2\":{\"CYCLES:U,K\":1001,\"time_enabled\":500000000,"
		"\"time_running\":250000000}},\"1\":{\"1\":{\"CYCLES:U,K\":1002,\"LLC_MISSES\":2,"
		"\"time_enabled\":500000000,\"time_running\":250000000}}}},\"metadata\":{"));
	assert_non_null(
		strstr(scene->text,
		       "\n{\"timestamp\":7,\"sensor\":\"s\",\"target\":\"/a\",\"groups\":{\"core\":"
		       "{\"0\":{\"0\":{\"CYCLES:U,K\":100,"));
	assert_null(strstr(scene->text, "\"/b\""));
	end(&counted);
}

static void test_rows_of_groups(void **state)
{
	struct scene *scene = *state;
	struct powerapi_tables tables = {0};
	struct counted counted;
	char *rapl = NULL;
	size_t size;

	begin(scene, &counted);
	tables.groups[0] = open_memstream(&rapl, &size);
	tables.groups[1] = scene->stream;
	assert_non_null(tables.groups[0]);
	powerapi_put_rows(&counted.tick, &tables);
	fflush(scene->stream);
	fclose(tables.groups[0]);
	assert_string_equal(scene->text, "7,s,/a,0,0,100,0\n"
					 "7,s,/a,0,2,101,0\n"
					 "7,s,/a,1,1,102,2\n"
					 "7,s,all,0,0,1000,0\n"
					 "7,s,all,0,2,1001,0\n"
					 "7,s,all,1,1,1002,2\n");
	assert_string_equal(rapl, "7,s,all,0,0,1073741824,6442450944,42949677255\n"
				  "7,s,all,1,1,536870912,6442450944,0\n");
	free(rapl);
	end(&counted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		test_in_scene(test_groups_of_all_and_of_a_target),
		test_in_scene(test_rows_of_groups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
