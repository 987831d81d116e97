/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_TESTS_UNIT_MACHINE_FIXTURE_H
#define ENERGYTRACE_TESTS_UNIT_MACHINE_FIXTURE_H

/*
 * A machine on which at random processes are born, end, move and change their user, and cgroups go and come
 * again. It knows of each process what it is; it makes no samples.
 */

#include "kinds_fixture.h"

#include <inttypes.h>

#define MAX_LIVES 900U
#define INIT (-1)    /* in place of a life */
#define NOWHERE (-1) /* in place of a cgroup */

static const struct place {
	const char *path, *unit;
	int container; /* in `containers`, or none */
} places[] = {
	{"/", NULL, -1},
	{"/system.slice/a.service", "/system.slice/a.service", -1},
	{"/system.slice/a.service/x", "/system.slice/a.service", -1},
	{"/system.slice/a.service/x/y", "/system.slice/a.service", -1},
	{"/system.slice/b.scope", "/system.slice/b.scope", 0},
	{"/system.slice/b.scope/init", "/system.slice/b.scope", 0},
	{"/pods/p1/c1", NULL, 1},
	{"/pods/p1/c2", NULL, 2},
	{"/user.slice/user-7.slice/user@7.service/app.slice/z.service",
	 "/user.slice/user-7.slice/user@7.service/app.slice/z.service", -1},
};
#define PLACES (sizeof(places) / sizeof(*places))

static const struct sample_container containers[] = {
	{.runtime = "podman", .id = "b0b0", .path = "/system.slice/b.scope", .name = "bob"},
	{.runtime = "cri-o", .id = "c1c1", .path = "/pods/p1/c1", .name = "web"},
	{.runtime = "cri-o", .id = "c2c2", .path = "/pods/p1/c2", .name = "web"},
};

static const struct sample_user users[] = {{0, "root"}, {7, "ann"}, {100999, NULL}};

struct life {
	uint32_t pid, ppid, n_threads;
	uint64_t start_ns;
	bool kernel, asked, family;
	bool born, ended;     /* in this tick */
	int place, was_place; /* at the close, and before it moved in this tick */
	int user, was_user;
	char tree[48]; /* "PID:START" of its first process */
};

static struct {
	struct life lives[MAX_LIVES];
	uint32_t n_lives, next_pid;
	bool removed[PLACES]; /* in this tick; what is alive in one is in one that came after */
	bool asking;
} machine;

static uint64_t random_state;

static inline uint32_t below(uint32_t n)
{
	random_state = random_state * 6364136223846793005U + 1442695040888963407U;
	return (uint32_t)(random_state >> 33) % n;
}

static inline bool is_below(const char *path, const char *above)
{
	size_t length = strcmp(above, "/") == 0 ? 0 : strlen(above);

	return strncmp(path, above, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

static inline void bear(int parent, uint64_t start_ns)
{
	struct life *life = &machine.lives[machine.n_lives], *of;

	assert_true(machine.n_lives < MAX_LIVES);
	of = parent == INIT ? NULL : &machine.lives[parent];
	*life = (struct life){
		.pid = machine.next_pid++,
		.ppid = of ? of->pid : 1,
		.start_ns = start_ns,
		.n_threads = 1 + below(3),
		.born = true,
		.kernel = !of && below(8) == 0,
		.place = of ? of->place : (int)below(PLACES + 1) - 1,
		.user = of ? of->user : (int)below(4) - 1,
	};
	life->asked = machine.asking && machine.n_lives < 3;
	life->family = life->asked || (of && of->family);
	snprintf(life->tree, sizeof(life->tree), "%u:%" PRIu64, life->pid, life->start_ns);
	if (of && !life->asked && strcmp(of->tree, "(kernel)") != 0)
		memcpy(life->tree, of->tree, sizeof(life->tree));
	if (life->kernel && !life->asked)
		strcpy(life->tree, "(kernel)");
	life->was_place = life->place;
	life->was_user = life->user;
	machine.n_lives++;
}

/* Those that ended in the last tick are gone. */
static inline void forget_ended(void)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < machine.n_lives; i++) {
		machine.lives[i].born = false;
		if (!machine.lives[i].ended)
			machine.lives[kept++] = machine.lives[i];
	}
	machine.n_lives = kept;
}

static inline bool is_inhabited(const char *path)
{
	for (uint32_t i = 0; i < machine.n_lives; i++) {
		const struct life *life = &machine.lives[i];

		if (!life->ended && life->place != NOWHERE &&
		    is_below(places[life->place].path, path))
			return true;
	}
	return false;
}

/* With all that is below. Now and then somebody is in one of the same path before the tick is over. */
static inline void remove_places(void)
{
	for (size_t i = 1; i < PLACES; i++) {
		if (is_inhabited(places[i].path) || below(3) > 0)
			continue;
		for (size_t k = 0; k < PLACES; k++)
			machine.removed[k] |= is_below(places[k].path, places[i].path);
	}
	for (uint32_t i = 0; i < machine.n_lives; i++) {
		if (!machine.lives[i].ended && below(10) == 0)
			machine.lives[i].place = (int)below(PLACES);
	}
}

static inline void live(uint32_t tick)
{
	uint32_t n_before;

	memset(machine.removed, 0, sizeof(machine.removed));
	forget_ended();
	n_before = machine.n_lives;
	for (uint32_t i = below(12); i > 0; i--)
		bear(machine.n_lives && below(4) ? (int)below(machine.n_lives) : INIT,
		     (10 + tick - 1) * S + 100 * machine.next_pid);
	for (uint32_t i = 0; i < machine.n_lives; i++) {
		struct life *life = &machine.lives[i];

		life->was_place = life->place;
		life->was_user = life->user;
		life->ended = below(i < n_before ? 7 : 3) == 0;
		if (!life->ended && below(6) == 0)
			life->place = (int)below(PLACES + 1) - 1;
		if (below(12) == 0)
			life->user = (int)below(4) - 1;
	}
	remove_places();
}

#endif
