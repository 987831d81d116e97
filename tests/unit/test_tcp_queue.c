// SPDX-License-Identifier: BSD-2-Clause
#include "output/tcp_queue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* After what it needs. */
#include <cmocka.h>

static void put(struct tcp_queue *queue, const char *lines)
{
	assert_int_equal(tcp_queue_put(queue, lines, strlen(lines)), 0);
}

/* Sends up to `most` bytes, and expects these. */
static void assert_sends(struct tcp_queue *queue, size_t most, const char *expected)
{
	char text[256] = "";
	size_t used = 0, n;
	const char *bytes;

	while (used < most && (n = tcp_queue_peek(queue, &bytes)) > 0) {
		n = n < most - used ? n : most - used;
		memcpy(text + used, bytes, n);
		tcp_queue_sent(queue, n);
		used += n;
	}
	text[used] = '\0';
	assert_string_equal(text, expected);
}

static void test_sends_in_order(void **state)
{
	struct tcp_queue queue;

	(void)state;
	tcp_queue_init(&queue, 100);
	put(&queue, "a1\na2\n");
	put(&queue, "b1\n");
	assert_int_equal(tcp_queue_waiting(&queue), 9);
	assert_sends(&queue, 4, "a1\na");
	put(&queue, "c1\n");
	assert_sends(&queue, 100, "2\nb1\nc1\n");
	assert_int_equal(queue.in_flight, 12);
	assert_int_equal(tcp_queue_waiting(&queue), 12); /* sent is not there yet */
	tcp_queue_acked(&queue, 5, 0);
	assert_int_equal(tcp_queue_waiting(&queue), 5);
	tcp_queue_acked(&queue, 0, 0);
	assert_int_equal(tcp_queue_waiting(&queue), 0);
	tcp_queue_done(&queue);
	assert_int_equal(queue.documents, 4);
	assert_int_equal(queue.dropped, 0);
}

static void test_broken_line_is_sent_again_from_its_beginning(void **state)
{
	struct tcp_queue queue;

	(void)state;
	tcp_queue_init(&queue, 100);
	put(&queue, "first\nsecond\nthird\n");
	assert_sends(&queue, 17, "first\nsecond\nthir");
	tcp_queue_acked(&queue, 8, 0); /* "first\nsec" arrived */
	tcp_queue_rewind(&queue, false);
	assert_int_equal(queue.in_flight, 0);
	assert_sends(&queue, 100, "second\nthird\n");
	tcp_queue_acked(&queue, 0, 0);
	tcp_queue_done(&queue);
	assert_int_equal(queue.dropped, 0);
}

static void test_end_at_a_line_sends_nothing_twice(void **state)
{
	struct tcp_queue queue;

	(void)state;
	tcp_queue_init(&queue, 100);
	put(&queue, "first\nsecond\n");
	put(&queue, "third\n");
	assert_sends(&queue, 100, "first\nsecond\nthird\n");
	tcp_queue_acked(&queue, 13, 0);
	tcp_queue_rewind(&queue, false);
	assert_sends(&queue, 100, "second\nthird\n");
	tcp_queue_acked(&queue, 6, 0);
	tcp_queue_rewind(&queue, false);
	assert_sends(&queue, 100, "third\n");
	tcp_queue_acked(&queue, 0, 0);
	tcp_queue_rewind(&queue, false);
	assert_sends(&queue, 100, "");
	tcp_queue_done(&queue);
}

/* The other end may have acknowledged what nobody read. */
static void test_reset_sends_the_last_acknowledged_batch_again(void **state)
{
	struct tcp_queue queue;

	(void)state;
	tcp_queue_init(&queue, 100);
	put(&queue, "a1\n");
	put(&queue, "b1\nb2\n");
	put(&queue, "c1\nc2\n");
	assert_sends(&queue, 100, "a1\nb1\nb2\nc1\nc2\n");
	tcp_queue_acked(&queue, 3, 0); /* all but "c2\n" */
	tcp_queue_rewind(&queue, true);
	assert_int_equal(tcp_queue_waiting(&queue), 12);
	assert_sends(&queue, 100, "b1\nb2\nc1\nc2\n");
	tcp_queue_acked(&queue, 0, 0);
	tcp_queue_done(&queue);
	assert_int_equal(queue.dropped, 0);
}

