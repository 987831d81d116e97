// SPDX-License-Identifier: BSD-2-Clause
/* Which zones powercap finds, what it takes them for, and what it says when it can't. */
#include "energy/energy.h"

#include "sysfs_tree.h"

#define FIXTURES TESTS_DIR "/fixtures/sysfs/"

struct expected {
	enum domain_type type;
	const char *name, *node;
	int package, die;
};

static struct energy *open_tree(const char *sysfs)
{
	struct energy_options options = {.sysfs = sysfs, .procfs = "/nonexistent"};
	struct energy *energy = NULL;
	struct errmsg msg = {""};

	if (energy_open("powercap", &options, &energy, &msg) != 0)
		fail_msg("%s: %s", sysfs, msg.text);
	return energy;
}

static struct energy_probe probe_tree(const char *sysfs)
{
	struct energy_options options = {.sysfs = sysfs, .procfs = "/nonexistent"};
	struct energy_probe probe;

	memset(&probe, 0x55, sizeof(probe));
	energy_source_find("powercap")->probe(&options, &probe);
	return probe;
}

static void assert_says(const char *text, const char *part)
{
	if (!text || !strstr(text, part))
		fail_msg("\"%s\" does not say \"%s\"", text ? text : "(nothing)", part);
}

static void assert_open_fails(const char *sysfs, int err, enum energy_state probed,
			      const char *part)
{
	struct energy_options options = {.sysfs = sysfs, .procfs = "/nonexistent"};
	struct energy *energy = NULL;
	struct errmsg msg = {""};
	struct energy_probe probe;

	assert_int_equal(energy_open("powercap", &options, &energy, &msg), err);
	assert_null(energy);
	assert_says(msg.text, part);
	assert_says(msg.text, sysfs);
	probe = probe_tree(sysfs);
	assert_int_equal(probe.state, probed);
	assert_string_equal(probe.text, msg.text);
}

static void assert_domains(const struct energy *energy, const struct expected *expected, size_t n)
{
	const struct run_domain *domains;

	assert_int_equal(energy_domains(energy, &domains), n);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(domains[i].type, expected[i].type);
		assert_string_equal(domains[i].name, expected[i].name);
		assert_string_equal(domains[i].node, expected[i].node);
		assert_int_equal(domains[i].package, expected[i].package);
		assert_int_equal(domains[i].die, expected[i].die);
	}
}

#define ASSERT_TREE(sysfs, ...)                                                               \
	do {                                                                                  \
		const struct expected expected_[] = {__VA_ARGS__};                            \
		struct energy *energy_ = open_tree(sysfs);                                    \
                                                                                              \
		assert_domains(energy_, expected_, sizeof(expected_) / sizeof(expected_[0])); \
		energy_close(energy_);                                                        \
	} while (0)

static int domain_of(const struct energy *energy, int package, int die)
{
	struct topology_cpu cpu = {.id = 1, .package = package, .die = die};

	return energy_domain_of(energy, &cpu);
}

static void subzones_are_of_their_parents_package(void **state)
{
	struct energy_probe probe = probe_tree(FIXTURES "one-package");
	struct energy *energy;

	(void)state;
	ASSERT_TREE(FIXTURES "one-package", {DOMAIN_PACKAGE, "package-0", "intel-rapl:0", 0, -1},
		    {DOMAIN_CORE, "core", "intel-rapl:0:0", 0, -1},
		    {DOMAIN_UNCORE, "uncore", "intel-rapl:0:1", 0, -1},
		    {DOMAIN_DRAM, "dram", "intel-rapl:0:2", 0, -1});
	assert_int_equal(probe.state, ENERGY_USABLE);
	assert_string_equal(probe.text, "1 package, 1 dram, 1 core, 1 uncore in " FIXTURES
					"one-package/class/powercap");
	energy = open_tree(FIXTURES "one-package");
	assert_string_equal(energy_source(energy)->name, "powercap");
	assert_int_equal(energy_kind(energy), ENERGY_MEASURED);
	assert_null(energy_complaint(energy));
	/* The smallest range, dram's, at 2000 W, halved. */
	assert_int_equal(energy_max_read_interval_ns(energy), UINT64_C(16428249000));
	energy_close(energy);
}

