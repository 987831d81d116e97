// SPDX-License-Identifier: BSD-2-Clause
#include "output/tcp_client.h"

#include "output/tcp_backoff.h"
#include "output/tcp_lookup.h"
#include "output/tcp_queue.h"

#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S 1000000000U
#define NS_PER_MS 1000000U
#define ACK_LOOK_MS 5	       /* no event tells of an acknowledgement */
#define IN_FLIGHT_BYTES 131072 /* what is in the kernel can't give way any more */
#define UNREAD_BYTES 131072  /* a receiver that stops reading holds no more (man 7 tcp, tcp_rmem) */
#define SILENT_PEER_MS 30000 /* of a host that is gone without a word */

/* As much as is thrown away of what the server says before something else gets its turn. */
#define IGNORED_BYTES (1 << 20)
#define IGNORED_TIMES 16

enum state {
	STATE_WAITING, /* for the next try */
	STATE_LOOKING_UP,
	STATE_CONNECTING,
	STATE_CONNECTED,
	STATE_FINISHED,
};

enum event {
	EVENT_TIMER,
	EVENT_LOOKUP,
	EVENT_SOCKET
};

struct tcp_client {
	struct tcp_address address;
	char name[sizeof(struct tcp_address) + 16];
	struct tcp_client_options options;
	enum state state;
	int epoll_fd, timer_fd, socket;
	struct tcp_lookup *lookup;
	struct addrinfo *addresses, *next_address; /* of this try */
	struct tcp_backoff backoff;
	struct tcp_queue queue;
	uint64_t connections;

	char why[128]; /* it is not connected; "" as long as it never failed */
	bool told_failure, told_drop, told_end;
	char told[512];
};

static void watch(struct tcp_client *client, int fd, enum event event, uint32_t events)
{
	struct epoll_event wanted = {.events = events, .data.u32 = event};

	epoll_ctl(client->epoll_fd, EPOLL_CTL_ADD, fd, &wanted);
}

/* Once, after so long; 0: not at all. */
static void set_timer(struct tcp_client *client, uint64_t ns)
{
	const struct itimerspec spec = {
		.it_value = {.tv_sec = (time_t)(ns / NS_PER_S), .tv_nsec = (long)(ns % NS_PER_S)}};

	timerfd_settime(client->timer_fd, 0, &spec, NULL);
}

static void close_socket(struct tcp_client *client)
{
	if (client->socket >= 0)
		close(client->socket); /* which takes it out of the epoll set */
	client->socket = -1;
}

/* Its thread may hold it a little longer, with what epoll watches. */
static void drop_lookup(struct tcp_client *client)
{
	if (!client->lookup)
		return;
	epoll_ctl(client->epoll_fd, EPOLL_CTL_DEL, tcp_lookup_fd(client->lookup), NULL);
	tcp_lookup_free(client->lookup);
	client->lookup = NULL;
}

static void drop_try(struct tcp_client *client)
{
	close_socket(client);
	drop_lookup(client);
	if (client->addresses)
		freeaddrinfo(client->addresses);
	client->addresses = client->next_address = NULL;
}

/* Nothing came of this try, for the reason in `why`. */
static void back_off(struct tcp_client *client)
{
	drop_try(client);
	client->state = STATE_WAITING;
	set_timer(client, tcp_backoff_next_ns(&client->backoff));
}

static void note_failure(struct tcp_client *client, const char *why)
{
	snprintf(client->why, sizeof(client->why), "%s", why);
}

static void look_up(struct tcp_client *client)
{
	int err = tcp_lookup_start(client->address.host, client->address.port, &client->lookup);

	if (err) {
		note_failure(client, strerror(-err));
		back_off(client);
		return;
	}
	client->state = STATE_LOOKING_UP;
	watch(client, tcp_lookup_fd(client->lookup), EVENT_LOOKUP, EPOLLIN);
}

/* What the other side's TCP has, by the count of bytes that it has not (man 7 tcp, SIOCOUTQ). */
static void note_acks(struct tcp_client *client)
{
	int in_flight;

	if (client->socket < 0 || ioctl(client->socket, SIOCOUTQ, &in_flight) < 0)
		return;
	if ((uint64_t)in_flight < client->queue.in_flight)
		tcp_backoff_reset(&client->backoff);
	tcp_queue_acked(&client->queue, (uint64_t)in_flight, UNREAD_BYTES);
}

/* The connection is gone. `err` 0: its other end closed it and had read all that it acknowledged. */
static void lose(struct tcp_client *client, int err)
{
	note_acks(client);
	tcp_queue_rewind(&client->queue, err != 0);
	note_failure(client, err ? strerror(err) : "the receiver closed the connection");
	back_off(client);
}

