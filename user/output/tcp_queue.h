/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_OUTPUT_TCP_QUEUE_H
#define ENERGYTRACE_OUTPUT_TCP_QUEUE_H

/*
 * What waits to be sent over connections that may break: batches (a tick each) of documents (a line each),
 * within a bound of bytes. What was sent stays until the other side's TCP has acknowledged it, so that after
 * a break it is sent again, from the beginning of the document that was cut. Where there is no room for a
 * new batch the oldest ones that were not begun give way, whole, and are counted.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tcp_batch {
	struct tcp_batch *next;
	uint64_t documents;
	size_t size;
	char bytes[];
};

/* A place between two bytes of the queue; batch NULL: its end. */
struct tcp_place {
	struct tcp_batch *batch;
	size_t offset; /* less than the batch's size */
};

struct tcp_queue {
	size_t capacity, used;
	struct tcp_batch *first, *last;
	size_t doubtful;	  /* bytes of the batches before `unacked`: see tcp_queue_acked */
	struct tcp_place unacked; /* what is before it was acknowledged */
	struct tcp_place unsent;
	uint64_t in_flight; /* bytes between the two */
	uint64_t documents; /* ever taken or dropped */
	uint64_t dropped;   /* of them */
};

void tcp_queue_init(struct tcp_queue *queue, size_t capacity);

/* Takes a copy of whole lines, or drops them: see tcp_queue.dropped. 0 or -ENOMEM, which is a drop too. */
int tcp_queue_put(struct tcp_queue *queue, const char *bytes, size_t size);

/* Bytes that were neither acknowledged nor dropped. */
size_t tcp_queue_waiting(const struct tcp_queue *queue);

/* The next bytes to send, until the queue is changed; returns how many, 0: none. */
size_t tcp_queue_peek(const struct tcp_queue *queue, const char **ret);

/* So many of them went into the connection. */
void tcp_queue_sent(struct tcp_queue *queue, size_t size);

/*
 * All that went into the connection but the last `in_flight` bytes was acknowledged. The last `unread` bytes of what
 * was may be known to the other side's TCP alone: batches with any of them, and always the last one, are kept
 * for tcp_queue_rewind, as long as nothing new needs their room.
 */
void tcp_queue_acked(struct tcp_queue *queue, uint64_t in_flight, uint64_t unread);

/*
 * The connection is gone: back to the first document that was not acknowledged whole. `reset`: its other end
 * threw away what it had acknowledged and not read, so back to the first batch that may be part of that.
 */
void tcp_queue_rewind(struct tcp_queue *queue, bool reset);

/* Counts what is left as dropped, and frees it. */
void tcp_queue_done(struct tcp_queue *queue);

#endif
