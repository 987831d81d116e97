// SPDX-License-Identifier: BSD-2-Clause
/* Containers from tick to tick: those that start late, are renamed, end, and are many. */

#include "container_fixture.h"

#define ID ID4("ab12")
#define DOCKER "/docker/" ID
#define CONFIG "var/lib/docker/containers/" ID "/config.v2.json"

static struct sysfs_tree tree;
static struct containers *containers;

static int make_tree(void **state)
{
	(void)state;
	tree = tree_new();
	containers = NULL;
	return containers_new(tree.root, &containers);
}

static int remove_tree(void **state)
{
	(void)state;
	containers_free(containers);
	tree_free(&tree);
	return 0;
}

static void put_docker(const char *name)
{
	char text[256];

	snprintf(text, sizeof(text), "{\"Name\":\"/%s\",\"Config\":{\"Image\":\"nginx\"}}", name);
	tree_put(&tree, CONFIG ".tmp", text);
	tree_rename(&tree, CONFIG ".tmp", CONFIG);
}

static void tick(int n)
{
	while (n-- > 0) {
		containers_tick(containers);
		containers_get(containers, DOCKER);
	}
}

static const char *label(void)
{
	const struct container *container = containers_get(containers, DOCKER);

	assert_non_null(container);
	return container->label;
}

/* Looked up at ticks 0, 1, 3, 7, 15, 31: what appears just after one is there at the next. */
static void test_a_late_starter_is_labelled_at_the_next_look(void **state)
{
	static const int looks[] = {0, 1, 3, 7, 15, 31};

	(void)state;
	for (size_t i = 0; i + 1 < sizeof(looks) / sizeof(*looks); i++) {
		containers_free(containers);
		assert_int_equal(containers_new(tree.root, &containers), 0);
		assert_string_equal(label(), "ab12ab12ab12");
		tick(looks[i]);
		put_docker("web");
		tick(looks[i + 1] - looks[i] - 1);
		assert_string_equal(label(), "ab12ab12ab12");
		tick(1);
		assert_string_equal(label(), "web");
		assert_int_equal(unlink(tree_path(&tree, CONFIG)), 0);
	}
}

static void test_one_that_starts_very_late_within_64_ticks(void **state)
{
	(void)state;
	label();
	tick(1000);
	put_docker("web");
	assert_string_equal(label(), "ab12ab12ab12");
	tick(64);
	assert_string_equal(label(), "web");
}

/* One look in a tick, however often it is asked for. */
static void test_a_tick_has_one_answer(void **state)
{
	const struct container *first = containers_get(containers, DOCKER);

	(void)state;
	put_docker("web");
	assert_ptr_equal(containers_get(containers, DOCKER "/below"), first);
	assert_string_equal(label(), "ab12ab12ab12");
}

static void test_the_generation_changes_with_the_labels(void **state)
{
	uint64_t unknown, known;

	(void)state;
	unknown = containers_get(containers, DOCKER)->generation;
	assert_int_not_equal(unknown, 0);
	tick(1);
	assert_int_equal(containers_get(containers, DOCKER)->generation, unknown);
	put_docker("web");
	tick(2);
	known = containers_get(containers, DOCKER)->generation;
	assert_int_not_equal(known, unknown);
	tick(200);
	assert_int_equal(containers_get(containers, DOCKER)->generation, known);
}

static void test_a_new_name_within_64_ticks(void **state)
{
	uint64_t generation;

	(void)state;
	put_docker("old");
	assert_string_equal(label(), "old");
	generation = containers_get(containers, DOCKER)->generation;
	put_docker("new");
	tick(64);
	assert_string_equal(label(), "new");
	assert_int_not_equal(containers_get(containers, DOCKER)->generation, generation);
}

/* docker rm, while the last of its time is still to be told. */
static void test_what_was_known_stays_when_the_state_goes(void **state)
{
	(void)state;
	put_docker("web");
	assert_string_equal(label(), "web");
	assert_int_equal(unlink(tree_path(&tree, CONFIG)), 0);
	tick(130);
	assert_string_equal(label(), "web");
	assert_string_equal(containers_get(containers, DOCKER)->image, "nginx");
}

