// SPDX-License-Identifier: BSD-2-Clause
#include "windows/locate.h"

#include "base/cleanup.h"
#include "base/grow.h"
#include "base/nearest.h"
#include "windows/binary.h"
#include "windows/files.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct probed_file {
	char *path;
	dev_t device;
	ino_t inode;
};

void window_probes_done(struct window_probes *probes)
{
	for (size_t i = 0; i < probes->n_files; i++)
		free(probes->files[i].path);
	free(probes->files);
	free(probes->at);
	*probes = (struct window_probes){0};
}

/*
 * One copy of a path, and one path of a file: probes are set on inodes, so two of them at one file's two
 * paths would be met twice. NULL when memory is out.
 */
static const char *keep_path(struct window_probes *probes, const char *path)
{
	struct probed_file *moved;
	struct stat stat_ = {0};
	char *copy;

	stat(path, &stat_);
	for (size_t i = 0; i < probes->n_files; i++) {
		const struct probed_file *file = &probes->files[i];

		if (file->device == stat_.st_dev && file->inode == stat_.st_ino)
			return file->path;
	}
	copy = strdup(path);
	moved = grow_array(probes->files, probes->n_files, &probes->files_room, sizeof(*moved));
	if (moved)
		probes->files = moved;
	if (!moved || !copy) {
		free(copy);
		return NULL;
	}
	probes->files[probes->n_files++] = (struct probed_file){copy, stat_.st_dev, stat_.st_ino};
	return copy;
}

static bool has_probe(const struct window_probes *probes, const struct window_probe *wanted)
{
	for (size_t i = 0; i < probes->n; i++) {
		const struct window_probe *probe = &probes->at[i];

		if (probe->kind == wanted->kind && probe->function == wanted->function &&
		    probe->offset == wanted->offset && probe->path == wanted->path)
			return true;
	}
	return false;
}

static int add_probes(struct window_probes *probes, enum window_probe_kind kind, uint32_t function,
		      const char *path, const struct binary_offsets *offsets)
{
	const char *kept = keep_path(probes, path);

	for (size_t i = 0; i < offsets->n; i++) {
		struct window_probe probe = {.kind = kind,
					     .function = function,
					     .path = kept,
					     .offset = offsets->at[i].offset,
					     .semaphore = offsets->at[i].semaphore};
		struct window_probe *moved;

		if (!kept)
			return -ENOMEM;
		if (has_probe(probes, &probe))
			continue;
		moved = grow_array(probes->at, probes->n, &probes->room, sizeof(*moved));
		if (!moved)
			return -ENOMEM;
		probes->at = moved;
		probes->at[probes->n++] = probe;
	}
	return 0;
}

static int no_memory(struct errmsg *msg)
{
	errmsg_set(msg, -ENOMEM, "out of memory for the probes");
	return -ENOMEM;
}

/* The files that code comes from. */
static int list_files(const struct window_target *target, struct code_files *files,
		      struct errmsg *msg)
{
	int err = 0;

	if (target->pid) {
		err = code_files_of_process(target->procfs, target->pid, files);
		if (err == -ENOENT || err == -ESRCH)
			return errmsg_set(msg, -ESRCH, "no process has the pid %u", target->pid);
		if (err)
			return errmsg_set(msg, err,
					  "cannot read which files process %u has mapped: %s",
					  target->pid, strerror(-err));
	} else if (target->program) {
		err = code_files_of_program(target->program, target->cache, files);
	}
	return err ? no_memory(msg) : 0;
}

/* As the process sees it, which may be in a container; else as it is here. */
static char *reachable(const struct window_target *target, const char *path)
{
	char *inside;

	if (!target->pid || path[0] != '/')
		return strdup(path);
	if (asprintf(&inside, "%s/%u/root%s", target->procfs, target->pid, path) < 0)
		return NULL;
	if (access(inside, R_OK) == 0)
		return inside;
	free(inside);
	return strdup(path);
}

/*
 * The file as the process runs it, where its path leads to another one by now (it was built anew): probes at
 * that would never be met. NULL: there is none such.
 */
static char *still_running(const struct window_target *target, const char *path)
{
	_cleanup_(code_files_done) struct code_files files = {0};
	_cleanup_free_ char *whole = realpath(path, NULL);

	if (!target->pid || !whole || list_files(target, &files, NULL) != 0)
		return NULL;
	for (size_t i = 0; i < files.n; i++) {
		if (files.at[i].gone && strcmp(files.at[i].name, whole) == 0)
			return strdup(files.at[i].path);
	}
	return NULL;
}

/* The file that a request names: a path, or the name of one that code comes from. */
static int find_binary(const char *name, const struct window_target *target, char **ret,
		       struct errmsg *msg)
{
	_cleanup_(code_files_done) struct code_files files = {0};
	const struct code_file *file;
	char *found = NULL;
	int err;

