// SPDX-License-Identifier: BSD-2-Clause
/* --by unit and --by user. */
#include "kinds_fixture.h"

#define USER_MANAGER "/user.slice/user-1000.slice/user@1000.service"

/* --- units */

static void assert_unit(const struct fixture *f, const char *id, const char *name, uint64_t ms)
{
	const struct entity *entity = entity_of(f, id);

	assert_int_equal(entity->kind, ENTITY_UNIT);
	assert_string_equal(entity->name, name);
	assert_int_equal(entity->tick.cpu_ns, ms * MS);
	assert_false(entity->group);
}

static void test_units_of_the_system_and_of_users(void **state)
{
	struct fixture f;

	(void)state;
	begin_empty(&f, ENTITY_UNIT);
	next(&f);
	ran_in(&f, 50, add_cgroup(&f, "/system.slice/ssh.service"), 1 * MS);
	ran_in(&f, 51, add_cgroup(&f, "/system.slice/ssh.service/worker"), 2 * MS);
	ran_in(&f, 52, add_cgroup(&f, USER_MANAGER "/app.slice/dbus.service"), 4 * MS);
	ran_in(&f, 53, add_cgroup(&f, "/user.slice/user-7.slice/user@7.service/dbus.service"),
	       8 * MS);
	ran_in(&f, 54, add_cgroup(&f, "/user.slice/user-1000.slice/session-3.scope"), 16 * MS);
	ran_in(&f, 55, add_cgroup(&f, "/init.scope"), 32 * MS);
	ran_in(&f, 56, add_cgroup(&f, "/system.slice"), 64 * MS);
	conserving_tick(&f);
	ASSERT_IDS(&f, "/init.scope", "/system.slice", "/system.slice/ssh.service",
		   "/user.slice/user-1000.slice/session-3.scope",
		   USER_MANAGER "/app.slice/dbus.service",
		   "/user.slice/user-7.slice/user@7.service/dbus.service");
	assert_unit(&f, "/system.slice/ssh.service", "ssh.service", 3);
	/* Of one name, but not the same. */
	assert_unit(&f, USER_MANAGER "/app.slice/dbus.service", "dbus.service", 4);
	assert_unit(&f, "/user.slice/user-7.slice/user@7.service/dbus.service", "dbus.service", 8);
	assert_unit(&f, "/user.slice/user-1000.slice/session-3.scope", "session-3.scope", 16);
	assert_unit(&f, "/init.scope", "init.scope", 32);
	assert_unit(&f, "/system.slice", "system.slice", 64);
	assert_total(&f, "dbus.service", 2, 12 * MS);
	end(&f);
}

static void test_what_is_in_no_unit(void **state)
{
	struct fixture f;

	(void)state;
	begin_empty(&f, ENTITY_UNIT);
	next(&f);
	ran_in(&f, 50, add_cgroup(&f, "/"), 1 * MS);
	ran_in(&f, 51, add_cgroup(&f, "/docker/4f1c"), 2 * MS);
	ran_in(&f, 52, 0, 4 * MS)->kernel = true;
	ran_in(&f, 53, SAMPLE_UNKNOWN, 8 * MS);
	conserving_tick(&f);
	ASSERT_IDS(&f, "(kernel)", "(no unit)", "(unknown)");
	assert_int_equal(entity_of(&f, "(no unit)")->tick.cpu_ns, 3 * MS);
	assert_int_equal(entity_of(&f, "(kernel)")->tick.cpu_ns, 4 * MS);
	assert_int_equal(entity_of(&f, "(unknown)")->tick.cpu_ns, 8 * MS);
	assert_null(entity_of(&f, "(no unit)")->unit);
	end(&f);
}

static void test_a_unit_that_stops_and_one_that_restarts(void **state)
{
	struct fixture f;

	(void)state;
	begin_empty(&f, ENTITY_UNIT);
	next(&f);
	ran_in(&f, 50, add_cgroup(&f, "/system.slice/a.service"), MS);
	ran_in(&f, 51, add_cgroup(&f, "/system.slice/b.service/main"), MS);
	conserving_tick(&f);
	next(&f);
	add_removed(&f, "/system.slice/a.service");
	add_removed(&f, "/system.slice/b.service/main");
	add_removed(&f, "/system.slice/b.service");
	ran_in(&f, 60, add_cgroup(&f, "/system.slice/b.service/main"), MS);
	conserving_tick(&f);
	ASSERT_IDS(&f, "/system.slice/a.service", "/system.slice/b.service");
	assert_true(f.report->entities[0]->ended);
	assert_false(f.report->entities[1]->ended);
	assert_int_equal(f.report->entities[1]->total.cpu_ns, 2 * MS);
	next(&f);
	ran_in(&f, 60, add_cgroup(&f, "/system.slice/b.service"), MS);
	conserving_tick(&f);
	ASSERT_IDS(&f, "/system.slice/b.service");
	assert_int_equal(f.report->entities[0]->total.cpu_ns, 3 * MS);
	assert_total(&f, "a.service", 1, MS);
	end(&f);
}

static void test_units_of_what_was_asked_for(void **state)
{
	static const char *const cgroups[] = {"/system.slice/*.service"};
	struct fixture f;

	(void)state;
	begin_kind(&f, ENTITY_UNIT, (struct reporter_options){.cgroups = cgroups, .n_cgroups = 1});
	next(&f);
	process(&f, 50, 50, "silent")->cgroup = add_cgroup(&f, "/system.slice/a.service");
	process(&f, 51, 51, "other")->cgroup = add_cgroup(&f, "/user.slice");
	tick(&f);
	ASSERT_IDS(&f, "/system.slice/a.service");
	next(&f);
	ran_in(&f, 60, add_cgroup(&f, "/system.slice/b.service/x"), MS);
	ran_in(&f, 51, add_cgroup(&f, "/user.slice"), 2 * MS);
	conserving_tick(&f);
	ASSERT_IDS(&f, "/system.slice/a.service", "/system.slice/b.service");
	assert_int_equal(f.report->host.others.cpu_ns, 2 * MS);
	end(&f);
}

