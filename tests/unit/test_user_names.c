// SPDX-License-Identifier: BSD-2-Clause
#include "entity/user_names.h"

#include "sysfs_tree.h"

#include <pwd.h>

static struct sysfs_tree tree;
static struct user_names *names;

static int make_tree(void **state)
{
	(void)state;
	tree = tree_new();
	names = NULL;
	return 0;
}

static int remove_tree(void **state)
{
	(void)state;
	user_names_free(names);
	tree_free(&tree);
	return 0;
}

static void read_passwd(const char *text)
{
	tree_put(&tree, "etc/passwd", text);
	assert_int_equal(user_names_new(tree.root, &names), 0);
}

static void assert_user(uint32_t uid, const char *name, const char *home)
{
	assert_non_null(user_names_get(names, uid));
	assert_string_equal(user_names_get(names, uid), name);
	assert_string_equal(user_names_home(names, uid), home);
}

static void assert_nobody(uint32_t uid)
{
	assert_null(user_names_get(names, uid));
	assert_null(user_names_home(names, uid));
}

static void test_names_and_homes(void **state)
{
	(void)state;
	read_passwd("root:x:0:0:root:/root:/bin/bash\n"
		    "ann:x:1000:1000:Ann,,,:/home/ann:/bin/zsh\n"
		    "svc:*:4294967294:1::/:");
	assert_user(0, "root", "/root");
	assert_user(1000, "ann", "/home/ann");
	assert_user(4294967294, "svc", "/");
	assert_nobody(1001);
	assert_nobody(4294967295);
}

/* There is no name service in another system's tree, whatever this one's says. */
static void test_another_system_s_users_are_not_ours(void **state)
{
	(void)state;
	read_passwd("ann:x:1000:1000::/home/ann:/bin/sh");
	assert_nobody(0);
}

static void test_the_first_of_a_uid_counts(void **state)
{
	(void)state;
	read_passwd("root:x:0:0::/root:\n"
		    "toor:x:0:0::/tmp:");
	assert_user(0, "root", "/root");
}

static void test_lines_that_are_none(void **state)
{
	(void)state;
	read_passwd("+::::::\n"
		    "# a comment: with: five: colons: in: it:\n"
		    ":x:1:1::/:\n"
		    "minus:x:-1:1::/:\n"
		    "large:x:4294967296:1::/:\n"
		    "word:x:one:1::/:\n"
		    "short:x:2\n"
		    "\n"
		    "::::::::::\n"
		    "good:x:3:3::/srv:\n"
		    "cut:x:4:4::/cut");
	for (uint32_t uid = 0; uid < 3; uid++)
		assert_nobody(uid);
	assert_user(3, "good", "/srv");
	assert_user(4, "cut", "/cut");
}

static void test_any_bytes_stay_as_they_are(void **state)
{
	(void)state;
	read_passwd("\xff\xfe\"\\\t:x:7:7::/\x01:");
	assert_user(7, "\xff\xfe\"\\\t", "/\x01");
}

static void test_a_name_is_bounded(void **state)
{
	char line[10000], *end = line;

	(void)state;
	memset(line, 'x', sizeof(line));
	end += 9000;
	strcpy(end, ":x:7:7::/:");
	read_passwd(line);
	assert_int_equal(strlen(user_names_get(names, 7)), 4096);
}

static void test_a_passwd_that_changes_is_read_at_the_next_tick(void **state)
{
	(void)state;
	read_passwd("ann:x:1000:1000::/home/ann:");
	tree_put(&tree, "etc/passwd.new", "bob:x:1000:1000::/home/bob:");
	tree_rename(&tree, "etc/passwd.new", "etc/passwd");
	assert_user(1000, "ann", "/home/ann");
	user_names_tick(names);
	assert_user(1000, "bob", "/home/bob");
	assert_int_equal(unlink(tree_path(&tree, "etc/passwd")), 0);
	user_names_tick(names);
	assert_nobody(1000);
}

static void test_a_passwd_that_comes_late(void **state)
{
	(void)state;
	assert_int_equal(user_names_new(tree.root, &names), 0);
	assert_nobody(1000);
	tree_put(&tree, "etc/passwd", "ann:x:1000:1000::/home/ann:");
	user_names_tick(names);
	assert_user(1000, "ann", "/home/ann");
}

static void test_this_system(void **state)
{
	const struct passwd *root = getpwuid(0);

	(void)state;
	assert_int_equal(user_names_new("", &names), 0);
	assert_non_null(root);
	assert_user(0, root->pw_name, root->pw_dir);
	/* Nobody, and still nobody the second time, which nobody is asked for. */
	assert_nobody(4000000000);
	assert_nobody(4000000000);
	for (uint32_t i = 0; i < 5000; i++)
		assert_nobody(3900000000 + i);
	user_names_tick(names);
	assert_nobody(4000000000);
}

static void test_no_root(void **state)
{
	(void)state;
	assert_int_equal(user_names_new(tree_path(&tree, "nowhere"), &names), -ENOENT);
	assert_null(names);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make_tree, remove_tree)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_names_and_homes),
		TEST(test_another_system_s_users_are_not_ours),
		TEST(test_the_first_of_a_uid_counts),
		TEST(test_lines_that_are_none),
		TEST(test_any_bytes_stay_as_they_are),
		TEST(test_a_name_is_bounded),
		TEST(test_a_passwd_that_changes_is_read_at_the_next_tick),
		TEST(test_a_passwd_that_comes_late),
		TEST(test_this_system),
		TEST(test_no_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
