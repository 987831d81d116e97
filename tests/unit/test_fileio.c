// SPDX-License-Identifier: BSD-2-Clause
#include "base/fileio.h"

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

/* Exactly these bytes. */
static void put(const char *name, const char *bytes, size_t n)
{
	FILE *file = fopen(tree_path(&tree, name), "we");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, n, file), n);
	assert_int_equal(fclose(file), 0);
}

static void assert_text(const char *bytes, const char *wanted)
{
	char buffer[32] = "untouched";

	put("text", bytes, strlen(bytes));
	assert_int_equal(fileio_read_text(AT_FDCWD, tree_path(&tree, "text"), buffer, 32), 0);
	assert_string_equal(buffer, wanted);
}

static void test_text_comes_without_its_trailing_white_space(void **state)
{
	(void)state;
	assert_text("package-0\n", "package-0");
	assert_text("package-0", "package-0");
	assert_text("a b \t\r\n\n", "a b");
	assert_text(" leading", " leading");
	assert_text("two\nlines\n", "two\nlines");
	assert_text("\n \n", "");
	assert_text("", "");
}

static void test_text_has_to_fit_with_its_end(void **state)
{
	char buffer[8];

	(void)state;
	put("text", "1234567", 7);
	assert_int_equal(fileio_read_text(AT_FDCWD, tree_path(&tree, "text"), buffer, 8), 0);
	assert_string_equal(buffer, "1234567");
	put("text", "12345678", 8);
	assert_int_equal(fileio_read_text(AT_FDCWD, tree_path(&tree, "text"), buffer, 8), -EFBIG);
	put("text", "1234567\n", 8);
	assert_int_equal(fileio_read_text(AT_FDCWD, tree_path(&tree, "text"), buffer, 8), -EFBIG);
}

static void test_failed_open_gives_its_errno_and_leaves_the_buffer(void **state)
{
	char buffer[16] = "untouched";

	(void)state;
	assert_int_equal(fileio_read_text(AT_FDCWD, tree_path(&tree, "missing"), buffer, 16),
			 -ENOENT);
	assert_string_equal(buffer, "untouched");
	put("text", "5", 1);
	assert_int_equal(fileio_read_text(AT_FDCWD, tree_path(&tree, "text/below"), buffer, 16),
			 -ENOTDIR);
	assert_string_equal(buffer, "untouched");
	/* Opens, and does not read. */
	assert_int_equal(fileio_read_text(AT_FDCWD, tree.root, buffer, 16), -EISDIR);
}

static void test_path_is_below_the_directory(void **state)
{
	int dir_fd = open(tree.root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char buffer[16];
	uint64_t value;

	(void)state;
	assert_true(dir_fd >= 0);
	tree_put(&tree, "zone/energy_uj", "123");
	assert_int_equal(fileio_read_text(dir_fd, "zone/energy_uj", buffer, 16), 0);
	assert_string_equal(buffer, "123");
	assert_int_equal(fileio_read_u64(dir_fd, "zone/energy_uj", &value), 0);
	assert_int_equal(value, 123);
	assert_int_equal(fileio_read_u64(dir_fd, "zone/none", &value), -ENOENT);
	close(dir_fd);
}

static int read_u64(const char *bytes, uint64_t *ret)
{
	put("number", bytes, strlen(bytes));
	return fileio_read_u64(AT_FDCWD, tree_path(&tree, "number"), ret);
}

static void test_u64_is_a_whole_number(void **state)
{
	char long_text[80];
	uint64_t value = 77;

	(void)state;
	assert_int_equal(read_u64("", &value), -EINVAL);
	assert_int_equal(read_u64("\n", &value), -EINVAL);
	assert_int_equal(read_u64("-1\n", &value), -EINVAL);
	assert_int_equal(read_u64("12 34\n", &value), -EINVAL);
	assert_int_equal(read_u64("package-0\n", &value), -EINVAL);
	assert_int_equal(read_u64("18446744073709551616\n", &value), -ERANGE);
	memset(long_text, '1', sizeof(long_text));
	long_text[sizeof(long_text) - 1] = '\0';
	assert_int_equal(read_u64(long_text, &value), -EFBIG);
	assert_int_equal(value, 77);
	assert_int_equal(read_u64("18446744073709551615\n", &value), 0);
	assert_true(value == UINT64_MAX);
}

static void test_i64_may_be_negative(void **state)
{
	int64_t value = 77;

	(void)state;
	put("number", "die\n", 4);
	assert_int_equal(fileio_read_i64(AT_FDCWD, tree_path(&tree, "number"), &value), -EINVAL);
	assert_int_equal(fileio_read_i64(AT_FDCWD, tree_path(&tree, "missing"), &value), -ENOENT);
	assert_true(value == 77);
	put("number", "-1\n", 3);
	assert_int_equal(fileio_read_i64(AT_FDCWD, tree_path(&tree, "number"), &value), 0);
	assert_true(value == -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_comes_without_its_trailing_white_space),
		cmocka_unit_test(test_text_has_to_fit_with_its_end),
		cmocka_unit_test(test_failed_open_gives_its_errno_and_leaves_the_buffer),
		cmocka_unit_test(test_path_is_below_the_directory),
		cmocka_unit_test(test_u64_is_a_whole_number),
		cmocka_unit_test(test_i64_may_be_negative),
	};

	return cmocka_run_group_tests(tests, make_tree, remove_tree);
}
