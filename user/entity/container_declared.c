// SPDX-License-Identifier: BSD-2-Clause
#include "entity/container_declared.h"
#include "base/hash.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DECLARED 4096
/* A folder is made before what is in it. */
#define MAX_TRIES 64
/* A container's last tick comes after its state is gone. */
#define KEEP_TICKS 64

/* The cgroup's path that a state file tells, below its hierarchy's root; to be freed. */
typedef char *(*path_reader)(json_object *state);

struct kind {
	enum container_runtime runtime;
	const char *file;
	path_reader read_path;
};

/* A folder that has a folder for each container; containerd has such a one for each namespace. */
struct place {
	const char *folder;
	const struct kind *kind;
	bool has_namespaces;
};

struct declared {
	char *folder;		      /* of its state */
	struct container_stamp stamp; /* of that folder: another container's may have its name */
	char *id;
	const struct kind *kind;
	char *cgroup;	    /* NULL: not read yet, or by now another's */
	unsigned int tries; /* to read it since the folder has changed */
	bool is_read;
	uint64_t seen_at; /* tick */
	UT_hash_handle hh, cgroup_hh;
};

struct container_declared {
	struct declared *by_folder;
	struct declared *by_cgroup; /* those that have one */
	uint64_t tick;
};

/* containerd and every other: the bundle's config.json (OCI runtime-spec, config-linux.md). */
static char *read_bundle(json_object *state)
{
	const char *path = container_json_text(container_json_get(state, "linux"), "cgroupsPath");

	/* "SLICE:PREFIX:NAME" goes to systemd; what is relative is up to the runtime. */
	return path && path[0] == '/' ? strdup(path) : NULL;
}

/* crun, libcrun/status.c */
static char *read_crun(json_object *state)
{
	const char *path = container_json_text(state, "cgroup-path");

	return path && path[0] == '/' ? strdup(path) : NULL;
}

/*
 * runc, libcontainer: "cgroup_paths" has whole paths, one for each v1 controller, of v2 only that under
 * the key "". A hierarchy that is not the only one is a folder deeper.
 */
static char *read_runc(json_object *state)
{
	static const char *const keys[] = {"cpuacct", "cpu", ""};
	static const char mounts[] = "/sys/fs/cgroup";
	json_object *paths = container_json_get(state, "cgroup_paths");
	const char *path = NULL;
	size_t key = 0;

	while (key < 3 && !(path = container_json_text(paths, keys[key])))
		key++;
	if (!path || strncmp(path, mounts, sizeof(mounts) - 1) != 0)
		return NULL;
	path += sizeof(mounts) - 1;
	if (keys[key][0])
		path = path[0] ? strchr(path + 1, '/') : NULL;
	else if (strncmp(path, "/unified/", strlen("/unified/")) == 0)
		path += strlen("/unified");
	return path && path[0] == '/' ? strdup(path) : NULL;
}

static const struct kind runc = {CONTAINER_RUNC, "state.json", read_runc};
static const struct kind crun = {CONTAINER_CRUN, "status", read_crun};
static const struct kind containerd = {CONTAINER_CONTAINERD, "config.json", read_bundle};

static const struct place places[] = {
	{"run/runc", &runc, false},
	{"run/crun", &crun, false},
	{"run/containerd/io.containerd.runtime.v2.task", &containerd, true},
};

int container_declared_new(struct container_declared **ret)
{
	*ret = calloc(1, sizeof(**ret));
	return *ret ? 0 : -ENOMEM;
}

static void forget_cgroup(struct container_declared *declared, struct declared *entry)
{
	if (!entry->cgroup)
		return;
	HASH_DELETE(cgroup_hh, declared->by_cgroup, entry);
	free(entry->cgroup);
	entry->cgroup = NULL;
}

static void free_declared(struct declared *entry)
{
	free(entry->folder);
	free(entry->id);
	free(entry);
}

static void drop(struct container_declared *declared, struct declared *entry)
{
	forget_cgroup(declared, entry);
	HASH_DEL(declared->by_folder, entry);
	free_declared(entry);
}

/* Takes the cgroup over, from another container that had it where there is one. */
static void keep_cgroup(struct container_declared *declared, struct declared *entry, char *cgroup)
{
	struct declared *other;
	size_t length = strlen(cgroup);

	while (length > 0 && cgroup[length - 1] == '/')
		cgroup[--length] = '\0';
	forget_cgroup(declared, entry);
	HASH_FIND(cgroup_hh, declared->by_cgroup, cgroup, length, other);
	if (other)
		forget_cgroup(declared, other);
	HASH_ADD_KEYPTR(cgroup_hh, declared->by_cgroup, cgroup, length, entry);
	if (entry->cgroup_hh.tbl)
		entry->cgroup = cgroup;
	else
		free(cgroup);
}

