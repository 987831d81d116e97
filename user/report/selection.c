// SPDX-License-Identifier: BSD-2-Clause
#include "report/selection.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int by_pid(const void *a, const void *b)
{
	const struct selected *left = a, *right = b;

	return (left->pid > right->pid) - (left->pid < right->pid);
}

int selection_init(struct selection *selection, const uint32_t *pids, size_t n_pids)
{
	memset(selection, 0, sizeof(*selection));
	if (n_pids == 0)
		return 0;
	selection->list = calloc(n_pids, sizeof(*selection->list));
	if (!selection->list)
		return -ENOMEM;
	for (size_t i = 0; i < n_pids; i++)
		selection->list[i].pid = pids[i];
	qsort(selection->list, n_pids, sizeof(*selection->list), by_pid);
	for (size_t i = 0; i < n_pids; i++) {
		if (selection->n == 0 ||
		    selection->list[selection->n - 1].pid != selection->list[i].pid)
			selection->list[selection->n++] = selection->list[i];
	}
	return 0;
}

static struct selected *find_pid(const struct selection *selection, uint32_t pid)
{
	struct selected key = {.pid = pid};

	if (selection->n == 0)
		return NULL;
	return bsearch(&key, selection->list, selection->n, sizeof(key), by_pid);
}

struct selected *selection_find(const struct selection *selection, uint32_t pid, uint64_t start_ns,
				uint64_t begin_ns)
{
	struct selected *selected;

	if (start_ns > begin_ns)
		return NULL;
	selected = find_pid(selection, pid);
	if (!selected || selected->ended)
		return NULL;
	if (selected->tracked && selected->tracked->entity.start_ns != start_ns)
		return NULL;
	return selected;
}

void selection_forget(const struct selection *selection, const struct tracked *tracked)
{
	struct selected *selected = find_pid(selection, tracked->entity.pid);

	if (selected && selected->tracked == tracked) {
		selected->tracked = NULL;
		selected->ended = true;
	}
}

bool selection_all_ended(const struct selection *selection)
{
	for (size_t i = 0; i < selection->n; i++) {
		const struct selected *selected = &selection->list[i];

		if (!selected->ended && !(selected->tracked && selected->tracked->entity.ended))
			return false;
	}
	return selection->n > 0;
}

void selection_done(struct selection *selection)
{
	free(selection->list);
	memset(selection, 0, sizeof(*selection));
}
