// SPDX-License-Identifier: BSD-2-Clause
/* -p and -C: who descends from whom, and when all have ended. */
#include "selection_fixture.h"

#include <stdbool.h>
#include <stdlib.h>

static void begin_family(struct fixture *f, const uint32_t *pids, size_t n_pids)
{
	begin_with(f, (struct reporter_options){.pids = pids, .n_pids = n_pids, .children = true});
}

/* A child that runs 1 ms; born so many ms after the start mark's close. */
static struct sample_process *child(struct fixture *f, uint32_t pid, uint32_t ppid, uint64_t ms)
{
	struct sample_process *added = process(f, pid, 10 * S + ms * MS, "child");

	added->ppid = ppid;
	if (f->sample.seq > 0)
		ran(f, 0, MS);
	return added;
}

static void test_children_and_grandchildren_in_any_order(void **state)
{
	struct fixture f;

	(void)state;
	begin_family(&f, (const uint32_t[]){50}, 1);
	next(&f);
	elder(&f, 53, 52); /* a grandchild, already there */
	elder(&f, 99, 1);
	elder(&f, 52, 50);
	elder(&f, 50, 1);
	tick(&f);
	ASSERT_LISTED(&f, 50, 52, 53);
	next(&f);
	child(&f, 7, 200, 300);	 /* great-grandchild, its pid low after a wrap */
	child(&f, 200, 60, 200); /* grandchild */
	child(&f, 60, 50, 100);
	child(&f, 61, 99, 100);
	elder(&f, 50, 1);
	conserving_tick(&f);
	ASSERT_LISTED(&f, 7, 50, 52, 53, 60, 200);
	assert_figures(&f.report->host.others, MS, 7.000001 / 5);
	end(&f);
}

static void test_descendant_stays_when_it_gets_another_parent(void **state)
{
	struct fixture f;

	(void)state;
	begin_family(&f, (const uint32_t[]){50}, 1);
	next(&f);
	elder(&f, 50, 1);
	tick(&f);
	next(&f);
	child(&f, 60, 50, 100);
	child(&f, 61, 60, 200);
	tick(&f);
	next(&f);
	child(&f, 60, 50, 100)->ended = true;
	tick(&f);
	ASSERT_LISTED(&f, 50, 60, 61);
	next(&f);
	child(&f, 61, 1, 200);	 /* adopted by init */
	child(&f, 62, 61, 2500); /* and fertile */
	tick(&f);
	ASSERT_LISTED(&f, 50, 61, 62);
	end(&f);
}

static void test_child_that_first_runs_ticks_after_its_parents_end(void **state)
{
	struct fixture f;

	(void)state;
	begin_family(&f, (const uint32_t[]){50, 51}, 2);
	next(&f);
	elder(&f, 50, 1);
	elder(&f, 51, 1);
	tick(&f);
	next(&f);
	elder(&f, 50, 1)->ended = true;
	tick(&f);
	assert_false(reporter_all_ended(f.reporter));
	for (int i = 0; i < 30; i++) {
		next(&f);
		tick(&f);
	}
	next(&f);
	child(&f, 60, 50, 999); /* the last thing its parent did */
	tick(&f);
	ASSERT_LISTED(&f, 51, 60);
	end(&f);
}

static void test_stranger_with_the_pid_of_an_ended_member_adopts_nobody(void **state)
{
	struct fixture f;

	(void)state;
	begin_family(&f, (const uint32_t[]){50, 51}, 2);
	next(&f);
	elder(&f, 50, 1);
	elder(&f, 51, 1);
	tick(&f);
	next(&f);
	elder(&f, 50, 1)->ended = true;
	tick(&f);
	next(&f);
	next(&f);
	child(&f, 50, 1, 2100);	 /* a stranger */
	child(&f, 60, 50, 2200); /* its child */
	child(&f, 61, 50, 900);	 /* one of the member's, late */
	tick(&f);
	ASSERT_LISTED(&f, 51, 61);
	next(&f);
	child(&f, 62, 50, 2300);
	tick(&f);
	ASSERT_LISTED(&f, 51, 61);
	end(&f);
}

