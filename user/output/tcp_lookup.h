/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_OUTPUT_TCP_LOOKUP_H
#define ENERGYTRACE_OUTPUT_TCP_LOOKUP_H

/*
 * The addresses of a host, without waiting for them: a name server that does not answer holds getaddrinfo for
 * many seconds (man 5 resolv.conf: 5 s a try), and no tick may wait for it. Names are looked up in a
 * thread of their own; addresses in digits are there at once.
 */

#include <netdb.h>

struct tcp_lookup;

/* `host` and `port` are copied. 0 or a negative errno. */
int tcp_lookup_start(const char *host, const char *port, struct tcp_lookup **ret);

/* Readable when the look-up is over. */
int tcp_lookup_fd(const struct tcp_lookup *lookup);

/*
 * -EAGAIN: not over yet. Else 0 with the addresses (freeaddrinfo is the caller's), or -EHOSTUNREACH with the
 * reason in *ret_why. To be asked once.
 */
int tcp_lookup_take(struct tcp_lookup *lookup, struct addrinfo **ret, const char **ret_why);

/* The thread, if it still runs, ends by itself. Takes NULL. */
void tcp_lookup_free(struct tcp_lookup *lookup);

#endif
