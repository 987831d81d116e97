// SPDX-License-Identifier: BSD-2-Clause
#include "sample/record_refs.h"
#include "base/hash.h"

#include "base/grow.h"
#include "sample/record_text.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Few enough to keep whatever they are, and so long that what comes back does so under its number. */
#define FEW 4096
#define KEPT_TICKS 60

struct record_ref {
	UT_hash_handle hh;
	struct record_ref *next_unwritten, *next_removed;
	uint64_t tick; /* the last one that used it */
	int32_t ref;
	bool removed; /* in that tick; cgroups only */
	char *line;   /* until it is written */
	size_t length;
	char key[];
};

/* The key: what the line says, but for the number. Another content is another number. */

static int key_add(struct record_refs *refs, const void *data, size_t length)
{
	if (length > refs->key_room - refs->key_length) {
		size_t room = (refs->key_length + length) * 2;
		char *moved = realloc(refs->key, room);

		if (!moved)
			return -ENOMEM;
		refs->key = moved;
		refs->key_room = room;
	}
	memcpy(refs->key + refs->key_length, data, length);
	refs->key_length += length;
	return 0;
}

/* A text that is missing is another content than an empty one. */
static int key_add_text(struct record_refs *refs, const char *text)
{
	const bool there = text;
	int err = key_add(refs, &there, sizeof(there));

	return err || !there ? err : key_add(refs, text, strlen(text) + 1);
}

/* Makes the entry of refs->key, with its line. */
static struct record_ref *make_entry(struct record_refs *refs, int32_t ref, enum record_kind kind,
				     void *object, uint32_t *object_ref)
{
	struct record_ref *entry = calloc(1, sizeof(*entry) + refs->key_length);
	size_t line_length;
	FILE *stream;

	if (!entry)
		return NULL;
	stream = open_memstream(&entry->line, &line_length);
	if (!stream) {
		free(entry);
		return NULL;
	}
	*object_ref = (uint32_t)ref;
	record_line_write(stream, kind, object);
	if (fclose(stream) != 0) {
		free(entry->line);
		free(entry);
		return NULL;
	}
	entry->ref = ref;
	entry->length = refs->key_length;
	memcpy(entry->key, refs->key, refs->key_length);
	return entry;
}

static int32_t next_ref(const struct record_dictionary *dictionary)
{
	return dictionary->n_free ? dictionary->free[dictionary->n_free - 1] : dictionary->next;
}

static void use_next_ref(struct record_dictionary *dictionary)
{
	if (dictionary->n_free)
		dictionary->n_free--;
	else
		dictionary->next++;
}

static void free_entry(struct record_ref *entry)
{
	free(entry->line);
	free(entry);
}

/* The entry of refs->key, made with the next number if it is new. NULL when memory is out. */
static struct record_ref *entry_of_key(struct record_refs *refs,
				       struct record_dictionary *dictionary, enum record_kind kind,
				       void *object, uint32_t *object_ref)
{
	struct record_ref *entry;

	HASH_FIND(hh, dictionary->table, refs->key, refs->key_length, entry);
	if (entry)
		return entry;
	entry = make_entry(refs, next_ref(dictionary), kind, object, object_ref);
	if (!entry)
		return NULL;
	HASH_ADD_KEYPTR(hh, dictionary->table, entry->key, entry->length, entry);
	if (!entry->hh.tbl) {
		free_entry(entry);
		return NULL;
	}
	use_next_ref(dictionary);
	if (!refs->unwritten)
		refs->last_unwritten = &refs->unwritten;
	*refs->last_unwritten = entry;
	refs->last_unwritten = &entry->next_unwritten;
	return entry;
}

static bool is_settled(const struct record_dictionary *dictionary, int32_t index)
{
	return index < 0 || dictionary->of[index];
}

static int settle(struct record_refs *refs, struct record_dictionary *dictionary, int32_t index,
		  struct record_ref *entry)
{
	if (!entry)
		return -ENOMEM;
	entry->tick = refs->ticks;
	dictionary->of[index] = entry;
	return 0;
}

static int take_container(struct record_refs *refs, const struct sample *sample, int32_t index)
{
	struct record_container line;
	int err = 0;

	if (is_settled(&refs->containers, index))
		return 0;
	line.container = sample->containers[index];
	const char *const texts[] = {
		line.container.runtime, line.container.id,
		line.container.path,	line.container.label,
		line.container.name,	line.container.image,
		line.container.pod,	line.container.pod_namespace,
	};

	_Static_assert(sizeof(texts) == sizeof(line.container), "all texts are in the key");
	refs->key_length = 0;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts) && !err; i++)
		err = key_add_text(refs, texts[i]);
	return err ? err
		   : settle(refs, &refs->containers, index,
			    entry_of_key(refs, &refs->containers, RECORD_CONTAINER, &line,
					 &line.ref));
}

/* The entry of the cgroup in the line; `other`: the second one of the same content. */
static struct record_ref *entry_of_cgroup(struct record_refs *refs, struct record_cgroup *line,
					  bool other)
{
	int32_t container = line->cgroup.container;

	refs->key_length = 0;
	if (key_add_text(refs, line->cgroup.path) < 0 ||
	    key_add(refs, &container, sizeof(container)) < 0 ||
	    key_add(refs, &other, sizeof(other)) < 0)
		return NULL;
	return entry_of_key(refs, &refs->cgroups, RECORD_CGROUP, line, &line->ref);
}

/* It is used for the first time in this tick. */
static void note_removed(struct record_refs *refs, struct record_ref *entry, bool removed)
{
	entry->removed = removed;
	if (!removed)
		return;
	*refs->last_removed = entry;
	refs->last_removed = &entry->next_removed;
	entry->next_removed = NULL;
}

