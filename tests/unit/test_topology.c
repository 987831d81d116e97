// SPDX-License-Identifier: BSD-2-Clause
#include "topology/topology.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
/* cmocka wants some of those before it. */
#include <cmocka.h>

#define FIXTURES TESTS_DIR "/fixtures/sysfs/"

static struct topology *read_fixture(const char *path, unsigned int n_configured)
{
	struct topology *topology = NULL;
	struct errmsg msg = {""};

	assert_int_equal(topology_read(path, n_configured, &topology, &msg), 0);
	assert_string_equal(msg.text, "");
	assert_non_null(topology);
	return topology;
}

static void assert_cpu(const struct topology *topology, unsigned int id, int package, int die,
		       int core)
{
	const struct topology_cpu *cpu = topology_find(topology, id);

	assert_non_null(cpu);
	assert_int_equal(cpu->id, id);
	assert_int_equal(cpu->package, package);
	assert_int_equal(cpu->die, die);
	assert_int_equal(cpu->core, core);
}

static void smt_siblings_share_a_core(void **state)
{
	struct topology *topology = read_fixture(FIXTURES "one-package", 1);

	(void)state;
	assert_int_equal(topology->n_cpus, 4);
	assert_false(topology->assumed);
	for (unsigned int id = 0; id < 4; id++)
		assert_cpu(topology, id, 0, 0, (int)id % 2);
	topology_free(topology);
}

static void offline_cpu_has_the_package_below(void **state)
{
	struct topology *topology = read_fixture(FIXTURES "two-packages", 1);

	(void)state;
	assert_int_equal(topology->n_cpus, 8);
	assert_cpu(topology, 3, 0, 0, 12);
	assert_cpu(topology, 4, 1, 0, 0);
	assert_cpu(topology, 5, 1, 0, -1);
	assert_cpu(topology, 6, 1, 0, 8);
	topology_free(topology);
}

static void holes_and_sparse_ids_are_kept(void **state)
{
	struct topology *topology = read_fixture(FIXTURES "cpu-holes", 1);

	(void)state;
	assert_int_equal(topology->n_cpus, 7);
	assert_false(topology->assumed);
	/* None below CPU 0: the first above. */
	assert_cpu(topology, 0, 3, 1, -1);
	assert_cpu(topology, 1, 3, 1, 2);
	assert_null(topology_find(topology, 2));
	assert_null(topology_find(topology, 3));
	assert_cpu(topology, 4, 3, 1, 4);
	/* die_id -1: no dies. */
	assert_cpu(topology, 5, 7, 0, 0);
	assert_cpu(topology, 8, 7, 0, 2);
	assert_cpu(topology, 9, 7, 0, -1);
	assert_cpu(topology, 10, 3, 1, 6);
	assert_null(topology_find(topology, 11));
	for (size_t i = 1; i < topology->n_cpus; i++)
		assert_true(topology->cpus[i - 1].id < topology->cpus[i].id);
	topology_free(topology);
}

static void dies_come_from_die_id(void **state)
{
	struct topology *topology = read_fixture(FIXTURES "dies", 1);

	(void)state;
	assert_cpu(topology, 1, 0, 0, 1);
	assert_cpu(topology, 2, 0, 1, 0);
	assert_cpu(topology, 3, 0, 1, 1);
	topology_free(topology);
}

static void missing_die_id_is_die_0(void **state)
{
	struct topology *topology = read_fixture(FIXTURES "amd", 1);

	(void)state;
	assert_cpu(topology, 0, 0, 0, 0);
	assert_cpu(topology, 1, 0, 0, 1);
	topology_free(topology);
}

static void without_possible_the_directories_count(void **state)
{
	struct topology *topology = read_fixture(FIXTURES "cpu-no-possible", 64);

	(void)state;
	assert_int_equal(topology->n_cpus, 3);
	assert_false(topology->assumed);
	assert_cpu(topology, 0, 0, 0, 0);
	assert_cpu(topology, 2, 0, 0, 1);
	assert_cpu(topology, 10, 1, 0, 0);
	topology_free(topology);
}