struct visit {
	struct container_declared *declared;
	struct container_state *state;
	const char *folder;
	const struct kind *kind;
};

/* What has an id in its cgroup's path, as Podman's and the CRI's containers do, needs no file. */
static bool needs_no_file(const char *name)
{
	return strlen(name) == 64 && strspn(name, "0123456789abcdef") == 64;
}

static struct declared *add(struct container_declared *declared, const char *folder,
			    const char *name, const struct kind *kind)
{
	struct declared *entry;

	if (HASH_COUNT(declared->by_folder) >= MAX_DECLARED)
		return NULL;
	entry = calloc(1, sizeof(*entry));
	if (!entry)
		return NULL;
	entry->folder = strdup(folder);
	entry->id = strdup(name);
	entry->kind = kind;
	if (entry->folder && entry->id)
		HASH_ADD_STR(declared->by_folder, folder, entry);
	if (entry->folder && entry->id && entry->hh.tbl)
		return entry;
	free_declared(entry);
	return NULL;
}

static void read_cgroup(const struct visit *visit, struct declared *entry)
{
	_cleanup_json_ json_object *state = NULL;
	char file[PATH_MAX], *cgroup;

	entry->tries++;
	if (snprintf(file, sizeof(file), "%s/%s", entry->folder, entry->kind->file) >=
	    (int)sizeof(file))
		return;
	state = container_state_json(visit->state, file, CONTAINER_ANY_OWNER);
	cgroup = entry->kind->read_path(state);
	if (!cgroup)
		return;
	keep_cgroup(visit->declared, entry, cgroup);
	entry->is_read = true;
}

static int visit_container(const char *name, void *userdata)
{
	const struct visit *visit = userdata;
	struct declared *entry;
	struct container_stamp stamp;
	char folder[PATH_MAX];

	if (needs_no_file(name) ||
	    snprintf(folder, sizeof(folder), "%s/%s", visit->folder, name) >= (int)sizeof(folder))
		return 0;
	HASH_FIND_STR(visit->declared->by_folder, folder, entry);
	if (!entry)
		entry = add(visit->declared, folder, name, visit->kind);
	if (!entry)
		return 0;
	stamp = container_root_stamp(&visit->state->root, folder);
	if (!container_stamp_equal(&stamp, &entry->stamp)) {
		entry->stamp = stamp;
		entry->is_read = false;
		entry->tries = 0;
	}
	entry->seen_at = visit->declared->tick;
	if (!entry->is_read && entry->tries < MAX_TRIES)
		read_cgroup(visit, entry);
	return 0;
}

static int visit_namespace(const char *name, void *userdata)
{
	struct visit visit = *(struct visit *)userdata;
	char folder[PATH_MAX];

	if (snprintf(folder, sizeof(folder), "%s/%s", visit.folder, name) >= (int)sizeof(folder))
		return 0;
	visit.folder = folder;
	container_root_list(&visit.state->root, folder, visit_container, &visit);
	return 0;
}

void container_declared_refresh(struct container_declared *declared, struct container_state *state)
{
	struct declared *entry, *next;

	declared->tick++;
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		struct visit visit = {declared, state, places[i].folder, places[i].kind};

		container_root_list(&state->root, visit.folder,
				    places[i].has_namespaces ? visit_namespace : visit_container,
				    &visit);
	}
	HASH_ITER(hh, declared->by_folder, entry, next) {
		if (declared->tick - entry->seen_at > KEEP_TICKS)
			drop(declared, entry);
	}
}

int container_declared_find(const struct container_declared *declared, const char *path,
			    struct container_path *ret)
{
	const struct declared *found = NULL;
	size_t length = 0;

	/* From the top down: the first is the outermost. */
	while (!found && declared->by_cgroup && path[length]) {
		length += 1 + strcspn(path + length + 1, "/");
		HASH_FIND(cgroup_hh, declared->by_cgroup, path, length, found);
	}
	if (!found)
		return -ENOENT;
	*ret = (struct container_path){
		.runtime = found->kind->runtime,
		.root_len = length,
		.uid = -1,
	};
	snprintf(ret->id, sizeof(ret->id), "%s", found->id);
	return 0;
}

void container_declared_free(struct container_declared *declared)
{
	struct declared *entry, *next;

	if (!declared)
		return;
	HASH_ITER(hh, declared->by_folder, entry, next) {
		drop(declared, entry);
	}
	free(declared);
}
