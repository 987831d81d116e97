// SPDX-License-Identifier: BSD-2-Clause
#include "output/tcp_lookup.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Shared by its owner and its thread; the last of the two frees it. */
struct tcp_lookup {
	atomic_int holders;
	atomic_bool over; /* set once the two below are */
	struct addrinfo *found;
	int error; /* of getaddrinfo */
	int fd;	   /* an eventfd */
	char *host, *port;
};

void tcp_lookup_free(struct tcp_lookup *lookup)
{
	if (!lookup || atomic_fetch_sub(&lookup->holders, 1) > 1)
		return;
	if (lookup->found)
		freeaddrinfo(lookup->found);
	if (lookup->fd >= 0)
		close(lookup->fd);
	free(lookup->host);
	free(lookup->port);
	free(lookup);
}

static void look_up(struct tcp_lookup *lookup, int flags)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = flags};

	lookup->error = getaddrinfo(lookup->host, lookup->port, &hints, &lookup->found);
	if (lookup->error)
		lookup->found = NULL; /* POSIX leaves it open what it is then */
}

static void tell(struct tcp_lookup *lookup)
{
	atomic_store(&lookup->over, true);
	eventfd_write(lookup->fd, 1);
}

static void *run_thread(void *of)
{
	struct tcp_lookup *lookup = of;

	look_up(lookup, AI_NUMERICSERV);
	tell(lookup);
	tcp_lookup_free(lookup);
	return NULL;
}

/* Signals are for the thread that waits for them. */
static int start_thread(struct tcp_lookup *lookup)
{
	pthread_attr_t attributes;
	pthread_t thread;
	sigset_t all, old;
	int err;

	err = pthread_attr_init(&attributes);
	if (err)
		return -err;
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	atomic_fetch_add(&lookup->holders, 1);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	err = pthread_create(&thread, &attributes, run_thread, lookup);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attributes);
	if (err)
		atomic_fetch_sub(&lookup->holders, 1);
	return -err;
}

int tcp_lookup_start(const char *host, const char *port, struct tcp_lookup **ret)
{
	struct tcp_lookup *lookup = calloc(1, sizeof(*lookup));
	int err = 0;

	if (!lookup)
		return -ENOMEM;
	atomic_init(&lookup->holders, 1);
	lookup->host = strdup(host);
	lookup->port = strdup(port);
	lookup->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (!lookup->host || !lookup->port || lookup->fd < 0) {
		err = lookup->fd < 0 ? -errno : -ENOMEM;
		tcp_lookup_free(lookup);
		return err;
	}
	look_up(lookup, AI_NUMERICHOST | AI_NUMERICSERV);
	if (lookup->error == EAI_NONAME)
		err = start_thread(lookup); /* a name, no address in digits */
	else
		tell(lookup);
	if (err) {
		tcp_lookup_free(lookup);
		return err;
	}
	*ret = lookup;
	return 0;
}

int tcp_lookup_fd(const struct tcp_lookup *lookup)
{
	return lookup->fd;
}

int tcp_lookup_take(struct tcp_lookup *lookup, struct addrinfo **ret, const char **ret_why)
{
	if (!atomic_load(&lookup->over))
		return -EAGAIN;
	if (lookup->error) {
		*ret_why = gai_strerror(lookup->error);
		return -EHOSTUNREACH;
	}
	*ret = lookup->found;
	lookup->found = NULL;
	return 0;
}
