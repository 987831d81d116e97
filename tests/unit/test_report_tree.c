// SPDX-License-Identifier: BSD-2-Clause
/* --by tree: each process counts for the one that its line of births began with. */
#include "kinds_fixture.h"

/* A process that is born so many ms after the start mark's close and runs 1 ms. */
static struct sample_process *born(struct fixture *f, uint32_t pid, uint32_t ppid, uint64_t ms)
{
	struct sample_process *added = process(f, pid, 10 * S + ms * MS, "child");

	added->ppid = ppid;
	if (f->sample.seq > 0)
		leader_ran(f, MS);
	return added;
}

/* One that was there before, of init; its name is its number. */
static struct sample_process *root(struct fixture *f, uint32_t pid)
{
	struct sample_process *added = process(f, pid, pid, "");

	added->ppid = 1;
	snprintf(added->comm, sizeof(added->comm), "root-%u", pid);
	if (f->sample.seq > 0)
		leader_ran(f, MS);
	return added;
}

static void begin_tree(struct fixture *f)
{
	begin_kind(f, ENTITY_TREE, (struct reporter_options){0});
	next(f);
	process(f, 1, 1, "init");
	root(f, 50);
	root(f, 90);
	tick(f);
	assert_int_equal(f->report->n_entities, 0);
}

static void assert_tree(const struct fixture *f, const char *id, uint64_t ms)
{
	assert_int_equal(entity_of(f, id)->tick.cpu_ns, ms * MS);
}

static void test_all_descendants_count_for_the_first(void **state)
{
	const struct entity *tree;
	struct fixture f;

	(void)state;
	begin_tree(&f);
	next(&f);
	born(&f, 7, 200, 300);	/* great-grandchild, its pid low after a wrap */
	born(&f, 200, 60, 200); /* grandchild */
	born(&f, 60, 50, 100);
	root(&f, 50)->cmdline = "make all";
	f.sample.processes[3].cgroup = add_cgroup(&f, "/a");
	f.sample.processes[3].user = add_user(&f, 5, "ann");
	root(&f, 90);
	conserving_tick(&f);
	ASSERT_IDS(&f, "50", "90");
	tree = f.report->entities[0];
	assert_int_equal(tree->kind, ENTITY_TREE);
	assert_figures(&tree->tick, 4 * MS, PACKAGE_J * 4 / 5);
	assert_string_equal(tree->name, "root-50");
	assert_string_equal(tree->cmdline, "make all");
	assert_string_equal(tree->cgroup, "/a");
	assert_string_equal(tree->user, "ann");
	assert_int_equal(tree->pid, 50);
	assert_int_equal(tree->tid, 0);
	assert_int_equal(tree->ppid, 1);
	assert_int_equal(tree->start_ns, 50);
	next(&f); /* the first does not run: it is called as before */
	born(&f, 60, 50, 100)->cgroup = add_cgroup(&f, "/b");
	conserving_tick(&f);
	ASSERT_IDS(&f, "50");
	tree = f.report->entities[0];
	assert_string_equal(tree->name, "root-50");
	assert_string_equal(tree->cmdline, "make all");
	assert_string_equal(tree->cgroup, "/a");
	assert_int_equal(tree->total.cpu_ns, 5 * MS);
	end(&f);
}

static void test_children_of_init_begin_trees(void **state)
{
	struct fixture f;

	(void)state;
	begin_tree(&f);
	next(&f);
	born(&f, 60, 1, 100);
	born(&f, 61, 60, 200);
	born(&f, 70, 0, 100);  /* parent not known */
	born(&f, 80, 77, 100); /* parent never seen */
	conserving_tick(&f);
	ASSERT_IDS(&f, "60", "70", "80");
	assert_tree(&f, "60", 2);
	end(&f);
}

static void test_who_gets_another_parent_stays(void **state)
{
	struct fixture f;

	(void)state;
	begin_tree(&f);
	next(&f);
	born(&f, 60, 50, 100);
	born(&f, 61, 60, 200);
	conserving_tick(&f);
	next(&f);
	born(&f, 60, 50, 100)->ended = true;
	root(&f, 50)->ended = true;
	conserving_tick(&f);
	assert_false(entity_of(&f, "50")->ended);
	next(&f);
	born(&f, 61, 1, 200);	/* adopted by init */
	born(&f, 62, 61, 2500); /* and fertile */
	conserving_tick(&f);
	ASSERT_IDS(&f, "50");
	assert_tree(&f, "50", 2);
	assert_string_equal(f.report->entities[0]->name, "root-50");
	next(&f);
	born(&f, 62, 61, 2500)->ended = true;
	born(&f, 61, 1, 200)->ended = true;
	conserving_tick(&f);
	assert_true(entity_of(&f, "50")->ended);
	assert_total(&f, "root-50", 1, 8 * MS);
	next(&f);
	conserving_tick(&f);
	assert_int_equal(f.report->n_entities, 0);
	assert_total(&f, "root-50", 1, 8 * MS);
	end(&f);
}

