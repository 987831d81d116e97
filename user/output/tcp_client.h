/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_OUTPUT_TCP_CLIENT_H
#define ENERGYTRACE_OUTPUT_TCP_CLIENT_H

/*
 * Sends documents, a line each, to a server that may come later, stop reading, go away and come back.
 * Nothing here waits for it but tcp_client_drain. What is sent is told in tcp_queue.h: each line
 * arrives whole on one connection, in order, and what is given up is counted.
 */

#include "base/errmsg.h"
#include "output/tcp_address.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tcp_client;

struct tcp_client_options {
	size_t capacity;			   /* bytes that may wait */
	uint64_t first_delay_ns, longest_delay_ns; /* between the tries to connect */
	uint64_t connect_ns;			   /* so long an address may take to answer */
	uint64_t seed;				   /* of the delays' chance */
};

/* Begins to connect. Returns 0 or a negative errno with `msg` filled; a server that is not there is none. */
int tcp_client_open(const struct tcp_address *address, const struct tcp_client_options *options,
		    struct tcp_client **ret, struct errmsg *msg);

/* Takes whole lines (a tick's), and sends what can be sent now. */
void tcp_client_put(struct tcp_client *client, const char *bytes, size_t size);

/* When it is readable, tcp_client_progress has something to do; that never blocks. */
int tcp_client_fd(const struct tcp_client *client);
void tcp_client_progress(struct tcp_client *client);

/*
 * Waits until no more than `left` bytes are without an acknowledgement. False when `stall_ms` have passed in
 * which none came.
 */
bool tcp_client_drain(struct tcp_client *client, size_t left, unsigned int stall_ms);

/* Gives up what was not acknowledged, and closes the connection. Nothing is taken or sent after it. */
void tcp_client_finish(struct tcp_client *client);

struct tcp_client_counts {
	uint64_t documents; /* ever given to it */
	uint64_t dropped;   /* of them */
	uint64_t connections;
	size_t waiting; /* bytes */
};

struct tcp_client_counts tcp_client_counts(const struct tcp_client *client);

/* "tcp://HOST:PORT" */
const char *tcp_client_name(const struct tcp_client *client);

/* As output_complaint. */
const char *tcp_client_complaint(struct tcp_client *client);

/* Takes NULL. */
void tcp_client_close(struct tcp_client *client);

#endif
