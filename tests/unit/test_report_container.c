// SPDX-License-Identifier: BSD-2-Clause
/* --by container and --container: what a container is called may come late; what it is does not change. */
#include "kinds_fixture.h"

#define WEB_ID "4f1c0a77d2b3e5f6"
#define WEB "/system.slice/docker-" WEB_ID ".scope"

/* The next tick: `name` ran so many ms in the container, in the cgroup below it. */
static void web_ran(struct fixture *f, const char *name, const char *below, uint64_t ms)
{
	char path[128];
	int32_t web;

	next(f);
	web = add_container(f, WEB_ID, WEB, name);
	snprintf(path, sizeof(path), "%s%s", WEB, below);
	ran_in(f, 50, add_cgroup_in(f, path, web), ms * MS);
}

static void test_cgroups_of_one_container_are_one(void **state)
{
	const struct entity *web;
	struct fixture f;
	int32_t index;

	(void)state;
	begin_empty(&f, ENTITY_CONTAINER);
	next(&f);
	index = sample_add_container(&f.sample,
				     &(struct sample_container){.runtime = "docker",
								.id = WEB_ID,
								.path = WEB,
								.label = "prod/front/web",
								.name = "web",
								.image = "nginx:1.25",
								.pod = "front",
								.pod_namespace = "prod"});
	ran_in(&f, 50, add_cgroup_in(&f, WEB, index), 1 * MS);
	ran_in(&f, 51, add_cgroup_in(&f, WEB "/init", index), 2 * MS);
	ran_in(&f, 52, add_cgroup_in(&f, WEB "/init/app", index), 4 * MS);
	index = add_container(&f, "9a9a", "/docker/9a9a", NULL);
	ran_in(&f, 60, add_cgroup_in(&f, "/docker/9a9a", index), 8 * MS);
	conserving_tick(&f);
	ASSERT_IDS(&f, WEB_ID, "9a9a");
	web = f.report->entities[0];
	assert_int_equal(web->kind, ENTITY_CONTAINER);
	assert_string_equal(web->name, "prod/front/web");
	assert_figures(&web->tick, 7 * MS, PACKAGE_J * 7 / 15);
	assert_false(web->group);
	assert_string_equal(web->container->runtime, "docker");
	assert_string_equal(web->container->path, WEB);
	assert_string_equal(web->container->name, "web");
	assert_string_equal(web->container->image, "nginx:1.25");
	assert_string_equal(web->container->pod, "front");
	assert_string_equal(web->container->pod_namespace, "prod");
	assert_string_equal(web->unit, "docker-" WEB_ID ".scope");
	assert_null(web->cgroup); /* of several */
	assert_int_equal(web->pid, 0);
	assert_string_equal(f.report->entities[1]->name, "9a9a"); /* unknown: its id */
	assert_null(f.report->entities[1]->unit);
	end(&f);
}

static void test_an_id_as_a_name_is_short(void **state)
{
	struct fixture f;

	(void)state;
	begin_empty(&f, ENTITY_CONTAINER);
	web_ran(&f, NULL, "", 1);
	conserving_tick(&f);
	ASSERT_IDS(&f, WEB_ID);
	assert_string_equal(f.report->entities[0]->name, "4f1c0a77d2b3");
	end(&f);
}

/* The runtime writes it down after the first process has run. */
static void test_a_late_name_is_of_the_same_container(void **state)
{
	const struct entity *first;
	struct fixture f;

	(void)state;
	begin_empty(&f, ENTITY_CONTAINER);
	web_ran(&f, NULL, "", 1);
	conserving_tick(&f);
	first = entity_of(&f, WEB_ID);
	web_ran(&f, NULL, "/init", 2);
	conserving_tick(&f);
	web_ran(&f, "web", "/init", 4);
	conserving_tick(&f);
	assert_ptr_equal(entity_of(&f, WEB_ID), first);
	assert_string_equal(first->name, "web");
	assert_string_equal(first->container->name, "web");
	assert_int_equal(first->total.cpu_ns, 7 * MS);
	assert_int_equal(first->window_ns, 7 * MS);
	web_ran(&f, "renamed", "", 8);
	conserving_tick(&f);
	assert_ptr_equal(entity_of(&f, WEB_ID), first);
	assert_string_equal(first->name, "renamed");
	assert_total(&f, "renamed", 1, 15 * MS);
	end(&f);
}

