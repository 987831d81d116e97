// SPDX-License-Identifier: BSD-2-Clause
#include "report/lineage.h"

#include "report/family.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define INIT_PID 1

struct lineage_node {
	UT_hash_handle hh;
	uint32_t pid;
	uint64_t start_ns;
	uint64_t ended_ns; /* CLOCK_BOOTTIME at which it was seen to be over, 0: alive */
	uint64_t rss_bytes;
	struct lineage_tree *tree;
};

static struct lineage_node *find(const struct lineage *lineage, uint32_t pid)
{
	struct lineage_node *node;

	HASH_FIND(hh, lineage->table, &pid, sizeof(pid), node);
	return node;
}

static int make_room(struct lineage *lineage, size_t n)
{
	size_t room = n + n / 2;
	void *moved;

	if (n <= lineage->room)
		return 0;
	moved = reallocarray(lineage->of_process, room, sizeof(struct lineage_tree *));
	if (!moved)
		return -ENOMEM;
	lineage->of_process = moved;
	moved = reallocarray(lineage->by_birth, room, sizeof(*lineage->by_birth));
	if (!moved)
		return -ENOMEM;
	lineage->by_birth = moved;
	lineage->room = room;
	return 0;
}

static void leave_tree(struct lineage *lineage, struct lineage_tree *tree)
{
	if (--tree->members > 0 || tree == &lineage->kernel)
		return;
	tree->next_dead = lineage->dead;
	lineage->dead = tree;
}

static void bury(struct lineage *lineage)
{
	struct lineage_tree *next;

	for (; lineage->dead; lineage->dead = next) {
		next = lineage->dead->next_dead;
		free(lineage->dead);
	}
}

static void set_resident(struct lineage_node *node, uint64_t bytes)
{
	node->tree->rss_bytes += bytes - node->rss_bytes;
	node->rss_bytes = bytes;
}

static void enter_tree(struct lineage_node *node, struct lineage_tree *tree)
{
	node->tree = tree;
	tree->members++;
	tree->alive++;
}

/* The tree that a process is born into, or NULL when it begins one. */
static struct lineage_tree *tree_of_parent(struct lineage *lineage,
					   const struct sample_process *process)
{
	const struct lineage_node *parent;

	if (process->kernel)
		return &lineage->kernel;
	if (process->ppid == 0)
		return NULL;
	parent = find(lineage, process->ppid);
	if (!parent || parent->start_ns > process->start_ns ||
	    (parent->ended_ns && parent->ended_ns < process->start_ns) ||
	    (process->ppid == INIT_PID && !parent->tree->asked))
		return NULL;
	return parent->tree == &lineage->kernel ? NULL : parent->tree;
}

static struct lineage_tree *new_tree(const struct sample_process *process, bool asked)
{
	struct lineage_tree *tree = calloc(1, sizeof(*tree));

	if (!tree)
		return NULL;
	tree->pid = process->pid;
	tree->ppid = process->ppid;
	tree->start_ns = process->start_ns;
	tree->asked = asked;
	memcpy(tree->comm, process->comm, sizeof(tree->comm));
	return tree;
}

static struct lineage_node *add_node(struct lineage *lineage, uint32_t pid)
{
	struct lineage_node *node = calloc(1, sizeof(*node));

	if (!node)
		return NULL;
	node->pid = pid;
	HASH_ADD(hh, lineage->table, pid, sizeof(node->pid), node);
	if (node->hh.tbl)
		return node;
	free(node);
	return NULL;
}

/* A process that was not seen before. */
static struct lineage_node *meet(struct lineage *lineage, const struct sample_process *process,
				 bool begins)
{
	struct lineage_tree *tree = begins ? NULL : tree_of_parent(lineage, process);
	struct lineage_node *node = find(lineage, process->pid);
	bool new_here = !tree;

	if (!tree)
		tree = new_tree(process, begins);
	if (!tree)
		return NULL;
	if (!node) {
		node = add_node(lineage, process->pid);
		if (!node) {
			if (new_here)
				free(tree);
			return NULL;
		}
	} else {
		/* The pid's last process is over, also if its end was not seen. */
		set_resident(node, 0);
		if (!node->ended_ns)
			node->tree->alive--;
		else
			lineage->ended--;
		leave_tree(lineage, node->tree);
	}
	node->start_ns = process->start_ns;
	node->ended_ns = 0;
	enter_tree(node, tree);
	return node;
}

/* What a report shows of a tree is what its first process does. */
static void tell(struct lineage *lineage, const struct sample_process *process,
		 struct lineage_tree *tree)
{
	if (tree == &lineage->kernel || tree->pid != process->pid ||
	    tree->start_ns != process->start_ns)
		return;
	memcpy(tree->comm, process->comm, sizeof(tree->comm));
	tree->cmdline = process->cmdline;
	tree->cgroup = process->cgroup;
	tree->user = process->user;
	tree->told = lineage->ticks;
}

int lineage_take(struct lineage *lineage, const struct sample *sample, lineage_begins *begins,
		 void *userdata)
{
	int err;

	bury(lineage);
	lineage->kernel.kernel = true;
	lineage->ticks++;
	err = make_room(lineage, sample->n_processes);
	if (err)
		return err;
	family_sort_by_birth(sample, lineage->by_birth);
	for (size_t i = 0; i < sample->n_processes; i++) {
		uint32_t index = lineage->by_birth[i];
		const struct sample_process *process = &sample->processes[index];
		struct lineage_node *node = find(lineage, process->pid);

		if (!node || node->start_ns != process->start_ns)
			node = meet(lineage, process, begins && begins(userdata, process));
		if (!node)
			return -ENOMEM;
		lineage->of_process[index] = node->tree;
		tell(lineage, process, node->tree);
		set_resident(node, process->ended ? 0 : process->rss_bytes);
		if (process->ended && !node->ended_ns) {
			node->ended_ns = sample->boottime_ns ? sample->boottime_ns : 1;
			node->tree->alive--;
			lineage->ended++;
		}
	}
	return 0;
}

void lineage_trim(struct lineage *lineage, uint64_t now_ns)
{
	struct lineage_node *node, *next;

	/* All are looked at only when as many may go as stay. */
	if (lineage->ended * 2 < HASH_COUNT(lineage->table))
		return;
	HASH_ITER(hh, lineage->table, node, next) {
		if (!node->ended_ns || node->ended_ns + FAMILY_MEMORY_NS > now_ns)
			continue;
		lineage->ended--;
		leave_tree(lineage, node->tree);
		HASH_DEL(lineage->table, node);
		free(node);
	}
}

void lineage_done(struct lineage *lineage)
{
	struct lineage_node *node = lineage->table, *next;

	HASH_CLEAR(hh, lineage->table);
	for (; node; node = next) {
		next = node->hh.next;
		leave_tree(lineage, node->tree);
		free(node);
	}
	bury(lineage);
	free(lineage->of_process);
	free(lineage->by_birth);
	memset(lineage, 0, sizeof(*lineage));
}