/* Five generations that came and went between two ticks. */
static void test_who_lived_within_a_tick_counts(void **state)
{
	struct fixture f;

	(void)state;
	begin_tree(&f);
	next(&f);
	for (uint32_t i = 5; i > 0; i--)
		born(&f, 100 + i, i == 1 ? 50 : 99 + i, 100 * i)->ended = true;
	conserving_tick(&f);
	ASSERT_IDS(&f, "50");
	assert_tree(&f, "50", 5);
	assert_false(f.report->entities[0]->ended);
	/* A whole tree that did: listed once, with its end. */
	next(&f);
	born(&f, 300, 1, 1100)->ended = true;
	born(&f, 301, 300, 1200)->ended = true;
	conserving_tick(&f);
	ASSERT_IDS(&f, "300");
	assert_tree(&f, "300", 2);
	assert_true(f.report->entities[0]->ended);
	next(&f);
	conserving_tick(&f);
	assert_int_equal(f.report->n_entities, 0);
	assert_total(&f, "child", 1, 2 * MS);
	end(&f);
}

static void test_a_number_used_twice_in_a_tick(void **state)
{
	struct fixture f;

	(void)state;
	begin_tree(&f);
	next(&f);
	born(&f, 61, 60, 400); /* of the second 60 */
	born(&f, 60, 90, 300); /* of another tree */
	born(&f, 62, 60, 200); /* of the first 60 */
	born(&f, 60, 50, 100)->ended = true;
	conserving_tick(&f);
	ASSERT_IDS(&f, "50", "90");
	assert_tree(&f, "50", 2);
	assert_tree(&f, "90", 2);
	next(&f);
	born(&f, 62, 1, 200);
	born(&f, 61, 60, 400);
	born(&f, 60, 90, 300);
	born(&f, 63, 60, 150); /* of the first, but late: the second has no older children */
	conserving_tick(&f);
	ASSERT_IDS(&f, "50", "63", "90");
	assert_tree(&f, "50", 1);
	assert_tree(&f, "90", 2);
	end(&f);
}

/* The end of the first one went unseen. */
static void test_a_number_used_again_tells_of_an_end(void **state)
{
	struct fixture f;

	(void)state;
	begin_tree(&f);
	next(&f);
	born(&f, 60, 50, 100);
	root(&f, 50)->ended = true;
	conserving_tick(&f);
	assert_false(entity_of(&f, "50")->ended);
	next(&f);
	born(&f, 60, 90, 1100);
	born(&f, 61, 60, 1200);
	conserving_tick(&f);
	ASSERT_IDS(&f, "90");
	assert_tree(&f, "90", 2);
	end(&f);
}

static void test_child_that_first_runs_after_its_parents_end(void **state)
{
	struct fixture f;

	(void)state;
	begin_tree(&f);
	next(&f);
	root(&f, 50)->ended = true;
	conserving_tick(&f);
	for (int i = 0; i < 20; i++) {
		next(&f);
		conserving_tick(&f);
	}
	next(&f);
	born(&f, 60, 50, 999); /* the last thing its parent did */
	born(&f, 70, 50,
	     2500); /* of a stranger with the parent's number, of whom nothing is known */
	conserving_tick(&f);
	ASSERT_IDS(&f, "50", "70");
	assert_string_equal(f.report->entities[0]->name, "root-50");
	end(&f);
}

static void test_kernel_threads_are_one(void **state)
{
	struct fixture f;

	(void)state;
	begin_tree(&f);
	next(&f);
	for (uint32_t pid = 2; pid < 5; pid++) {
		process(&f, pid, pid, "kworker")->kernel = true;
		f.sample.processes[pid - 2].ppid = pid == 2 ? 0 : 2;
		f.sample.processes[pid - 2].ended = pid == 4;
		leader_ran(&f, MS);
	}
	born(&f, 60, 2, 100); /* a program that the kernel starts is none of its threads */
	conserving_tick(&f);
	ASSERT_IDS(&f, "60", "(kernel)");
	assert_tree(&f, "(kernel)", 3);
	assert_true(f.report->entities[1]->group);
	assert_true(f.report->entities[1]->kernel);
	assert_string_equal(f.report->entities[1]->name, "(kernel)");
	assert_int_equal(f.report->entities[1]->pid, 0);
	assert_false(f.report->entities[1]->ended);
	end(&f);
}