static int take_cgroup(struct record_refs *refs, const struct sample *sample, int32_t index)
{
	struct record_cgroup line;
	struct record_ref *entry;
	int err;

	if (is_settled(&refs->cgroups, index))
		return 0;
	line.cgroup = sample->cgroups[index];
	err = take_container(refs, sample, line.cgroup.container);
	if (err)
		return err;
	line.cgroup.container = record_refs_of(&refs->containers, line.cgroup.container);
	entry = entry_of_cgroup(refs, &line, false);
	/* One was removed and one of its path made in the same tick: they are two. */
	if (entry && entry->tick == refs->ticks && entry->removed != line.cgroup.removed)
		entry = entry_of_cgroup(refs, &line, true);
	if (entry && entry->tick != refs->ticks)
		note_removed(refs, entry, line.cgroup.removed);
	return settle(refs, &refs->cgroups, index, entry);
}

static int take_user(struct record_refs *refs, const struct sample *sample, int32_t index)
{
	struct record_user line;
	int err;

	if (is_settled(&refs->users, index))
		return 0;
	line.user = sample->users[index];
	refs->key_length = 0;
	err = key_add(refs, &line.user.uid, sizeof(line.user.uid));
	if (!err)
		err = key_add_text(refs, line.user.name);
	return err ? err
		   : settle(refs, &refs->users, index,
			    entry_of_key(refs, &refs->users, RECORD_USER, &line, &line.ref));
}

static int make_room(struct record_dictionary *dictionary, size_t n)
{
	if (n > dictionary->room) {
		struct record_ref **moved =
			reallocarray(dictionary->of, n, sizeof(struct record_ref *));

		if (!moved)
			return -ENOMEM;
		dictionary->of = moved;
		dictionary->room = n;
	}
	for (size_t i = 0; i < n; i++)
		dictionary->of[i] = NULL;
	return 0;
}

/* In the order of first use, which a reader finds them in. */
int record_refs_take(struct record_refs *refs, const struct sample *sample)
{
	int err;

	refs->ticks++;
	refs->removed = NULL;
	refs->last_removed = &refs->removed;
	err = make_room(&refs->containers, sample->n_containers);
	if (!err)
		err = make_room(&refs->cgroups, sample->n_cgroups);
	if (!err)
		err = make_room(&refs->users, sample->n_users);
	for (size_t i = 0; i < sample->n_processes && !err; i++) {
		err = take_cgroup(refs, sample, sample->processes[i].cgroup);
		if (!err)
			err = take_user(refs, sample, sample->processes[i].user);
	}
	for (size_t i = 0; i < sample->n_tasks && !err; i++) {
		err = take_cgroup(refs, sample, sample->tasks[i].cgroup);
		if (!err)
			err = take_user(refs, sample, sample->tasks[i].user);
	}
	for (size_t i = 0; i < sample->n_cgroups && !err; i++) {
		if (sample->cgroups[i].removed)
			err = take_cgroup(refs, sample, (int32_t)i);
	}
	return err;
}

void record_refs_write(struct record_refs *refs, FILE *stream)
{
	struct record_ref *next;

	for (struct record_ref *entry = refs->unwritten; entry; entry = next) {
		next = entry->next_unwritten;
		fputs_unlocked(entry->line, stream);
		free(entry->line);
		entry->line = NULL;
		entry->next_unwritten = NULL;
	}
	refs->unwritten = NULL;
}

void record_refs_write_removed(const struct record_refs *refs, FILE *stream)
{
	for (const struct record_ref *entry = refs->removed; entry; entry = entry->next_removed) {
		const struct record_removed line = {.cgroup = entry->ref};

		record_line_write(stream, RECORD_REMOVED, &line);
	}
}

int32_t record_refs_of(const struct record_dictionary *dictionary, int32_t index)
{
	return index < 0 ? SAMPLE_UNKNOWN : dictionary->of[index]->ref;
}

/* A number that finds no room in `free` stays with its content. */
static void sweep(struct record_dictionary *dictionary, uint64_t now)
{
	struct record_ref *entry, *next;

	if (HASH_COUNT(dictionary->table) < FEW ||
	    HASH_COUNT(dictionary->table) < dictionary->sweep_at)
		return;
	HASH_ITER(hh, dictionary->table, entry, next) {
		int32_t *moved;

		if (entry->tick + KEPT_TICKS > now)
			continue;
		moved = grow_array(dictionary->free, dictionary->n_free, &dictionary->free_room,
				   sizeof(*moved));
		if (!moved)
			break;
		dictionary->free = moved;
		dictionary->free[dictionary->n_free++] = entry->ref;
		HASH_DEL(dictionary->table, entry);
		free_entry(entry);
	}
	dictionary->sweep_at = (size_t)2 * HASH_COUNT(dictionary->table);
}

/*
 * The line of a cgroup may outlive that of its container, which is used whenever it is. With another
 * container under the number, it stands for the same path in that one: so does its key.
 */
void record_refs_sweep(struct record_refs *refs)
{
	sweep(&refs->containers, refs->ticks);
	sweep(&refs->cgroups, refs->ticks);
	sweep(&refs->users, refs->ticks);
}

static void dictionary_done(struct record_dictionary *dictionary)
{
	struct record_ref *entry = dictionary->table, *next;

	HASH_CLEAR(hh, dictionary->table); /* the table; its elements are still linked */
	for (; entry; entry = next) {
		next = entry->hh.next;
		free_entry(entry);
	}
	free(dictionary->of);
	free(dictionary->free);
}

void record_refs_done(struct record_refs *refs)
{
	dictionary_done(&refs->containers);
	dictionary_done(&refs->cgroups);
	dictionary_done(&refs->users);
	free(refs->key);
	memset(refs, 0, sizeof(*refs));
}