	if (strchr(name, '/')) {
		*ret = still_running(target, name);
		if (!*ret)
			*ret = reachable(target, name);
		return *ret ? 0 : no_memory(msg);
	}
	err = list_files(target, &files, msg);
	if (err)
		return err;
	file = code_files_find(&files, name);
	if (file)
		found = strdup(file->path);
	else if (target->pid == 0 && library_find(target->cache, name, &found) == -ENOMEM)
		return no_memory(msg);
	else if (!found && access(name, F_OK) == 0)
		found = strdup(name);
	else if (!found)
		return errmsg_set(msg, -ENOENT,
				  target->pid ? "the process has no file %s mapped: give its path, "
						"or the name of a library that it has loaded"
					      : "there is no library %s: give the path of the file",
				  name);
	*ret = found;
	return found ? 0 : no_memory(msg);
}

static int locate_in(const char *path, const char *name, uint32_t function,
		     struct window_probes *probes, struct errmsg *msg)
{
	_cleanup_(binary_offsets_done) struct binary_offsets offsets = {0};
	struct binary *binary;
	int err;

	err = binary_open(path, &binary, msg);
	if (err)
		return err;
	err = binary_function(binary, name, &offsets, msg);
	binary_close(binary);
	if (err)
		return err;
	return add_probes(probes, WINDOW_CALL, function, path, &offsets) ? no_memory(msg) : 0;
}

static int locate_function(const struct window_request *request, uint32_t function,
			   const struct window_target *target, struct window_probes *probes,
			   struct errmsg *msg)
{
	char *path = NULL;
	int err;

	err = find_binary(request->place, target, &path, msg);
	if (!path)
		return err;
	err = locate_in(path, request->function, function, probes, msg);
	free(path);
	return err;
}

/* What was seen of a provider that has not both markers. */
struct markers_seen {
	const struct window_request *request;
	char names[256];
	size_t used;
	bool begin, end, provider;
};

static int note_marker(void *userdata, const char *provider, const char *name)
{
	struct markers_seen *seen = userdata;
	const struct window_request *request = seen->request;
	int n;

	if (strcmp(provider, request->place) != 0)
		return 0;
	seen->provider = true;
	seen->begin |= strcmp(name, request->function) == 0;
	seen->end |= strcmp(name, request->end) == 0;
	for (char *at = seen->names; (at = strstr(at, name)); at++) {
		size_t length = strlen(name);

		if ((at == seen->names || at[-1] == ' ') && (at[length] == ',' || !at[length]))
			return 0;
	}
	n = snprintf(seen->names + seen->used, sizeof(seen->names) - seen->used, "%s%s",
		     seen->used ? ", " : "", name);
	if (n > 0 && (size_t)n < sizeof(seen->names) - seen->used)
		seen->used += (size_t)n;
	else
		seen->names[seen->used] = '\0';
	return 0;
}

static int say_markers(const struct markers_seen *seen, struct errmsg *msg)
{
	const struct window_request *request = seen->request;
	bool both = !seen->begin && !seen->end;

	if (!seen->provider)
		return errmsg_set(msg, -ENOENT,
				  "there are no markers (USDT) of %s in the program and its "
				  "libraries",
				  request->place);
	return errmsg_set(msg, -ENOENT, "%s has no marker %s%s%s; it has: %s", request->place,
			  seen->begin ? request->end : request->function, both ? " and no " : "",
			  both ? request->end : "", seen->names);
}

static int search_file(const struct code_file *file, uint32_t function, struct markers_seen *seen,
		       struct window_probes *probes)
{
	_cleanup_(binary_offsets_done) struct binary_offsets begins = {0}, ends = {0};
	const struct window_request *request = seen->request;
	struct binary *binary;
	int err;

	/* What is mapped need not be a program. */
	if (binary_open(file->path, &binary, NULL) != 0)
		return 0;
	binary_each_marker(binary, note_marker, seen);
	err = binary_marker(binary, request->place, request->function, &begins);
	if (!err)
		err = binary_marker(binary, request->place, request->end, &ends);
	binary_close(binary);
	if (!err && begins.n)
		err = add_probes(probes, WINDOW_BEGIN, function, file->path, &begins);
	if (!err && ends.n)
		err = add_probes(probes, WINDOW_END, function, file->path, &ends);
	return err;
}

static int locate_markers(const struct window_request *request, uint32_t function,
			  const struct window_target *target, struct window_probes *probes,
			  struct errmsg *msg)
{
	_cleanup_(code_files_done) struct code_files files = {0};
	struct markers_seen seen = {.request = request};
	int err;

	err = list_files(target, &files, msg);
	for (size_t i = 0; i < files.n && !err; i++) {
		if (search_file(&files.at[i], function, &seen, probes) != 0)
			err = no_memory(msg);
	}
	if (err)
		return err;
	return seen.begin && seen.end ? 0 : say_markers(&seen, msg);
}

int windows_locate(const struct window_request *request, uint32_t function,
		   const struct window_target *target, struct window_probes *probes,
		   struct errmsg *msg)
{
	return request->markers ? locate_markers(request, function, target, probes, msg)
				: locate_function(request, function, target, probes, msg);
}
