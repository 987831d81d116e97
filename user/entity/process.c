// SPDX-License-Identifier: BSD-2-Clause
#include "entity/process.h"

#include "base/cleanup.h"
#include "base/parse.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
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
	UT_hash_handle by_pid; /* by process.pid, of those that share it the youngest */
};

struct process_table {
	struct process_entry *entries, *by_pid;
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
	struct process_entry *entry, *elder;

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
	HASH_FIND(by_pid, table->by_pid, &pid, sizeof(pid), elder);
	if (elder && elder->process.start_ns > start_ns)
		return &entry->process;
	if (elder)
		HASH_DELETE(by_pid, table->by_pid, elder);
	HASH_ADD(by_pid, table->by_pid, process.pid, sizeof(pid), entry);
	return &entry->process;
}

struct process *process_table_find(const struct process_table *table, uint32_t pid)
{
	struct process_entry *entry;

	HASH_FIND(by_pid, table->by_pid, &pid, sizeof(pid), entry);
	return entry ? &entry->process : NULL;
}

void process_table_remove(struct process_table *table, struct process *process)
{
	struct process_entry *entry = (struct process_entry *)process;

	if (process_table_find(table, process->pid) == process)
		HASH_DELETE(by_pid, table->by_pid, entry);
	HASH_DEL(table->entries, entry);
	free(process->cmdline);
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
	HASH_CLEAR(by_pid, table->by_pid);
	HASH_ITER(hh, table->entries, entry, next) {
		HASH_DEL(table->entries, entry);
		free(entry->process.cmdline);
		free(entry);
	}
	free(table);
}

int process_set_args(struct process *process, const char *args, size_t length, bool cut)
{
	static const char more[] = "…";
	char *text;

	process->cmdline_asked = true;
	while (length > 0 && args[length - 1] == '\0')
		length--;
	if (length == 0) {
		free(process->cmdline);
		process->cmdline = NULL;
		return 0;
	}
	text = malloc(length + sizeof(more));
	if (!text)
		return -ENOMEM;
	for (size_t i = 0; i < length; i++)
		text[i] = (char)(args[i] == '\0' ? ' ' : args[i]);
	memcpy(text + length, cut ? more : "", cut ? sizeof(more) : 1);
	free(process->cmdline);
	process->cmdline = text;
	return 0;
}

/* What PROCFS/PID/`name` begins with; 0: it has ended, or is not ours to read. */
static size_t read_of_process(const struct process *process, const char *procfs, const char *name,
			      char *bytes, size_t size)
{
	_cleanup_close_ int fd = -1;
	char path[PATH_MAX];
	ssize_t n;

	if (snprintf(path, sizeof(path), "%s/%u/%s", procfs, process->pid, name) >=
	    (int)sizeof(path))
		return 0;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? 0 : read(fd, bytes, size);
	return n > 0 ? (size_t)n : 0;
}

int process_read_cmdline(struct process *process, const char *procfs)
{
	char args[PROCESS_ARGS_MAX + 1];
	size_t n;

	process->cmdline_asked = true;
	n = read_of_process(process, procfs, "cmdline", args, sizeof(args));
	if (n == 0)
		return 0; /* then it has none */
	return process_set_args(process, args, n > PROCESS_ARGS_MAX ? PROCESS_ARGS_MAX : n,
				n > PROCESS_ARGS_MAX);
}

uint64_t process_resident(const struct process *process, const char *procfs)
{
	char text[128], *second;
	uint64_t pages;

	/* "SIZE RESIDENT SHARED …", in pages */
	text[read_of_process(process, procfs, "statm", text, sizeof(text) - 1)] = '\0';
	second = strchr(text, ' ');
	if (!second)
		return 0;
	second[1 + strcspn(second + 1, " ")] = '\0';
	if (parse_u64(second + 1, 0, UINT64_MAX, &pages) != 0)
		return 0;
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

bool process_has_ended(const struct process *process)
{
	return process->group_dead && process->rows == 0;
}
