// SPDX-License-Identifier: BSD-2-Clause
#include "entity/cgroup.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uthash.h>

/* What was not asked for in the last tick is forgotten when there are so many, or after so long. */
#define MAX_CACHED 16384
#define KEEP_TICKS 600

/* fs/kernfs/mount.c: a file handle of kernfs is the node's 64-bit id. */
#define FILEID_KERNFS 0xfe

struct cgroup_key {
	uint64_t id;
	uint64_t version; /* as wide as id: no padding in the hashed bytes */
};

struct cgroup_entry {
	struct cgroup_key key;
	struct cgroup_name name;
	char *path;	     /* what name.path is: to be freed */
	uint64_t asked_at;   /* tick, from 1; 0: never */
	uint64_t removed_at; /* the same; 0: it is there */
	UT_hash_handle hh;
};

struct cgroup_names {
	struct cgroup_mounts mounts;
	int v2_fd, v1_fd; /* of the mount points; -1 where there is none */
	struct cgroup_entry *entries;
	size_t n_removed; /* of the entries */
	uint64_t tick;	  /* from 1 */
	uint64_t walked;  /* the last tick in which the trees were walked */
};

/* One of the comma-separated words. */
static bool has_word(const char *list, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = list; at; at = strchr(at, ',')) {
		at += *at == ',';
		if (strncmp(at, word, length) == 0 && (at[length] == ',' || at[length] == '\0'))
			return true;
	}
	return false;
}

