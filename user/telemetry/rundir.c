// SPDX-License-Identifier: BSD-2-Clause
#include "telemetry/rundir.h"

#include "base/cleanup.h"
#include "base/parse.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define NS_PER_S 1000000000
#define ENCODED_MAX 200	  /* bytes of a folder's name before it is cut: room for more in NAME_MAX */
#define TRIES_MAX 1000000 /* of numbers that other runs took in the meantime */
#define DAY_SIZE 32

char *telemetry_path(const char *dir, const char *name)
{
	char *path;

	return asprintf(&path, "%s/%s", dir, name) < 0 ? NULL : path;
}

int telemetry_mkdir(const char *path, struct errmsg *msg)
{
	struct stat status;

	if (mkdir(path, 0777) == 0)
		return 0;
	if (errno != EEXIST)
		return errmsg_set(msg, -errno, "cannot make the folder %s: %s", path,
				  strerror(errno));
	if (stat(path, &status) < 0)
		return errmsg_set(msg, -errno, "cannot look at %s: %s", path, strerror(errno));
	if (!S_ISDIR(status.st_mode))
		return errmsg_set(msg, -ENOTDIR, "%s is there and is no folder", path);
	return 0;
}

/* With the folders that it is in. */
static int make_folders(const char *path, struct errmsg *msg)
{
	_cleanup_free_ char *part = strdup(path);
	int err = 0;

	if (!part)
		return errmsg_set(msg, -ENOMEM, "no memory for a path");
	for (char *at = part + strspn(part, "/"); !err && *at;) {
		char *slash = at + strcspn(at, "/");
		char was = *slash;

		*slash = '\0';
		err = telemetry_mkdir(part, msg);
		*slash = was;
		at = slash + strspn(slash, "/");
	}
	return err;
}

static int check_name(const char *name, struct errmsg *msg)
{
	bool plain = name[0] != '\0' && name[0] != '.' && strlen(name) <= ENCODED_MAX;

	for (const char *at = name; *at; at++)
		plain = plain && *at != '/' && (unsigned char)*at >= 0x20 && *at != 0x7f;
	if (plain)
		return 0;
	return errmsg_set(
		msg, -EINVAL,
		"\"%.40s\" is no name for a run: a file name of at most %d bytes that does "
		"not begin with a point",
		name, ENCODED_MAX);
}

/* The greatest number behind `prefix` in the folder's names, or 0. */
static uint64_t greatest_number(const char *dir, const char *prefix)
{
	DIR *folder = opendir(dir);
	const struct dirent *entry;
	uint64_t greatest = 0, number;

	if (!folder)
		return 0;
	while ((entry = readdir(folder))) {
		if (strncmp(entry->d_name, prefix, strlen(prefix)) == 0 &&
		    parse_u64(entry->d_name + strlen(prefix), 0, UINT32_MAX, &number) == 0 &&
		    number > greatest)
			greatest = number;
	}
	closedir(folder);
	return greatest;
}

/* Takes the name if nobody has it. */
static int take_name(const char *dir, const char *name, char **ret, struct errmsg *msg)
{
	_cleanup_free_ char *path = telemetry_path(dir, name);
	int err;

	if (!path)
		return errmsg_set(msg, -ENOMEM, "no memory for a path");
	if (mkdir(path, 0777) == 0) {
		*ret = TAKE_PTR(path);
		return 0;
	}
	err = -errno;
	if (err == -EEXIST)
		return errmsg_set(msg, err,
				  "%s is there already: a run overwrites nothing, give it another "
				  "name",
				  path);
	return errmsg_set(msg, err, "cannot make the folder %s: %s", path, strerror(-err));
}

static int take_number(const char *dir, int64_t realtime_ns, char **ret, struct errmsg *msg)
{
	time_t seconds = realtime_ns / NS_PER_S;
	char day[DAY_SIZE], name[DAY_SIZE + 24];
	uint64_t number;
	struct tm tm;
	int err;

	gmtime_r(&seconds, &tm);
	strftime(day, sizeof(day), "run-%Y-%m-%d-", &tm);
	number = greatest_number(dir, day);
	for (int tries = 0;; tries++) {
		snprintf(name, sizeof(name), "%s%03llu", day, (unsigned long long)++number);
		err = take_name(dir, name, ret, msg);
		if (err != -EEXIST || tries == TRIES_MAX)
			return err;
	}
}

int telemetry_rundir_create(const char *dir, const char *name, int64_t realtime_ns, char **ret,
			    struct errmsg *msg)
{
	int err = name ? check_name(name, msg) : 0;

	if (!err)
		err = make_folders(dir, msg);
	if (err)
		return err;
	return name ? take_name(dir, name, ret, msg) : take_number(dir, realtime_ns, ret, msg);
}

static bool is_plain(char c, bool first)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("_-+=@:,~", c)) || (c == '.' && !first);
}

/* FNV-1a, 64 bits. */
static uint64_t hash_of(const char *text)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	return hash;
}

void telemetry_dirname(const char *plugin, char ret[TELEMETRY_DIRNAME_SIZE])
{
	static const char hex[] = "0123456789ABCDEF";
	char *to = ret;

	for (const char *from = plugin; *from; from++) {
		unsigned char byte = (unsigned char)*from;

		if (to - ret > ENCODED_MAX - 3) {
			/* In no whole name does anything but digits stand behind a '%'. */
			snprintf(to, 24, "%%-%016llx", (unsigned long long)hash_of(plugin));
			return;
		}
		if (is_plain(*from, from == plugin)) {
			*to++ = *from;
			continue;
		}
		*to++ = '%';
		*to++ = hex[byte >> 4];
		*to++ = hex[byte & 15];
	}
	*to = '\0';
}

static void forget_file(struct telemetry_file *file)
{
	free(file->path);
	free(file->temporary);
	*file = (struct telemetry_file){0};
}

int telemetry_file_open(struct telemetry_file *file, const char *path, struct errmsg *msg)
{
	int err = 0;

	*file = (struct telemetry_file){.path = strdup(path)};
	/* Two programs at the same file have two process ids; what one left behind is dropped. */
	if (!file->path || asprintf(&file->temporary, "%s.%ld.tmp", path, (long)getpid()) < 0) {
		free(file->path);
		return errmsg_set(msg, -ENOMEM, "no memory for a path");
	}
	unlink(file->temporary);
	file->stream = fopen(file->temporary, "wxe");
	if (!file->stream) {
		err = errmsg_set(msg, -errno, "cannot write %s: %s", path, strerror(errno));
		forget_file(file);
	}
	return err;
}

void telemetry_file_drop(struct telemetry_file *file)
{
	fclose(file->stream);
	unlink(file->temporary);
	forget_file(file);
}

int telemetry_file_close(struct telemetry_file *file, struct errmsg *msg)
{
	int err = 0;

	errno = 0;
	if (fflush(file->stream) != 0 || ferror(file->stream))
		err = errno > 0 ? -errno : -EIO;
	if (fclose(file->stream) != 0 && !err)
		err = -errno;
	if (!err && rename(file->temporary, file->path) < 0)
		err = -errno;
	if (err) {
		unlink(file->temporary);
		errmsg_set(msg, err, "cannot write %s: %s", file->path, strerror(-err));
	}
	forget_file(file);
	return err;
}