static void test_asked_for_is_a_root(void **state)
{
	struct fixture f;

	(void)state;
	begin_kind(&f, ENTITY_TREE,
		   (struct reporter_options){.pids = (const uint32_t[]){60, 62}, .n_pids = 2});
	next(&f);
	root(&f, 50);
	process(&f, 60, 60, "asked")->ppid = 50;
	process(&f, 61, 61, "below")->ppid = 60;
	process(&f, 62, 62, "asked too")->ppid = 61;
	tick(&f);
	ASSERT_IDS(&f, "60", "62");
	next(&f);
	root(&f, 50);
	born(&f, 70, 61, 100);
	born(&f, 71, 62, 100);
	born(&f, 72, 50, 100);
	conserving_tick(&f);
	ASSERT_IDS(&f, "60", "62");
	assert_tree(&f, "60", 1);
	assert_tree(&f, "62", 1);
	assert_string_equal(f.report->entities[0]->name, "asked");
	assert_figures(&f.report->host.others, 2 * MS, PACKAGE_J / 2);
	next(&f);
	process(&f, 60, 60, "asked")->ended = true;
	process(&f, 61, 61, "below")->ended = true;
	process(&f, 62, 62, "asked too")->ended = true;
	born(&f, 71, 62, 100)->ended = true;
	conserving_tick(&f);
	ASSERT_IDS(&f, "60", "62"); /* 70 goes on, but did nothing */
	assert_false(f.report->entities[0]->ended);
	assert_true(f.report->entities[1]->ended);
	assert_true(reporter_pids_ended(f.reporter));
	assert_false(reporter_all_ended(f.reporter));
	next(&f);
	born(&f, 70, 61, 100)->ended = true;
	conserving_tick(&f);
	ASSERT_IDS(&f, "60");
	assert_true(f.report->entities[0]->ended);
	assert_true(reporter_all_ended(f.reporter));
	end(&f);
}

static void test_init_asked_for_is_a_root_too(void **state)
{
	struct fixture f;

	(void)state;
	begin_kind(&f, ENTITY_TREE,
		   (struct reporter_options){.pids = (const uint32_t[]){1}, .n_pids = 1});
	next(&f);
	process(&f, 1, 1, "init");
	root(&f, 50);
	tick(&f);
	ASSERT_IDS(&f, "1");
	next(&f);
	root(&f, 50);
	born(&f, 60, 50, 100);
	born(&f, 61, 1, 100);
	process(&f, 3, 3, "kthread")->kernel = true;
	leader_ran(&f, MS);
	conserving_tick(&f);
	ASSERT_IDS(&f, "1");
	assert_tree(&f, "1", 3);
	assert_int_equal(f.report->host.others.cpu_ns, MS);
	end(&f);
}

static void test_trees_of_what_ran_in_a_cgroup(void **state)
{
	static const char *const a[] = {"/a"};
	struct fixture f;
	int32_t inside;

	(void)state;
	begin_kind(&f, ENTITY_TREE, (struct reporter_options){.cgroups = a, .n_cgroups = 1});
	next(&f);
	root(&f, 50);
	root(&f, 90);
	tick(&f);
	next(&f);
	inside = add_cgroup(&f, "/a/b");
	born(&f, 60, 50, 100)->cgroup = inside;
	last_task(&f)->cgroup = inside;
	root(&f, 50);
	root(&f, 90);
	conserving_tick(&f);
	ASSERT_IDS(&f, "50");
	assert_tree(&f, "50", 1);
	assert_int_equal(f.report->host.others.cpu_ns, 2 * MS);
	next(&f);
	born(&f, 60, 50, 100)->ended = true;
	root(&f, 50)->ended = true;
	conserving_tick(&f);
	ASSERT_IDS(&f, "50");
	assert_true(f.report->entities[0]->ended);
	assert_tree(&f, "50", 0);
	next(&f);
	conserving_tick(&f);
	assert_int_equal(f.report->n_entities, 0);
	end(&f);
}

static void resident(struct sample_process *process, uint64_t bytes)
{
	process->rss_bytes = bytes;
}

/* Who sleeps has what it had. */
static void test_resident_memory_is_that_of_all_who_live(void **state)
{
	struct fixture f;

	(void)state;
	begin_tree(&f);
	next(&f);
	resident(born(&f, 60, 50, 100), 1000);
	resident(root(&f, 50), 200);
	resident(root(&f, 90), 7);
	conserving_tick(&f);
	assert_int_equal(entity_of(&f, "50")->rss_bytes, 1200);
	assert_int_equal(entity_of(&f, "90")->rss_bytes, 7);
	next(&f);
	resident(root(&f, 50), 300);
	conserving_tick(&f);
	assert_int_equal(entity_of(&f, "50")->rss_bytes, 1300);
	next(&f);
	born(&f, 60, 50, 100)->ended = true;
	conserving_tick(&f);
	assert_int_equal(entity_of(&f, "50")->rss_bytes, 300);
	next(&f); /* the end of 50 went unseen, and its number is another's */
	resident(root(&f, 50), 40);
	f.sample.processes[0].start_ns = 20 * S;
	conserving_tick(&f);
	assert_int_equal(entity_of(&f, "50")->rss_bytes, 40);
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_descendants_count_for_the_first),
		cmocka_unit_test(test_children_of_init_begin_trees),
		cmocka_unit_test(test_who_gets_another_parent_stays),
		cmocka_unit_test(test_who_lived_within_a_tick_counts),
		cmocka_unit_test(test_a_number_used_twice_in_a_tick),
		cmocka_unit_test(test_a_number_used_again_tells_of_an_end),
		cmocka_unit_test(test_child_that_first_runs_after_its_parents_end),
		cmocka_unit_test(test_kernel_threads_are_one),
		cmocka_unit_test(test_asked_for_is_a_root),
		cmocka_unit_test(test_init_asked_for_is_a_root_too),
		cmocka_unit_test(test_trees_of_what_ran_in_a_cgroup),
		cmocka_unit_test(test_resident_memory_is_that_of_all_who_live),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
