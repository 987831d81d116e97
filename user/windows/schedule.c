// SPDX-License-Identifier: BSD-2-Clause
#include "windows/schedule.h"

#include "base/hash.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define NS_PER_S 1e9
#define SEQUENCES_MAX 65536U

/* A function in a thread. */
struct sequence {
	struct sequence_key {
		uint64_t start_ns;
		uint32_t tid, function;
	} key;
	uint64_t next_ns; /* when its next window is due */
	UT_hash_handle hh;
};

struct window_schedule {
	uint64_t period_ns, deadline_ns;
	struct sequence *sequences;
};

uint64_t windows_period_ns(uint32_t h, double fs_hz)
{
	double ns = h > 0 && fs_hz > 0 ? h / fs_hz * NS_PER_S : 0;

	return ns < (double)INT64_MAX ? (uint64_t)llround(ns) : 0;
}

int window_schedule_new(uint64_t period_ns, uint64_t deadline_ns, struct window_schedule **ret)
{
	struct window_schedule *schedule = calloc(1, sizeof(*schedule));

	if (!schedule)
		return -ENOMEM;
	schedule->period_ns = period_ns;
	schedule->deadline_ns = deadline_ns ? deadline_ns : period_ns;
	*ret = schedule;
	return 0;
}

static void drop_sequence(struct window_schedule *schedule, struct sequence *sequence)
{
	HASH_DEL(schedule->sequences, sequence);
	free(sequence);
}

/* NULL when memory is out. */
static struct sequence *find_sequence(struct window_schedule *schedule, const struct window *window)
{
	const struct sequence_key key = {
		.start_ns = window->start_ns, .tid = window->tid, .function = window->function};
	struct sequence *sequence;

	HASH_FIND(hh, schedule->sequences, &key, sizeof(key), sequence);
	if (sequence)
		return sequence;
	/* The oldest goes: a thread that lives on after so many others begins its schedule anew. */
	if (HASH_COUNT(schedule->sequences) >= SEQUENCES_MAX)
		drop_sequence(schedule, schedule->sequences);
	sequence = calloc(1, sizeof(*sequence));
	if (!sequence)
		return NULL;
	sequence->key = key;
	sequence->next_ns = window->begin_ns;
	HASH_ADD(hh, schedule->sequences, key, sizeof(sequence->key), sequence);
	if (sequence->hh.tbl)
		return sequence;
	free(sequence);
	return NULL;
}

int windows_schedule(struct window_schedule *schedule, const struct window *window,
		     struct window_timing *ret)
{
	uint64_t release = window->begin_ns;

	if (schedule->period_ns > 0 && window->depth == 0) {
		struct sequence *sequence = find_sequence(schedule, window);

		if (!sequence)
			return -ENOMEM;
		/* The last release that is not after the begin: those before it were never taken up. */
		if (release > sequence->next_ns)
			release -= (release - sequence->next_ns) % schedule->period_ns;
		sequence->next_ns = release + schedule->period_ns;
	}
	*ret = (struct window_timing){.release_ns = release};
	if (schedule->deadline_ns > 0) {
		ret->deadline_ns = release + schedule->deadline_ns;
		ret->missed = window->end_ns > ret->deadline_ns;
	}
	return 0;
}

void window_schedule_free(struct window_schedule *schedule)
{
	struct sequence *sequence, *next;

	if (!schedule)
		return;
	HASH_ITER(hh, schedule->sequences, sequence, next) {
		drop_sequence(schedule, sequence);
	}
	free(schedule);
}