static void unknown_package_is_package_0(void **state)
{
	struct topology *topology = read_fixture(FIXTURES "cpu-unknown-package", 1);

	(void)state;
	assert_false(topology->assumed);
	assert_cpu(topology, 0, 0, 0, 0);
	assert_cpu(topology, 1, 0, 0, 1);
	topology_free(topology);
}

static void files_cut_short_are_unknown_ids(void **state)
{
	struct topology *topology = read_fixture(FIXTURES "cut-short", 1);

	(void)state;
	assert_cpu(topology, 0, 0, 0, -1);
	assert_cpu(topology, 1, 1, 0, 0);
	assert_cpu(topology, 2, 1, 0, -1);
	assert_cpu(topology, 3, 3, 0, 0);
	topology_free(topology);
}

static void without_a_tree_the_configured_cpus_are_assumed(void **state)
{
	struct topology *topology = read_fixture(FIXTURES "mmio-only/class", 3);

	(void)state;
	assert_true(topology->assumed);
	assert_int_equal(topology->n_cpus, 3);
	for (unsigned int id = 0; id < 3; id++)
		assert_cpu(topology, id, 0, 0, -1);
	assert_null(topology_find(topology, 3));
	topology_free(topology);

	topology = read_fixture(FIXTURES "mmio-only/class", 0);
	assert_true(topology->assumed);
	assert_int_equal(topology->n_cpus, 0);
	assert_null(topology_find(topology, 0));
	topology_free(topology);
	topology_free(NULL);
}

static void write_possible(const char *root, const char *text)
{
	static const char *const below[] = {"/devices", "/devices/system", "/devices/system/cpu"};
	char path[128];
	FILE *file;

	for (size_t i = 0; i < sizeof(below) / sizeof(below[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", root, below[i]);
		assert_true(mkdir(path, 0755) == 0 || errno == EEXIST);
	}
	snprintf(path, sizeof(path), "%s/devices/system/cpu/possible", root);
	file = fopen(path, "we");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static void remove_possible(const char *root)
{
	static const char *const below[] = {"/devices/system/cpu/possible", "/devices/system/cpu",
					    "/devices/system", "/devices", ""};
	char path[128];

	for (size_t i = 0; i < sizeof(below) / sizeof(below[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", root, below[i]);
		assert_int_equal(remove(path), 0);
	}
}

static void lists_are_taken_as_written_or_refused(void **state)
{
	char root[] = "/tmp/test-topology-XXXXXX";
	struct topology *topology = NULL;
	struct errmsg msg = {""};

	(void)state;
	assert_non_null(mkdtemp(root));
	/* Nobody's topology is known; out of order and twice is still one CPU each. */
	write_possible(root, "4-5,0,4\n");
	topology = read_fixture(root, 16);
	assert_true(topology->assumed);
	assert_int_equal(topology->n_cpus, 3);
	assert_cpu(topology, 0, 0, 0, -1);
	assert_cpu(topology, 4, 0, 0, -1);
	assert_cpu(topology, 5, 0, 0, -1);
	topology_free(topology);

	/* Nothing possible is as good as no list. */
	write_possible(root, "\n");
	topology = read_fixture(root, 2);
	assert_true(topology->assumed);
	assert_int_equal(topology->n_cpus, 2);
	topology_free(topology);

	topology = NULL;
	write_possible(root, "0-3;5\n");
	assert_int_equal(topology_read(root, 2, &topology, &msg), -EINVAL);
	assert_null(topology);
	assert_non_null(strstr(msg.text, root));
	remove_possible(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(smt_siblings_share_a_core),
		cmocka_unit_test(offline_cpu_has_the_package_below),
		cmocka_unit_test(holes_and_sparse_ids_are_kept),
		cmocka_unit_test(dies_come_from_die_id),
		cmocka_unit_test(missing_die_id_is_die_0),
		cmocka_unit_test(without_possible_the_directories_count),
		cmocka_unit_test(unknown_package_is_package_0),
		cmocka_unit_test(files_cut_short_are_unknown_ids),
		cmocka_unit_test(without_a_tree_the_configured_cpus_are_assumed),
		cmocka_unit_test(lists_are_taken_as_written_or_refused),
	};

	return cmocka_run_group_tests_name("topology", tests, NULL, NULL);
}