/*
 * A receiver says nothing; if it does, its words are thrown away (MSG_TRUNC, man 7 tcp). A close with words
 * unread would be a reset of the connection, and lose what is still on its way (RFC 2525, 2.17).
 */
static void take_input(struct tcp_client *client)
{
	ssize_t n = 1;

	for (int i = 0; i < IGNORED_TIMES && n > 0; i++)
		n = recv(client->socket, NULL, IGNORED_BYTES, MSG_TRUNC);
	if (n == 0)
		lose(client, 0);
	else if (n < 0 && errno != EAGAIN && errno != EINTR)
		lose(client, errno);
}

static void push(struct tcp_client *client)
{
	const char *bytes;
	size_t size;

	while (client->state == STATE_CONNECTED &&
	       (size = tcp_queue_peek(&client->queue, &bytes)) > 0) {
		ssize_t n = send(client->socket, bytes, size, MSG_NOSIGNAL);

		if (n >= 0) {
			tcp_queue_sent(&client->queue, (size_t)n);
		} else if (errno == EAGAIN) {
			return;
		} else if (errno != EINTR) {
			int err = errno;

			/* An end that was told before the error says more than the error. */
			take_input(client);
			if (client->state == STATE_CONNECTED)
				lose(client, err);
		}
	}
}

static void start_sending(struct tcp_client *client)
{
	const unsigned int silent_ms = SILENT_PEER_MS;

	setsockopt(client->socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &silent_ms, sizeof(silent_ms));
	set_timer(client, 0);
	client->state = STATE_CONNECTED;
	client->connections++;
	push(client);
}

static int start_connecting(struct tcp_client *client, const struct addrinfo *address)
{
	const int in_flight = IN_FLIGHT_BYTES;

	client->socket = socket(address->ai_family,
				address->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC,
				address->ai_protocol);
	if (client->socket < 0)
		return -errno;
	setsockopt(client->socket, SOL_SOCKET, SO_SNDBUF, &in_flight, sizeof(in_flight));
	if (connect(client->socket, address->ai_addr, address->ai_addrlen) == 0)
		return 0;
	return -errno;
}