static void test_what_is_in_no_container(void **state)
{
	struct fixture f;

	(void)state;
	begin_empty(&f, ENTITY_CONTAINER);
	web_ran(&f, "web", "", 1);
	ran_in(&f, 60, add_cgroup(&f, "/user.slice"), 2 * MS);
	ran_in(&f, 61, add_cgroup(&f, "/system.slice/x.service"), 4 * MS);
	ran_in(&f, 2, add_cgroup(&f, "/"), 8 * MS)->kernel = true;
	ran_in(&f, 3, 0, 16 * MS)->kernel = true; /* a worker for the container's files */
	ran_in(&f, 62, SAMPLE_UNKNOWN, 32 * MS);
	conserving_tick(&f);
	ASSERT_IDS(&f, WEB_ID, "(host)", "(kernel)", "(unknown)");
	assert_int_equal(entity_of(&f, "(host)")->tick.cpu_ns, 6 * MS);
	assert_int_equal(entity_of(&f, "(kernel)")->tick.cpu_ns, 24 * MS);
	assert_int_equal(entity_of(&f, "(unknown)")->tick.cpu_ns, 32 * MS);
	for (size_t i = 1; i < 4; i++) {
		assert_true(f.report->entities[i]->group);
		assert_string_equal(f.report->entities[i]->name, f.report->entities[i]->id);
		assert_null(f.report->entities[i]->container);
		assert_null(f.report->entities[i]->unit);
	}
	assert_true(entity_of(&f, "(kernel)")->kernel);
	assert_false(entity_of(&f, "(host)")->kernel);
	end(&f);
}

/* Born, burnt and gone between two ticks. */
static void test_a_container_within_one_tick(void **state)
{
	const struct sample_cgroup removed = {WEB, 0, true};
	struct fixture f;

	(void)state;
	begin_empty(&f, ENTITY_CONTAINER);
	next(&f);
	add_container(&f, WEB_ID, WEB, "job");
	ran_in(&f, 50, sample_add_cgroup(&f.sample, &removed), 100 * MS)->ended = true;
	conserving_tick(&f);
	ASSERT_IDS(&f, WEB_ID);
	assert_string_equal(f.report->entities[0]->name, "job");
	assert_true(f.report->entities[0]->ended);
	assert_figures(&f.report->entities[0]->tick, 100 * MS, PACKAGE_J);
	next(&f);
	conserving_tick(&f);
	assert_int_equal(f.report->n_entities, 0);
	assert_total(&f, "job", 1, 100 * MS);
	end(&f);
}

/* Not with a cgroup that it has below it, which comes and goes as it likes. */
static void test_a_container_ends_with_its_own_cgroup(void **state)
{
	const struct sample_cgroup below = {WEB "/init", 0, true}, own = {WEB, 0, true};
	struct fixture f;

	(void)state;
	begin_empty(&f, ENTITY_CONTAINER);
	web_ran(&f, "web", "/init", 1);
	conserving_tick(&f);
	next(&f);
	add_container(&f, WEB_ID, WEB, "web");
	ran_in(&f, 50, sample_add_cgroup(&f.sample, &below), MS);
	conserving_tick(&f);
	assert_false(entity_of(&f, WEB_ID)->ended);
	next(&f);
	add_container(&f, WEB_ID, WEB, "web");
	sample_add_cgroup(&f.sample, &own);
	conserving_tick(&f);
	assert_true(entity_of(&f, WEB_ID)->ended);
	assert_int_equal(f.report->entities[0]->total.cpu_ns, 2 * MS);
	end(&f);
}

static void begin_asked(struct fixture *f, enum entity_kind kind, const char *const *wanted)
{
	begin_kind(f, kind, (struct reporter_options){.containers = wanted, .n_containers = 1});
	next(f);
	tick(f);
}

/* 1 ms in the container, 1 ms in another whose name and id begin the same. */
static bool takes(const char *wanted)
{
	const char *const containers[] = {wanted};
	struct fixture f;
	int32_t other;
	bool taken;

	begin_asked(&f, ENTITY_CONTAINER, containers);
	web_ran(&f, "web", "/init", 1);
	other = add_container(&f, "4f1d" WEB_ID, "/docker/other", "webber");
	ran_in(&f, 60, add_cgroup_in(&f, "/docker/other", other), MS);
	conserving_tick(&f);
	taken = find_entity(&f, WEB_ID);
	assert_int_equal(f.report->n_entities, taken);
	assert_int_equal(f.report->host.others.cpu_ns, taken ? MS : 2 * MS);
	end(&f);
	return taken;
}