static void packages_go_by_name_not_by_index(void **state)
{
	struct energy *energy = open_tree(FIXTURES "two-packages");

	(void)state;
	ASSERT_TREE(FIXTURES "two-packages", {DOMAIN_PACKAGE, "package-0", "intel-rapl:1", 0, -1},
		    {DOMAIN_PACKAGE, "package-1", "intel-rapl:0", 1, -1},
		    {DOMAIN_DRAM, "dram", "intel-rapl:0:0", 1, -1},
		    {DOMAIN_DRAM, "dram", "intel-rapl:1:0", 0, -1});
	assert_int_equal(domain_of(energy, 0, 0), 0);
	assert_int_equal(domain_of(energy, 1, 3), 1);
	assert_int_equal(domain_of(energy, 2, 0), SAMPLE_NO_DOMAIN);
	assert_int_equal(domain_of(energy, -1, 0), SAMPLE_NO_DOMAIN);
	energy_close(energy);
}

static void zones_inside_their_parents_are_found_once(void **state)
{
	(void)state;
	ASSERT_TREE(FIXTURES "nested", {DOMAIN_PACKAGE, "package-0", "intel-rapl:0", 0, -1},
		    {DOMAIN_PACKAGE, "package-1", "intel-rapl:1", 1, -1},
		    {DOMAIN_DRAM, "dram", "intel-rapl:0:0", 0, -1},
		    {DOMAIN_DRAM, "dram", "intel-rapl:1:0", 1, -1});
}

static void kernel_layout_of_links_counts_each_zone_once(void **state)
{
	struct sysfs_tree tree = tree_new();

	(void)state;
	/* As the kernel lays it out: nested directories, and a flat list of links to them. */
	tree_zone(&tree, "../../devices/virtual/powercap/intel-rapl/intel-rapl:0", "package-0", 1);
	tree_zone(&tree,
		  "../../devices/virtual/powercap/intel-rapl/intel-rapl:0/"
		  "intel-rapl:0:0",
		  "dram", 1);
	assert_int_equal(symlink("../../devices/virtual/powercap/intel-rapl",
				 tree_path(&tree, "class/powercap/intel-rapl")),
			 0);
	assert_int_equal(symlink("../../devices/virtual/powercap/intel-rapl/intel-rapl:0",
				 tree_path(&tree, "class/powercap/intel-rapl:0")),
			 0);
	assert_int_equal(symlink("../../devices/virtual/powercap/intel-rapl/intel-rapl:0/"
				 "intel-rapl:0:0",
				 tree_path(&tree, "class/powercap/intel-rapl:0:0")),
			 0);
	assert_int_equal(symlink("../../../../../class/powercap",
				 tree_path(&tree, "devices/virtual/powercap/intel-rapl/"
						  "intel-rapl:0/subsystem")),
			 0);
	ASSERT_TREE(tree.root, {DOMAIN_PACKAGE, "package-0", "intel-rapl:0", 0, -1},
		    {DOMAIN_DRAM, "dram", "intel-rapl:0:0", 0, -1});
	tree_free(&tree);
}

static void dies_that_count_apart_are_domains_of_their_own(void **state)
{
	struct energy *energy = open_tree(FIXTURES "dies");

	(void)state;
	ASSERT_TREE(FIXTURES "dies", {DOMAIN_PACKAGE, "package-0-die-0", "intel-rapl:0", 0, 0},
		    {DOMAIN_PACKAGE, "package-0-die-1", "intel-rapl:1", 0, 1},
		    {DOMAIN_DRAM, "dram", "intel-rapl:0:0", 0, 0},
		    {DOMAIN_DRAM, "dram", "intel-rapl:1:0", 0, 1});
	assert_int_equal(domain_of(energy, 0, 0), 0);
	assert_int_equal(domain_of(energy, 0, 1), 1);
	assert_int_equal(domain_of(energy, 0, 2), SAMPLE_NO_DOMAIN);
	assert_int_equal(domain_of(energy, 1, 0), SAMPLE_NO_DOMAIN);
	energy_close(energy);
}

