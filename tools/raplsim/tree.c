// SPDX-License-Identifier: BSD-2-Clause
#include "raplsim/tree.h"

#include "base/cleanup.h"
#include "base/fileio.h"
#include "raplsim/dir.h"
#include "raplsim/zonedir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#define FIRST_LINE "raplsim 1"

/* What is in the root besides the marker. */
static const char *const contents[] = {"class", "devices", ZONEDIR_REMOVED};

struct tree {
	char *path;
	int root_fd;
	int marker_fd; /* holds the lock */
	bool made_root;
	struct zonedir_places places;
};

static int clear(int root_fd)
{
	int err;

	for (size_t i = 0; i < sizeof(contents) / sizeof(contents[0]); i++) {
		err = dir_remove(root_fd, contents[i]);
		if (err)
			return err;
	}
	return 0;
}

/* Whether the marker that is open in `fd` is one. */
static bool is_marker(int fd)
{
	char text[sizeof(FIRST_LINE)] = "";

	return pread(fd, text, sizeof(text) - 1, 0) == (ssize_t)sizeof(text) - 1 &&
	       memcmp(text, FIRST_LINE, sizeof(text) - 1) == 0;
}

static int take_root(struct tree *tree, const char *path, struct errmsg *msg)
{
	if (mkdir(path, 0777) == 0)
		tree->made_root = true;
	else if (errno != EEXIST)
		return errmsg_set(msg, -errno, "cannot make the directory %s: %s", path,
				  strerror(errno));
	tree->root_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (tree->root_fd < 0)
		return errmsg_set(msg, -errno, "cannot open %s: %s", path, strerror(errno));
	tree->path = realpath(path, NULL);
	if (!tree->path)
		return errmsg_set(msg, -errno, "cannot resolve %s: %s", path, strerror(errno));
	return 0;
}

static int take_marker(struct tree *tree, const char *path, struct errmsg *msg)
{
	int flags = O_RDWR | O_NOFOLLOW | O_CLOEXEC;
	int empty = dir_is_empty(tree->root_fd);

	if (empty < 0)
		return errmsg_set(msg, empty, "cannot read %s: %s", path, strerror(-empty));
	if (empty)
		flags |= O_CREAT;
	tree->marker_fd = openat(tree->root_fd, TREE_MARKER, flags, 0644);
	if (tree->marker_fd < 0 && errno == EACCES)
		return errmsg_set(msg, -EACCES, "cannot write in %s: Permission denied", path);
	if (tree->marker_fd < 0 || (!empty && !is_marker(tree->marker_fd)))
		return errmsg_set(msg, -ENOTEMPTY,
				  "%s is not empty and holds no tree of raplsim: name another "
				  "directory",
				  path);
	if (flock(tree->marker_fd, LOCK_EX | LOCK_NB) < 0)
		return errmsg_set(msg, -EBUSY, "another raplsim is feeding %s", path);
	return 0;
}

static int write_marker(struct tree *tree, const char *arguments)
{
	if (ftruncate(tree->marker_fd, 0) < 0)
		return -errno;
	if (dprintf(tree->marker_fd, FIRST_LINE "\n%s\n", arguments) < 0)
		return -errno;
	return 0;
}

int tree_open(const char *path, const char *arguments, struct tree **ret, struct errmsg *msg)
{
	struct tree *tree = calloc(1, sizeof(*tree));
	int err;

	if (!tree)
		return errmsg_set(msg, -ENOMEM, "out of memory");
	tree->root_fd = tree->marker_fd = -1;
	zonedir_places_init(&tree->places);
	err = take_root(tree, path, msg);
	if (err)
		goto fail;
	err = take_marker(tree, path, msg);
	if (err)
		goto fail;
	err = clear(tree->root_fd);
	if (!err)
		err = write_marker(tree, arguments);
	if (err) {
		errmsg_set(msg, err, "cannot start a tree in %s: %s", path, strerror(-err));
		goto fail;
	}
	*ret = tree;
	return 0;
fail:
	tree_close(tree);
	return err;
}

int tree_fd(const struct tree *tree)
{
	return tree->root_fd;
}

const char *tree_path(const struct tree *tree)
{
	return tree->path;
}

int tree_add_zones(struct tree *tree, struct zones *zones, struct errmsg *msg)
{
	int err = zonedir_places_make(&tree->places, tree->root_fd);

	for (size_t i = 0; i < zones->n_zones && !err; i++)
		err = zonedir_make(&tree->places, &zones->zones[i]);
	if (err)
		return errmsg_set(msg, err, "cannot make the zones in %s: %s", tree->path,
				  strerror(-err));
	return 0;
}

int tree_update(struct tree *tree, struct zones *zones, uint64_t now_ns, struct errmsg *msg)
{
	struct zone *zone;
	int err;

	for (size_t i = 0; i < zones->n_zones; i++) {
		zone = &zones->zones[i];
		err = zonedir_show(&tree->places, zone, zone_face(zone, now_ns));
		if (err)
			return errmsg_set(msg, err, "cannot write the zone %s in %s: %s",
					  zone->node, tree->path, strerror(-err));
	}
	return 0;
}

int tree_remove(struct tree *tree, struct errmsg *msg)
{
	int err = clear(tree->root_fd);

	/* The marker last: what an interrupted removal leaves is still known to be ours. */
	if (!err)
		err = dir_remove(tree->root_fd, TREE_MARKER);
	if (!err && tree->made_root && rmdir(tree->path) < 0)
		err = -errno;
	return err ? errmsg_set(msg, err, "cannot remove the tree in %s: %s", tree->path,
				strerror(-err))
		   : 0;
}

void tree_close(struct tree *tree)
{
	if (!tree)
		return;
	zonedir_places_close(&tree->places);
	cleanup_close(&tree->marker_fd);
	cleanup_close(&tree->root_fd);
	free(tree->path);
	free(tree);
}
