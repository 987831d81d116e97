/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_REPORT_ENTITIES_H
#define ENERGYTRACE_REPORT_ENTITIES_H

#include "report/container_label.h"
#include "report/running.h"
#include "report/texts.h"

/*
 * Who an entity is: pid and start time, a uid, or a text by its address in `texts`. Compared as bytes:
 * no padding.
 */
struct identity {
	uint64_t of; /* start_ns, uid, or the address of a text */
	uint64_t by; /* the pid, or one of these, which no pid reaches */
};

#define IDENTITY_TEXT (UINT64_MAX - 1)
#define IDENTITY_GROUP (UINT64_MAX - 2)
#define IDENTITY_USER (UINT64_MAX - 3)

/* An entity that the reporter keeps, with what only the reporter needs to know. */
struct tracked {
	struct identity key;
	UT_hash_handle hh;
	struct entity entity;
	struct running total, subtree_total;
	char number[24]; /* entity.id, where it is a pid or a uid */
	struct text *id, *name, *cgroup, *unit, *user, *cmdline;
	struct container_label *container;

	struct tracked *parent; /* of a cgroup: that above it, if it is kept */
	uint32_t children;

	uint64_t seen;	 /* the last tick whose sample held it */
	uint64_t living; /* the last tick in which it had something that had not ended */
	uint32_t slot;
	bool listed;   /* it has been in a report */
	size_t member; /* entity.selected: its place among the members of the selection */
};

/*
 * A name for a tracked entity that may outlive it: the slot that it had, and how many had that slot
 * before. What is in the window refers to entities by it, so one that has ended is freed at once and
 * not when the window has passed.
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
	enum entity_kind kind;
	struct tracked *table;
	struct texts texts;
	struct container_labels containers;
	struct entity_slot *slots;
	size_t n_slots, slots_room;
	uint32_t first_free; /* UINT32_MAX: none */
};

void entities_init(struct entities *entities, enum entity_kind kind);

/*
 * The entity, made if it is new: then *ret_new is set. `text` is what key->of is the address of, or
 * NULL. NULL when memory is out. It stays where it is until removed.
 */
struct tracked *entities_get(struct entities *entities, const struct identity *key,
			     struct text *text, bool *ret_new);

/* The entity if it is kept, or NULL. */
struct tracked *entities_peek(const struct entities *entities, const struct identity *key);

struct handle entities_handle(const struct entities *entities, const struct tracked *tracked);

/* NULL when the entity is gone. */
struct tracked *entities_find(const struct entities *entities, struct handle handle);

void entities_remove(struct entities *entities, struct tracked *tracked);
size_t entities_count(const struct entities *entities);
void entities_done(struct entities *entities);

#endif
