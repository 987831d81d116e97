// SPDX-License-Identifier: BSD-2-Clause
#include "entity/cgroup.h"

#include "sysfs_tree.h"

static struct sysfs_tree tree;

static int make_tree(void **state)
{
	(void)state;
	tree = tree_new();
	return 0;
}

static int remove_tree(void **state)
{
	(void)state;
	tree_free(&tree);
	return 0;
}

/* --- mounts */

static struct cgroup_mounts read_mounts(const char *mountinfo)
{
	struct cgroup_mounts mounts = {.v1 = "rubbish", .v2 = "rubbish", .v1_is_cpuacct = true};

	tree_put(&tree, "self/mountinfo", mountinfo);
	assert_int_equal(cgroup_mounts_read(tree.root, &mounts), 0);
	return mounts;
}

static void assert_mounts(const char *mountinfo, const char *v1, bool v1_is_cpuacct, const char *v2)
{
	struct cgroup_mounts mounts = read_mounts(mountinfo);

	assert_string_equal(mounts.v1, v1);
	assert_int_equal(mounts.v1_is_cpuacct, v1_is_cpuacct);
	assert_string_equal(mounts.v2, v2);
}

#define ROOT_MOUNT "22 1 259:2 / / rw,relatime shared:1 - ext4 /dev/nvme0n1p2 rw\n"
#define V2_MOUNT                                                                                  \
	"27 22 0:24 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:4 - cgroup2 cgroup2 " \
	"rw,nsdelegate,memory_recursiveprot\n"
#define UNIFIED_MOUNT \
	"33 32 0:28 / /sys/fs/cgroup/unified rw,nosuid shared:10 - cgroup2 cgroup2 rw,nsdelegate\n"
#define V1_TMPFS "32 24 0:27 / /sys/fs/cgroup ro,nosuid shared:9 - tmpfs tmpfs ro,mode=755\n"
#define V1_SYSTEMD \
	"34 32 0:29 / /sys/fs/cgroup/systemd rw shared:11 - cgroup cgroup rw,xattr,name=systemd\n"
#define V1_CPUSET "38 32 0:33 / /sys/fs/cgroup/cpuset rw shared:15 - cgroup cgroup rw,cpuset\n"
#define V1_BOTH \
	"40 32 0:35 / /sys/fs/cgroup/cpu,cpuacct rw shared:17 - cgroup cgroup rw,cpu,cpuacct\n"
#define V1_CPU "41 32 0:36 / /sys/fs/cgroup/cpu rw shared:18 - cgroup cgroup rw,cpu\n"
#define V1_CPUACCT "42 32 0:37 / /sys/fs/cgroup/cpuacct rw shared:19 - cgroup cgroup rw,cpuacct\n"

static void test_v2_only(void **state)
{
	(void)state;
	assert_mounts(ROOT_MOUNT V2_MOUNT, "", false, "/sys/fs/cgroup");
}

static void test_v1_only(void **state)
{
	(void)state;
	assert_mounts(ROOT_MOUNT V1_TMPFS V1_SYSTEMD V1_CPUSET V1_BOTH,
		      "/sys/fs/cgroup/cpu,cpuacct", true, "");
}

static void test_hybrid_with_cpu_and_cpuacct_together(void **state)
{
	(void)state;
	assert_mounts(ROOT_MOUNT V1_TMPFS UNIFIED_MOUNT V1_SYSTEMD V1_CPUSET V1_BOTH,
		      "/sys/fs/cgroup/cpu,cpuacct", true, "/sys/fs/cgroup/unified");
}

static void test_hybrid_with_cpuacct_apart_takes_cpuacct(void **state)
{
	(void)state;
	assert_mounts(V1_CPU V1_CPUACCT UNIFIED_MOUNT, "/sys/fs/cgroup/cpuacct", true,
		      "/sys/fs/cgroup/unified");
	assert_mounts(V1_CPUACCT V1_CPU UNIFIED_MOUNT, "/sys/fs/cgroup/cpuacct", true,
		      "/sys/fs/cgroup/unified");
}