/* man 5 proc: space, tab, newline and backslash stand as \ooo in mountinfo. */
static void unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from; to++) {
		if (from[0] == '\\' && from[1] >= '0' && from[1] <= '3' && from[2] && from[3]) {
			*to = (char)((from[1] - '0') * 64 + (from[2] - '0') * 8 + (from[3] - '0'));
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}

static void keep_mount(struct cgroup_mounts *mounts, char *mount_point, const char *type,
		       const char *options)
{
	bool cpuacct;

	unescape(mount_point);
	if (strlen(mount_point) >= sizeof(mounts->v1))
		return;
	if (strcmp(type, "cgroup2") == 0 && !mounts->v2[0])
		strcpy(mounts->v2, mount_point);
	if (strcmp(type, "cgroup") != 0)
		return;
	cpuacct = has_word(options, "cpuacct");
	if (!cpuacct && !has_word(options, "cpu"))
		return;
	if (mounts->v1[0] && (mounts->v1_is_cpuacct || !cpuacct))
		return;
	strcpy(mounts->v1, mount_point);
	mounts->v1_is_cpuacct = cpuacct;
}

/* "ID PARENT MAJ:MIN ROOT MOUNT-POINT OPTIONS [TAGS…] - TYPE SOURCE SUPER-OPTIONS" */
static void read_mount(char *line, struct cgroup_mounts *mounts)
{
	char *separator = strstr(line, " - "), *save = NULL, *mount_point = NULL;
	char *rest, *type, *options;

	if (!separator)
		return;
	*separator = '\0';
	for (int field = 0; field < 5; field++) {
		mount_point = strtok_r(field ? NULL : line, " ", &save);
		if (!mount_point)
			return;
	}
	/* The source is whatever the mounter said: also nothing, between two blanks. */
	rest = separator + 3;
	type = strsep(&rest, " ");
	strsep(&rest, " ");
	options = strsep(&rest, " \n");
	if (options)
		keep_mount(mounts, mount_point, type, options);
}

int cgroup_mounts_read(const char *procfs, struct cgroup_mounts *ret)
{
	_cleanup_fclose_ FILE *file = NULL;
	_cleanup_free_ char *line = NULL;
	char path[PATH_MAX];
	size_t size = 0;

	memset(ret, 0, sizeof(*ret));
	if (snprintf(path, sizeof(path), "%s/self/mountinfo", procfs) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	file = fopen(path, "re");
	if (!file)
		return -errno;
	while (getline(&line, &size, file) >= 0)
		read_mount(line, ret);
	return ferror(file) ? -EIO : 0;
}

static bool exists_below(const char *mount_point, const char *path)
{
	char whole[PATH_MAX];
	int n = snprintf(whole, sizeof(whole), "%s%s", mount_point, path);

	return mount_point[0] && n > 0 && (size_t)n < sizeof(whole) && access(whole, F_OK) == 0;
}

bool cgroup_exists(const struct cgroup_mounts *mounts, const char *path)
{
	return exists_below(mounts->v1, path) || exists_below(mounts->v2, path);
}

static int open_mount(const char *path)
{
	return path[0] ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
}

int cgroup_names_new(const struct cgroup_mounts *mounts, struct cgroup_names **ret)
{
	struct cgroup_names *names = calloc(1, sizeof(*names));

	if (!names)
		return -ENOMEM;
	names->mounts = *mounts;
	names->tick = 1;
	names->v1_fd = open_mount(mounts->v1);
	names->v2_fd = open_mount(mounts->v2);
	*ret = names;
	return 0;
}

/* Below the mount point; the caller frees it. */
static char *below(const char *path, const char *mount_point)
{
	size_t length = strlen(mount_point);

	if (strncmp(path, mount_point, length) != 0)
		return NULL;
	return strdup(path[length] ? path + length : "/");
}

/*
 * Straight from the id, whatever the size of the tree. Needs CAP_DAC_READ_SEARCH. A cgroup that was
 * removed cannot be opened (ESTALE).
 */
static char *path_by_handle(int mount_fd, const char *mount_point, uint64_t id)
{
	union {
		struct file_handle handle;
		char room[sizeof(struct file_handle) + sizeof(uint64_t)];
	} request = {.handle = {.handle_bytes = sizeof(id), .handle_type = FILEID_KERNFS}};
	char link[64], path[PATH_MAX];
	_cleanup_close_ int fd = -1;
	ssize_t n;

	memcpy(request.handle.f_handle, &id, sizeof(id));
	fd = open_by_handle_at(mount_fd, &request.handle, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	if (n < 0)
		return NULL;
	path[n] = '\0';
	return below(path, mount_point);
}

static struct cgroup_entry *find(const struct cgroup_names *names, int version, uint64_t id)
{
	struct cgroup_key key = {.id = id, .version = (uint64_t)version};
	struct cgroup_entry *entry;

	HASH_FIND(hh, names->entries, &key, sizeof(key), entry);
	return entry;
}

/* Takes the path over; NULL, with the path freed, when memory is out. */
static struct cgroup_entry *add(struct cgroup_names *names, int version, uint64_t id, char *path)
{
	struct cgroup_entry *entry = calloc(1, sizeof(*entry));

	if (!entry || !path) {
		free(entry);
		free(path);
		return NULL;
	}
	entry->key = (struct cgroup_key){.id = id, .version = (uint64_t)version};
	entry->name.path = entry->path = path;
	HASH_ADD(hh, names->entries, key, sizeof(entry->key), entry);
	return entry;
}

int cgroup_names_learn(struct cgroup_names *names, int version, uint64_t id, const char *path)
{
	struct cgroup_entry *entry = find(names, version, id);
	char *copy;

	if (!entry)
		return add(names, version, id, strdup(path)) ? 0 : -ENOMEM;
	if (strcmp(entry->path, path) == 0)
		return 0;
	copy = strdup(path);
	if (!copy)
		return -ENOMEM;
	free(entry->path);
	entry->name.path = entry->path = copy;
	entry->name.touched = 0;
	return 0;
}

/*
 * Without the capability: the directories whose inode numbers are the ids. All of them at once, and once
 * a tick at most, whatever the number of those that are not known.
 */
static void walk(struct cgroup_names *names, int version, const char *mount_point)
{
	char *paths[] = {(char *)(uintptr_t)mount_point, NULL}, *path;
	FTS *walk = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, NULL);
	FTSENT *at;

	if (!walk)
		return;
	while ((at = fts_read(walk))) {
		if (at->fts_info != FTS_D || find(names, version, at->fts_statp->st_ino))
			continue;
		path = below(at->fts_path, mount_point);
		if (path)
			add(names, version, at->fts_statp->st_ino, path);
	}
	fts_close(walk);
}

static void walk_all(struct cgroup_names *names)
{
	if (names->walked == names->tick)
		return;
	names->walked = names->tick;
	if (names->v1_fd >= 0)
		walk(names, 1, names->mounts.v1);
	if (names->v2_fd >= 0)
		walk(names, 2, names->mounts.v2);
}

static struct cgroup_entry *resolve(struct cgroup_names *names, int version, uint64_t id)
{
	const char *mount_point = version == 1 ? names->mounts.v1 : names->mounts.v2;
	int fd = version == 1 ? names->v1_fd : names->v2_fd;
	struct cgroup_entry *entry;
	bool gone = false;
	char *path = NULL;

	if (fd >= 0) {
		path = path_by_handle(fd, mount_point, id);
		gone = !path && errno == ESTALE;
		if (!path && (errno == EPERM || errno == EOPNOTSUPP)) {
			walk_all(names);
			entry = find(names, version, id);
			if (entry)
				return entry;
		}
	}
	if (!path && asprintf(&path, "(gone):%llu", (unsigned long long)id) < 0)
		return NULL;
	entry = add(names, version, id, path);
	if (entry && gone) {
		entry->removed_at = names->tick;
		names->n_removed++;
	}
	return entry;
}

struct cgroup_name *cgroup_names_get(struct cgroup_names *names, int version, uint64_t id)
{
	struct cgroup_entry *entry;

	if (version == 0)
		return NULL;
	entry = find(names, version, id);
	if (!entry)
		entry = resolve(names, version, id);
	if (!entry)
		return NULL;
	entry->asked_at = names->tick;
	return &entry->name;
}

static void drop(struct cgroup_names *names, struct cgroup_entry *entry)
{
	names->n_removed -= entry->removed_at > 0;
	HASH_DEL(names->entries, entry);
	free(entry->path);
	free(entry);
}

int cgroup_names_rename(struct cgroup_names *names, int version, uint64_t id, const char *path)
{
	struct cgroup_entry *renamed = find(names, version, id), *entry, *next;
	size_t length = renamed ? strlen(renamed->path) : 0;

	HASH_ITER(hh, names->entries, entry, next) {
		if (entry->key.version == (uint64_t)version && entry != renamed && renamed &&
		    strncmp(entry->path, renamed->path, length) == 0 && entry->path[length] == '/')
			drop(names, entry);
	}
	return cgroup_names_learn(names, version, id, path);
}

void cgroup_names_remove(struct cgroup_names *names, int version, uint64_t id)
{
	struct cgroup_entry *entry = find(names, version, id);

	if (!entry || entry->removed_at)
		return;
	entry->removed_at = names->tick;
	names->n_removed++;
}

int cgroup_names_each_removed(struct cgroup_names *names,
			      int (*each)(struct cgroup_name *name, void *userdata), void *userdata)
{
	struct cgroup_entry *entry, *next;
	int err = 0;

	if (names->n_removed == 0)
		return 0;
	HASH_ITER(hh, names->entries, entry, next) {
		if (!err && entry->removed_at && entry->removed_at < names->tick && entry->asked_at)
			err = each(&entry->name, userdata);
	}
	return err;
}

void cgroup_names_trim(struct cgroup_names *names)
{
	bool full = HASH_COUNT(names->entries) >= MAX_CACHED || names->tick % KEEP_TICKS == 0;
	struct cgroup_entry *entry, *next;
	uint64_t tick = names->tick++;

	if (!full && names->n_removed == 0)
		return;
	HASH_ITER(hh, names->entries, entry, next) {
		if ((entry->removed_at && entry->removed_at < tick) ||
		    (full && entry->asked_at < tick && !entry->removed_at))
			drop(names, entry);
	}
}

void cgroup_names_free(struct cgroup_names *names)
{
	struct cgroup_entry *entry, *next;

	if (!names)
		return;
	HASH_ITER(hh, names->entries, entry, next) {
		drop(names, entry);
	}
	if (names->v1_fd >= 0)
		close(names->v1_fd);
	if (names->v2_fd >= 0)
		close(names->v2_fd);
	free(names);
}
