// SPDX-License-Identifier: BSD-2-Clause
/* What holds for entities of every kind. */
#include "kinds_fixture.h"

#include <errno.h>

static void test_kinds_have_names(void **state)
{
	static const char *const names[] = {"thread",	 "process", "tree", "cgroup",
					    "container", "unit",    "user"};
	enum entity_kind kind;

	(void)state;
	assert_int_equal(sizeof(names) / sizeof(*names), ENTITY_N_KINDS);
	for (int i = 0; i < ENTITY_N_KINDS; i++) {
		assert_string_equal(entity_kind_name((enum entity_kind)i), names[i]);
		assert_int_equal(entity_kind_from_name(names[i], &kind), 0);
		assert_int_equal(kind, i);
	}
	kind = ENTITY_UNIT;
	assert_int_equal(entity_kind_from_name("processes", &kind), -EINVAL);
	assert_int_equal(entity_kind_from_name("", &kind), -EINVAL);
	assert_int_equal(kind, ENTITY_UNIT);
}

/* A process of a user, in a container of a unit. */
static struct sample_process *somebody(struct fixture *f, uint32_t pid, const char *comm)
{
	struct sample_process *added = process(f, pid, pid, comm);
	const struct sample_container container = {.runtime = "podman",
						   .id = "4f1c",
						   .path = "/system.slice/c.scope",
						   .name = "web",
						   .image = "nginx"};

	added->user = add_user(f, 1000, "ann");
	added->cgroup = add_cgroup_in(f, "/system.slice/c.scope/x",
				      sample_add_container(&f->sample, &container));
	added->cmdline = "serve all";
	return added;
}

static const char *const ids[ENTITY_N_KINDS] = {
	[ENTITY_THREAD] = "50",	     [ENTITY_PROCESS] = "50",
	[ENTITY_TREE] = "50",	     [ENTITY_CGROUP] = "/system.slice/c.scope/x",
	[ENTITY_CONTAINER] = "4f1c", [ENTITY_UNIT] = "/system.slice/c.scope",
	[ENTITY_USER] = "1000",
};

/* The start mark has one line at least: who reads it sees where the run begins. */
static void test_start_mark_has_this_program(void **state)
{
	struct fixture f;

	(void)state;
	for (int kind = 0; kind < ENTITY_N_KINDS; kind++) {
		const struct entity *self;

		begin_kind(&f, (enum entity_kind)kind, (struct reporter_options){0});
		next(&f);
		somebody(&f, 50, "energytrace")->self = true;
		process(&f, 60, 60, "other");
		tick(&f);
		self = entity_of(&f, ids[kind]);
		assert_int_equal(self->self, kind == ENTITY_THREAD || kind == ENTITY_PROCESS);
		assert_figures(&self->total, 0, 0);
		assert_null(find_entity(&f, "60"));
		assert_int_equal(f.report->n_entities, kind == ENTITY_CGROUP ? 4 : 1);
		end(&f);
	}
}

static void test_own_cost_is_told_by_every_kind(void **state)
{
	struct fixture f;

	(void)state;
	for (int kind = 0; kind < ENTITY_N_KINDS; kind++) {
		begin_empty(&f, (enum entity_kind)kind);
		next(&f);
		somebody(&f, 50, "energytrace")->self = true;
		leader_ran(&f, 3 * MS);
		somebody(&f, 51, "other");
		leader_ran(&f, MS);
		conserving_tick(&f);
		assert_figures(&f.report->host.self, 3 * MS, PACKAGE_J * 3 / 4);
		assert_figures(&f.report->host.total_self, 3 * MS, PACKAGE_J * 3 / 4);
		end(&f);
	}
}

/* As "key=value" and a blank, in their order. */
static void assert_labels(const struct entity *entity, const char *wanted)
{
	struct entity_label labels[ENTITY_LABELS_MAX];
	size_t n = entity_labels(entity, labels);
	char text[256] = "";

	assert_true(n <= ENTITY_LABELS_MAX);
	for (size_t i = 0; i < n; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s=%s ", labels[i].key,
			 labels[i].value);
	assert_string_equal(text, wanted);
}

#define PODMAN "runtime=podman container=web containerId=4f1c image=nginx "

static void test_labels_are_what_is_not_id_or_name(void **state)
{
	static const char *const labels[ENTITY_N_KINDS] = {
		[ENTITY_THREAD] = "cmdline=serve all user=ann unit=c.scope " PODMAN,
		[ENTITY_PROCESS] = "cmdline=serve all user=ann unit=c.scope " PODMAN,
		[ENTITY_TREE] = "cmdline=serve all user=ann unit=c.scope " PODMAN,
		[ENTITY_CGROUP] = "unit=c.scope " PODMAN,
		[ENTITY_CONTAINER] = "unit=c.scope runtime=podman image=nginx ",
		[ENTITY_UNIT] = PODMAN,
		[ENTITY_USER] = "",
	};
	struct fixture f;

	(void)state;
	for (int kind = 0; kind < ENTITY_N_KINDS; kind++) {
		begin_empty(&f, (enum entity_kind)kind);
		next(&f);
		somebody(&f, 50, "serve");
		leader_ran(&f, MS);
		process(&f, 60, 60, "nobody"); /* of whom nothing is known */
		leader_ran(&f, MS);
		conserving_tick(&f);
		assert_labels(entity_of(&f, ids[kind]), labels[kind]);
		assert_labels(entity_of(&f, kind <= ENTITY_TREE ? "60" : "(unknown)"), "");
		end(&f);
	}
}