static void test_one_that_was_forgotten_is_looked_up_anew(void **state)
{
	(void)state;
	put_docker("web");
	assert_string_equal(label(), "web");
	assert_int_equal(unlink(tree_path(&tree, CONFIG)), 0);
	for (int i = 0; i < 601; i++)
		containers_tick(containers);
	assert_string_equal(label(), "ab12ab12ab12");
}

/* More than are kept: those that run are there, those that ran are not. */
static void test_the_cache_is_bounded_by_what_runs(void **state)
{
	char path[128];

	(void)state;
	put_docker("web");
	assert_string_equal(label(), "web");
	for (unsigned int i = 0; i < 10000; i++) {
		snprintf(path, sizeof(path), "/lxc.payload.c%u", i);
		assert_string_equal(containers_get(containers, path)->name,
				    path + strlen("/lxc.payload."));
	}
	assert_int_equal(unlink(tree_path(&tree, CONFIG)), 0);
	containers_tick(containers);
	containers_get(containers, "/lxc.payload.c0");
	containers_tick(containers);
	containers_tick(containers);
	assert_string_equal(label(), "ab12ab12ab12");
}

static void test_a_hard_bound(void **state)
{
	char path[128];
	unsigned int n = 0;

	(void)state;
	while (n < 100000) {
		snprintf(path, sizeof(path), "/lxc.payload.c%u", n);
		if (!containers_get(containers, path))
			break;
		n++;
	}
	assert_int_equal(n, 65536);
	assert_non_null(containers_get(containers, "/lxc.payload.c0"));
	containers_tick(containers);
	containers_tick(containers);
	assert_non_null(containers_get(containers, path));
}

/* --- Podman's lists, which all containers share */

#define LIST "var/lib/containers/storage/overlay-containers/containers.json"
#define LIBPOD "/machine.slice/libpod-" ID ".scope"

static void put_podman(const char *name)
{
	char text[256];

	snprintf(text, sizeof(text), "[{\"id\":\"" ID "\",\"names\":[\"%s\"],\"metadata\":\"{}\"}]",
		 name);
	tree_put(&tree, LIST ".tmp", text);
	tree_rename(&tree, LIST ".tmp", LIST);
}

static void test_a_list_that_changes_is_read_again(void **state)
{
	(void)state;
	put_podman("first");
	assert_string_equal(containers_get(containers, LIBPOD)->label, "first");
	put_podman("second");
	for (int i = 0; i < 64; i++) {
		containers_tick(containers);
		containers_get(containers, LIBPOD);
	}
	assert_string_equal(containers_get(containers, LIBPOD)->label, "second");
}

static void test_a_list_that_comes_late(void **state)
{
	(void)state;
	assert_string_equal(containers_get(containers, LIBPOD)->label, "ab12ab12ab12");
	put_podman("late");
	containers_tick(containers);
	assert_string_equal(containers_get(containers, LIBPOD)->label, "late");
}

/* --- a user's own containers */

static void put_user(const char *home)
{
	char text[128];

	snprintf(text, sizeof(text), "ann:x:%u:100::%s:/bin/sh", geteuid(), home);
	tree_put(&tree, "etc/passwd", text);
}

static const char *user_path(const char *scope)
{
	static char path[256];

	snprintf(path, sizeof(path),
		 "/user.slice/user-%1$u.slice/user@%1$u.service/user.slice/%2$s", geteuid(), scope);
	return path;
}

