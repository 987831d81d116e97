// SPDX-License-Identifier: BSD-2-Clause
/* State that is broken, hostile or gone: a label is missing, and the short id is there. */

#include "container_fixture.h"

#include "entity/container_source.h"

#define ID ID4("ab12")
#define SHORT "ab12ab12ab12"
#define DOCKER "/docker/" ID
#define CONFIG "var/lib/docker/containers/" ID "/config.v2.json"
#define LIBPOD "/machine.slice/libpod-" ID ".scope"
#define STORAGE "var/lib/containers/storage/overlay-containers/"
#define LIST STORAGE "containers.json"

static struct sysfs_tree tree;
static struct containers *containers;

static int make_tree(void **state)
{
	(void)state;
	tree = tree_new();
	containers = NULL;
	return 0;
}

static int remove_tree(void **state)
{
	(void)state;
	containers_free(containers);
	tree_free(&tree);
	return 0;
}

static const struct container *get(const char *path)
{
	const struct container *container;

	containers_free(containers);
	assert_int_equal(containers_new(tree.root, &containers), 0);
	container = containers_get(containers, path);
	assert_non_null(container);
	return container;
}

static void put_bytes(const char *path, const char *bytes, size_t size)
{
	FILE *file;

	tree_parents(&tree, path);
	file = fopen(tree_path(&tree, path), "we");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

/* With this as what Docker has written, nothing is known but the id. */
static void assert_nothing_in(const char *text)
{
	const struct container *container;

	tree_put(&tree, CONFIG, text);
	container = get(DOCKER);
	assert_text(text, "label", container->label, SHORT);
	assert_text(text, "name", container->name, NULL);
	assert_text(text, "image", container->image, NULL);
}

static void test_no_json(void **state)
{
	(void)state;
	assert_nothing_in("");
	assert_nothing_in("null");
	assert_nothing_in("42");
	assert_nothing_in("\"web\"");
	assert_nothing_in("[]");
	assert_nothing_in("{}");
	assert_nothing_in("{");
	assert_nothing_in("}");
	assert_nothing_in("{\"Name\"");
	assert_nothing_in("{\"Name\":");
	assert_nothing_in("{\"Name\":\"/we");
	assert_nothing_in("{\"Name\":\"/web\"");
	assert_nothing_in("\xef\xbb\xbf{\"Name\":\"/web\"}");
	assert_nothing_in("<Name>/web</Name>");
}

static void test_other_types(void **state)
{
	(void)state;
	assert_nothing_in("{\"Name\":null,\"Config\":null}");
	assert_nothing_in("{\"Name\":42,\"Config\":42}");
	assert_nothing_in("{\"Name\":1e999,\"Config\":-0}");
	assert_nothing_in("{\"Name\":[\"/web\"],\"Config\":[]}");
	assert_nothing_in("{\"Name\":{\"Name\":\"/web\"},\"Config\":{\"Image\":{}}}");
	assert_nothing_in("{\"Name\":true,\"Config\":\"nginx\"}");
	assert_nothing_in("{\"Name\":\"\",\"Config\":{\"Image\":\"\"}}");
	assert_nothing_in("{\"Name\":\"/\"}");
	assert_nothing_in("{\"Config\":{\"Labels\":[\"io.kubernetes.container.name\"]}}");
	assert_nothing_in("{\"Config\":{\"Labels\":{\"io.kubernetes.container.name\":7}}}");
	/* It would end there for every reader in C. */
	assert_nothing_in("{\"Name\":\"/web\\u0000evil\"}");
}

static void test_what_is_good_beside_what_is_not(void **state)
{
	const struct container *container;

	(void)state;
	tree_put(
		&tree, CONFIG,
		"{\"ID\":[[[]]],\"Name\":\"/web\",\"n\":18446744073709551615,\"m\":1e400,\"Config\":7}");
	container = get(DOCKER);
	assert_string_equal(container->label, "web");
	assert_null(container->image);
}

static void test_any_bytes_stay_as_they_are(void **state)
{
	(void)state;
	tree_put(&tree, CONFIG, "{\"Name\":\"/a\\n\\\"\\\\\\u0007\xff\xfe\xc3\"}");
	assert_string_equal(get(DOCKER)->label, "a\n\"\\\a\xff\xfe\xc3");
	assert_string_equal(containers_get(containers, DOCKER)->name, "a\n\"\\\a\xff\xfe\xc3");
}

static void put_name_of(size_t length)
{
	static char text[20000];

	memset(text, 'x', sizeof(text));
	memcpy(text, "{\"Name\":\"", strlen("{\"Name\":\""));
	strcpy(text + strlen("{\"Name\":\"") + length, "\"}");
	tree_put(&tree, CONFIG, text);
}

static void test_a_long_name_is_cut(void **state)
{
	(void)state;
	put_name_of(4096);
	assert_int_equal(strlen(get(DOCKER)->label), 4096);
	put_name_of(15000);
	assert_int_equal(strlen(get(DOCKER)->label), CONTAINER_TEXT_MAX);
	assert_int_equal(strlen(containers_get(containers, DOCKER)->name), CONTAINER_TEXT_MAX);
}

static void test_a_pod_s_label_is_cut_too(void **state)
{
	static char text[20000], name[5001];
	const struct container *container;

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	snprintf(text, sizeof(text),
		 "{\"Config\":{\"Labels\":{\"io.kubernetes.container.name\":\"%s\","
		 "\"io.kubernetes.pod.name\":\"%s\",\"io.kubernetes.pod.namespace\":\"%s\"}}}",
		 name, name, name);
	tree_put(&tree, CONFIG, text);
	container = get(DOCKER);
	assert_int_equal(strlen(container->label), CONTAINER_TEXT_MAX);
	assert_int_equal(strlen(container->pod), CONTAINER_TEXT_MAX);
}

static void assert_depth(int depth, const char *label)
{
	static char text[100000];
	char *end = text + sprintf(text, "{\"Name\":\"/web\",\"x\":");

	for (int i = 1; i < depth; i++)
		*end++ = '[';
	for (int i = 1; i < depth; i++)
		*end++ = ']';
	strcpy(end, "}");
	tree_put(&tree, CONFIG, text);
	assert_string_equal(get(DOCKER)->label, label);
}

static void test_deep_nesting(void **state)
{
	(void)state;
	assert_depth(6, "web");
	assert_depth(40, SHORT);
	assert_depth(40000, SHORT);
}

/* Of 200 MB of memory a text of 4 MB would be good for. */
static void test_what_would_take_much_memory(void **state)
{
	static char text[400000];
	char *end = text + sprintf(text, "{\"Name\":\"/web\",\"x\":[");

	(void)state;
	for (int i = 0; i < 100000; i++)
		end = stpcpy(end, "{},");
	strcpy(end, "0]}");
	tree_put(&tree, CONFIG, text);
	assert_string_equal(get(DOCKER)->label, SHORT);
}

static void test_files_that_are_none(void **state)
{
	(void)state;
	tree_parents(&tree, CONFIG);
	assert_int_equal(mkfifo(tree_path(&tree, CONFIG), 0644), 0);
	assert_string_equal(get(DOCKER)->label, SHORT);
	assert_int_equal(unlink(tree_path(&tree, CONFIG)), 0);
	assert_int_equal(mkdir(tree_path(&tree, CONFIG), 0755), 0);
	assert_string_equal(get(DOCKER)->label, SHORT);
	assert_int_equal(rmdir(tree_path(&tree, CONFIG)), 0);
	assert_int_equal(symlink(CONFIG, tree_path(&tree, CONFIG)), 0);
	assert_string_equal(get(DOCKER)->label, SHORT);
}

static void test_a_file_that_is_too_large(void **state)
{
	(void)state;
	tree_put(&tree, CONFIG, "{\"Name\":\"/web\"}");
	assert_int_equal(truncate(tree_path(&tree, CONFIG), 8 << 20), 0);
	assert_string_equal(get(DOCKER)->label, SHORT);
}

static void test_nothing_is_read_outside_of_the_root(void **state)
{
	char target[PATH_MAX];

	(void)state;
	tree_put(&tree, "outside.json", "{\"Name\":\"/outside\"}");
	tree_parents(&tree, "root/" CONFIG);
	snprintf(target, sizeof(target), "%s/outside.json", tree.root);
	assert_int_equal(symlink(target, tree_path(&tree, "root/" CONFIG)), 0);
	assert_int_equal(containers_new(tree_path(&tree, "root"), &containers), 0);
	assert_string_equal(containers_get(containers, DOCKER)->label, SHORT);
}

/* --- lists */

static void assert_podman(const char *list, const char *label)
{
	tree_put(&tree, LIST, list);
	assert_text(list, "label", get(LIBPOD)->label, label);
}

static void test_entries_of_a_list_that_are_none(void **state)
{
	(void)state;
	assert_podman("{\"id\":\"" ID "\",\"names\":[\"web\"]}", SHORT);
	assert_podman("[null,7,\"x\",[],{},{\"id\":7},{\"id\":\"\"},{\"id\":\"" ID
		      "\",\"names\":[\"web\"]}]",
		      "web");
	assert_podman("[{\"id\":\"" ID "\",\"names\":[]}]", SHORT);
	assert_podman("[{\"id\":\"" ID "\",\"names\":[7]}]", SHORT);
	assert_podman("[{\"id\":\"" ID "\",\"names\":{\"0\":\"web\"}}]", SHORT);
	assert_podman("[{\"id\":\"" ID "\",\"names\":[\"web\"],\"metadata\":{\"pod-id\":\"x\"}}]",
		      "web");
	assert_podman("[{\"id\":\"" ID "\",\"names\":[\"web\"],\"metadata\":\"{{{\"}]", "web");
	assert_podman("[{\"id\":\"" ID
		      "\",\"names\":[\"web\"],\"metadata\":\"{\\\"pod-id\\\":\\\"../"
		      "../../../etc\\\"}\"}]",
		      "web");
	/* The first of two counts. */
	assert_podman("[{\"id\":\"" ID "\",\"names\":[\"one\"]},{\"id\":\"" ID
		      "\",\"names\":[\"two\"]}]",
		      "one");
}

/* One list that is no good does not take the other's containers with it. */
static void test_a_bad_list_beside_a_good_one(void **state)
{
	(void)state;
	tree_put(&tree, LIST, "[{\"id\":");
	tree_put(&tree, STORAGE "volatile-containers.json",
		 "[{\"id\":\"" ID "\",\"names\":[\"once\"]}]");
	assert_string_equal(get(LIBPOD)->label, "once");
}

static void test_a_list_of_very_many(void **state)
{
	static char text[4 << 20];
	char *end = text;

	(void)state;
	*end++ = '[';
	for (unsigned int i = 0; i < 20000; i++)
		end += sprintf(end, "{\"id\":\"%064x\",\"names\":[\"n%u\"]},", i, i);
	strcpy(end, "0]");
	put_bytes(LIST, text, strlen(text));
	assert_string_equal(
		get("/machine.slice/libpod-"
		    "00000000000000000000000000000000000000000000000000000000000000ff.scope")
			->label,
		"n255");
}

/* --- the other texts */

static void test_texts_that_are_none(void **state)
{
	static const char bytes[] =
		"\0\xff\n=\n:\nROOT\nROOT=\nSERVICE=libvirt-\nimage.description:";

	(void)state;
	put_bytes("run/systemd/machines/m", bytes, sizeof(bytes) - 1);
	put_bytes("etc/docker/daemon.json", bytes, sizeof(bytes) - 1);
	put_bytes("etc/containers/storage.conf", bytes, sizeof(bytes) - 1);
	put_bytes("etc/passwd", bytes, sizeof(bytes) - 1);
	put_bytes("var/lib/lxd/containers/m/backup.yaml", bytes, sizeof(bytes) - 1);
	assert_string_equal(get("/machine.slice/machine-m.scope")->label, "m");
	assert_null(containers_get(containers, "/machine.slice/machine-m.scope")->image);
	assert_string_equal(containers_get(containers, "/lxc/m")->runtime, "lxd");
	assert_null(containers_get(containers, "/lxc/m")->image);
	assert_string_equal(containers_get(containers, DOCKER)->label, SHORT);
	assert_string_equal(containers_get(containers, LIBPOD)->label, SHORT);
}

/* A name that would lead elsewhere as a path stays in its folder. */
static void test_names_that_are_paths(void **state)
{
	(void)state;
	tree_put(&tree, "run/systemd/secret", "ROOT=/secret\n");
	tree_put(&tree, "run/systemd/machines/m", "");
	assert_null(get("/machine.slice/machine-..\\x2fsecret.scope")->image);
	assert_string_equal(
		containers_get(containers, "/machine.slice/machine-..\\x2fsecret.scope")->label,
		"..\\x2fsecret");
	assert_null(containers_get(containers, "/lxc/.."));
	assert_null(containers_get(containers, "/lxc/."));
}

static void test_values_of_lines(void **state)
{
	char value[8];

	(void)state;
	assert_true(
		container_text_value("a=1\nkey = \"two\" \r\nkey=3", "key", value, sizeof(value)));
	assert_string_equal(value, "two");
	assert_true(container_text_value("  key: 'it''s'\n", "key", value, sizeof(value)));
	assert_string_equal(value, "it''s");
	assert_true(container_text_value("keys: 1\nkey:\n", "key", value, sizeof(value)));
	assert_string_equal(value, "");
	assert_true(container_text_value("key=\"", "key", value, sizeof(value)));
	assert_string_equal(value, "\"");
	assert_true(container_text_value("key=1234567", "key", value, sizeof(value)));
	assert_false(container_text_value("key=12345678", "key", value, sizeof(value)));
	assert_false(container_text_value("#key=1\nother key=2\nkey", "key", value, sizeof(value)));
	assert_false(container_text_value("", "key", value, sizeof(value)));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make_tree, remove_tree)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_no_json),
		TEST(test_other_types),
		TEST(test_what_is_good_beside_what_is_not),
		TEST(test_any_bytes_stay_as_they_are),
		TEST(test_a_long_name_is_cut),
		TEST(test_a_pod_s_label_is_cut_too),
		TEST(test_deep_nesting),
		TEST(test_what_would_take_much_memory),
		TEST(test_files_that_are_none),
		TEST(test_a_file_that_is_too_large),
		TEST(test_nothing_is_read_outside_of_the_root),
		TEST(test_entries_of_a_list_that_are_none),
		TEST(test_a_bad_list_beside_a_good_one),
		TEST(test_a_list_of_very_many),
		TEST(test_texts_that_are_none),
		TEST(test_names_that_are_paths),
		TEST(test_values_of_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