static void dies_that_mirror_are_one_package(void **state)
{
	struct energy *energy = open_tree(FIXTURES "dies-mirrored");

	(void)state;
	ASSERT_TREE(FIXTURES "dies-mirrored", {DOMAIN_PACKAGE, "package-0", "intel-rapl:0", 0, -1});
	assert_int_equal(domain_of(energy, 0, 0), 0);
	assert_int_equal(domain_of(energy, 0, 1), 0);
	energy_close(energy);
	assert_says(probe_tree(FIXTURES "dies-mirrored").text,
		    "dies mirror one counter, counted once");
}

static void mmio_never_counts_a_package_twice(void **state)
{
	(void)state;
	ASSERT_TREE(FIXTURES "mmio-duplicate", {DOMAIN_PACKAGE, "package-0", "intel-rapl:0", 0, -1},
		    {DOMAIN_CORE, "core", "intel-rapl:0:0", 0, -1});
	ASSERT_TREE(FIXTURES "mmio-only",
		    {DOMAIN_PACKAGE, "package-0", "intel-rapl-mmio:0", 0, -1});
}

static void mmio_beside_dies_or_copies_counts_nothing_twice(void **state)
{
	struct sysfs_tree tree = tree_new();

	(void)state;
	tree_zone(&tree, "intel-rapl-mmio:0", "package-0", 5000000);
	tree_zone(&tree, "intel-rapl:0", "package-0-die-0", 1000000);
	tree_zone(&tree, "intel-rapl:2", "package-0-die-1", 7000000);
	tree_zone(&tree, "intel-rapl:10", "package-0-die-1", 7000000);
	ASSERT_TREE(tree.root, {DOMAIN_PACKAGE, "package-0-die-0", "intel-rapl:0", 0, 0},
		    {DOMAIN_PACKAGE, "package-0-die-1", "intel-rapl:2", 0, 1});
	/* A package contains its dies. */
	tree_zone(&tree, "intel-rapl:11", "package-0", 8000000);
	ASSERT_TREE(tree.root, {DOMAIN_PACKAGE, "package-0", "intel-rapl:11", 0, -1});
	tree_free(&tree);
}

static void amd_shows_package_and_core(void **state)
{
	(void)state;
	ASSERT_TREE(FIXTURES "amd", {DOMAIN_PACKAGE, "package-0", "intel-rapl:0", 0, -1},
		    {DOMAIN_CORE, "core", "intel-rapl:0:0", 0, -1});
}

static void psys_is_of_no_package_and_dtpm_is_not_rapl(void **state)
{
	struct energy *energy = open_tree(FIXTURES "psys");

	(void)state;
	ASSERT_TREE(FIXTURES "psys", {DOMAIN_PACKAGE, "package-0", "intel-rapl:1", 0, -1},
		    {DOMAIN_PSYS, "psys", "intel-rapl:0", -1, -1});
	assert_int_equal(domain_of(energy, -1, 0), SAMPLE_NO_DOMAIN);
	energy_close(energy);
}

static void dram_counts_on_every_socket(void **state)
{
	(void)state;
	ASSERT_TREE(FIXTURES "dram-four-sockets",
		    {DOMAIN_PACKAGE, "package-0", "intel-rapl:0", 0, -1},
		    {DOMAIN_PACKAGE, "package-1", "intel-rapl:1", 1, -1},
		    {DOMAIN_PACKAGE, "package-2", "intel-rapl:2", 2, -1},
		    {DOMAIN_PACKAGE, "package-3", "intel-rapl:3", 3, -1},
		    {DOMAIN_DRAM, "dram", "intel-rapl:0:0", 0, -1},
		    {DOMAIN_DRAM, "dram", "intel-rapl:1:0", 1, -1},
		    {DOMAIN_DRAM, "dram", "intel-rapl:2:0", 2, -1},
		    {DOMAIN_DRAM, "dram", "intel-rapl:3:0", 3, -1});
}