static void test_labels_of_a_pod(void **state)
{
	const struct entity_container container = {.runtime = "containerd",
						   .id = "4f1c",
						   .path = "/p",
						   .label = "prod/front/web",
						   .name = "web",
						   .pod = "front",
						   .pod_namespace = "prod"};
	struct entity entity = {.kind = ENTITY_CONTAINER, .container = &container};

	(void)state;
	assert_labels(&entity, "runtime=containerd pod=front namespace=prod ");
	entity.kind = ENTITY_CGROUP;
	assert_labels(&entity, "runtime=containerd container=web containerId=4f1c pod=front "
			       "namespace=prod ");
}

/* The entity's own names outlive the sample's, and go with it. */
static void test_names_are_the_reporters_own(void **state)
{
	struct fixture f;

	(void)state;
	for (int kind = 0; kind < ENTITY_N_KINDS; kind++) {
		char name[64];

		begin_empty(&f, (enum entity_kind)kind);
		next(&f);
		somebody(&f, 50, "serve");
		leader_ran(&f, MS);
		conserving_tick(&f);
		snprintf(name, sizeof(name), "%s", entity_of(&f, ids[kind])->name);
		sample_done(&f.sample);
		assert_string_equal(entity_of(&f, ids[kind])->name, name);
		next(&f);
		somebody(&f, 50, "serve");
		leader_ran(&f, 2 * MS);
		conserving_tick(&f);
		assert_int_equal(entity_of(&f, ids[kind])->total.cpu_ns, 3 * MS);
		assert_total(&f, name, 1, 3 * MS);
		end(&f);
	}
}

static void test_hostile_names_are_kept_as_they_are(void **state)
{
	char path[4096] = "/";
	struct fixture f;

	(void)state;
	for (size_t i = 1; i < sizeof(path) - 1; i++)
		path[i] = (char)(i % 255 + 1);
	for (int kind = 0; kind < ENTITY_N_KINDS; kind++) {
		struct sample_process *added;
		const struct entity *entity;
		int32_t index;

		begin_empty(&f, (enum entity_kind)kind);
		next(&f);
		index = add_container(&f, path, path, path);
		added = process(&f, 50, 50, HOSTILE_COMM);
		added->cgroup = add_cgroup_in(&f, path, index);
		added->user = add_user(&f, 7, path);
		assert_int_equal(sample_copy_text(&f.sample, path, &added->cmdline), 0);
		leader_ran(&f, MS);
		conserving_tick(&f);
		entity = kind == ENTITY_UNIT   ? entity_of(&f, "(no unit)")
			 : kind <= ENTITY_TREE ? entity_of(&f, "50")
			 : kind == ENTITY_USER ? entity_of(&f, "7")
					       : entity_of(&f, path);
		if (kind != ENTITY_UNIT)
			assert_string_equal(entity->name,
					    kind <= ENTITY_TREE ? HOSTILE_COMM : path);
		end(&f);
	}
}

/* Who was listed with time in the tick, by kind: the same time, cut another way. */
static void test_every_kind_shares_out_the_same(void **state)
{
	struct fixture f;

	(void)state;
	for (int kind = 0; kind < ENTITY_N_KINDS; kind++) {
		begin_empty(&f, (enum entity_kind)kind);
		next(&f);
		somebody(&f, 50, "serve");
		leader_ran(&f, 100 * MS);
		ran(&f, 1, 50 * MS);
		process(&f, 60, 60, "nobody");
		ran(&f, 1, 200 * MS);
		f.sample.cpus[0].lost_ns = 25 * MS;
		f.sample.cpus[0].idle_ns -= 25 * MS;
		conserving_tick(&f);
		assert_figures(&f.report->host.unattributed, 25 * MS, PACKAGE_J / 5);
		assert_figures(&f.report->host.idle, 1625 * MS, 0);
		assert_figures(&f.report->host.others, 0, 0);
		end(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds_have_names),
		cmocka_unit_test(test_start_mark_has_this_program),
		cmocka_unit_test(test_own_cost_is_told_by_every_kind),
		cmocka_unit_test(test_labels_are_what_is_not_id_or_name),
		cmocka_unit_test(test_labels_of_a_pod),
		cmocka_unit_test(test_names_are_the_reporters_own),
		cmocka_unit_test(test_hostile_names_are_kept_as_they_are),
		cmocka_unit_test(test_every_kind_shares_out_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