static void test_stranger_in_the_tick_of_the_members_end(void **state)
{
	struct fixture f;

	(void)state;
	begin_family(&f, (const uint32_t[]){50, 51}, 2);
	next(&f);
	elder(&f, 50, 1);
	elder(&f, 51, 1);
	tick(&f);
	next(&f);
	child(&f, 61, 50, 300); /* of the stranger */
	child(&f, 60, 50, 100); /* of the member */
	child(&f, 50, 1, 200);
	elder(&f, 50, 1)->ended = true;
	tick(&f);
	ASSERT_LISTED(&f, 50, 51, 60);
	assert_int_equal(f.report->entities[0]->start_ns, 50);
	next(&f);
	child(&f, 62, 50, 350);
	child(&f, 63, 50, 150); /* of the member, but late */
	tick(&f);
	ASSERT_LISTED(&f, 51, 60, 63);
	end(&f);
}

/* Its end went unseen: the ledger was full. */
static void test_stranger_with_the_pid_of_a_member_tells_of_its_end(void **state)
{
	struct fixture f;

	(void)state;
	begin_family(&f, (const uint32_t[]){50}, 1);
	next(&f);
	elder(&f, 50, 1);
	tick(&f);
	next(&f);
	child(&f, 60, 50, 100);
	elder(&f, 50, 1)->ended = true;
	tick(&f);
	assert_false(reporter_all_ended(f.reporter));
	next(&f);
	child(&f, 60, 1, 1500);
	tick(&f);
	assert_true(reporter_all_ended(f.reporter));
	next(&f);
	child(&f, 61, 60, 2500);
	tick(&f);
	for (size_t i = 0; i < f.report->n_entities; i++)
		assert_int_not_equal(f.report->entities[i]->pid, 61);
	end(&f);
}

static void test_descendant_with_the_pid_of_an_ended_one_is_itself(void **state)
{
	struct fixture f;

	(void)state;
	begin_family(&f, (const uint32_t[]){50}, 1);
	next(&f);
	elder(&f, 50, 1);
	tick(&f);
	next(&f);
	child(&f, 60, 50, 200);
	child(&f, 60, 50, 100)->ended = true;
	tick(&f);
	ASSERT_LISTED(&f, 50, 60, 60);
	assert_true(f.report->entities[1]->ended);
	assert_false(f.report->entities[2]->ended);
	next(&f);
	child(&f, 61, 60, 1100);
	elder(&f, 50, 1)->ended = true;
	tick(&f);
	ASSERT_LISTED(&f, 50, 60, 61);
	assert_false(reporter_all_ended(f.reporter));
	next(&f);
	child(&f, 60, 50, 200)->ended = true;
	tick(&f);
	assert_false(reporter_all_ended(f.reporter));
	next(&f);
	child(&f, 61, 60, 1100)->ended = true;
	tick(&f);
	assert_true(reporter_all_ended(f.reporter));
	end(&f);
}

static void test_child_is_not_older_than_its_parent(void **state)
{
	struct fixture f;

	(void)state;
	begin_family(&f, (const uint32_t[]){50}, 1);
	next(&f);
	elder(&f, 50, 1);
	elder(&f, 40, 50); /* of one that had the pid before */
	tick(&f);
	ASSERT_LISTED(&f, 50);
	end(&f);
}

static void test_without_children_only_the_pids(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, 10, (const uint32_t[]){50}, 1);
	next(&f);
	elder(&f, 50, 1);
	elder(&f, 52, 50);
	tick(&f);
	next(&f);
	elder(&f, 50, 1);
	child(&f, 60, 50, 100);
	conserving_tick(&f);
	ASSERT_LISTED(&f, 50);
	assert_int_equal(f.report->host.others.cpu_ns, MS);
	end(&f);
}

static void test_pids_end_before_all_has_ended(void **state)
{
	struct fixture f;

	(void)state;
	begin_family(&f, (const uint32_t[]){50}, 1);
	assert_false(reporter_pids_ended(f.reporter));
	next(&f);
	elder(&f, 50, 1);
	tick(&f);
	assert_false(reporter_pids_ended(f.reporter));
	next(&f);
	child(&f, 60, 50, 100);
	elder(&f, 50, 1)->ended = true;
	tick(&f);
	assert_true(reporter_pids_ended(f.reporter));
	assert_false(reporter_all_ended(f.reporter));
	next(&f);
	child(&f, 60, 1, 100)->ended = true;
	child(&f, 61, 60, 1100);
	tick(&f);
	assert_false(reporter_all_ended(f.reporter));
	next(&f);
	child(&f, 61, 1, 1100)->ended = true;
	tick(&f);
	assert_true(reporter_all_ended(f.reporter));
	end(&f);
}