static void test_container_by_name_or_by_the_beginning_of_its_id(void **state)
{
	(void)state;
	assert_true(takes("web"));
	assert_true(takes(WEB_ID));
	assert_true(takes("4f1c0a77d2b3"));
	assert_true(takes("4f1c"));
	assert_false(takes("4f1")); /* too short to mean it */
	assert_false(takes("we"));
	assert_false(takes("Web"));
	assert_false(takes("0a77"));
	assert_false(takes(WEB_ID "0"));
	assert_false(takes(WEB));
}

static void test_asked_for_by_a_label(void **state)
{
	const char *const wanted[] = {"prod/front/web"};
	struct sample_container container = {
		.runtime = "cri-o", .id = "i", .path = "/i", .label = "prod/front/web"};
	struct fixture f;

	(void)state;
	begin_asked(&f, ENTITY_CONTAINER, wanted);
	next(&f);
	ran_in(&f, 50, add_cgroup_in(&f, "/i", sample_add_container(&f.sample, &container)), MS);
	conserving_tick(&f);
	ASSERT_IDS(&f, "i");
	end(&f);
}

/* What ran before the name was known was not asked for yet; it is no less counted. */
static void test_asked_for_by_a_name_that_comes_late(void **state)
{
	static const char *const wanted[] = {"web"};
	struct fixture f;

	(void)state;
	begin_asked(&f, ENTITY_CONTAINER, wanted);
	web_ran(&f, NULL, "", 1);
	conserving_tick(&f);
	assert_int_equal(f.report->n_entities, 0);
	assert_figures(&f.report->host.others, MS, PACKAGE_J);
	web_ran(&f, "web", "", 2);
	conserving_tick(&f);
	ASSERT_IDS(&f, WEB_ID);
	assert_int_equal(f.report->entities[0]->total.cpu_ns, 2 * MS);
	next(&f); /* asked for: in every tick */
	conserving_tick(&f);
	ASSERT_IDS(&f, WEB_ID);
	assert_false(reporter_all_ended(f.reporter));
	end(&f);
}

/* Whatever the kind, of the container alone. */
static void test_each_kind_of_what_a_container_did(void **state)
{
	static const char *const wanted[] = {"web"};
	static const char *const ids[ENTITY_N_KINDS] = {
		[ENTITY_THREAD] = "50",	       [ENTITY_PROCESS] = "50",	    [ENTITY_TREE] = "50",
		[ENTITY_CGROUP] = WEB "/init", [ENTITY_CONTAINER] = WEB_ID, [ENTITY_UNIT] = WEB,
		[ENTITY_USER] = "1000",
	};
	struct fixture f;

	(void)state;
	for (int kind = 0; kind < ENTITY_N_KINDS; kind++) {
		begin_asked(&f, (enum entity_kind)kind, wanted);
		web_ran(&f, "web", "/init", 1);
		f.sample.processes[0].user = add_user(&f, 1000, "u");
		last_task(&f)->user = 0;
		leader_ran(&f, 2 * MS)->cgroup = add_cgroup(&f, "/elsewhere");
		conserving_tick(&f);
		assert_int_equal(f.report->n_entities, 1);
		assert_string_equal(f.report->entities[0]->id, ids[kind]);
		assert_int_equal(f.report->entities[0]->tick.cpu_ns, MS);
		assert_int_equal(f.report->host.others.cpu_ns, 2 * MS);
		end(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cgroups_of_one_container_are_one),
		cmocka_unit_test(test_an_id_as_a_name_is_short),
		cmocka_unit_test(test_a_late_name_is_of_the_same_container),
		cmocka_unit_test(test_what_is_in_no_container),
		cmocka_unit_test(test_a_container_within_one_tick),
		cmocka_unit_test(test_a_container_ends_with_its_own_cgroup),
		cmocka_unit_test(test_container_by_name_or_by_the_beginning_of_its_id),
		cmocka_unit_test(test_asked_for_by_a_label),
		cmocka_unit_test(test_asked_for_by_a_name_that_comes_late),
		cmocka_unit_test(test_each_kind_of_what_a_container_did),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