/* Tries the addresses in the order in which they were found (RFC 6724). */
static void connect_next(struct tcp_client *client)
{
	while (client->next_address) {
		const struct addrinfo *address = client->next_address;
		int err;

		client->next_address = address->ai_next;
		close_socket(client);
		err = start_connecting(client, address);
		if (err && err != -EINPROGRESS) {
			note_failure(client, strerror(-err));
			continue;
		}
		watch(client, client->socket, EVENT_SOCKET,
		      EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
		if (!err) {
			start_sending(client);
			return;
		}
		client->state = STATE_CONNECTING;
		set_timer(client, client->options.connect_ns);
		return;
	}
	back_off(client);
}

static void take_lookup(struct tcp_client *client)
{
	const char *why;
	int err = tcp_lookup_take(client->lookup, &client->addresses, &why);

	if (err == -EAGAIN)
		return;
	if (err) {
		note_failure(client, why);
		back_off(client);
		return;
	}
	drop_lookup(client);
	client->next_address = client->addresses;
	connect_next(client);
}

static void take_timer(struct tcp_client *client)
{
	uint64_t times;

	if (read(client->timer_fd, &times, sizeof(times)) < 0)
		return;
	if (client->state == STATE_WAITING) {
		look_up(client);
	} else if (client->state == STATE_CONNECTING) {
		note_failure(client, strerror(ETIMEDOUT));
		connect_next(client);
	}
}

static void take_socket(struct tcp_client *client)
{
	socklen_t size = sizeof(int);
	int err = 0;

	if (client->state == STATE_CONNECTED)
		return; /* looked at in any case */
	getsockopt(client->socket, SOL_SOCKET, SO_ERROR, &err, &size);
	if (err) {
		note_failure(client, strerror(err));
		connect_next(client);
		return;
	}
	start_sending(client);
}

static void take_event(struct tcp_client *client, enum event event)
{
	switch (event) {
	case EVENT_TIMER:
		take_timer(client);
		break;
	case EVENT_LOOKUP:
		take_lookup(client);
		break;
	case EVENT_SOCKET:
		take_socket(client);
		break;
	}
}

/* One event at a time: what comes of one may make the next one void. */
void tcp_client_progress(struct tcp_client *client)
{
	struct epoll_event event;

	while (client->state != STATE_FINISHED && epoll_wait(client->epoll_fd, &event, 1, 0) > 0)
		take_event(client, (enum event)event.data.u32);
	if (client->state == STATE_CONNECTED)
		take_input(client);
	if (client->state != STATE_CONNECTED)
		return;
	note_acks(client);
	push(client);
}

static void set_name(struct tcp_client *client)
{
	const struct tcp_address *address = &client->address;
	bool colons = strchr(address->host, ':') != NULL;

	snprintf(client->name, sizeof(client->name), "tcp://%s%s%s:%s", colons ? "[" : "",
		 address->host, colons ? "]" : "", address->port);
}

const char *tcp_client_name(const struct tcp_client *client)
{
	return client->name;
}

int tcp_client_open(const struct tcp_address *address, const struct tcp_client_options *options,
		    struct tcp_client **ret, struct errmsg *msg)
{
	struct tcp_client *client = calloc(1, sizeof(*client));

	if (!client)
		return errmsg_set(msg, -ENOMEM, "out of memory");
	client->address = *address;
	set_name(client);
	client->options = *options;
	client->socket = -1;
	client->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	client->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (client->epoll_fd < 0 || client->timer_fd < 0) {
		int err = -errno;

		tcp_client_close(client);
		return errmsg_set(msg, err, "can't wait for the connection to %s:%s: %s",
				  address->host, address->port, strerror(-err));
	}
	tcp_queue_init(&client->queue, options->capacity);
	tcp_backoff_init(&client->backoff, options->first_delay_ns, options->longest_delay_ns,
			 options->seed);
	watch(client, client->timer_fd, EVENT_TIMER, EPOLLIN);
	look_up(client);
	tcp_client_progress(client);
	*ret = client;
	return 0;
}

void tcp_client_put(struct tcp_client *client, const char *bytes, size_t size)
{
	tcp_client_progress(client); /* what is known of the connection by now, and room */
	tcp_queue_put(&client->queue, bytes, size);
	push(client);
}

int tcp_client_fd(const struct tcp_client *client)
{
	return client->epoll_fd;
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / NS_PER_MS;
}

bool tcp_client_drain(struct tcp_client *client, size_t left, unsigned int stall_ms)
{
	uint64_t now = now_ms(), until = now + stall_ms;
	size_t least = SIZE_MAX;

	for (;; now = now_ms()) {
		struct pollfd ready = {.fd = client->epoll_fd, .events = POLLIN};
		size_t waiting;

		tcp_client_progress(client);
		waiting = tcp_queue_waiting(&client->queue);
		if (waiting <= left)
			return true;
		if (waiting < least)
			until = now + stall_ms;
		least = waiting < least ? waiting : least;
		if (now >= until)
			return false;
		poll(&ready, 1,
		     client->state == STATE_CONNECTED ? ACK_LOOK_MS : (int)(until - now));
	}
}

void tcp_client_finish(struct tcp_client *client)
{
	if (client->state == STATE_FINISHED)
		return;
	note_acks(client);
	drop_try(client);
	client->state = STATE_FINISHED;
	tcp_queue_done(&client->queue);
}

struct tcp_client_counts tcp_client_counts(const struct tcp_client *client)
{
	return (struct tcp_client_counts){
		.documents = client->queue.documents,
		.dropped = client->queue.dropped,
		.connections = client->connections,
		.waiting = tcp_queue_waiting(&client->queue),
	};
}

/* Puts the sentence behind the address. */
__attribute__((format(printf, 2, 3))) static const char *tell(struct tcp_client *client,
							      const char *format, ...)
{
	int used = snprintf(client->told, sizeof(client->told), "%s: ", client->name);
	va_list args;

	va_start(args, format);
	vsnprintf(client->told + used, sizeof(client->told) - (size_t)used, format, args);
	va_end(args);
	return client->told;
}

const char *tcp_client_complaint(struct tcp_client *client)
{
	const struct tcp_queue *queue = &client->queue;
	double mib = (double)client->options.capacity / 1048576;

	if (client->why[0] && !client->told_failure) {
		client->told_failure = true;
		return tell(client, "%s; up to %.3g MiB of reports are kept for it", client->why,
			    mib);
	}
	if (queue->dropped && client->state != STATE_FINISHED && !client->told_drop) {
		client->told_drop = true;
		return tell(client, "%.3g MiB of reports wait for it: the oldest are dropped", mib);
	}
	if (queue->dropped && client->state == STATE_FINISHED && !client->told_end) {
		client->told_end = true;
		return tell(client, "%llu of %llu reports were dropped",
			    (unsigned long long)queue->dropped,
			    (unsigned long long)queue->documents);
	}
	return NULL;
}

void tcp_client_close(struct tcp_client *client)
{
	if (!client)
		return;
	drop_try(client);
	tcp_queue_done(&client->queue);
	if (client->epoll_fd >= 0)
		close(client->epoll_fd);
	if (client->timer_fd >= 0)
		close(client->timer_fd);
	free(client);
}
