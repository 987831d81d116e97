// SPDX-License-Identifier: BSD-2-Clause
#include "windows/files.h"

#include "base/cleanup.h"
#include "base/grow.h"
#include "windows/binary.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GONE " (deleted)"

static bool has_file(const struct code_files *files, const char *name)
{
	for (size_t i = 0; i < files->n; i++) {
		if (strcmp(files->at[i].name, name) == 0)
			return true;
	}
	return false;
}

/* Takes both texts over, also when it fails. */
static int add_file(struct code_files *files, char *path, char *name, bool gone)
{
	struct code_file *moved = grow_array(files->at, files->n, &files->room, sizeof(*moved));

	if (moved)
		files->at = moved;
	if (!moved || !path || !name) {
		free(path);
		free(name);
		return -ENOMEM;
	}
	files->at[files->n++] = (struct code_file){path, name, gone};
	return 0;
}

void code_files_done(struct code_files *files)
{
	for (size_t i = 0; i < files->n; i++) {
		free(files->at[i].path);
		free(files->at[i].name);
	}
	free(files->at);
	*files = (struct code_files){0};
}

/*
 * A line of /proc/PID/maps: "START-END PERMISSIONS OFFSET DEVICE INODE   PATH". By way of /proc/PID/root
 * the file is found whatever mount namespace the process is in; one that was removed or replaced, by
 * map_files.
 */
static int take_mapping(const char *procfs, uint32_t pid, char *line, struct code_files *files)
{
	char *path = strchr(line, '/'), *permissions = strchr(line, ' '), *opened = NULL;
	size_t length = path ? strlen(path) : 0;
	bool gone;

	if (!path || !permissions || permissions > path || permissions[3] != 'x')
		return 0;
	if (path[length - 1] == '\n')
		path[--length] = '\0';
	gone = length > strlen(GONE) && strcmp(path + length - strlen(GONE), GONE) == 0;
	if (gone) {
		path[length - strlen(GONE)] = '\0';
		if (asprintf(&opened, "%s/%u/map_files/%.*s", procfs, pid,
			     (int)(permissions - line), line) < 0)
			return -ENOMEM;
	} else if (asprintf(&opened, "%s/%u/root%s", procfs, pid, path) < 0) {
		return -ENOMEM;
	}
	if (has_file(files, path)) {
		free(opened);
		return 0;
	}
	return add_file(files, opened, strdup(path), gone);
}

int code_files_of_process(const char *procfs, uint32_t pid, struct code_files *files)
{
	_cleanup_fclose_ FILE *maps = NULL;
	_cleanup_free_ char *line = NULL;
	char path[PATH_MAX];
	size_t room = 0;
	int err = 0;

	snprintf(path, sizeof(path), "%s/%u/maps", procfs, pid);
	maps = fopen(path, "re");
	if (!maps)
		return -errno;
	while (!err && getline(&line, &room, maps) > 0)
		err = take_mapping(procfs, pid, line, files);
	return err;
}

struct needs {
	const char *cache;
	struct code_files *files;
};

static int take_needed(void *userdata, const char *soname)
{
	const struct needs *needs = userdata;
	char *path;
	int err;

	if (has_file(needs->files, soname))
		return 0;
	err = library_find(needs->cache, soname, &path);
	/* One that is found by other ways (RUNPATH, LD_LIBRARY_PATH) has to be named by its path. */
	if (err == -ENOENT)
		return 0;
	return err ? err : add_file(needs->files, path, strdup(soname), false);
}

int code_files_of_program(const char *path, const char *cache, struct code_files *files)
{
	const struct needs needs = {cache, files};
	size_t i = files->n;
	int err;

	err = add_file(files, strdup(path), strdup(path), false);
	for (; i < files->n && !err; i++) {
		struct binary *binary;

		/* A script: its interpreter is known to the kernel alone, until it runs. */
		if (binary_open(files->at[i].path, &binary, NULL) != 0)
			continue;
		err = binary_each_needed(binary, take_needed, (void *)(uintptr_t)&needs);
		binary_close(binary);
	}
	return err;
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool is_called(const char *path, const char *name)
{
	struct binary *binary;
	const char *soname;
	bool called;

	if (binary_open(path, &binary, NULL) != 0)
		return false;
	soname = binary_soname(binary);
	called = soname && strcmp(soname, name) == 0;
	binary_close(binary);
	return called;
}

const struct code_file *code_files_find(const struct code_files *files, const char *name)
{
	for (size_t i = 0; i < files->n; i++) {
		if (strcmp(last_part(files->at[i].name), name) == 0)
			return &files->at[i];
	}
	for (size_t i = 0; i < files->n; i++) {
		if (is_called(files->at[i].path, name))
			return &files->at[i];
	}
	return NULL;
}