static void test_cpu_stands_in_where_no_cpuacct_is(void **state)
{
	(void)state;
	assert_mounts(V1_SYSTEMD V1_CPUSET V1_CPU, "/sys/fs/cgroup/cpu", false, "");
}

static void test_controllers_are_whole_words(void **state)
{
	(void)state;
	assert_mounts(V1_CPUSET, "", false, "");
	assert_mounts("34 32 0:29 / /a rw - cgroup cgroup rw,name=cpu\n"
		      "35 32 0:30 / /b rw - cgroup cgroup rw,xcpuacct\n",
		      "", false, "");
	/* The mount's own options are not the hierarchy's. */
	assert_mounts("34 32 0:29 / /a rw,cpu - cgroup cgroup rw,memory\n", "", false, "");
}

static void test_no_cgroup_mounted(void **state)
{
	(void)state;
	assert_mounts(ROOT_MOUNT V1_TMPFS, "", false, "");
	assert_mounts("", "", false, "");
}

static void test_first_of_several_mounts_of_one_hierarchy(void **state)
{
	(void)state;
	assert_mounts(V2_MOUNT "50 22 0:24 / /mnt/again rw - cgroup2 none rw\n" V1_BOTH
			       "51 22 0:35 / /mnt/both rw - cgroup none rw,cpu,cpuacct\n",
		      "/sys/fs/cgroup/cpu,cpuacct", true, "/sys/fs/cgroup");
}

static void test_escaped_mount_points(void **state)
{
	(void)state;
	assert_mounts("27 22 0:24 / /mnt/my\\040c\\011groups\\134x rw - cgroup2 cgroup2 rw\n", "",
		      false, "/mnt/my c\tgroups\\x");
	assert_mounts("27 22 0:24 /a\\040-\\040b /mnt/x\\040-\\040y rw - cgroup2 cgroup2 rw\n", "",
		      false, "/mnt/x - y");
	/* No escape, only a backslash, which no kernel writes. */
	assert_mounts("27 22 0:24 / /mnt/a\\4 rw - cgroup2 cgroup2 rw\n", "", false, "/mnt/a\\4");
}

static void test_any_number_of_optional_fields(void **state)
{
	(void)state;
	assert_mounts("27 22 0:24 / /none rw - cgroup2 cgroup2 rw\n", "", false, "/none");
	assert_mounts("27 22 0:24 / /many rw shared:4 master:3 propagate_from:2 unbindable - "
		      "cgroup2 cgroup2 rw\n",
		      "", false, "/many");
}

/* mount("", …): two blanks stand side by side. */
static void test_source_may_be_empty(void **state)
{
	(void)state;
	assert_mounts("27 22 0:24 / /two rw - cgroup2  rw,nsdelegate\n"
		      "28 22 0:25 / /one rw - cgroup  rw,cpuacct\n",
		      "/one", true, "/two");
}

static void test_lines_that_are_none_are_skipped(void **state)
{
	(void)state;
	assert_mounts("\n27\n27 22 0:24\n27 22 0:24 / /x rw\n27 22 0:24 / /x rw -\n"
		      "27 22 0:24 / /x rw - cgroup2\n - cgroup2 cgroup2 rw\n" V2_MOUNT,
		      "", false, "/sys/fs/cgroup");
}

static void test_mount_point_that_does_not_fit_is_left_out(void **state)
{
	char line[512], name[257];

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	snprintf(line, sizeof(line), "27 22 0:24 / /%s rw - cgroup2 cgroup2 rw\n", name);
	assert_mounts(line, "", false, "");
	name[254] = '\0';
	snprintf(line, sizeof(line), "27 22 0:24 / /%s rw - cgroup2 cgroup2 rw\n", name);
	assert_int_equal(strlen(read_mounts(line).v2), 255);
}

static void test_no_mountinfo_is_an_error(void **state)
{
	struct cgroup_mounts mounts;

	(void)state;
	assert_int_equal(cgroup_mounts_read("/nonexistent", &mounts), -ENOENT);
	assert_string_equal(mounts.v1, "");
	assert_string_equal(mounts.v2, "");
}