static void test_rootless_podman(void **state)
{
	const struct container *container;

	(void)state;
	put_user("/home/ann");
	tree_put(&tree,
		 "home/ann/.local/share/containers/storage/overlay-containers/containers.json",
		 "[{\"id\":\"" ID "\",\"names\":[\"mine\"],\"metadata\":\"{\\\"image-name\\\":"
		 "\\\"docker.io/library/alpine:3.20\\\"}\"}]");
	containers_tick(containers);
	container = containers_get(containers, user_path("libpod-" ID ".scope/container"));
	assert_known(container, "rootless",
		     &(struct known){.runtime = "podman",
				     .label = "mine",
				     .name = "mine",
				     .image = "docker.io/library/alpine:3.20"});
	assert_int_equal(container->uid, geteuid());
}

static void test_rootless_podman_whose_storage_was_moved(void **state)
{
	(void)state;
	put_user("/home/ann");
	tree_put(&tree, "home/ann/.config/containers/storage.conf",
		 "[storage]\ndriver = \"vfs\"\ngraphroot = \"$HOME/images\"\n");
	tree_put(&tree, "home/ann/images/vfs-containers/volatile-containers.json",
		 "[{\"id\":\"" ID "\",\"names\":[\"moved\"]}]");
	containers_tick(containers);
	assert_string_equal(containers_get(containers, user_path("libpod-" ID ".scope"))->label,
			    "moved");
}

static void test_rootless_docker(void **state)
{
	(void)state;
	put_user("/home/ann");
	tree_put(&tree, "home/ann/.local/share/docker/containers/" ID "/config.v2.json",
		 "{\"Name\":\"/mine\",\"Config\":{\"Image\":\"alpine\"}}");
	containers_tick(containers);
	assert_string_equal(containers_get(containers, user_path("docker-" ID ".scope"))->label,
			    "mine");
}

/* A user may call a cgroup of his own as he likes; root's container it is not. */
static void test_a_user_s_cgroup_has_none_of_root_s_names(void **state)
{
	(void)state;
	put_user("/home/ann");
	put_docker("web");
	put_podman("web");
	containers_tick(containers);
	assert_string_equal(containers_get(containers, user_path("docker-" ID ".scope"))->label,
			    "ab12ab12ab12");
	assert_string_equal(containers_get(containers, user_path("libpod-" ID))->label,
			    "ab12ab12ab12");
	assert_string_equal(label(), "web");
}

/* Nor are files of others read for him that a link of his leads to. */
static void test_a_user_s_links_lead_to_no_file_of_others(void **state)
{
	(void)state;
	if (geteuid() != 0) {
		print_message("needs root, to make files of two users\n");
		skip();
	}
	tree_put(&tree, "etc/passwd", "ann:x:1234:100::/home/ann:/bin/sh");
	tree_put(&tree, "home/ann/.local/share/docker/containers/" ID "/config.v2.json",
		 "{\"Name\":\"/secret\"}");
	containers_tick(containers);
	assert_string_equal(containers_get(containers, "/user@1234.service/docker-" ID)->label,
			    "ab12ab12ab12");
	assert_int_equal(chown(tree_path(&tree, "home/ann/.local/share/docker/containers/" ID
						"/config.v2.json"),
			       1234, 100),
			 0);
	containers_tick(containers);
	assert_string_equal(containers_get(containers, "/user@1234.service/docker-" ID)->label,
			    "secret");
}

/* --- runc, crun and ctr, whose paths tell nothing */

static void put_crun(const char *name, const char *cgroup)
{
	char path[128], text[256];

	snprintf(path, sizeof(path), "run/crun/%s/status", name);
	snprintf(text, sizeof(text), "{\"cgroup-path\":\"%s\"}", cgroup);
	tree_put(&tree, path, text);
}

static void remove_crun(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "run/crun/%s/status", name);
	assert_int_equal(unlink(tree_path(&tree, path)), 0);
	snprintf(path, sizeof(path), "run/crun/%s", name);
	assert_int_equal(rmdir(tree_path(&tree, path)), 0);
}