/* The window that the other end has left tells how much it may hold unread. */
static void test_reset_sends_all_that_may_be_unread_again(void **state)
{
	struct tcp_queue queue;

	(void)state;
	tcp_queue_init(&queue, 100);
	put(&queue, "a1\n");
	put(&queue, "b1\nb2\n");
	put(&queue, "c1\n");
	put(&queue, "d1\nd2\n");
	assert_sends(&queue, 100, "a1\nb1\nb2\nc1\nd1\nd2\n");
	tcp_queue_acked(&queue, 3, 7); /* from "b2\n" on, but for "d2\n" */
	assert_int_equal(tcp_queue_waiting(&queue), 3);
	tcp_queue_rewind(&queue, true);
	assert_int_equal(tcp_queue_waiting(&queue), 15);
	assert_sends(&queue, 100, "b1\nb2\nc1\nd1\nd2\n");
	tcp_queue_acked(&queue, 0, 100);
	tcp_queue_acked(&queue, 0, 1); /* it has read all but one byte since */
	tcp_queue_rewind(&queue, true);
	assert_sends(&queue, 100, "d1\nd2\n");
	tcp_queue_acked(&queue, 0, 0);
	tcp_queue_done(&queue);
	assert_int_equal(queue.dropped, 0);
}

static void test_oldest_batches_give_way_whole(void **state)
{
	struct tcp_queue queue;

	(void)state;
	tcp_queue_init(&queue, 12);
	put(&queue, "a1\na2\n");
	put(&queue, "b1\nb2\n");
	put(&queue, "c1\n");
	assert_int_equal(queue.dropped, 2);
	assert_sends(&queue, 100, "b1\nb2\nc1\n");
	tcp_queue_done(&queue);
	assert_int_equal(queue.documents, 5);
	assert_int_equal(queue.dropped,
			 5); /* what was not acknowledged by the end is none that arrived */
}

static void test_batch_that_was_begun_stays(void **state)
{
	struct tcp_queue queue;

	(void)state;
	tcp_queue_init(&queue, 12);
	put(&queue, "a1\na2\n");
	put(&queue, "b1\n");
	put(&queue, "c1\n");
	assert_sends(&queue, 4, "a1\na");
	put(&queue, "d1\n");
	assert_int_equal(queue.dropped, 1); /* b1 */
	assert_sends(&queue, 100, "2\nc1\nd1\n");
	/* All is begun: nothing gives way but the new one. */
	put(&queue, "e1\n");
	assert_int_equal(queue.dropped, 2);
	tcp_queue_acked(&queue, 6, 0);
	put(&queue, "f1\n");
	assert_int_equal(queue.dropped, 2);
	assert_sends(&queue, 100, "f1\n");
	tcp_queue_acked(&queue, 0, 0);
	tcp_queue_done(&queue);
	assert_int_equal(queue.dropped, 2);
}

static void test_what_is_kept_for_a_reset_is_no_reason_to_drop(void **state)
{
	struct tcp_queue queue;

	(void)state;
	tcp_queue_init(&queue, 6);
	put(&queue, "a1\na2\n");
	assert_sends(&queue, 100, "a1\na2\n");
	tcp_queue_acked(&queue, 0, 0);
	put(&queue, "b1\nb2\n");
	assert_int_equal(queue.dropped, 0);
	tcp_queue_rewind(&queue, true);
	assert_sends(&queue, 100, "b1\nb2\n");
	tcp_queue_done(&queue);
}

static void test_batch_above_the_bound_is_dropped(void **state)
{
	struct tcp_queue queue;

	(void)state;
	tcp_queue_init(&queue, 5);
	put(&queue, "a1\n");
	put(&queue, "long\nlong\n");
	assert_int_equal(queue.dropped, 2);
	assert_sends(&queue, 100, "a1\n"); /* which gave way to nothing */
	put(&queue, "");
	assert_int_equal(queue.documents, 3);
	tcp_queue_done(&queue);
	assert_int_equal(queue.used, 0);
}

