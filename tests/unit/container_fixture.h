/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_TESTS_CONTAINER_FIXTURE_H
#define ENERGYTRACE_TESTS_CONTAINER_FIXTURE_H

/* Containers of the trees in fixtures/containers/, and of trees that a test makes. */

#include "entity/container.h"

#include "sysfs_tree.h"

#include <stdbool.h>

/* An id of 64 digits, of 4 and of 6 that repeat. */
#define ID4(d) d d d d d d d d d d d d d d d d
#define ID6(d, rest) d d d d d d d d d d rest

#define FIXTURE(name) TESTS_DIR "/unit/fixtures/containers/" name

struct known {
	const char *runtime, *label, *name, *image, *pod, *namespace, *pod_uid;
};

static inline void assert_text(const char *path, const char *what, const char *got,
			       const char *expected)
{
	if (!got && !expected)
		return;
	if (!got || !expected || strcmp(got, expected) != 0)
		fail_msg("%s: %s is '%s', should be '%s'", path, what, got ? got : "(null)",
			 expected ? expected : "(null)");
}

static inline void assert_known(const struct container *container, const char *path,
				const struct known *known)
{
	if (!container)
		fail_msg("%s: no container", path);
	assert_text(path, "runtime", container->runtime, known->runtime);
	assert_text(path, "label", container->label, known->label);
	assert_text(path, "name", container->name, known->name);
	assert_text(path, "image", container->image, known->image);
	assert_text(path, "pod", container->pod, known->pod);
	assert_text(path, "namespace", container->namespace, known->namespace);
	assert_text(path, "pod_uid", container->pod_uid, known->pod_uid);
}

/* The container of the path in the tree `root` has these names, and the others not. */
static inline void assert_container_at(const char *root, const char *path, struct known known)
{
	struct containers *containers;

	assert_int_equal(containers_new(root, &containers), 0);
	assert_known(containers_get(containers, path), path, &known);
	containers_free(containers);
}

#endif