static void test_a_container_that_declares_itself_later(void **state)
{
	(void)state;
	assert_null(containers_get(containers, "/job"));
	/* The folder comes first. */
	assert_int_equal(mkdir(tree_path(&tree, "run"), 0755), 0);
	assert_int_equal(mkdir(tree_path(&tree, "run/crun"), 0755), 0);
	assert_int_equal(mkdir(tree_path(&tree, "run/crun/nightly"), 0755), 0);
	containers_tick(containers);
	assert_null(containers_get(containers, "/job"));
	put_crun("nightly", "/job");
	containers_tick(containers);
	assert_string_equal(containers_get(containers, "/job/below")->label, "nightly");
	assert_string_equal(containers_get(containers, "/job/below")->root, "/job");
}

static void test_a_container_whose_state_is_gone_keeps_its_last_ticks(void **state)
{
	(void)state;
	put_crun("short", "/short");
	containers_tick(containers);
	assert_string_equal(containers_get(containers, "/short")->label, "short");
	remove_crun("short");
	containers_tick(containers);
	assert_string_equal(containers_get(containers, "/short")->label, "short");
	for (int i = 0; i < 100; i++)
		containers_tick(containers);
	assert_null(containers_get(containers, "/short"));
}

static void test_a_cgroup_that_is_used_again(void **state)
{
	(void)state;
	put_crun("first", "/job");
	containers_tick(containers);
	assert_string_equal(containers_get(containers, "/job")->label, "first");
	remove_crun("first");
	put_crun("second", "/job/");
	containers_tick(containers);
	assert_string_equal(containers_get(containers, "/job")->label, "second");
	/* The same name, and another cgroup. */
	remove_crun("second");
	put_crun("second", "/other");
	containers_tick(containers);
	assert_string_equal(containers_get(containers, "/other")->label, "second");
	assert_null(containers_get(containers, "/job"));
}

static void test_paths_that_nobody_can_declare(void **state)
{
	(void)state;
	put_crun("a", "/");
	put_crun("b", "");
	put_crun("c", "relative");
	put_crun("d", "///");
	containers_tick(containers);
	assert_null(containers_get(containers, "/"));
	assert_null(containers_get(containers, "/system.slice"));
	assert_null(containers_get(containers, ""));
	assert_null(containers_get(containers, "relative"));
}

static void test_matches(void **state)
{
	const struct container *container;

	(void)state;
	put_docker("web");
	container = containers_get(containers, DOCKER);
	assert_true(container_matches(container, "web"));
	assert_true(container_matches(container, ID));
	assert_true(container_matches(container, "ab12"));
	assert_true(container_matches(container, "ab12ab12ab12"));
	assert_false(container_matches(container, "ab1"));
	assert_false(container_matches(container, ""));
	assert_false(container_matches(container, "we"));
	assert_false(container_matches(container, "web2"));
	assert_false(container_matches(container, "b12a"));
	container = containers_get(containers, "/lxc/42");
	assert_true(container_matches(container, "42"));
	assert_false(container_matches(container, "4"));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make_tree, remove_tree)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_late_starter_is_labelled_at_the_next_look),
		TEST(test_one_that_starts_very_late_within_64_ticks),
		TEST(test_a_tick_has_one_answer),
		TEST(test_the_generation_changes_with_the_labels),
		TEST(test_a_new_name_within_64_ticks),
		TEST(test_what_was_known_stays_when_the_state_goes),
		TEST(test_one_that_was_forgotten_is_looked_up_anew),
		TEST(test_the_cache_is_bounded_by_what_runs),
		TEST(test_a_hard_bound),
		TEST(test_a_list_that_changes_is_read_again),
		TEST(test_a_list_that_comes_late),
		TEST(test_rootless_podman),
		TEST(test_rootless_podman_whose_storage_was_moved),
		TEST(test_rootless_docker),
		TEST(test_a_user_s_cgroup_has_none_of_root_s_names),
		TEST(test_a_user_s_links_lead_to_no_file_of_others),
		TEST(test_a_container_that_declares_itself_later),
		TEST(test_a_container_whose_state_is_gone_keeps_its_last_ticks),
		TEST(test_a_cgroup_that_is_used_again),
		TEST(test_paths_that_nobody_can_declare),
		TEST(test_matches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