static void nodes_sort_as_numbers(void **state)
{
	struct sysfs_tree tree = tree_new();

	(void)state;
	tree_zone(&tree, "intel-rapl:10", "package-0", 1);
	tree_zone(&tree, "intel-rapl:10:0", "dram", 1);
	tree_zone(&tree, "intel-rapl:9", "package-10", 1);
	tree_zone(&tree, "intel-rapl:9:0", "dram", 1);
	tree_zone(&tree, "intel-rapl:8", "package-9", 1);
	tree_zone(&tree, "intel-rapl:7", "psys-1", 1);
	/* Not the name of a package, however much it looks like one. */
	tree_zone(&tree, "intel-rapl:6", "package-1-lid", 1);
	ASSERT_TREE(tree.root, {DOMAIN_PACKAGE, "package-0", "intel-rapl:10", 0, -1},
		    {DOMAIN_PACKAGE, "package-9", "intel-rapl:8", 9, -1},
		    {DOMAIN_PACKAGE, "package-10", "intel-rapl:9", 10, -1},
		    {DOMAIN_OTHER, "package-1-lid", "intel-rapl:6", -1, -1},
		    {DOMAIN_PSYS, "psys-1", "intel-rapl:7", -1, -1},
		    {DOMAIN_DRAM, "dram", "intel-rapl:9:0", 10, -1},
		    {DOMAIN_DRAM, "dram", "intel-rapl:10:0", 0, -1});
	tree_free(&tree);
}

static void files_cut_short_are_said_once_each(void **state)
{
	struct energy *energy = open_tree(FIXTURES "cut-short");

	(void)state;
	ASSERT_TREE(FIXTURES "cut-short", {DOMAIN_PACKAGE, "package-0", "intel-rapl:0", 0, -1},
		    {DOMAIN_PACKAGE, "package-1", "intel-rapl:1", 1, -1},
		    {DOMAIN_PACKAGE, "package-3", "intel-rapl:3", 3, -1});
	assert_says(energy_complaint(energy), "package-1 (intel-rapl:1) cannot be read: "
					      "energy_uj gives no number");
	assert_says(energy_complaint(energy), "package-3 (intel-rapl:3) does not tell its "
					      "max_energy_range_uj");
	assert_says(energy_complaint(energy),
		    "dram (intel-rapl:0:0) cannot be read and is left out");
	assert_says(energy_complaint(energy), "without a name");
	assert_null(energy_complaint(energy));
	assert_int_equal(energy_max_read_interval_ns(energy), UINT64_C(1000000000));
	energy_close(energy);
	assert_int_equal(probe_tree(FIXTURES "cut-short").state, ENERGY_USABLE);
}

static void counters_at_zero_are_broken(void **state)
{
	struct energy_probe probe = probe_tree(FIXTURES "stuck-at-zero");

	(void)state;
	assert_int_equal(probe.state, ENERGY_BROKEN);
	assert_says(probe.text, "stand at 0");
}

static void failing_reads_are_broken(void **state)
{
	(void)state;
	assert_open_fails(FIXTURES "eio", -EIO, ENERGY_BROKEN,
			  "intel-rapl:0/energy_uj cannot be read (Is a directory)");
}

static void machine_without_rapl_is_told_what_to_load(void **state)
{
	struct sysfs_tree tree = tree_new();

	(void)state;
	assert_open_fails(tree.root, -ENOENT, ENERGY_MISSING, "modprobe intel_rapl_msr");
	tree_put(&tree, "class/powercap/intel-rapl/enabled", "1");
	assert_open_fails(tree.root, -ENOENT, ENERGY_MISSING, "modprobe intel_rapl_msr");
	tree_zone(&tree, "dtpm:0", "package-0", 5);
	assert_open_fails(tree.root, -ENOENT, ENERGY_MISSING, "modprobe intel_rapl_msr");
	tree_zone(&tree, "intel-rapl:0", "psys", 5);
	assert_open_fails(tree.root, -ENOENT, ENERGY_MISSING, "no zone in");
	tree_free(&tree);
}

