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
	int names = strcmp(left->comm, right->comm);

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
	order = strcmp(left->comm, right->comm);
	return order != 0 ? order : COMPARE(left->pid, right->pid);
}

static void put_ended(const struct ended_name *name, struct total *line)
{
	memcpy(line->comm, name->comm, sizeof(line->comm));
	line->pid = name->pid;
	line->count = name->count;
	line->figures = running_get(&name->total);
}

/* Every kept process and every name of ended ones, unmerged; returns how many. */
static size_t collect(const struct entities *entities, const struct ended *ended,
		      struct total *lines)
{
	size_t n = 0;

	for (const struct tracked *tracked = entities->table; tracked; tracked = tracked->hh.next) {
		struct total *line = &lines[n++];

		memcpy(line->comm, tracked->entity.comm, sizeof(line->comm));
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
				   strcmp(lines[next].comm, line.comm) == 0;
		     next++) {
			running_add(&sum, &lines[next].figures);
			line.count += lines[next].count;
		}
		line.figures = running_get(&sum);
		if (line.count != 1)
			line.pid = 0;
		lines[kept++] = line;
	}
	return kept;
}

int totals_lines(const struct entities *entities, const struct ended *ended, struct total **ret,
		 size_t *ret_n)
{
	size_t n = entities_count(entities) + ended_count(ended);
	struct total *lines = calloc(n + 1, sizeof(*lines));

	if (!lines)
		return -ENOMEM;
	n = collect(entities, ended, lines);
	qsort(lines, n, sizeof(*lines), by_name);
	n = merge(lines, n);
	qsort(lines, n, sizeof(*lines), by_use);
	*ret = lines;
	*ret_n = n;
	return 0;
}

void totals_done(struct totals *totals)
{
	free(totals->lines);
	free(totals->domains);
	totals->domains = NULL;
	totals->lines = NULL;
	totals->n_lines = 0;
}
