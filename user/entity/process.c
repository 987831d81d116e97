// SPDX-License-Identifier: BSD-2-Clause
#include "entity/process.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#define FIRST_SWEEP 4096

struct process_key {
	uint64_t start_ns;
	uint64_t pid; /* as wide as start_ns: no padding in the hashed bytes */
};

struct process_entry {
	struct process process; /* first, so that a pointer to it is one to the entry */
	struct process_key key;
	UT_hash_handle hh;
};

struct process_table {
	struct process_entry *entries;
	size_t size;
	size_t sweep_at; /* the size at which the next sweep is due */
};

int process_table_new(struct process_table **ret)
{
	struct process_table *table = calloc(1, sizeof(*table));

	if (!table)
		return -ENOMEM;
	table->sweep_at = FIRST_SWEEP;
	*ret = table;
	return 0;
}

struct process *process_table_get(struct process_table *table, uint32_t pid, uint64_t start_ns,
				  bool *ret_new)
{
	struct process_key key = {.start_ns = start_ns, .pid = pid};
	struct process_entry *entry;

	HASH_FIND(hh, table->entries, &key, sizeof(key), entry);
	*ret_new = !entry;
	if (entry)
		return &entry->process;
	entry = calloc(1, sizeof(*entry));
	if (!entry)
		return NULL;
	entry->key = key;
	entry->process.pid = pid;
	entry->process.start_ns = start_ns;
	HASH_ADD(hh, table->entries, key, sizeof(key), entry);
	table->size++;
	return &entry->process;
}

void process_table_remove(struct process_table *table, struct process *process)
{
	struct process_entry *entry = (struct process_entry *)process;

	HASH_DEL(table->entries, entry);
	free(entry);
	table->size--;
}

void process_table_sweep(struct process_table *table)
{
	struct process_entry *entry, *next;

	if (table->size < table->sweep_at)
		return;
	HASH_ITER(hh, table->entries, entry, next) {
		/* Pid 0: not in this pid namespace, and so not to be asked for. */
		if (entry->process.rows == 0 && !entry->process.watched &&
		    (entry->process.pid == 0 ||
		     (kill((pid_t)entry->process.pid, 0) != 0 && errno == ESRCH)))
			process_table_remove(table, &entry->process);
	}
	table->sweep_at = table->size * 2 < FIRST_SWEEP ? FIRST_SWEEP : table->size * 2;
}

void process_table_each(struct process_table *table,
			void (*each)(struct process *process, void *userdata), void *userdata)
{
	struct process_entry *entry, *next;

	HASH_ITER(hh, table->entries, entry, next) {
		each(&entry->process, userdata);
	}
}

void process_table_free(struct process_table *table)
{
	struct process_entry *entry, *next;

	if (!table)
		return;
	HASH_ITER(hh, table->entries, entry, next) {
		HASH_DEL(table->entries, entry);
		free(entry);
	}
	free(table);
}

bool process_has_ended(const struct process *process)
{
	return process->group_dead && process->rows == 0;
}
