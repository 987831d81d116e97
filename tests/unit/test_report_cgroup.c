// SPDX-License-Identifier: BSD-2-Clause
/* --by cgroup: what each used itself, which adds up, and with all below it, which does not. */
#include "kinds_fixture.h"

#include <limits.h>

static void assert_cgroup(const struct fixture *f, const char *path, uint64_t own_ms,
			  uint64_t subtree_ms)
{
	const struct entity *entity = entity_of(f, path);

	assert_int_equal(entity->kind, ENTITY_CGROUP);
	assert_string_equal(entity->name, path);
	assert_string_equal(entity->cgroup, path);
	assert_int_equal(entity->tick.cpu_ns, own_ms * MS);
	assert_int_equal(entity->subtree_tick.cpu_ns, subtree_ms * MS);
}

static void test_a_parent_has_what_is_below_once(void **state)
{
	struct fixture f;

	(void)state;
	begin_empty(&f, ENTITY_CGROUP);
	next(&f);
	ran_in(&f, 50, add_cgroup(&f, "/a/b/c"), 1 * MS);
	ran_in(&f, 51, add_cgroup(&f, "/a/b"), 2 * MS);
	ran_in(&f, 52, add_cgroup(&f, "/a/d"), 4 * MS);
	ran_in(&f, 53, add_cgroup(&f, "/e"), 8 * MS);
	ran_in(&f, 54, add_cgroup(&f, "/"), 16 * MS);
	ran_in(&f, 55, 0, 32 * MS); /* a second one in /a/b/c */
	conserving_tick(&f);
	ASSERT_IDS(&f, "/", "/a", "/a/b", "/a/b/c", "/a/d", "/e");
	assert_cgroup(&f, "/a/b/c", 33, 33);
	assert_cgroup(&f, "/a/b", 2, 35);
	assert_cgroup(&f, "/a/d", 4, 4);
	assert_cgroup(&f, "/a", 0, 39); /* nothing of its own */
	assert_cgroup(&f, "/e", 8, 8);
	assert_cgroup(&f, "/", 16, 63);
	assert_figures(&entity_of(&f, "/")->subtree_tick, 63 * MS, PACKAGE_J);
	assert_figures(&entity_of(&f, "/a")->subtree_tick, 39 * MS, PACKAGE_J * 39 / 63);
	assert_figures(&entity_of(&f, "/a")->tick, 0, 0);
	next(&f);
	ran_in(&f, 52, add_cgroup(&f, "/a/d"), 4 * MS);
	conserving_tick(&f);
	ASSERT_IDS(&f, "/", "/a", "/a/d");
	assert_cgroup(&f, "/a", 0, 4);
	assert_figures(&entity_of(&f, "/a")->subtree_total, 43 * MS,
		       PACKAGE_J * 39 / 63 + PACKAGE_J);
	assert_int_equal(entity_of(&f, "/")->subtree_total.cpu_ns, 67 * MS);
	assert_int_equal(entity_of(&f, "/")->total.cpu_ns, 16 * MS);
	end(&f);
}

static void test_a_parent_that_is_new_has_what_came_after(void **state)
{
	static const char *const a[] = {"/a"};
	struct fixture f;

	(void)state;
	begin_kind(&f, ENTITY_CGROUP, (struct reporter_options){.cgroups = a, .n_cgroups = 1});
	next(&f);
	process(&f, 50, 50, "p")->cgroup = add_cgroup(&f, "/a/b/c");
	tick(&f);
	ASSERT_IDS(&f, "/a", "/a/b", "/a/b/c"); /* not the root, for which nobody asked */
	next(&f);
	ran_in(&f, 50, add_cgroup(&f, "/a/b/c"), MS);
	ran_in(&f, 60, add_cgroup(&f, "/z"), 3 * MS);
	conserving_tick(&f);
	ASSERT_IDS(&f, "/a", "/a/b", "/a/b/c");
	assert_cgroup(&f, "/a", 0, 1);
	assert_figures(&f.report->host.others, 3 * MS, PACKAGE_J * 3 / 4);
	next(&f); /* each in every tick */
	conserving_tick(&f);
	ASSERT_IDS(&f, "/a", "/a/b", "/a/b/c");
	assert_cgroup(&f, "/a", 0, 0);
	assert_int_equal(entity_of(&f, "/a")->subtree_total.cpu_ns, MS);
	end(&f);
}

