// SPDX-License-Identifier: BSD-2-Clause
#include "report/sliding.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int sliding_init(struct sliding *sliding, uint32_t size)
{
	memset(sliding, 0, sizeof(*sliding));
	sliding->ticks = calloc(size, sizeof(*sliding->ticks));
	sliding->joules = calloc(size, sizeof(*sliding->joules));
	if (!sliding->ticks || !sliding->joules) {
		sliding_done(sliding);
		return -ENOMEM;
	}
	sliding->size = size;
	return 0;
}

static void drop(struct sliding *sliding, const struct entities *entities,
		 struct sliding_tick *tick)
{
	for (size_t i = 0; i < tick->n_rows; i++) {
		struct tracked *tracked = entities_find(entities, tick->rows[i].entity);

		if (tracked)
			tracked->entity.window_ns -= tick->rows[i].ns;
	}
	sliding->active_ns -= tick->active_ns;
	sliding->active_jiffies -= tick->active_jiffies;
	sliding->held--;
	free(tick->rows);
	*tick = (struct sliding_tick){0};
}

/* The rows of those that ran, exactly as many: one busy tick is not to leave a large ring behind. */
static int make_rows(const struct entities *entities, const struct sliding_entry *entry,
		     struct sliding_tick *ret)
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
		ret->rows[n++] = (struct sliding_row){
			.entity = entities_handle(entities, tracked),
			.ns = tracked->entity.tick.cpu_ns,
		};
	}
	return 0;
}

int sliding_push(struct sliding *sliding, const struct entities *entities,
		 const struct sliding_entry *entry)
{
	struct sliding_tick tick = {
		.active_ns = entry->active_ns,
		.active_jiffies = entry->active_jiffies,
	};
	int err;

	err = make_rows(entities, entry, &tick);
	if (err)
		return err;
	if (sliding->held == sliding->size)
		drop(sliding, entities, &sliding->ticks[sliding->next]);
	sliding->ticks[sliding->next] = tick;
	sliding->joules[sliding->next] = entry->joules;
	sliding->next = (sliding->next + 1) % sliding->size;
	sliding->held++;
	sliding->active_ns += tick.active_ns;
	sliding->active_jiffies += tick.active_jiffies;
	for (size_t i = 0; i < entry->n_present; i++)
		entry->present[i]->entity.window_ns += entry->present[i]->entity.tick.cpu_ns;
	return 0;
}

double sliding_joules(const struct sliding *sliding)
{
	struct sum sum = {0};

	/* Afresh in every tick: adding and subtracting doubles would drift. */
	for (uint32_t i = 0; i < sliding->held; i++)
		sum_add(&sum, sliding->joules[i]);
	return sum_get(&sum);
}

void sliding_done(struct sliding *sliding)
{
	/* `ticks` may be missing from one that window_init gave up. */
	for (uint32_t i = 0; sliding->ticks && i < sliding->held; i++)
		free(sliding->ticks[i].rows);
	free(sliding->ticks);
	free(sliding->joules);
	memset(sliding, 0, sizeof(*sliding));
}
