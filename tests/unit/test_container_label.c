// SPDX-License-Identifier: BSD-2-Clause
/* One copy of what is known of a container, shared by all that is in it. */
#include "report/container_label.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static const struct sample_container plain = {.runtime = "docker", .id = "4f1c", .path = "/4f1c"};

static struct container_label *take(struct container_labels *labels,
				    const struct sample_container *container)
{
	struct container_label *label = container_labels_take(labels, container);

	assert_non_null(label);
	return label;
}

static void finish(struct container_labels *labels)
{
	assert_int_equal(HASH_COUNT(labels->table), 0);
	container_labels_done(labels);
}

static void test_the_same_is_one(void **state)
{
	struct sample_container copy = plain;
	struct container_labels labels = {0};
	struct container_label *label;
	char id[] = "4f1c";

	(void)state;
	copy.id = id; /* elsewhere, but the same text */
	label = take(&labels, &plain);
	assert_ptr_equal(take(&labels, &copy), label);
	assert_ptr_equal(container_label_reference(label), label);
	id[0] = 'x';
	assert_string_equal(label->container.id, "4f1c");
	assert_int_equal(HASH_COUNT(labels.table), 1);
	container_labels_put(&labels, label);
	container_labels_put(&labels, label);
	assert_int_equal(HASH_COUNT(labels.table), 1);
	container_labels_put(&labels, label);
	container_labels_put(&labels, NULL);
	finish(&labels);
}

static void test_all_texts_are_kept(void **state)
{
	const struct sample_container whole = {
		.runtime = "cri-o",
		.id = "id",
		.path = "/p",
		.label = "ns/pod/n",
		.name = "n",
		.image = "im:1",
		.pod = "pod",
		.pod_namespace = "ns",
	};
	struct container_labels labels = {0};
	struct container_label *label = take(&labels, &whole), *other = take(&labels, &plain);

	(void)state;
	assert_string_equal(label->container.runtime, "cri-o");
	assert_string_equal(label->container.id, "id");
	assert_string_equal(label->container.path, "/p");
	assert_string_equal(label->container.label, "ns/pod/n");
	assert_string_equal(label->container.name, "n");
	assert_string_equal(label->container.image, "im:1");
	assert_string_equal(label->container.pod, "pod");
	assert_string_equal(label->container.pod_namespace, "ns");
	assert_string_equal(other->container.path, "/4f1c");
	assert_null(other->container.label);
	assert_null(other->container.name);
	assert_null(other->container.image);
	assert_null(other->container.pod);
	assert_null(other->container.pod_namespace);
	container_labels_put(&labels, label);
	container_labels_put(&labels, other);
	finish(&labels);
}

/* Texts that are missing, empty, or look like those beside them are other contents. */
static void test_what_differs_is_told_apart(void **state)
{
	static const struct sample_container all[] = {
		{.runtime = "r", .id = "i", .path = "/p"},
		{.runtime = "r", .id = "i", .path = "/p", .label = "x"},
		{.runtime = "r", .id = "i", .path = "/p", .name = "x"},
		{.runtime = "r", .id = "i", .path = "/p", .image = "x"},
		{.runtime = "r", .id = "i", .path = "/p", .pod = "x"},
		{.runtime = "r", .id = "i", .path = "/p", .pod_namespace = "x"},
		{.runtime = "r", .id = "i", .path = "/p", .name = ""},
		{.runtime = "r", .id = "i", .path = "/p", .name = "=x"},
		{.runtime = "r", .id = "i", .path = "/p", .name = "=", .image = "x"},
		{.runtime = "r", .id = "i", .path = "/p=x"},
		{.runtime = "", .id = "ri", .path = "/p"},
		{.runtime = "ri", .id = "", .path = "/p"},
	};
	struct container_label *taken[sizeof(all) / sizeof(*all)];
	struct container_labels labels = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		taken[i] = take(&labels, &all[i]);
		assert_int_equal(HASH_COUNT(labels.table), i + 1);
	}
	assert_string_equal(taken[6]->container.name, "");
	assert_null(taken[0]->container.name);
	assert_string_equal(taken[7]->container.name, "=x");
	assert_string_equal(taken[8]->container.image, "x");
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		container_labels_put(&labels, taken[i]);
	finish(&labels);
}

static void test_long_texts(void **state)
{
	struct container_labels labels = {0};
	char text[5000];

	(void)state;
	memset(text, 'x', sizeof(text));
	for (size_t length = 1; length < sizeof(text); length += 499) {
		const struct sample_container container = {
			.runtime = "r", .id = text, .path = text, .name = text};
		struct container_label *label;

		text[length] = '\0';
		label = take(&labels, &container);
		assert_string_equal(label->container.id, text);
		assert_string_equal(label->container.name, text);
		container_labels_put(&labels, label);
		text[length] = 'x';
	}
	finish(&labels);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_same_is_one),
		cmocka_unit_test(test_all_texts_are_kept),
		cmocka_unit_test(test_what_differs_is_told_apart),
		cmocka_unit_test(test_long_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