static void test_every_pid_has_to_end(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, 10, (const uint32_t[]){52, 50, 52, 50, 52}, 5);
	next(&f);
	elder(&f, 50, 1);
	elder(&f, 52, 1);
	tick(&f);
	next(&f);
	elder(&f, 52, 1)->ended = true;
	conserving_tick(&f);
	ASSERT_LISTED(&f, 50, 52);
	assert_false(reporter_pids_ended(f.reporter));
	assert_false(reporter_all_ended(f.reporter));
	next(&f);
	elder(&f, 50, 1)->ended = true;
	conserving_tick(&f);
	ASSERT_LISTED(&f, 50);
	assert_true(reporter_pids_ended(f.reporter));
	assert_true(reporter_all_ended(f.reporter));
	end(&f);
}

static void test_nothing_asked_for_never_ends(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, 10, NULL, 0);
	next(&f);
	tick(&f);
	assert_false(reporter_pids_ended(f.reporter));
	assert_false(reporter_all_ended(f.reporter));
	end(&f);
}

/* Births, ends, moves and reuse at random: the sums hold and a plain model agrees on who is in. */
#define N_PIDS 40
#define ROOT_PID 1000

struct model {
	bool alive, member;
	uint64_t start_ns;
	uint32_t ppid;
};

static void model_birth(struct model *model, uint32_t pid, uint32_t ppid, uint64_t start_ns)
{
	bool member = ppid == ROOT_PID || (ppid && model[ppid].alive && model[ppid].member);

	model[pid] = (struct model){true, member, start_ns, ppid};
}

static void put_model(struct fixture *f, const struct model *model, uint32_t pid, bool ended)
{
	struct sample_process *added = process(f, pid, model[pid].start_ns, "p");

	added->ppid = model[pid].ppid;
	added->ended = ended;
	ran(f, pid % 2, MS);
}

static void random_tick(struct fixture *f, struct model *model, uint64_t *ret_members)
{
	uint64_t now_ns;

	next(f);
	now_ns = f->sample.boottime_ns - S;
	*ret_members = 0;
	for (int i = 0; i < 60; i++) {
		uint32_t pid = 1 + (uint32_t)rand() % (N_PIDS - 1);
		uint32_t ppid = (uint32_t)rand() % N_PIDS;

		now_ns += 1 + (unsigned int)rand() % (10 * MS);
		if (model[pid].alive) {
			/* It ran, and that was the end of it. */
			*ret_members += model[pid].member;
			put_model(f, model, pid, true);
			model[pid].alive = false;
		} else if (ppid != pid && (ppid == 0 || model[ppid].alive)) {
			model_birth(model, pid, rand() % 8 ? ppid : ROOT_PID, now_ns);
		}
	}
	for (uint32_t pid = 1; pid < N_PIDS; pid++) {
		if (!model[pid].alive)
			continue;
		*ret_members += model[pid].member;
		put_model(f, model, pid, false);
	}
}

static void test_random_families_are_told_apart(void **state)
{
	struct model model[N_PIDS] = {{0}};
	struct fixture f;

	(void)state;
	srand(1);
	begin_family(&f, (const uint32_t[]){ROOT_PID}, 1);
	next(&f);
	process(&f, ROOT_PID, 1, "root");
	tick(&f);
	for (int i = 0; i < 500; i++) {
		uint64_t members, listed = 0;

		random_tick(&f, model, &members);
		conserving_tick(&f);
		for (size_t k = 0; k < f.report->n_entities; k++)
			listed += f.report->entities[k]->tick.cpu_ns / MS;
		assert_int_equal(listed, members);
		assert_int_equal(f.report->host.others.cpu_ns,
				 (f.sample.n_processes - members) * MS);
	}
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_children_and_grandchildren_in_any_order),
		cmocka_unit_test(test_descendant_stays_when_it_gets_another_parent),
		cmocka_unit_test(test_child_that_first_runs_ticks_after_its_parents_end),
		cmocka_unit_test(test_stranger_with_the_pid_of_an_ended_member_adopts_nobody),
		cmocka_unit_test(test_stranger_in_the_tick_of_the_members_end),
		cmocka_unit_test(test_stranger_with_the_pid_of_a_member_tells_of_its_end),
		cmocka_unit_test(test_descendant_with_the_pid_of_an_ended_one_is_itself),
		cmocka_unit_test(test_child_is_not_older_than_its_parent),
		cmocka_unit_test(test_without_children_only_the_pids),
		cmocka_unit_test(test_pids_end_before_all_has_ended),
		cmocka_unit_test(test_every_pid_has_to_end),
		cmocka_unit_test(test_nothing_asked_for_never_ends),
		cmocka_unit_test(test_random_families_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