/* --- paths */

static struct cgroup_mounts plain_mounts(void)
{
	struct cgroup_mounts mounts = {.v1_is_cpuacct = true};

	tree_put(&tree, "v1/a/b/file", "");
	tree_put(&tree, "v1/only-v1/file", "");
	tree_put(&tree, "v2/system.slice/cron.service/file", "");
	tree_put(&tree, "v2/a file", "");
	snprintf(mounts.v1, sizeof(mounts.v1), "%s", tree_path(&tree, "v1"));
	snprintf(mounts.v2, sizeof(mounts.v2), "%s", tree_path(&tree, "v2"));
	return mounts;
}

static void test_cgroup_exists_in_either_hierarchy(void **state)
{
	struct cgroup_mounts mounts = plain_mounts();

	(void)state;
	assert_true(cgroup_exists(&mounts, "/a/b"));
	assert_true(cgroup_exists(&mounts, "/only-v1"));
	assert_true(cgroup_exists(&mounts, "/system.slice"));
	assert_true(cgroup_exists(&mounts, "/"));
	assert_false(cgroup_exists(&mounts, "/system.slice/b"));
	mounts.v2[0] = '\0';
	assert_false(cgroup_exists(&mounts, "/system.slice"));
	mounts.v1[0] = '\0';
	assert_false(cgroup_exists(&mounts, "/a"));
	/* Nothing is mounted: the machine's own directories are none of them. */
	assert_false(cgroup_exists(&mounts, "/tmp"));
}

static uint64_t inode(const char *path)
{
	struct stat status;

	assert_int_equal(stat(tree_path(&tree, path), &status), 0);
	return status.st_ino;
}

/* Without its capabilities, which open by a handle, a program has to walk. */
static bool become_nobody(void)
{
	return geteuid() != 0 || seteuid(65534) == 0;
}

static void become_root(void)
{
	if (getuid() == 0)
		assert_int_equal(seteuid(0), 0);
}

/* The path that was found without the capability, or NULL; copied to `room`. */
static const char *path_of(struct cgroup_names *names, int version, uint64_t id, char room[256])
{
	struct cgroup_name *name = cgroup_names_get(names, version, id);

	if (!name)
		return NULL;
	snprintf(room, 256, "%s", name->path);
	return room;
}

static void test_names_by_walking(void **state)
{
	struct cgroup_mounts mounts = plain_mounts();
	struct cgroup_names *names;
	char service[256], root[256], of_v1[256], other[256], file[256];
	char gone[64], gone_file[64];

	(void)state;
	snprintf(gone, sizeof(gone), "(gone):%" PRIu64, inode("v1/a/b"));
	snprintf(gone_file, sizeof(gone_file), "(gone):%" PRIu64, inode("v2/a file"));
	assert_int_equal(cgroup_names_new(&mounts, &names), 0);
	if (!become_nobody()) {
		cgroup_names_free(names);
		print_message("skipped: root here may not become another user\n");
		skip();
	}
	path_of(names, 2, inode("v2/system.slice/cron.service"), service);
	path_of(names, 2, inode("v2"), root);
	path_of(names, 1, inode("v1/a/b"), of_v1);
	path_of(names, 2, inode("v1/a/b"), other);
	path_of(names, 2, inode("v2/a file"), file);
	become_root();
	cgroup_names_free(names);
	assert_string_equal(service, "/system.slice/cron.service");
	assert_string_equal(root, "/");
	assert_string_equal(of_v1, "/a/b");
	assert_string_equal(other, gone); /* each hierarchy has ids of its own */
	assert_string_equal(file, gone_file);
}

static void test_what_cannot_be_named_is_gone(void **state)
{
	struct cgroup_names *names;
	struct cgroup_name *name;

	(void)state;
	assert_int_equal(cgroup_names_new(&(struct cgroup_mounts){.v1 = ""}, &names), 0);
	name = cgroup_names_get(names, 2, 18446744073709551615U);
	assert_non_null(name);
	assert_string_equal(name->path, "(gone):18446744073709551615");
	assert_string_equal(cgroup_names_get(names, 1, 7)->path, "(gone):7");
	assert_null(cgroup_names_get(names, 0, 7));
	cgroup_names_free(names);
}

