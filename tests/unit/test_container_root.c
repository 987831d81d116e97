// SPDX-License-Identifier: BSD-2-Clause
#include "entity/container_root.h"

#include "sysfs_tree.h"

static struct sysfs_tree tree;
static struct container_root root;

static int make_tree(void **state)
{
	(void)state;
	tree = tree_new();
	tree_put(&tree, "secret", "outside");
	tree_put(&tree, "root/a/file", "inside");
	return container_root_open(tree_path(&tree, "root"), &root);
}

static int remove_tree(void **state)
{
	(void)state;
	container_root_close(&root);
	tree_free(&tree);
	return 0;
}

static void make_link(const char *to, const char *path)
{
	assert_int_equal(symlink(to, tree_path(&tree, path)), 0);
}

static void assert_reads(const char *path, const char *text)
{
	char *got = NULL;
	size_t size = 0;

	assert_int_equal(container_root_read(&root, path, CONTAINER_ANY_OWNER, &got, &size), 0);
	assert_string_equal(got, text);
	assert_int_equal(size, strlen(text));
	free(got);
}

static void assert_fails(int err, const char *path, int64_t owner)
{
	char *got = (char *)"untouched";
	size_t size = 4242;

	assert_int_equal(container_root_read(&root, path, owner, &got, &size), err);
	assert_string_equal(got, "untouched");
	assert_int_equal(size, 4242);
}

static void test_reads_a_file(void **state)
{
	(void)state;
	assert_reads("a/file", "inside\n");
	assert_reads("/a/file", "inside\n");
	assert_reads("//a//file", "inside\n");
	assert_fails(-ENOENT, "a/none", CONTAINER_ANY_OWNER);
	assert_fails(-ENOTDIR, "a/file/deeper", CONTAINER_ANY_OWNER);
}

static void skip_without_openat2(void)
{
	if (root.has_openat2)
		return;
	print_message("no openat2 here (Linux 5.6)\n");
	skip();
}

static void test_links_lead_where_they_do_in_the_root(void **state)
{
	(void)state;
	skip_without_openat2();
	make_link("/a/file", "root/absolute");
	make_link("../../../../../../../../a/file", "root/a/up");
	make_link("/a", "root/folder");
	assert_reads("absolute", "inside\n");
	assert_reads("a/up", "inside\n");
	assert_reads("folder/file", "inside\n");
	assert_reads("a/../../../a/file", "inside\n");
}

static void test_no_link_leads_out(void **state)
{
	char target[PATH_MAX];

	(void)state;
	skip_without_openat2();
	make_link("../secret", "root/up");
	snprintf(target, sizeof(target), "%s/secret", tree.root);
	make_link(target, "root/absolute");
	assert_fails(-ENOENT, "up", CONTAINER_ANY_OWNER);
	assert_fails(-ENOENT, "absolute", CONTAINER_ANY_OWNER);
	assert_fails(-ENOENT, "../secret", CONTAINER_ANY_OWNER);
	make_link("loop", "root/loop");
	assert_fails(-ELOOP, "loop", CONTAINER_ANY_OWNER);
}

/* Without openat2 no link is followed at all: a label is missing, and that is all. */
static void test_an_older_kernel_follows_no_links(void **state)
{
	(void)state;
	root.has_openat2 = false;
	assert_reads("a/file", "inside\n");
	assert_reads("/a/file", "inside\n");
	make_link("/a/file", "root/absolute");
	make_link("../secret", "root/up");
	make_link("a", "root/folder");
	assert_fails(-EINVAL, "absolute", CONTAINER_ANY_OWNER);
	assert_fails(-EINVAL, "up", CONTAINER_ANY_OWNER);
	assert_fails(-ENOTDIR, "folder/file", CONTAINER_ANY_OWNER);
	assert_fails(-EXDEV, "../secret", CONTAINER_ANY_OWNER);
	assert_fails(-EXDEV, "a/../a/file", CONTAINER_ANY_OWNER);
	assert_fails(-EINVAL, "", CONTAINER_ANY_OWNER);
}