static void test_who_moves_counts_where_it_ran(void **state)
{
	struct fixture f;
	int32_t a, b;

	(void)state;
	begin_empty(&f, ENTITY_CGROUP);
	next(&f);
	a = add_cgroup(&f, "/a");
	b = add_cgroup(&f, "/b");
	process(&f, 50, 50, "mover")->cgroup = b;
	leader_ran(&f, 30 * MS)->cgroup = a;
	leader_ran(&f, 10 * MS);
	leader_ran(&f, 5 * MS)->cgroup = SAMPLE_UNKNOWN;
	conserving_tick(&f);
	ASSERT_IDS(&f, "/", "/a", "/b", "(unknown)");
	assert_cgroup(&f, "/a", 30, 30);
	assert_cgroup(&f, "/b", 10, 10);
	assert_int_equal(entity_of(&f, "(unknown)")->tick.cpu_ns, 5 * MS);
	assert_true(entity_of(&f, "(unknown)")->group);
	assert_null(entity_of(&f, "(unknown)")->cgroup);
	assert_cgroup(&f, "/", 0, 40);
	end(&f);
}

static void test_removed_is_shown_and_gone(void **state)
{
	struct fixture f;

	(void)state;
	begin_empty(&f, ENTITY_CGROUP);
	next(&f);
	ran_in(&f, 50, add_cgroup(&f, "/a/b"), MS);
	conserving_tick(&f);
	next(&f);
	ran_in(&f, 50, add_removed(&f, "/a/b"), 2 * MS)->ended = true;
	add_removed(&f, "/a"); /* nothing of it is in the sample */
	add_removed(&f, "/never/seen");
	conserving_tick(&f);
	ASSERT_IDS(&f, "/", "/a", "/a/b");
	assert_true(entity_of(&f, "/a/b")->ended);
	assert_true(entity_of(&f, "/a")->ended);
	assert_false(entity_of(&f, "/")->ended);
	assert_cgroup(&f, "/a/b", 2, 2);
	assert_cgroup(&f, "/a", 0, 2);
	next(&f);
	ran_in(&f, 60, add_cgroup(&f, "/a/b"), 4 * MS); /* another of that path */
	conserving_tick(&f);
	ASSERT_IDS(&f, "/", "/a", "/a/b");
	assert_false(entity_of(&f, "/a/b")->ended);
	assert_int_equal(entity_of(&f, "/a/b")->total.cpu_ns, 4 * MS);
	assert_int_equal(entity_of(&f, "/a")->subtree_total.cpu_ns, 4 * MS);
	assert_int_equal(entity_of(&f, "/")->subtree_total.cpu_ns, 7 * MS);
	assert_total(&f, "/a/b", 2, 7 * MS);
	end(&f);
}

/* Silent since: its end is told all the same, once. */
static void test_removed_without_running_is_shown(void **state)
{
	struct fixture f;

	(void)state;
	begin_empty(&f, ENTITY_CGROUP);
	next(&f);
	ran_in(&f, 50, add_cgroup(&f, "/a"), MS);
	conserving_tick(&f);
	next(&f);
	conserving_tick(&f);
	assert_int_equal(f.report->n_entities, 0);
	next(&f);
	add_removed(&f, "/a");
	conserving_tick(&f);
	ASSERT_IDS(&f, "/a");
	assert_true(f.report->entities[0]->ended);
	assert_int_equal(f.report->entities[0]->total.cpu_ns, MS);
	next(&f);
	conserving_tick(&f);
	assert_int_equal(f.report->n_entities, 0);
	end(&f);
}

/* A unit that is restarted: the same path, removed and made within the tick. */
static void test_path_that_comes_again_in_the_tick_goes_on(void **state)
{
	struct fixture f;

	(void)state;
	begin_empty(&f, ENTITY_CGROUP);
	next(&f);
	ran_in(&f, 50, add_cgroup(&f, "/a"), MS);
	conserving_tick(&f);
	for (int order = 0; order < 2; order++) {
		next(&f);
		if (order)
			ran_in(&f, 60, add_cgroup(&f, "/a"), 4 * MS);
		ran_in(&f, 50, add_removed(&f, "/a"), 2 * MS)->ended = true;
		if (!order)
			ran_in(&f, 60, add_cgroup(&f, "/a"), 4 * MS);
		conserving_tick(&f);
		ASSERT_IDS(&f, "/", "/a");
		assert_cgroup(&f, "/a", 6, 6);
		assert_false(entity_of(&f, "/a")->ended);
	}
	assert_int_equal(entity_of(&f, "/a")->total.cpu_ns, 13 * MS);
	end(&f);
}