/* --- users */

static void ran_as(struct fixture *f, uint32_t pid, int32_t user, uint64_t ns)
{
	process(f, pid, pid, "p")->user = user;
	leader_ran(f, ns);
}

static void test_users_by_number_and_name(void **state)
{
	const struct entity *entity;
	struct fixture f;

	(void)state;
	begin_empty(&f, ENTITY_USER);
	next(&f);
	ran_as(&f, 50, add_user(&f, 1000, "ann"), 1 * MS);
	ran_as(&f, 51, add_user(&f, 0, "root"), 2 * MS);
	ran_as(&f, 52, add_user(&f, 100999, NULL), 4 * MS); /* of a container */
	ran_as(&f, 53, 0, 8 * MS);
	ran_as(&f, 55, add_user(&f, 20, "b"), 1 * MS);
	ran_as(&f, 54, SAMPLE_UNKNOWN, 16 * MS);
	process(&f, 2, 2, "kthreadd")->kernel = true;
	f.sample.processes[f.sample.n_processes - 1].user = 1;
	leader_ran(&f, 32 * MS);
	conserving_tick(&f);
	ASSERT_IDS(&f, "0", "20", "1000", "100999", "(kernel)", "(unknown)"); /* as numbers */
	entity = f.report->entities[2];
	assert_int_equal(entity->kind, ENTITY_USER);
	assert_string_equal(entity->name, "ann");
	assert_int_equal(entity->tick.cpu_ns, 9 * MS);
	assert_string_equal(f.report->entities[0]->name, "root");
	assert_int_equal(f.report->entities[0]->tick.cpu_ns, 2 * MS);
	assert_string_equal(f.report->entities[3]->name, "100999");
	assert_int_equal(entity_of(&f, "(kernel)")->tick.cpu_ns, 32 * MS);
	assert_int_equal(entity_of(&f, "(unknown)")->tick.cpu_ns, 16 * MS);
	end(&f);
}

static void test_a_number_with_another_name_is_the_same_user(void **state)
{
	struct fixture f;

	(void)state;
	begin_empty(&f, ENTITY_USER);
	next(&f);
	ran_as(&f, 50, add_user(&f, 1000, NULL), MS);
	conserving_tick(&f);
	next(&f);
	ran_as(&f, 50, add_user(&f, 1000, "ann"), MS);
	conserving_tick(&f);
	next(&f); /* renamed in mid-tick: the later one */
	ran_as(&f, 50, add_user(&f, 1000, "ann"), MS);
	ran_as(&f, 51, add_user(&f, 1000, "anna"), MS);
	ran_as(&f, 52, add_user(&f, 1001, "ann"), MS);
	conserving_tick(&f);
	ASSERT_IDS(&f, "1000", "1001");
	assert_string_equal(f.report->entities[0]->name, "anna");
	assert_int_equal(f.report->entities[0]->total.cpu_ns, 4 * MS);
	assert_string_equal(f.report->entities[1]->name, "ann");
	end(&f);
}

/* A process that became somebody else in the tick: each time is of who it was. */
static void test_who_changes_the_user_counts_as_who_it_was(void **state)
{
	struct fixture f;

	(void)state;
	begin_empty(&f, ENTITY_USER);
	next(&f);
	process(&f, 50, 50, "su")->user = add_user(&f, 1000, "ann");
	leader_ran(&f, 1 * MS)->user = add_user(&f, 0, "root");
	leader_ran(&f, 2 * MS);
	conserving_tick(&f);
	ASSERT_IDS(&f, "0", "1000");
	assert_int_equal(f.report->entities[0]->tick.cpu_ns, 1 * MS);
	assert_int_equal(f.report->entities[1]->tick.cpu_ns, 2 * MS);
	end(&f);
}

/* A user is there as long as the machine: also without a process. */
static void test_users_do_not_end(void **state)
{
	struct fixture f;

	(void)state;
	begin_kind(&f, ENTITY_USER,
		   (struct reporter_options){.pids = (const uint32_t[]){50}, .n_pids = 1});
	next(&f);
	process(&f, 50, 5, "p")->user = add_user(&f, 1000, "ann");
	tick(&f);
	ASSERT_IDS(&f, "1000");
	next(&f);
	process(&f, 50, 5, "p")->user = add_user(&f, 1000, "ann");
	f.sample.processes[0].ended = true;
	leader_ran(&f, MS)->ended = true;
	conserving_tick(&f);
	assert_false(f.report->entities[0]->ended);
	assert_true(reporter_all_ended(f.reporter));
	next(&f);
	conserving_tick(&f);
	ASSERT_IDS(&f, "1000");
	assert_int_equal(f.report->entities[0]->total.cpu_ns, MS);
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_units_of_the_system_and_of_users),
		cmocka_unit_test(test_what_is_in_no_unit),
		cmocka_unit_test(test_a_unit_that_stops_and_one_that_restarts),
		cmocka_unit_test(test_units_of_what_was_asked_for),
		cmocka_unit_test(test_users_by_number_and_name),
		cmocka_unit_test(test_a_number_with_another_name_is_the_same_user),
		cmocka_unit_test(test_who_changes_the_user_counts_as_who_it_was),
		cmocka_unit_test(test_users_do_not_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
