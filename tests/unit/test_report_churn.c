// SPDX-License-Identifier: BSD-2-Clause
/* 10,000 containers come and go: what is kept follows those that are there, not those that were. */
#include "report/retire.h"
#include "report/roster.h"

#include "kinds_fixture.h"

#define TICKS 500U
#define EACH_TICK 20U /* new ones, that live for this tick and the next */
#define ALIVE (2 * EACH_TICK)

/* What a reporter keeps entities in, and does with them in a tick. */
struct keeper {
	struct entities entities;
	struct selection selection;
	struct ended ended;
	struct roster roster;
	uint64_t ticks;
	struct fixture f; /* its sample only */
};

static void keeper_begin(struct keeper *keeper, const struct reporter_options *options)
{
	memset(keeper, 0, sizeof(*keeper));
	entities_init(&keeper->entities, options->kind);
	roster_init(&keeper->roster, &keeper->entities);
	assert_int_equal(selection_init(&keeper->selection, options), 0);
}

static void keeper_tick(struct keeper *keeper)
{
	const struct retirement retirement = {&keeper->entities, &keeper->selection,
					      &keeper->ended};

	retire_ended(&retirement, keeper->ticks, keeper->roster.present, keeper->roster.n_present);
	keeper->roster.n_present = 0;
	assert_int_equal(roster_take(&keeper->roster,
				     &(struct roster_context){
					     .entities = &keeper->entities,
					     .selection = &keeper->selection,
					     .begin_ns = 10 * S,
					     .tick = ++keeper->ticks,
				     },
				     &keeper->f.sample),
			 0);
}

static void keeper_end(struct keeper *keeper)
{
	roster_done(&keeper->roster);
	entities_done(&keeper->entities);
	assert_null(keeper->entities.texts.table);
	assert_null(keeper->entities.containers.table);
	selection_done(&keeper->selection);
	ended_done(&keeper->ended);
	sample_done(&keeper->f.sample);
}

/* Container `number`, as a unit with one process of three threads in a cgroup below. */
static void add_one(struct fixture *f, uint32_t number, bool last)
{
	char path[64], id[32], name[32];
	struct sample_process *added;
	struct sample_cgroup own, below;
	uint32_t pid = 1000 + 5 * number;

	snprintf(id, sizeof(id), "%08x", number);
	snprintf(name, sizeof(name), "name-%u", number);
	snprintf(path, sizeof(path), "/system.slice/docker-%s.scope", id);
	own = (struct sample_cgroup){path, add_container(f, id, path, last ? name : NULL), last};
	assert_true(sample_add_cgroup(&f->sample, &own) >= 0);
	below = own;
	snprintf(path, sizeof(path), "/system.slice/docker-%s.scope/init", id);
	added = process(f, pid, S * 10 + number, "app");
	added->ppid = 1;
	added->cgroup = sample_add_cgroup(&f->sample, &below);
	added->user = add_user(f, 1000 + number % 3, name);
	added->ended = last;
	leader_ran(f, 1000)->ended = last;
	thread_ran(f, pid + 1, name, 1000)->ended = last;
	thread_ran(f, pid + 2, "killed by exec", 1000); /* nothing tells of its end */
}

static void churn(struct keeper *keeper)
{
	for (uint32_t i = 0; i < TICKS; i++) {
		next(&keeper->f);
		for (uint32_t n = 0; n < EACH_TICK && i > 0; n++) {
			add_one(&keeper->f, i * EACH_TICK + n, false);
			if (i > 1)
				add_one(&keeper->f, (i - 1) * EACH_TICK + n, true);
		}
		keeper_tick(keeper);
	}
}

/* Entities that are there at the end of the last tick, which holds the ends of half of them. */
static const size_t kept[ENTITY_N_KINDS] = {
	[ENTITY_THREAD] = 3 * ALIVE,	 [ENTITY_PROCESS] = ALIVE, [ENTITY_TREE] = ALIVE,
	[ENTITY_CGROUP] = 2 * ALIVE + 2, /* and what is above them all */
	[ENTITY_CONTAINER] = ALIVE,	 [ENTITY_UNIT] = ALIVE,	   [ENTITY_USER] = 3,
};

static void assert_bounded(const struct keeper *keeper)
{
	enum entity_kind kind = keeper->entities.kind;

	assert_int_equal(entities_count(&keeper->entities), kept[kind]);
	/* A path, a unit, its path and a name each; and a few. */
	assert_in_range(HASH_COUNT(keeper->entities.texts.table), 1, 4 * kept[kind] + 4);
	assert_in_range(HASH_COUNT(keeper->entities.containers.table), 0, kept[kind]);
	assert_in_range(keeper->entities.n_slots, kept[kind], 2 * kept[kind]);
	/* The dead are remembered for a minute. */
	if (kind == ENTITY_TREE)
		assert_in_range(keeper->roster.lineage.ended, EACH_TICK,
				(FAMILY_MEMORY_NS / S + 2) * EACH_TICK);
}

static void test_nothing_asked_for(void **state)
{
	(void)state;
	for (int kind = 0; kind < ENTITY_N_KINDS; kind++) {
		const struct reporter_options options = {.kind = (enum entity_kind)kind};
		struct keeper keeper;

		keeper_begin(&keeper, &options);
		churn(&keeper);
		assert_bounded(&keeper);
		keeper_end(&keeper);
	}
}

static void test_all_asked_for(void **state)
{
	static const char *const cgroups[] = {"/"};

	(void)state;
	for (int kind = 0; kind < ENTITY_N_KINDS; kind++) {
		const struct reporter_options options = {
			.kind = (enum entity_kind)kind,
			.cgroups = cgroups,
			.n_cgroups = 1,
			.children = true,
		};
		struct keeper keeper;

		keeper_begin(&keeper, &options);
		churn(&keeper);
		assert_bounded(&keeper);
		assert_int_equal(keeper.selection.n_members, kept[kind]);
		keeper_end(&keeper);
	}
}

/* Of those that ended only the names are kept. */
static void test_the_ended_are_summed_by_name(void **state)
{
	static const size_t names[ENTITY_N_KINDS] = {
		[ENTITY_THREAD] = 2 + (TICKS - 3) * EACH_TICK,
		[ENTITY_PROCESS] = 1,
		[ENTITY_TREE] = 1,
		[ENTITY_CGROUP] = 2 * (TICKS - 3) * EACH_TICK,
		[ENTITY_CONTAINER] = (TICKS - 3) * EACH_TICK,
		[ENTITY_UNIT] = (TICKS - 3) * EACH_TICK,
		[ENTITY_USER] = 0,
	};

	(void)state;
	for (int kind = 0; kind < ENTITY_N_KINDS; kind++) {
		const struct reporter_options options = {.kind = (enum entity_kind)kind};
		struct keeper keeper;

		keeper_begin(&keeper, &options);
		churn(&keeper);
		assert_int_equal(ended_count(&keeper.ended), names[kind]);
		keeper_end(&keeper);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_asked_for),
		cmocka_unit_test(test_all_asked_for),
		cmocka_unit_test(test_the_ended_are_summed_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
