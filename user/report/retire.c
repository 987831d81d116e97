// SPDX-License-Identifier: BSD-2-Clause
#include "report/retire.h"

static void retire(const struct retirement *retirement, struct tracked *tracked)
{
	ended_add(retirement->ended, tracked);
	selection_forget(retirement->selection, tracked);
	entities_remove(retirement->entities, tracked);
}

/* Those of `present` with nothing below them. Returns how many have, which it moves to the front. */
static size_t retire_lowest(const struct retirement *retirement, struct tracked **present, size_t n)
{
	size_t left = 0;

	for (size_t i = 0; i < n; i++) {
		struct tracked *tracked = present[i];

		/* energytrace itself has a line of its own in the totals. */
		if (!tracked->entity.ended || tracked->entity.self)
			continue;
		if (tracked->children > 0)
			present[left++] = tracked;
		else
			retire(retirement, tracked);
	}
	return left;
}

static bool stands_below_ended(const struct tracked *tracked)
{
	for (const struct tracked *above = tracked->parent; above; above = above->parent) {
		if (above->entity.ended)
			return true;
	}
	return false;
}

/*
 * What is below one that has ended has too, whether that was told or not: a thread that called exec went
 * on under its leader's number, and the news of a cgroup may be lost. Rare, so all may be looked at.
 */
static bool retire_untold(const struct retirement *retirement, uint64_t tick)
{
	struct tracked *tracked, *next;
	bool any = false;

	HASH_ITER(hh, retirement->entities->table, tracked, next) {
		bool told = tracked->entity.ended && tracked->seen == tick;

		if (told || tracked->children > 0 || !stands_below_ended(tracked))
			continue;
		retire(retirement, tracked);
		any = true;
	}
	return any;
}

void retire_ended(const struct retirement *retirement, uint64_t tick, struct tracked **present,
		  size_t n_present)
{
	size_t left = n_present, before;

	do {
		before = left;
		left = retire_lowest(retirement, present, before);
	} while (left > 0 && (left < before || retire_untold(retirement, tick)));
}
