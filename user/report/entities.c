// SPDX-License-Identifier: BSD-2-Clause
#include "report/entities.h"

#include <stdlib.h>
#include <string.h>

#define NO_SLOT UINT32_MAX

_Static_assert(sizeof(struct identity) == 16, "identity has padding");

void entities_init(struct entities *entities, enum entity_kind kind)
{
	memset(entities, 0, sizeof(*entities));
	entities->kind = kind;
	entities->first_free = NO_SLOT;
}

/* The index of a free slot, which stays free; NO_SLOT when memory is out. */
static uint32_t free_slot(struct entities *entities)
{
	struct entity_slot *slot;

	if (entities->first_free != NO_SLOT)
		return entities->first_free;
	if (entities->n_slots == entities->slots_room) {
		size_t room = entities->slots_room ? entities->slots_room * 2 : 64;

		if (room >= NO_SLOT)
			return NO_SLOT;
		slot = reallocarray(entities->slots, room, sizeof(*slot));
		if (!slot)
			return NO_SLOT;
		entities->slots = slot;
		entities->slots_room = room;
	}
	slot = &entities->slots[entities->n_slots];
	*slot = (struct entity_slot){.next_free = NO_SLOT};
	entities->first_free = (uint32_t)entities->n_slots++;
	return entities->first_free;
}

/* The finalizer of splitmix64: every bit of the key reaches the low ones, which pick the bucket. */
static unsigned int hash_of(const struct identity *key)
{
	uint64_t x = key->of ^ (key->by << 40);

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
	return (unsigned int)(x ^ (x >> 31));
}

struct tracked *entities_peek(const struct entities *entities, const struct identity *key)
{
	struct tracked *tracked;

	HASH_FIND_BYHASHVALUE(hh, entities->table, key, sizeof(*key), hash_of(key), tracked);
	return tracked;
}

struct tracked *entities_get(struct entities *entities, const struct identity *key,
			     struct text *text, bool *ret_new)
{
	unsigned int hash = hash_of(key);
	struct tracked *tracked;
	uint32_t slot;

	HASH_FIND_BYHASHVALUE(hh, entities->table, key, sizeof(*key), hash, tracked);
	*ret_new = !tracked;
	if (tracked)
		return tracked;
	slot = free_slot(entities);
	if (slot == NO_SLOT)
		return NULL;
	tracked = calloc(1, sizeof(*tracked));
	if (!tracked)
		return NULL;
	tracked->key = *key;
	HASH_ADD_BYHASHVALUE(hh, entities->table, key, sizeof(tracked->key), hash, tracked);
	if (!tracked->hh.tbl) {
		free(tracked);
		return NULL;
	}
	tracked->entity.kind = entities->kind;
	tracked->id = text ? text_reference(text) : NULL;
	tracked->slot = slot;
	entities->first_free = entities->slots[slot].next_free;
	entities->slots[slot].tracked = tracked;
	return tracked;
}

struct handle entities_handle(const struct entities *entities, const struct tracked *tracked)
{
	return (struct handle){
		.slot = tracked->slot,
		.generation = entities->slots[tracked->slot].generation,
	};
}

struct tracked *entities_find(const struct entities *entities, struct handle handle)
{
	const struct entity_slot *slot = &entities->slots[handle.slot];

	return slot->generation == handle.generation ? slot->tracked : NULL;
}

static void release(struct entities *entities, struct tracked *tracked)
{
	struct text *const texts[] = {
		tracked->id,   tracked->name, tracked->cgroup,
		tracked->unit, tracked->user, tracked->cmdline,
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		texts_put(&entities->texts, texts[i]);
	container_labels_put(&entities->containers, tracked->container);
	free(tracked);
}

void entities_remove(struct entities *entities, struct tracked *tracked)
{
	struct entity_slot *slot = &entities->slots[tracked->slot];

	slot->tracked = NULL;
	slot->generation++;
	slot->next_free = entities->first_free;
	entities->first_free = tracked->slot;
	if (tracked->parent)
		tracked->parent->children--;
	HASH_DEL(entities->table, tracked);
	release(entities, tracked);
}

size_t entities_count(const struct entities *entities)
{
	return HASH_COUNT(entities->table);
}

void entities_done(struct entities *entities)
{
	struct tracked *tracked = entities->table, *next;

	/* Frees the table only: its elements stay linked. */
	HASH_CLEAR(hh, entities->table);
	for (; tracked; tracked = next) {
		next = tracked->hh.next;
		release(entities, tracked);
	}
	free(entities->slots);
	container_labels_done(&entities->containers);
	entities_init(entities, entities->kind);
}
