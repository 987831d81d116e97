// SPDX-License-Identifier: BSD-2-Clause
#include "sample/record_threads.h"

#include "base/hash.h"
#include "sample/record_text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct record_thread_number {
	struct record_thread thread; /* the key */
	uint32_t number;
	UT_hash_handle hh;
};

_Static_assert(sizeof(struct record_thread) == 24, "a key has no padding");

static struct record_thread_number *find(struct record_threads *threads,
					 const struct record_thread *thread)
{
	struct record_thread_number *found = threads->last;

	if (found && memcmp(&found->thread, thread, sizeof(*thread)) == 0)
		return found;
	HASH_FIND(hh, threads->table, thread, sizeof(*thread), found);
	if (found)
		threads->last = found;
	return found;
}

static int add(struct record_threads *threads, const struct record_thread *thread)
{
	struct record_thread_number *added = calloc(1, sizeof(*added));

	if (!added)
		return -ENOMEM;
	added->thread = *thread;
	added->number = HASH_COUNT(threads->table);
	HASH_ADD(hh, threads->table, thread, sizeof(*thread), added);
	if (!added->hh.tbl) {
		free(added);
		return -ENOMEM;
	}
	threads->last = added;
	return 0;
}

static struct record_thread thread_of(const struct window *window)
{
	return (struct record_thread){
		.tid = window->tid,
		.pid = window->pid,
		.start_ns = window->start_ns,
		.process_start_ns = window->process_start_ns,
	};
}

int record_threads_take(struct record_threads *threads, const struct sample *sample)
{
	int err = 0;

	record_threads_done(threads);
	for (size_t i = 0; i < sample->n_windows && !err; i++) {
		const struct record_thread thread = thread_of(&sample->windows[i]);

		if (!find(threads, &thread))
			err = add(threads, &thread);
	}
	return err;
}

/* The table keeps the order in which they were added. */
void record_threads_write(const struct record_threads *threads, FILE *stream)
{
	const struct record_thread_number *each;

	for (each = threads->table; each; each = each->hh.next)
		record_line_write(stream, RECORD_THREAD, &each->thread);
}

uint32_t record_threads_of(struct record_threads *threads, const struct window *window)
{
	const struct record_thread thread = thread_of(window);

	return find(threads, &thread)->number;
}

void record_threads_done(struct record_threads *threads)
{
	struct record_thread_number *each, *next;

	HASH_ITER(hh, threads->table, each, next) {
		HASH_DEL(threads->table, each);
		free(each);
	}
	threads->last = NULL;
}
