// SPDX-License-Identifier: BSD-2-Clause
#include "windows/history.h"

#include "base/grow.h"

#include <errno.h>
#include <stdlib.h>

#define TICKS_MAX 512 /* a power of two, and so is what grow_array makes room for */

static void merge(struct thread_tick *into, const struct thread_tick *tick)
{
	into->end_ns = tick->end_ns;
	into->cpu_ns += tick->cpu_ns;
	into->taken_ns += tick->taken_ns;
	into->joules += tick->joules;
}

/* Makes one of each two of the older half. */
static void shorten(struct thread_history *history)
{
	size_t half = history->n / 2, kept = 0;

	for (size_t i = 0; i < half; i += 2) {
		history->ticks[kept] = history->ticks[i];
		merge(&history->ticks[kept++], &history->ticks[i + 1]);
	}
	for (size_t i = half; i < history->n; i++)
		history->ticks[kept++] = history->ticks[i];
	history->n = kept;
}

int thread_history_add(struct thread_history *history, const struct thread_tick *tick)
{
	struct thread_tick *moved;

	if (history->n && history->ticks[history->n - 1].end_ns == tick->end_ns) {
		merge(&history->ticks[history->n - 1], tick);
		return 0;
	}
	if (history->n == TICKS_MAX)
		shorten(history);
	moved = grow_array(history->ticks, history->n, &history->room, sizeof(*moved));
	if (!moved)
		return -ENOMEM;
	history->ticks = moved;
	moved[history->n++] = *tick;
	return 0;
}

/* Of the tick, as much as there is of `ns`. */
static double take_of(struct thread_tick *tick, uint64_t ns, uint64_t *left)
{
	uint64_t there = tick->cpu_ns - tick->taken_ns;

	if (ns > *left)
		ns = *left;
	if (ns > there)
		ns = there;
	if (ns == 0)
		return 0;
	tick->taken_ns += ns;
	*left -= ns;
	return tick->joules * ((double)ns / (double)tick->cpu_ns);
}

static uint64_t overlap(const struct thread_tick *tick, uint64_t begin_ns, uint64_t end_ns)
{
	uint64_t from = tick->begin_ns > begin_ns ? tick->begin_ns : begin_ns;
	uint64_t to = tick->end_ns < end_ns ? tick->end_ns : end_ns;

	return to > from ? to - from : 0;
}

double thread_history_take(struct thread_history *history, uint64_t begin_ns, uint64_t end_ns,
			   uint64_t ns, uint64_t *ret_covered)
{
	uint64_t left = ns, edges_ns = 0, edges_own;
	size_t first = history->n;
	double joules = 0;

	*ret_covered = 0;
	while (first > 0 && history->ticks[first - 1].end_ns > begin_ns)
		first--;
	for (size_t i = first; i < history->n; i++) {
		struct thread_tick *tick = &history->ticks[i];

		if (tick->begin_ns >= begin_ns && tick->end_ns <= end_ns) {
			joules += take_of(tick, left, &left);
			*ret_covered += tick->end_ns - tick->begin_ns;
		} else {
			edges_ns += overlap(tick, begin_ns, end_ns);
		}
	}
	/* By what it covers of the ticks at its edges; then what one of them had not. */
	edges_own = left;
	for (int whatever = 0; whatever <= 1; whatever++) {
		for (size_t i = first; i < history->n && left > 0; i++) {
			struct thread_tick *tick = &history->ticks[i];
			uint64_t part = overlap(tick, begin_ns, end_ns);

			if (part == 0 || (tick->begin_ns >= begin_ns && tick->end_ns <= end_ns))
				continue;
			if (!whatever)
				part = (uint64_t)((double)edges_own *
						  ((double)part / (double)edges_ns));
			joules += take_of(tick, whatever ? left : part, &left);
		}
	}
	return joules;
}

void thread_history_done(struct thread_history *history)
{
	free(history->ticks);
	*history = (struct thread_history){0};
}