static void links_masked_in_a_container_are_named(void **state)
{
	struct sysfs_tree tree = tree_new();

	(void)state;
	tree_parents(&tree, "class/powercap/intel-rapl:0");
	assert_int_equal(symlink("../../devices/virtual/powercap/intel-rapl/intel-rapl:0",
				 tree_path(&tree, "class/powercap/intel-rapl:0")),
			 0);
	assert_open_fails(tree.root, -ENOENT, ENERGY_MISSING, "container");
	tree_free(&tree);
}

/* Root may read everything: become nobody for as long as the reads last. */
static int drop_root(void)
{
	if (geteuid() != 0)
		return 0;
	return seteuid(65534) == 0 ? 0 : -errno;
}

static void regain_root(void)
{
	if (getuid() == 0)
		assert_int_equal(seteuid(0), 0);
}

static void permission_denied_says_how_to_get_it(void **state)
{
	struct energy_options options = {.procfs = "/nonexistent"};
	struct sysfs_tree tree = tree_new();
	struct energy *energy = NULL, *fallback = NULL;
	struct energy_probe probe;
	struct errmsg msg = {""};
	int opened, automatic;

	(void)state;
	tree_zone(&tree, "intel-rapl:0", "package-0", 5);
	assert_int_equal(chmod(tree_path(&tree, "class/powercap/intel-rapl:0/energy_uj"),
			       geteuid() == 0 ? 0400 : 0),
			 0);
	if (drop_root() != 0) {
		print_message("skipped: root here may not become another user\n");
		tree_free(&tree);
		skip();
	}
	options.sysfs = tree.root;
	automatic = energy_open("auto", &options, &fallback, &msg);
	opened = energy_open("powercap", &options, &energy, &msg);
	probe = probe_tree(tree.root);
	regain_root();
	tree_free(&tree);
	/* `auto` goes on with an estimate and says what permission it lacks. */
	assert_int_equal(automatic, 0);
	assert_string_equal(energy_source(fallback)->name, "estimate");
	assert_says(energy_complaint(fallback), "CAP_DAC_READ_SEARCH");
	energy_close(fallback);
	assert_int_equal(opened, -EACCES);
	assert_null(energy);
	assert_says(msg.text, "run as root");
	assert_says(msg.text, "CAP_DAC_READ_SEARCH");
	assert_int_equal(probe.state, ENERGY_DENIED);
	assert_string_equal(probe.text, msg.text);
}

static void unreadable_dram_is_left_out_and_said_once(void **state)
{
	struct sysfs_tree tree = tree_new();
	struct energy *energy;
	const struct run_domain *domains;

	(void)state;
	tree_zone(&tree, "intel-rapl:0", "package-0", 5);
	tree_zone(&tree, "intel-rapl:0:0", "dram", 5);
	assert_int_equal(remove(tree_path(&tree, "class/powercap/intel-rapl:0:0/energy_uj")), 0);
	energy = open_tree(tree.root);
	assert_int_equal(energy_domains(energy, &domains), 1);
	assert_int_equal(domains[0].type, DOMAIN_PACKAGE);
	assert_says(energy_complaint(energy), "dram (intel-rapl:0:0)");
	assert_null(energy_complaint(energy));
	energy_close(energy);
	tree_free(&tree);
}

static void tree_of_the_simulator_is_simulated(void **state)
{
	struct sysfs_tree tree = tree_new();
	struct energy *energy;

	(void)state;
	tree_zone(&tree, "intel-rapl:0", "package-0", 5);
	tree_put(&tree, "raplsim", "");
	energy = open_tree(tree.root);
	assert_int_equal(energy_kind(energy), ENERGY_SIMULATED);
	assert_says(probe_tree(tree.root).text, "simulated");
	energy_close(energy);
	tree_free(&tree);
}

