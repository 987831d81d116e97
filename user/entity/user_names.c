// SPDX-License-Identifier: BSD-2-Clause
#include "entity/user_names.h"
#include "base/hash.h"

#include "base/cleanup.h"
#include "base/parse.h"
#include "entity/container_root.h"

#include <errno.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define PASSWD "etc/passwd"
#define MAX_IN_PASSWD 65536
/* What the name service said is asked again after so long, or when there are so many. */
#define MAX_ASKED 4096
#define KEEP_TICKS 600
#define MAX_TEXT 4096

struct user {
	uint32_t uid;
	char *name, *home; /* NULL: the name service knows no such user */
	UT_hash_handle hh;
};

struct user_names {
	struct container_root root;
	bool has_name_service;
	struct container_stamp stamp; /* of the passwd that was read */
	struct user *in_passwd, *asked;
	uint64_t tick;
};

static void forget(struct user **table)
{
	struct user *user, *next;

	HASH_ITER(hh, *table, user, next) {
		HASH_DEL(*table, user);
		free(user->name);
		free(user->home);
		free(user);
	}
}

static struct user *find(struct user *table, uint32_t uid)
{
	struct user *user;

	HASH_FIND(hh, table, &uid, sizeof(uid), user);
	return user;
}

/* Also without a name, to remember that there is none. */
static struct user *add(struct user **table, uint32_t uid, const char *name, const char *home)
{
	struct user *user = calloc(1, sizeof(*user));

	if (!user)
		return NULL;
	user->uid = uid;
	if (name)
		user->name = strndup(name, MAX_TEXT);
	if (home)
		user->home = strndup(home, MAX_TEXT);
	HASH_ADD(hh, *table, uid, sizeof(user->uid), user);
	if (user->hh.tbl)
		return user;
	free(user->name);
	free(user->home);
	free(user);
	return NULL;
}

/* "name:password:uid:gid:gecos:home:shell" (man 5 passwd). The first line of a uid counts. */
static void read_line(struct user_names *names, char *line)
{
	char *fields[6];
	uint32_t uid;

	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		fields[i] = strsep(&line, ":");
		if (!fields[i])
			return;
	}
	if (!fields[0][0] || parse_u32(fields[2], 0, UINT32_MAX, &uid) ||
	    find(names->in_passwd, uid))
		return;
	add(&names->in_passwd, uid, fields[0], fields[5]);
}

static void read_passwd(struct user_names *names)
{
	struct container_stamp stamp = container_root_stamp(&names->root, PASSWD);
	_cleanup_free_ char *text = NULL;
	char *at, *line;
	size_t size;

	if (container_stamp_equal(&stamp, &names->stamp))
		return;
	forget(&names->in_passwd);
	names->stamp = stamp;
	if (container_root_read(&names->root, PASSWD, CONTAINER_ANY_OWNER, &text, &size))
		return;
	at = text;
	while ((line = strsep(&at, "\n")) && HASH_COUNT(names->in_passwd) < MAX_IN_PASSWD)
		read_line(names, line);
}

int user_names_new(const char *root, struct user_names **ret)
{
	struct user_names *names = calloc(1, sizeof(*names));
	int err;

	if (!names)
		return -ENOMEM;
	names->has_name_service = root[strspn(root, "/")] == '\0';
	err = container_root_open(root, &names->root);
	if (err) {
		free(names);
		return err;
	}
	read_passwd(names);
	*ret = names;
	return 0;
}

static struct user *ask(struct user_names *names, uint32_t uid)
{
	char buffer[16384]; /* what sysconf(_SC_GETPW_R_SIZE_MAX) suggests, and more */
	struct passwd entry, *got = NULL;

	if (getpwuid_r(uid, &entry, buffer, sizeof(buffer), &got) || !got)
		return add(&names->asked, uid, NULL, NULL);
	return add(&names->asked, uid, got->pw_name, got->pw_dir);
}

static const struct user *look_up(struct user_names *names, uint32_t uid)
{
	struct user *user = find(names->in_passwd, uid);

	if (!user && names->has_name_service) {
		user = find(names->asked, uid);
		if (!user && HASH_COUNT(names->asked) < MAX_ASKED)
			user = ask(names, uid);
	}
	return user;
}

const char *user_names_get(struct user_names *names, uint32_t uid)
{
	const struct user *user = look_up(names, uid);

	return user ? user->name : NULL;
}

const char *user_names_home(struct user_names *names, uint32_t uid)
{
	const struct user *user = look_up(names, uid);

	return user ? user->home : NULL;
}

void user_names_tick(struct user_names *names)
{
	names->tick++;
	if (HASH_COUNT(names->asked) >= MAX_ASKED || names->tick % KEEP_TICKS == 0)
		forget(&names->asked);
	read_passwd(names);
}

void user_names_free(struct user_names *names)
{
	if (!names)
		return;
	forget(&names->in_passwd);
	forget(&names->asked);
	container_root_close(&names->root);
	free(names);
}