/* To open a FIFO that nobody writes would wait for ever. */
static void test_only_regular_files(void **state)
{
	(void)state;
	assert_int_equal(mkfifo(tree_path(&tree, "root/fifo"), 0644), 0);
	assert_fails(-EINVAL, "fifo", CONTAINER_ANY_OWNER);
	assert_fails(-EINVAL, "a", CONTAINER_ANY_OWNER);
	assert_fails(-EINVAL, "", CONTAINER_ANY_OWNER);
}

static void test_no_file_that_is_too_large(void **state)
{
	char *got = NULL;
	size_t size;

	(void)state;
	tree_put(&tree, "root/large", "");
	assert_int_equal(truncate(tree_path(&tree, "root/large"), (off_t)CONTAINER_FILE_MAX + 1),
			 0);
	assert_fails(-EFBIG, "large", CONTAINER_ANY_OWNER);
	assert_int_equal(truncate(tree_path(&tree, "root/large"), (off_t)CONTAINER_FILE_MAX), 0);
	assert_int_equal(container_root_read(&root, "large", CONTAINER_ANY_OWNER, &got, &size), 0);
	assert_int_equal(size, CONTAINER_FILE_MAX);
	free(got);
	assert_int_equal(truncate(tree_path(&tree, "root/large"), 0), 0);
	assert_reads("large", "");
}

static void test_only_the_owner_s_where_one_is_given(void **state)
{
	char *got = NULL;
	size_t size;

	(void)state;
	assert_int_equal(container_root_read(&root, "a/file", geteuid(), &got, &size), 0);
	free(got);
	assert_fails(-EPERM, "a/file", (int64_t)geteuid() + 1);
}

static void test_a_stamp_tells_versions_apart(void **state)
{
	struct container_stamp first, same, later, none = {0};

	(void)state;
	first = container_root_stamp(&root, "a/file");
	same = container_root_stamp(&root, "a/file");
	assert_true(container_stamp_equal(&first, &same));
	/* As the runtimes write: to a file beside it, which then takes its place. */
	tree_put(&tree, "root/a/new", "inside");
	tree_rename(&tree, "root/a/new", "root/a/file");
	later = container_root_stamp(&root, "a/file");
	assert_false(container_stamp_equal(&first, &later));
	same = container_root_stamp(&root, "a/none");
	assert_true(container_stamp_equal(&none, &same));
	assert_int_equal(later.size, strlen("inside\n"));
}

struct names {
	int n, stop_at;
	bool has_hidden;
};

static int count_name(const char *name, void *userdata)
{
	struct names *names = userdata;

	names->has_hidden |= name[0] == '.';
	return ++names->n == names->stop_at ? 7 : 0;
}

static void test_lists_a_folder(void **state)
{
	struct names names = {0}, two = {.stop_at = 2};

	(void)state;
	tree_put(&tree, "root/a/.hidden", "");
	tree_put(&tree, "root/a/second", "");
	tree_put(&tree, "root/a/third", "");
	assert_int_equal(container_root_list(&root, "a", count_name, &names), 0);
	assert_int_equal(names.n, 3);
	assert_false(names.has_hidden);
	assert_int_equal(container_root_list(&root, "a", count_name, &two), 7);
	assert_int_equal(two.n, 2);
	assert_int_equal(container_root_list(&root, "none", count_name, &names), -ENOENT);
	assert_int_equal(container_root_list(&root, "a/file", count_name, &names), -ENOTDIR);
}

static void test_no_root(void **state)
{
	struct container_root none = {.fd = 4242};

	(void)state;
	assert_int_equal(container_root_open(tree_path(&tree, "nowhere"), &none), -ENOENT);
	assert_int_equal(none.fd, 4242);
	assert_int_equal(container_root_open("", &none), 0);
	assert_true(container_root_stamp(&none, "proc/self/stat").inode != 0);
	container_root_close(&none);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make_tree, remove_tree)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_reads_a_file),
		TEST(test_links_lead_where_they_do_in_the_root),
		TEST(test_no_link_leads_out),
		TEST(test_an_older_kernel_follows_no_links),
		TEST(test_only_regular_files),
		TEST(test_no_file_that_is_too_large),
		TEST(test_only_the_owner_s_where_one_is_given),
		TEST(test_a_stamp_tells_versions_apart),
		TEST(test_lists_a_folder),
		TEST(test_no_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
