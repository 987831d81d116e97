// SPDX-License-Identifier: BSD-2-Clause
/* -c and -t: what is taken in, and that what is not is in the others. */
#include "selection_fixture.h"

#include <stdbool.h>

static void begin_cgroups(struct fixture *f, const char *const *cgroups, size_t n_cgroups)
{
	begin_with(f, (struct reporter_options){.cgroups = cgroups, .n_cgroups = n_cgroups});
}

/* --- -c */

static bool takes(const char *pattern, const char *path)
{
	struct fixture f;
	bool taken;

	begin_cgroups(&f, &pattern, 1);
	next(&f);
	assert_int_equal(add_cgroup(&f, path), 0);
	elder(&f, 50, 1)->cgroup = 0;
	tick(&f);
	taken = f.report->n_entities == 1;
	end(&f);
	return taken;
}

static void test_cgroup_takes_itself_and_what_is_below(void **state)
{
	(void)state;
	assert_true(takes("/a", "/a"));
	assert_true(takes("/a", "/a/b/c"));
	assert_true(takes("/a/b", "/a/b"));
	assert_false(takes("/a/b", "/a"));
	assert_false(takes("/a", "/ab"));
	assert_false(takes("/a", "/"));
	assert_false(takes("/a", "/b/a"));
	assert_false(takes("/a", "/A"));
}

static void test_root_takes_everything(void **state)
{
	(void)state;
	assert_true(takes("/", "/"));
	assert_true(takes("/", "/a/b"));
	assert_true(takes("/", "(gone):17"));
	assert_true(takes("//", "/a"));
}

static void test_slash_at_the_end_is_nothing(void **state)
{
	(void)state;
	assert_true(takes("/a/", "/a"));
	assert_true(takes("/a/", "/a/b"));
	assert_true(takes("/a//", "/a/b"));
	assert_false(takes("/a/", "/ab"));
	assert_true(takes("/user-*/", "/user-5"));
	assert_true(takes("/user-*/", "/user-5/session"));
	assert_false(takes("/user-*/", "/machine-5"));
}

static void test_glob_goes_by_names(void **state)
{
	(void)state;
	assert_true(takes("/system.slice/*.service", "/system.slice/cron.service"));
	assert_true(takes("/system.slice/*.service", "/system.slice/a.service/worker"));
	assert_false(takes("/system.slice/*.service", "/system.slice/x.slice/b.service"));
	assert_false(takes("/system.slice/*.service", "/system.slice"));
	assert_true(takes("/user-[0-4]?", "/user-17"));
	assert_false(takes("/user-[0-4]?", "/user-51"));
	assert_true(takes("/*/b", "/a/b/c"));
	assert_false(takes("/*/b", "/a/c/b"));
	assert_true(takes("/*", "/a/b"));
	assert_true(takes("/*", "/.hidden"));
	assert_false(takes("/*", "/")); /* the root has no name */
	assert_false(takes("/*", "(gone):17"));
}

static void test_path_with_characters_of_a_glob_is_also_itself(void **state)
{
	(void)state;
	assert_true(takes("/a[1]", "/a[1]/b"));
	assert_true(takes("/dev-by\\x2duuid.swap", "/dev-by\\x2duuid.swap"));
	assert_true(takes("/dev-by\\x2duuid.swap/", "/dev-by\\x2duuid.swap"));
}

static void test_any_of_several_cgroups(void **state)
{
	static const char *const patterns[] = {"/a", "/b/*", "/c/"};
	struct fixture f;

	(void)state;
	begin_cgroups(&f, patterns, 3);
	next(&f);
	add_cgroup(&f, "/b");
	add_cgroup(&f, "/c/x");
	add_cgroup(&f, "/a");
	add_cgroup(&f, "/b/x");
	for (uint32_t i = 0; i < 4; i++)
		elder(&f, 50 + i, 1)->cgroup = (int32_t)i;
	elder(&f, 60, 1); /* in none that is known */
	tick(&f);
	ASSERT_LISTED(&f, 51, 52, 53);
	assert_false(reporter_all_ended(f.reporter));
	end(&f);
}