/* The same where all that runs is in a cgroup below. */
static void test_parent_that_comes_again_goes_on(void **state)
{
	struct fixture f;

	(void)state;
	begin_empty(&f, ENTITY_CGROUP);
	next(&f);
	ran_in(&f, 50, add_cgroup(&f, "/s/old"), MS);
	conserving_tick(&f);
	next(&f);
	add_removed(&f, "/s/old");
	add_removed(&f, "/s");
	ran_in(&f, 60, add_cgroup(&f, "/s/new"), MS);
	conserving_tick(&f);
	ASSERT_IDS(&f, "/", "/s", "/s/new", "/s/old");
	assert_true(entity_of(&f, "/s/old")->ended);
	assert_false(entity_of(&f, "/s")->ended);
	next(&f);
	ran_in(&f, 60, add_cgroup(&f, "/s/new"), MS);
	conserving_tick(&f);
	ASSERT_IDS(&f, "/", "/s", "/s/new");
	assert_int_equal(entity_of(&f, "/s")->subtree_total.cpu_ns, 3 * MS);
	end(&f);
}

/* What was below a removed one went before it, whether the news of that came or not. */
static void test_news_of_an_end_that_is_lost(void **state)
{
	static const char *const a[] = {"/a"};
	struct fixture f;

	(void)state;
	begin_kind(&f, ENTITY_CGROUP, (struct reporter_options){.cgroups = a, .n_cgroups = 1});
	next(&f);
	tick(&f);
	next(&f);
	ran_in(&f, 50, add_cgroup(&f, "/a/b/c"), MS);
	ran_in(&f, 51, add_cgroup(&f, "/a/d"), MS);
	conserving_tick(&f);
	ASSERT_IDS(&f, "/a", "/a/b", "/a/b/c", "/a/d");
	next(&f);
	add_removed(&f, "/a");
	add_removed(&f, "/a/d");
	conserving_tick(&f);
	ASSERT_IDS(&f, "/a", "/a/b", "/a/b/c", "/a/d");
	next(&f);
	conserving_tick(&f);
	assert_int_equal(f.report->n_entities, 0);
	assert_total(&f, "/a/b/c", 1, MS);
	assert_total(&f, "/a", 1, 0);
	end(&f);
}

/* Removed before its path could be asked for. */
static void test_gone_has_its_number(void **state)
{
	struct sample_cgroup gone = {"(gone):71", SAMPLE_UNKNOWN, true};
	struct fixture f;

	(void)state;
	begin_empty(&f, ENTITY_CGROUP);
	next(&f);
	ran_in(&f, 50, sample_add_cgroup(&f.sample, &gone), 2 * MS)->ended = true;
	ran_in(&f, 51, add_cgroup(&f, "/a"), MS);
	conserving_tick(&f);
	ASSERT_IDS(&f, "(gone):71", "/", "/a");
	assert_cgroup(&f, "(gone):71", 2, 2);
	assert_cgroup(&f, "/", 0, 1); /* where it was is not known */
	assert_true(entity_of(&f, "(gone):71")->ended);
	assert_false(entity_of(&f, "(gone):71")->group);
	next(&f);
	conserving_tick(&f);
	assert_int_equal(f.report->n_entities, 0);
	end(&f);
}

static void test_kernel_threads_are_in_their_cgroup(void **state)
{
	struct fixture f;

	(void)state;
	begin_empty(&f, ENTITY_CGROUP);
	next(&f);
	ran_in(&f, 2, add_cgroup(&f, "/"), MS)->kernel = true;
	conserving_tick(&f);
	ASSERT_IDS(&f, "/");
	assert_cgroup(&f, "/", 1, 1);
	end(&f);
}

