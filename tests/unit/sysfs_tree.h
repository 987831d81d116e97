/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_TESTS_SYSFS_TREE_H
#define ENERGYTRACE_TESTS_SYSFS_TREE_H

/* A sysfs tree under /tmp that a test makes and changes: what a fixture in git can't hold. */

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <limits.h>
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

struct sysfs_tree {
	char root[64];
};

static inline struct sysfs_tree tree_new(void)
{
	struct sysfs_tree tree = {"/tmp/test-energy-XXXXXX"};

	assert_non_null(mkdtemp(tree.root));
	/* Also for the other user that a test may become. */
	assert_int_equal(chmod(tree.root, 0755), 0);
	return tree;
}

static inline int tree_remove_one(const char *path, const struct stat *status, int type,
				  struct FTW *walk)
{
	(void)status;
	(void)type;
	(void)walk;
	return remove(path);
}

static inline void tree_free(const struct sysfs_tree *tree)
{
	nftw(tree->root, tree_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* The path of a file in the tree, good until the call after the next. */
static inline const char *tree_path(const struct sysfs_tree *tree, const char *path)
{
	static char paths[2][PATH_MAX];
	static int turn;

	turn = !turn;
	snprintf(paths[turn], sizeof(paths[turn]), "%s/%s", tree->root, path);
	return paths[turn];
}

/* Makes the directories above a file of the tree. */
static inline void tree_parents(const struct sysfs_tree *tree, const char *path)
{
	char full[PATH_MAX];

	snprintf(full, sizeof(full), "%s/%s", tree->root, path);
	for (char *slash = strchr(full + strlen(tree->root) + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		assert_true(mkdir(full, 0755) == 0 || errno == EEXIST);
		*slash = '/';
	}
}

static inline void tree_put(const struct sysfs_tree *tree, const char *path, const char *text)
{
	FILE *file;

	tree_parents(tree, path);
	file = fopen(tree_path(tree, path), "we");
	assert_non_null(file);
	fprintf(file, "%s\n", text);
	assert_int_equal(fclose(file), 0);
}

static inline void tree_rename(const struct sysfs_tree *tree, const char *from, const char *to)
{
	assert_int_equal(rename(tree_path(tree, from), tree_path(tree, to)), 0);
}

static inline void tree_set_energy(const struct sysfs_tree *tree, const char *zone, uint64_t uj)
{
	char path[128], text[32];

	snprintf(path, sizeof(path), "class/powercap/%s/energy_uj", zone);
	snprintf(text, sizeof(text), "%" PRIu64, uj);
	tree_put(tree, path, text);
}

/* A zone with the range of a server's package. */
static inline void tree_zone(const struct sysfs_tree *tree, const char *zone, const char *name,
			     uint64_t uj)
{
	char path[128];

	snprintf(path, sizeof(path), "class/powercap/%s/name", zone);
	tree_put(tree, path, name);
	snprintf(path, sizeof(path), "class/powercap/%s/max_energy_range_uj", zone);
	tree_put(tree, path, "262143328850");
	tree_set_energy(tree, zone, uj);
}

#endif