/* Time of the process last added, in a cgroup. */
static void ran_in(struct fixture *f, int32_t cgroup, uint64_t ns)
{
	ran(f, 0, ns);
	f->sample.tasks[f->sample.n_tasks - 1].cgroup = cgroup;
}

static void in_two_cgroups(struct fixture *f)
{
	next(f);
	add_cgroup(f, "/a");
	add_cgroup(f, "/b");
}

static void test_who_moves_is_counted_only_inside(void **state)
{
	static const char *const a[] = {"/a"};
	struct fixture f;

	(void)state;
	begin_cgroups(&f, a, 1);
	in_two_cgroups(&f);
	tick(&f);
	in_two_cgroups(&f);
	process(&f, 50, 1, "mover")->cgroup = 1; /* it has left */
	ran_in(&f, 0, 30 * MS);
	ran_in(&f, 1, 50 * MS);
	ran_in(&f, -1, 20 * MS);
	process(&f, 51, 1, "comer")->cgroup = 0;
	ran_in(&f, 1, 100 * MS);
	conserving_tick(&f);
	ASSERT_LISTED(&f, 50, 51);
	assert_figures(&f.report->entities[0]->tick, 30 * MS, 7.000001 * 30 / 200);
	assert_figures(&f.report->entities[1]->tick, 0, 0);
	assert_figures(&f.report->host.others, 170 * MS, 7.000001 * 170 / 200);
	in_two_cgroups(&f);
	process(&f, 50, 1, "mover")->cgroup = 1;
	ran_in(&f, 1, 10 * MS);
	process(&f, 51, 1, "comer")->cgroup = 0;
	ran_in(&f, 0, 10 * MS);
	conserving_tick(&f);
	assert_int_equal(f.report->host.others.cpu_ns, 10 * MS);
	assert_int_equal(f.report->host.total_others.cpu_ns, 180 * MS);
	end(&f);
}

static void test_who_has_left_is_gone_when_it_has_ended(void **state)
{
	static const char *const a[] = {"/a"};
	struct fixture f;

	(void)state;
	begin_cgroups(&f, a, 1);
	in_two_cgroups(&f);
	process(&f, 50, 1, "mover")->cgroup = 0;
	tick(&f);
	ASSERT_LISTED(&f, 50);
	in_two_cgroups(&f);
	process(&f, 50, 1, "mover")->cgroup = 1;
	ran_in(&f, 1, MS);
	conserving_tick(&f);
	in_two_cgroups(&f);
	process(&f, 50, 1, "mover")->cgroup = 1;
	f.sample.processes[0].ended = true;
	ran_in(&f, 1, MS);
	conserving_tick(&f);
	in_two_cgroups(&f);
	conserving_tick(&f);
	assert_int_equal(f.report->n_entities, 0);
	end(&f);
}

static void test_pids_and_cgroups_add_up(void **state)
{
	static const char *const a[] = {"/a"};
	struct fixture f;

	(void)state;
	begin_with(&f, (struct reporter_options){.pids = (const uint32_t[]){50},
						 .n_pids = 1,
						 .children = true,
						 .cgroups = a,
						 .n_cgroups = 1});
	in_two_cgroups(&f);
	elder(&f, 50, 1)->cgroup = 1;
	elder(&f, 51, 1)->cgroup = 0;
	elder(&f, 52, 51)->cgroup = 1; /* a child of one that is only in the cgroup */
	tick(&f);
	ASSERT_LISTED(&f, 50, 51);
	in_two_cgroups(&f);
	process(&f, 50, 50, "pid")->cgroup = 1;
	f.sample.processes[0].ended = true;
	ran_in(&f, 1, 10 * MS);
	ran_in(&f, 0, 10 * MS); /* inside too: once */
	process(&f, 51, 51, "inside")->cgroup = 0;
	ran_in(&f, 0, 5 * MS);
	ran_in(&f, 1, 5 * MS);
	conserving_tick(&f);
	ASSERT_LISTED(&f, 50, 51);
	assert_int_equal(f.report->entities[0]->tick.cpu_ns, 20 * MS);
	assert_int_equal(f.report->entities[1]->tick.cpu_ns, 5 * MS);
	/* A cgroup never ends. */
	assert_true(reporter_pids_ended(f.reporter));
	assert_false(reporter_all_ended(f.reporter));
	end(&f);
}