static void test_what_the_path_tells(void **state)
{
	const struct entity *entity;
	struct fixture f;
	int32_t web;

	(void)state;
	begin_empty(&f, ENTITY_CGROUP);
	next(&f);
	web = add_container(&f, "4f1c", "/system.slice/docker-4f1c.scope", "web");
	ran_in(&f, 50, add_cgroup_in(&f, "/system.slice/docker-4f1c.scope/x", web), MS);
	conserving_tick(&f);
	entity = entity_of(&f, "/system.slice/docker-4f1c.scope/x");
	assert_string_equal(entity->unit, "docker-4f1c.scope");
	assert_string_equal(entity->container->id, "4f1c");
	assert_string_equal(entity->container->name, "web");
	assert_null(entity->user);
	/* Of those above nothing was in the sample. */
	assert_null(entity_of(&f, "/system.slice")->unit);
	assert_null(entity_of(&f, "/system.slice")->container);
	end(&f);
}

/* Longer than any path that a program can name. */
static void test_paths_of_any_length_and_bytes(void **state)
{
	static const char end_of_path[] = "/\n\"\xff\\\x1b[2J";
	char path[3 * PATH_MAX];
	size_t length = 0;
	struct fixture f;

	(void)state;
	while (length < 2 * PATH_MAX) {
		path[length++] = '/';
		memset(path + length, 'x', 255);
		length += 255;
	}
	strcpy(path + length, end_of_path);
	begin_empty(&f, ENTITY_CGROUP);
	next(&f);
	ran_in(&f, 50, add_cgroup(&f, path), MS);
	conserving_tick(&f);
	assert_cgroup(&f, path, 1, 1);
	assert_cgroup(&f, "/", 0, 1);
	path[length] = '\0';
	assert_cgroup(&f, path, 0, 1);
	assert_int_equal(f.report->n_entities, 1 + 2 * PATH_MAX / 256 + 1);
	end(&f);
}

static void test_top_of_cgroups(void **state)
{
	struct fixture f;

	(void)state;
	begin_kind(&f, ENTITY_CGROUP, (struct reporter_options){.top = 1});
	next(&f);
	tick(&f);
	next(&f);
	ran_in(&f, 50, add_cgroup(&f, "/a/b"), 1 * MS);
	ran_in(&f, 51, add_cgroup(&f, "/a/c"), 2 * MS);
	conserving_tick(&f);
	ASSERT_IDS(&f, "/a/c"); /* by its own, not with what is below */
	assert_figures(&f.report->host.others, MS, PACKAGE_J / 3);
	end(&f);
}

static void test_with_pids_and_cgroups(void **state)
{
	static const char *const a[] = {"/a"};
	struct fixture f;

	(void)state;
	begin_kind(
		&f, ENTITY_CGROUP,
		(struct reporter_options){
			.pids = (const uint32_t[]){50}, .n_pids = 1, .cgroups = a, .n_cgroups = 1});
	next(&f);
	process(&f, 50, 50, "p")->cgroup = add_cgroup(&f, "/z/y");
	tick(&f);
	next(&f);
	ran_in(&f, 50, add_cgroup(&f, "/z/y"), MS);
	ran_in(&f, 51, 0, 2 * MS); /* the same cgroup, but not asked for */
	ran_in(&f, 52, add_cgroup(&f, "/a"), 4 * MS);
	conserving_tick(&f);
	ASSERT_IDS(&f, "/a", "/z/y");
	assert_cgroup(&f, "/z/y", 1, 1);
	assert_cgroup(&f, "/a", 4, 4);
	assert_int_equal(f.report->host.others.cpu_ns, 2 * MS);
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_parent_has_what_is_below_once),
		cmocka_unit_test(test_a_parent_that_is_new_has_what_came_after),
		cmocka_unit_test(test_who_moves_counts_where_it_ran),
		cmocka_unit_test(test_removed_is_shown_and_gone),
		cmocka_unit_test(test_removed_without_running_is_shown),
		cmocka_unit_test(test_path_that_comes_again_in_the_tick_goes_on),
		cmocka_unit_test(test_parent_that_comes_again_goes_on),
		cmocka_unit_test(test_news_of_an_end_that_is_lost),
		cmocka_unit_test(test_gone_has_its_number),
		cmocka_unit_test(test_kernel_threads_are_in_their_cgroup),
		cmocka_unit_test(test_what_the_path_tells),
		cmocka_unit_test(test_paths_of_any_length_and_bytes),
		cmocka_unit_test(test_top_of_cgroups),
		cmocka_unit_test(test_with_pids_and_cgroups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
