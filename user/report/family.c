// SPDX-License-Identifier: BSD-2-Clause
#include "report/family.h"

#include <errno.h>
#include <stdlib.h>

static struct member *find(const struct family *family, uint32_t pid)
{
	struct member *member;

	HASH_FIND(hh, family->table, &pid, sizeof(pid), member);
	return member;
}

int family_add(struct family *family, uint32_t pid, uint64_t start_ns)
{
	struct member *member = find(family, pid);

	if (member) {
		family->alive += member->ended_ns != 0;
		member->start_ns = start_ns;
		member->ended_ns = 0;
		return 0;
	}
	member = calloc(1, sizeof(*member));
	if (!member)
		return -ENOMEM;
	member->pid = pid;
	member->start_ns = start_ns;
	HASH_ADD(hh, family->table, pid, sizeof(member->pid), member);
	if (!member->hh.tbl) {
		free(member);
		return -ENOMEM;
	}
	family->alive++;
	return 0;
}

bool family_has(const struct family *family, uint32_t pid, uint64_t start_ns)
{
	const struct member *member = find(family, pid);

	return member && member->start_ns == start_ns;
}

bool family_has_child(const struct family *family, uint32_t ppid, uint64_t start_ns)
{
	const struct member *member = find(family, ppid);

	return member && member->start_ns <= start_ns &&
	       (!member->ended_ns || start_ns <= member->ended_ns);
}

void family_end(struct family *family, uint32_t pid, uint64_t start_ns, uint64_t now_ns)
{
	struct member *member = find(family, pid);

	if (!member || member->start_ns != start_ns || member->ended_ns)
		return;
	member->ended_ns = now_ns ? now_ns : 1;
	family->alive--;
}

void family_succeed(struct family *family, uint32_t pid, uint64_t start_ns)
{
	struct member *member = find(family, pid);

	if (!member || member->start_ns >= start_ns)
		return;
	if (!member->ended_ns)
		family->alive--;
	if (!member->ended_ns || member->ended_ns > start_ns)
		member->ended_ns = start_ns;
}

void family_trim(struct family *family, uint64_t now_ns)
{
	struct member *member, *next;

	/* Most runs have few; a storm of births pays for each once more. */
	if (HASH_COUNT(family->table) == family->alive)
		return;
	HASH_ITER(hh, family->table, member, next) {
		if (!member->ended_ns || member->ended_ns + FAMILY_MEMORY_NS > now_ns)
			continue;
		HASH_DEL(family->table, member);
		free(member);
	}
}

void family_done(struct family *family)
{
	struct member *member = family->table, *next;

	HASH_CLEAR(hh, family->table);
	for (; member; member = next) {
		next = member->hh.next;
		free(member);
	}
	*family = (struct family){0};
}

static int by_birth(const void *a, const void *b, void *userdata)
{
	const struct sample *sample = userdata;
	const struct sample_process *left = &sample->processes[*(const uint32_t *)a];
	const struct sample_process *right = &sample->processes[*(const uint32_t *)b];

	if (left->start_ns != right->start_ns)
		return left->start_ns < right->start_ns ? -1 : 1;
	return (left->pid > right->pid) - (left->pid < right->pid);
}

void family_sort_by_birth(const struct sample *sample, uint32_t *indexes)
{
	for (uint32_t i = 0; i < sample->n_processes; i++)
		indexes[i] = i;
	if (sample->n_processes > 1)
		qsort_r(indexes, sample->n_processes, sizeof(uint32_t), by_birth,
			(void *)(uintptr_t)sample);
}
