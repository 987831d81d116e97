/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_REPORT_ENTITIES_H
#define ENERGYTRACE_REPORT_ENTITIES_H

#include "report/paths.h"
#include "report/running.h"

/* Who a process is. Compared as bytes: no padding. */
struct identity {
	uint64_t start_ns;
	uint64_t pid;
};

/* A process that the reporter keeps, with what only the reporter needs to know. */
struct tracked {
	struct identity key;
	UT_hash_handle hh;
	struct entity entity;
	struct running total;
	struct path *cgroup;
	uint64_t seen; /* the last tick whose sample held it */
	uint32_t slot;
	bool listed;   /* it has been in a report */
	size_t member; /* entity.selected: its place among the members of the selection */
};

/*
 * A name for a tracked process that may outlive it: the slot that it had, and how many had that slot
 * before. What is in the window refers to processes by it, so one that has ended is freed at once
 * and not when the window has passed.
 */
struct handle {
	uint32_t slot;
	uint32_t generation;
};

struct entity_slot {
	struct tracked *tracked; /* NULL: free */
	uint32_t generation;
	uint32_t next_free;
};

struct entities {
	struct tracked *table;
	struct paths paths;
	struct entity_slot *slots;
	size_t n_slots, slots_room;
	uint32_t first_free; /* UINT32_MAX: none */
};

void entities_init(struct entities *entities);

/* The process, made if it is new; NULL when memory is out. It stays where it is until removed. */
struct tracked *entities_get(struct entities *entities, uint32_t pid, uint64_t start_ns);

/* The process if it is kept, or NULL. */
struct tracked *entities_peek(const struct entities *entities, uint32_t pid, uint64_t start_ns);

/* Takes over one reference to `cgroup`, which may be NULL. */
void entities_set_cgroup(struct entities *entities, struct tracked *tracked, struct path *cgroup);

struct handle entities_handle(const struct entities *entities, const struct tracked *tracked);

/* NULL when the process is gone. */
struct tracked *entities_find(const struct entities *entities, struct handle handle);

void entities_remove(struct entities *entities, struct tracked *tracked);
size_t entities_count(const struct entities *entities);
void entities_done(struct entities *entities);

#endif
