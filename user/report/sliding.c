// SPDX-License-Identifier: BSD-2-Clause
#include "report/window.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int window_init(struct window *window, uint32_t size)
{
	memset(window, 0, sizeof(*window));
	window->ticks = calloc(size, sizeof(*window->ticks));
	window->joules = calloc(size, sizeof(*window->joules));
	if (!window->ticks || !window->joules) {
		window_done(window);
		return -ENOMEM;
	}
	window->size = size;
	return 0;
}

static void drop(struct window *window, const struct entities *entities, struct window_tick *tick)
{
	for (size_t i = 0; i < tick->n_rows; i++) {
		struct tracked *tracked = entities_find(entities, tick->rows[i].entity);

		if (tracked)
			tracked->entity.window_ns -= tick->rows[i].ns;
	}
	window->active_ns -= tick->active_ns;
	window->active_jiffies -= tick->active_jiffies;
	window->held--;
	free(tick->rows);
	*tick = (struct window_tick){0};
}

/* The rows of those that ran, exactly as many: one busy tick is not to leave a large ring behind. */
static int make_rows(const struct entities *entities, const struct window_entry *entry,
		     struct window_tick *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < entry->n_present; i++)
		n += entry->present[i]->entity.tick.cpu_ns > 0;
	ret->n_rows = n;
	if (n == 0)
		return 0;
	ret->rows = calloc(n, sizeof(*ret->rows));
	if (!ret->rows)
		return -ENOMEM;
	n = 0;
	for (size_t i = 0; i < entry->n_present; i++) {
		const struct tracked *tracked = entry->present[i];

		if (tracked->entity.tick.cpu_ns == 0)
			continue;
		ret->rows[n++] = (struct window_row){
			.entity = entities_handle(entities, tracked),
			.ns = tracked->entity.tick.cpu_ns,
		};
	}
	return 0;
}

int window_push(struct window *window, const struct entities *entities,
		const struct window_entry *entry)
{
	struct window_tick tick = {
		.active_ns = entry->active_ns,
		.active_jiffies = entry->active_jiffies,
	};
	int err;

	err = make_rows(entities, entry, &tick);
	if (err)
		return err;
	if (window->held == window->size)
		drop(window, entities, &window->ticks[window->next]);
	window->ticks[window->next] = tick;
	window->joules[window->next] = entry->joules;
	window->next = (window->next + 1) % window->size;
	window->held++;
	window->active_ns += tick.active_ns;
	window->active_jiffies += tick.active_jiffies;
	for (size_t i = 0; i < entry->n_present; i++)
		entry->present[i]->entity.window_ns += entry->present[i]->entity.tick.cpu_ns;
	return 0;
}

double window_joules(const struct window *window)
{
	struct sum sum = {0};

	/* Afresh in every tick: adding and subtracting doubles would drift. */
	for (uint32_t i = 0; i < window->held; i++)
		sum_add(&sum, window->joules[i]);
	return sum_get(&sum);
}

void window_done(struct window *window)
{
	/* `ticks` may be missing from one that window_init gave up. */
	for (uint32_t i = 0; window->ticks && i < window->held; i++)
		free(window->ticks[i].rows);
	free(window->ticks);
	free(window->joules);
	memset(window, 0, sizeof(*window));
}
