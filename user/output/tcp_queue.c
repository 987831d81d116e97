// SPDX-License-Identifier: BSD-2-Clause
#include "output/tcp_queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void tcp_queue_init(struct tcp_queue *queue, size_t capacity)
{
	*queue = (struct tcp_queue){.capacity = capacity};
}

static uint64_t count_lines(const char *bytes, size_t size)
{
	const char *at = bytes, *end = bytes + size;
	uint64_t n = 0;

	for (; at < end && (at = memchr(at, '\n', (size_t)(end - at))); at++)
		n++;
	return n;
}

static struct tcp_batch *free_batch(struct tcp_queue *queue, struct tcp_batch *batch)
{
	struct tcp_batch *next = batch->next;

	queue->used -= batch->size;
	if (queue->last == batch)
		queue->last = NULL; /* put right by those who leave one before it */
	free(batch);
	return next;
}

static void forget_doubtful(struct tcp_queue *queue)
{
	queue->doubtful -= queue->first->size;
	queue->first = free_batch(queue, queue->first);
}

/* The last batch that was begun. NULL: none. */
static struct tcp_batch *last_begun(const struct tcp_queue *queue)
{
	struct tcp_batch *batch = queue->first, *begun = NULL;

	if (queue->unsent.batch && queue->unsent.offset > 0)
		return queue->unsent.batch;
	for (; batch && batch != queue->unsent.batch; batch = batch->next)
		begun = batch;
	return begun;
}

/* Drops the oldest batch that was not begun. False: there is none. */
static bool drop_one(struct tcp_queue *queue)
{
	struct tcp_batch *before = last_begun(queue);
	struct tcp_batch *batch = before ? before->next : queue->first, *next;

	if (!batch)
		return false;
	queue->dropped += batch->documents;
	next = free_batch(queue, batch);
	if (before)
		before->next = next;
	else
		queue->first = next;
	if (!next)
		queue->last = before;
	if (queue->unsent.batch == batch)
		queue->unsent.batch = next;
	if (queue->unacked.batch == batch)
		queue->unacked.batch = next;
	return true;
}

static bool make_room(struct tcp_queue *queue, size_t size)
{
	if (size > queue->capacity)
		return false;
	while (queue->used + size > queue->capacity && queue->doubtful > 0)
		forget_doubtful(queue);
	while (queue->used + size > queue->capacity) {
		if (!drop_one(queue))
			return false;
	}
	return true;
}

static void append(struct tcp_queue *queue, struct tcp_batch *batch)
{
	if (queue->last)
		queue->last->next = batch;
	else
		queue->first = batch;
	queue->last = batch;
	queue->used += batch->size;
	if (!queue->unsent.batch)
		queue->unsent = (struct tcp_place){batch, 0};
	if (!queue->unacked.batch)
		queue->unacked = (struct tcp_place){batch, 0};
}

int tcp_queue_put(struct tcp_queue *queue, const char *bytes, size_t size)
{
	uint64_t documents = count_lines(bytes, size);
	struct tcp_batch *batch;

	if (size == 0)
		return 0;
	queue->documents += documents;
	if (!make_room(queue, size)) {
		queue->dropped += documents;
		return 0;
	}
	batch = malloc(sizeof(*batch) + size);
	if (!batch) {
		queue->dropped += documents;
		return -ENOMEM;
	}
	*batch = (struct tcp_batch){.documents = documents, .size = size};
	memcpy(batch->bytes, bytes, size);
	append(queue, batch);
	return 0;
}

size_t tcp_queue_waiting(const struct tcp_queue *queue)
{
	return queue->used - queue->doubtful - queue->unacked.offset;
}

size_t tcp_queue_peek(const struct tcp_queue *queue, const char **ret)
{
	const struct tcp_place *unsent = &queue->unsent;

	if (!unsent->batch)
		return 0;
	*ret = unsent->batch->bytes + unsent->offset;
	return unsent->batch->size - unsent->offset;
}

/* Goes forward by as many of the bytes as are in its batch; returns how many. */
static size_t step(struct tcp_place *place, uint64_t size)
{
	size_t left = place->batch->size - place->offset;

	if (size < left) {
		place->offset += (size_t)size;
		return (size_t)size;
	}
	*place = (struct tcp_place){place->batch->next, 0};
	return left;
}

void tcp_queue_sent(struct tcp_queue *queue, size_t size)
{
	queue->in_flight += size;
	while (size > 0)
		size -= step(&queue->unsent, size);
}

void tcp_queue_acked(struct tcp_queue *queue, uint64_t in_flight, uint64_t unread)
{
	struct tcp_place *unacked = &queue->unacked;

	while (queue->in_flight > in_flight) {
		const struct tcp_batch *batch = unacked->batch;

		queue->in_flight -= step(unacked, queue->in_flight - in_flight);
		if (unacked->batch != batch)
			queue->doubtful += batch->size;
	}
	while (queue->doubtful > 0 && queue->first->next != unacked->batch &&
	       queue->doubtful - queue->first->size + unacked->offset >= unread)
		forget_doubtful(queue);
}

void tcp_queue_rewind(struct tcp_queue *queue, bool reset)
{
	struct tcp_place *unacked = &queue->unacked;

	if (reset && queue->doubtful > 0)
		*unacked = (struct tcp_place){queue->first, 0};
	while (!reset && queue->doubtful > 0)
		forget_doubtful(queue);
	queue->doubtful = 0;
	while (unacked->offset > 0 && unacked->batch->bytes[unacked->offset - 1] != '\n')
		unacked->offset--;
	queue->unsent = *unacked;
	queue->in_flight = 0;
}

void tcp_queue_done(struct tcp_queue *queue)
{
	const char *bytes;
	size_t size;

	tcp_queue_rewind(queue, false);
	for (; (size = tcp_queue_peek(queue, &bytes)) > 0; tcp_queue_sent(queue, size))
		queue->dropped += count_lines(bytes, size);
	while (queue->first)
		queue->first = free_batch(queue, queue->first);
	*queue = (struct tcp_queue){.documents = queue->documents, .dropped = queue->dropped};
}