static void test_name_is_kept_with_what_the_caller_notes(void **state)
{
	struct cgroup_names *names;
	struct cgroup_name *name;

	(void)state;
	assert_int_equal(cgroup_names_new(&(struct cgroup_mounts){.v1 = ""}, &names), 0);
	name = cgroup_names_get(names, 2, 7);
	assert_int_equal(name->touched, 0);
	name->touched = 5;
	name->sample_index = 3;
	assert_ptr_equal(cgroup_names_get(names, 2, 7), name);
	assert_int_equal(cgroup_names_get(names, 1, 7)->touched, 0);
	for (int i = 0; i < 10; i++)
		cgroup_names_trim(names);
	name = cgroup_names_get(names, 2, 7);
	assert_int_equal(name->touched, 5);
	assert_int_equal(name->sample_index, 3);
	cgroup_names_free(names);
}

/* What `touched` says tells whether the name was asked for anew. */
static void test_trim_forgets_what_was_not_asked_for_lately(void **state)
{
	struct cgroup_names *names;

	(void)state;
	assert_int_equal(cgroup_names_new(&(struct cgroup_mounts){.v1 = ""}, &names), 0);
	cgroup_names_get(names, 2, 1)->touched = 1;
	cgroup_names_get(names, 2, 2)->touched = 1;
	for (int i = 0; i < 600; i++) {
		cgroup_names_get(names, 2, 2);
		cgroup_names_trim(names);
	}
	assert_int_equal(cgroup_names_get(names, 2, 1)->touched, 0);
	assert_int_equal(cgroup_names_get(names, 2, 2)->touched, 1);
	cgroup_names_free(names);
}

static void test_trim_bounds_a_storm_of_cgroups(void **state)
{
	struct cgroup_names *names;

	(void)state;
	assert_int_equal(cgroup_names_new(&(struct cgroup_mounts){.v1 = ""}, &names), 0);
	for (uint64_t id = 1; id <= 20000; id++)
		cgroup_names_get(names, 2, id)->touched = 1;
	cgroup_names_trim(names);
	cgroup_names_get(names, 2, 20000);
	cgroup_names_trim(names);
	assert_int_equal(cgroup_names_get(names, 2, 1)->touched, 0);
	assert_int_equal(cgroup_names_get(names, 2, 20000)->touched, 1);
	cgroup_names_free(names);
}

static void test_free_takes_null(void **state)
{
	(void)state;
	cgroup_names_free(NULL);
}

#define with_tree(test) cmocka_unit_test_setup_teardown(test, make_tree, remove_tree)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_tree(test_v2_only),
		with_tree(test_v1_only),
		with_tree(test_hybrid_with_cpu_and_cpuacct_together),
		with_tree(test_hybrid_with_cpuacct_apart_takes_cpuacct),
		with_tree(test_cpu_stands_in_where_no_cpuacct_is),
		with_tree(test_controllers_are_whole_words),
		with_tree(test_no_cgroup_mounted),
		with_tree(test_first_of_several_mounts_of_one_hierarchy),
		with_tree(test_escaped_mount_points),
		with_tree(test_any_number_of_optional_fields),
		with_tree(test_source_may_be_empty),
		with_tree(test_lines_that_are_none_are_skipped),
		with_tree(test_mount_point_that_does_not_fit_is_left_out),
		cmocka_unit_test(test_no_mountinfo_is_an_error),
		with_tree(test_cgroup_exists_in_either_hierarchy),
		with_tree(test_names_by_walking),
		cmocka_unit_test(test_what_cannot_be_named_is_gone),
		cmocka_unit_test(test_name_is_kept_with_what_the_caller_notes),
		cmocka_unit_test(test_trim_forgets_what_was_not_asked_for_lately),
		cmocka_unit_test(test_trim_bounds_a_storm_of_cgroups),
		cmocka_unit_test(test_free_takes_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