/* --- -t */

static void test_top_leaves_the_rest_to_the_others(void **state)
{
	struct fixture f;

	(void)state;
	begin_with(&f, (struct reporter_options){.top = 2});
	next(&f);
	tick(&f);
	assert_true(f.report->selective);
	next(&f);
	process(&f, 50, 1, "more time");
	ran(&f, 0, 900 * MS);
	process(&f, 51, 1, "most joules");
	ran(&f, 1, 200 * MS);
	process(&f, 52, 1, "least");
	ran(&f, 0, 90 * MS);
	process(&f, 53, 1, "second");
	ran(&f, 1, 100 * MS);
	f.sample.energy[0].uj = 1100000;
	f.sample.energy[2].uj = 9000000;
	tick(&f);
	assert_conserved(&f);
	ASSERT_LISTED(&f, 51, 53);
	assert_figures(&f.report->host.others, 990 * MS, 1.1);
	/* Each tick has a top of its own; what was cut is not forgotten. */
	next(&f);
	process(&f, 50, 1, "more time");
	ran(&f, 0, 10 * MS);
	conserving_tick(&f);
	ASSERT_LISTED(&f, 50);
	assert_int_equal(f.report->host.others.cpu_ns, 0);
	assert_int_equal(f.report->entities[0]->total.cpu_ns, 910 * MS);
	end(&f);
}

static void test_top_of_equals_is_by_time_then_pid(void **state)
{
	struct fixture f;

	(void)state;
	begin_with(&f, (struct reporter_options){.top = 2});
	next(&f);
	tick(&f);
	next(&f);
	process(&f, 53, 1, "a");
	ran(&f, 0, 10 * MS);
	process(&f, 51, 1, "b");
	ran(&f, 0, 10 * MS);
	process(&f, 50, 1, "c");
	ran(&f, 0, 5 * MS);
	process(&f, 52, 1, "d");
	ran(&f, 0, 20 * MS);
	tick(&f); /* 0 J */
	ASSERT_LISTED(&f, 51, 52);
	assert_int_equal(f.report->host.others.cpu_ns, 15 * MS);
	end(&f);
}

static void test_top_of_what_was_selected(void **state)
{
	struct fixture f;

	(void)state;
	begin_with(&f, (struct reporter_options){
			       .pids = (const uint32_t[]){50, 51, 52}, .n_pids = 3, .top = 1});
	next(&f);
	for (uint32_t pid = 50; pid <= 53; pid++)
		elder(&f, pid, 1);
	tick(&f);
	next(&f);
	for (uint32_t pid = 50; pid <= 53; pid++) {
		process(&f, pid, pid, "p");
		ran(&f, 0, pid * MS);
	}
	conserving_tick(&f);
	ASSERT_LISTED(&f, 52);
	assert_int_equal(f.report->host.others.cpu_ns, (50 + 51 + 53) * MS);
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cgroup_takes_itself_and_what_is_below),
		cmocka_unit_test(test_root_takes_everything),
		cmocka_unit_test(test_slash_at_the_end_is_nothing),
		cmocka_unit_test(test_glob_goes_by_names),
		cmocka_unit_test(test_path_with_characters_of_a_glob_is_also_itself),
		cmocka_unit_test(test_any_of_several_cgroups),
		cmocka_unit_test(test_who_moves_is_counted_only_inside),
		cmocka_unit_test(test_who_has_left_is_gone_when_it_has_ended),
		cmocka_unit_test(test_pids_and_cgroups_add_up),
		cmocka_unit_test(test_top_leaves_the_rest_to_the_others),
		cmocka_unit_test(test_top_of_equals_is_by_time_then_pid),
		cmocka_unit_test(test_top_of_what_was_selected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