#define BATCHES 3000

/* What arrives of a connection, read line by line. */
struct receiver {
	char wire[4096]; /* sent, and not arrived yet */
	size_t in_wire;
	char part[64]; /* of a line */
	size_t in_part;
	bool got[3 * BATCHES];
	size_t lines;
	long last; /* line of this connection */
};

static void take_byte(struct receiver *receiver, char byte)
{
	long number;

	if (byte != '\n') {
		assert_true(receiver->in_part < sizeof(receiver->part) - 1);
		receiver->part[receiver->in_part++] = byte;
		return;
	}
	receiver->part[receiver->in_part] = '\0';
	receiver->in_part = 0;
	number = strtol(receiver->part, NULL, 10);
	assert_true(number > receiver->last && number < 3 * BATCHES);
	assert_false(receiver->got[number]);
	receiver->last = number;
	receiver->got[number] = true;
	receiver->lines++;
}

/* All but the last `left` bytes of the wire. */
static void arrive(struct receiver *receiver, size_t left)
{
	size_t n = receiver->in_wire - left;

	for (size_t i = 0; i < n; i++)
		take_byte(receiver, receiver->wire[i]);
	memmove(receiver->wire, receiver->wire + n, left);
	receiver->in_wire = left;
}

static void send_some(struct receiver *receiver, struct tcp_queue *queue, unsigned int *seed)
{
	const char *bytes;
	size_t n = tcp_queue_peek(queue, &bytes);

	if (n == 0)
		return;
	n = 1 + (size_t)rand_r(seed) % n;
	assert_true(receiver->in_wire + n <= sizeof(receiver->wire));
	memcpy(receiver->wire + receiver->in_wire, bytes, n);
	receiver->in_wire += n;
	tcp_queue_sent(queue, n);
}

static void break_connection(struct receiver *receiver, struct tcp_queue *queue)
{
	receiver->in_wire = receiver->in_part = 0;
	receiver->last = -1;
	tcp_queue_rewind(queue, false);
}

/* Connections that break anywhere: each line is got once, whole and in order, or is counted. */
static void test_breaking_connections_lose_only_what_is_counted(void **state)
{
	struct receiver *receiver = calloc(1, sizeof(*receiver));
	struct tcp_queue queue;
	unsigned int seed = 1, line = 0;

	(void)state;
	assert_non_null(receiver);
	receiver->last = -1;
	tcp_queue_init(&queue, 120);
	for (unsigned int i = 0; i < BATCHES; i++) {
		char batch[64];
		size_t used = 0, left;

		for (unsigned int j = 0; j <= i % 3; j++)
			used += (size_t)snprintf(batch + used, sizeof(batch) - used, "%u\n",
						 line++);
		put(&queue, batch);
		for (int j = rand_r(&seed) % 4; j > 0; j--)
			send_some(receiver, &queue, &seed);
		left = (size_t)rand_r(&seed) % (receiver->in_wire + 1);
		arrive(receiver, left);
		tcp_queue_acked(&queue, left, 0);
		if (rand_r(&seed) % 8 == 0)
			break_connection(receiver, &queue);
	}
	tcp_queue_done(&queue);
	assert_int_equal(queue.documents, line);
	assert_true(queue.dropped > 100 && receiver->lines > 100);
	assert_int_equal(receiver->lines + queue.dropped, line);
	free(receiver);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sends_in_order),
		cmocka_unit_test(test_broken_line_is_sent_again_from_its_beginning),
		cmocka_unit_test(test_end_at_a_line_sends_nothing_twice),
		cmocka_unit_test(test_reset_sends_the_last_acknowledged_batch_again),
		cmocka_unit_test(test_reset_sends_all_that_may_be_unread_again),
		cmocka_unit_test(test_oldest_batches_give_way_whole),
		cmocka_unit_test(test_batch_that_was_begun_stays),
		cmocka_unit_test(test_what_is_kept_for_a_reset_is_no_reason_to_drop),
		cmocka_unit_test(test_batch_above_the_bound_is_dropped),
		cmocka_unit_test(test_breaking_connections_lose_only_what_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