static void auto_takes_what_works_but_never_none(void **state)
{
	struct energy_options options = {.sysfs = FIXTURES "amd", .procfs = "/nonexistent"};
	struct energy *energy = NULL;
	struct errmsg msg = {""};

	(void)state;
	assert_int_equal(energy_open("auto", &options, &energy, &msg), 0);
	assert_string_equal(energy_source(energy)->name, "powercap");
	energy_close(energy);
	energy = NULL;
	options.sysfs = FIXTURES "cpu-holes";
	assert_int_equal(energy_open("auto", &options, &energy, &msg), 0);
	assert_string_equal(energy_source(energy)->name, "estimate");
	assert_says(energy_complaint(energy), "modprobe");
	energy_close(energy);
	energy = NULL;
	assert_int_equal(energy_open("powercat", &options, &energy, &msg), -EINVAL);
	assert_null(energy);
	assert_string_equal(msg.text, "no energy source is called \"powercat\": there are auto, "
				      "powercap, estimate, none");
	assert_null(energy_source_find("auto"));
}

static void none_has_no_domains_and_always_works(void **state)
{
	struct energy_options options = {.sysfs = "/nonexistent", .procfs = "/nonexistent"};
	const struct run_domain *domains;
	struct energy *energy = NULL;
	struct energy_probe probe;
	struct sample sample = {0};
	struct errmsg msg = {""};

	(void)state;
	assert_int_equal(energy_open("none", &options, &energy, &msg), 0);
	assert_int_equal(energy_domains(energy, &domains), 0);
	assert_int_equal(energy_kind(energy), ENERGY_NONE);
	assert_true(energy_max_read_interval_ns(energy) == UINT64_MAX);
	assert_null(energy_complaint(energy));
	assert_int_equal(domain_of(energy, 0, 0), SAMPLE_NO_DOMAIN);
	assert_int_equal(energy_take(energy, 5, &sample), 0);
	assert_int_equal(sample.n_energy, 0);
	energy_close(energy);
	energy_close(NULL);
	sample_done(&sample);
	energy_source_find("none")->probe(&options, &probe);
	assert_int_equal(probe.state, ENERGY_USABLE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(subzones_are_of_their_parents_package),
		cmocka_unit_test(packages_go_by_name_not_by_index),
		cmocka_unit_test(zones_inside_their_parents_are_found_once),
		cmocka_unit_test(kernel_layout_of_links_counts_each_zone_once),
		cmocka_unit_test(dies_that_count_apart_are_domains_of_their_own),
		cmocka_unit_test(dies_that_mirror_are_one_package),
		cmocka_unit_test(mmio_never_counts_a_package_twice),
		cmocka_unit_test(mmio_beside_dies_or_copies_counts_nothing_twice),
		cmocka_unit_test(amd_shows_package_and_core),
		cmocka_unit_test(psys_is_of_no_package_and_dtpm_is_not_rapl),
		cmocka_unit_test(dram_counts_on_every_socket),
		cmocka_unit_test(nodes_sort_as_numbers),
		cmocka_unit_test(files_cut_short_are_said_once_each),
		cmocka_unit_test(counters_at_zero_are_broken),
		cmocka_unit_test(failing_reads_are_broken),
		cmocka_unit_test(machine_without_rapl_is_told_what_to_load),
		cmocka_unit_test(links_masked_in_a_container_are_named),
		cmocka_unit_test(permission_denied_says_how_to_get_it),
		cmocka_unit_test(unreadable_dram_is_left_out_and_said_once),
		cmocka_unit_test(tree_of_the_simulator_is_simulated),
		cmocka_unit_test(auto_takes_what_works_but_never_none),
		cmocka_unit_test(none_has_no_domains_and_always_works),
	};

	return cmocka_run_group_tests_name("powercap", tests, NULL, NULL);
}
