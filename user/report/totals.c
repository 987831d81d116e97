// SPDX-License-Identifier: BSD-2-Clause
#include "report/totals.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define COMPARE(a, b) (((a) > (b)) - ((a) < (b)))

static int by_figures(const struct figures *left, const struct figures *right)
{
	if (left->joules != right->joules)
		return COMPARE(right->joules, left->joules);
	return COMPARE(right->cpu_ns, left->cpu_ns);
}

/* What is one line in the end stands together; all else only makes the order one and the same. */
static int by_name(const void *a, const void *b)
{
	const struct total *left = a, *right = b;
	int names = strcmp(left->name, right->name);

	if (left->self != right->self)
		return (int)left->self - (int)right->self;
	if (names != 0)
		return names;
	if (left->pid != right->pid)
		return COMPARE(left->pid, right->pid);
	return by_figures(&left->figures, &right->figures);
}

static int by_use(const void *a, const void *b)
{
	const struct total *left = a, *right = b;
	int order = by_figures(&left->figures, &right->figures);

	if (order != 0)
		return order;
	order = strcmp(left->name, right->name);
	return order != 0 ? order : COMPARE(left->pid, right->pid);
}

static void put_ended(const struct ended_name *name, struct total *line)
{
	line->name = strdup(name->name ? name->name : ENDED_MORE);
	line->pid = name->pid;
	line->count = name->count;
	line->figures = running_get(&name->total);
}

/* Every kept entity and every name of ended ones, unmerged; returns how many. */
static size_t collect(const struct entities *entities, const struct ended *ended,
		      struct total *lines)
{
	size_t n = 0;

	for (const struct tracked *tracked = entities->table; tracked; tracked = tracked->hh.next) {
		struct total *line;

		/* Made in a tick that ran out of memory, which has counted nothing. */
		if (!tracked->entity.name)
			continue;
		line = &lines[n++];
		line->name = strdup(tracked->entity.name);
		line->pid = tracked->entity.pid;
		line->count = 1;
		line->figures = tracked->entity.total;
		line->self = tracked->entity.self;
	}
	for (const struct ended_name *name = ended->table; name; name = name->hh.next)
		put_ended(name, &lines[n++]);
	if (ended->more.count > 0)
		put_ended(&ended->more, &lines[n++]);
	return n;
}

/* Makes one line of neighbours with one name; returns how many lines are left. */
static size_t merge(struct total *lines, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0, next; i < n; i = next) {
		struct total line = lines[i];
		struct running sum = {0};

		running_add(&sum, &line.figures);
		for (next = i + 1; next < n && !line.self && !lines[next].self &&
				   strcmp(lines[next].name, line.name) == 0;
		     next++) {
			running_add(&sum, &lines[next].figures);
			line.count += lines[next].count;
			free(lines[next].name);
		}
		line.figures = running_get(&sum);
		if (line.count != 1)
			line.pid = 0;
		lines[kept++] = line;
	}
	return kept;
}

static bool all_named(const struct total *lines, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!lines[i].name)
			return false;
	}
	return true;
}

static void free_lines(struct total *lines, size_t n)
{
	for (size_t i = 0; lines && i < n; i++)
		free(lines[i].name);
	free(lines);
}

int totals_lines(const struct entities *entities, const struct ended *ended, struct total **ret,
		 size_t *ret_n)
{
	size_t n = entities_count(entities) + ended_count(ended);
	struct total *lines = calloc(n + 1, sizeof(*lines));

	if (!lines)
		return -ENOMEM;
	n = collect(entities, ended, lines);
	if (!all_named(lines, n)) {
		free_lines(lines, n);
		return -ENOMEM;
	}
	qsort(lines, n, sizeof(*lines), by_name);
	n = merge(lines, n);
	qsort(lines, n, sizeof(*lines), by_use);
	*ret = lines;
	*ret_n = n;
	return 0;
}

void totals_done(struct totals *totals)
{
	free_lines(totals->lines, totals->n_lines);
	free(totals->domains);
	totals->domains = NULL;
	totals->lines = NULL;
	totals->n_lines = 0;
}
