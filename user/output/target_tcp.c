// SPDX-License-Identifier: BSD-2-Clause
#include "output/target_tcp.h"

#include "output/tcp_client.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/random.h>

#define FIRST_DELAY_NS 500000000ULL
#define LONGEST_DELAY_NS 30000000000ULL
#define CONNECT_NS 10000000000ULL
#define FINISH_STALL_MS 2000   /* at the end of a run */
#define PATIENT_STALL_MS 10000 /* of a replay */

struct connection {
	struct target target; /* first */
	struct tcp_client *client;
	size_t capacity;
	bool patient;
};

static struct tcp_client *client_of(const struct target *target)
{
	return ((const struct connection *)target)->client;
}

static int send_lines(struct target *target, const char *bytes, size_t size, struct errmsg *msg)
{
	const struct connection *connection = (const struct connection *)target;
	size_t capacity = connection->capacity, left = size < capacity ? capacity - size : 0;

	if (connection->patient && !tcp_client_drain(connection->client, left, PATIENT_STALL_MS))
		return errmsg_set(msg, -ETIMEDOUT,
				  "%s: nobody has taken any of the reports for %d seconds",
				  tcp_client_name(connection->client), PATIENT_STALL_MS / 1000);
	tcp_client_put(connection->client, bytes, size);
	return 0;
}

static int wake_fd(const struct target *target)
{
	return tcp_client_fd(client_of(target));
}

static void wake(struct target *target)
{
	tcp_client_progress(client_of(target));
}

static void finish(struct target *target)
{
	tcp_client_drain(client_of(target), 0, FINISH_STALL_MS);
	tcp_client_finish(client_of(target));
}

static const char *complaint(struct target *target)
{
	return tcp_client_complaint(client_of(target));
}

static int close_connection(struct target *target)
{
	tcp_client_close(client_of(target));
	free(target);
	return 0;
}

static const struct target_ops connection_ops = {
	.send = send_lines,
	.wake_fd = wake_fd,
	.wake = wake,
	.finish = finish,
	.complaint = complaint,
	.close = close_connection,
};

int target_tcp_open(const struct tcp_address *address, size_t capacity, bool patient,
		    struct target **ret, struct errmsg *msg)
{
	struct tcp_client_options options = {
		.capacity = capacity,
		.first_delay_ns = FIRST_DELAY_NS,
		.longest_delay_ns = LONGEST_DELAY_NS,
		.connect_ns = CONNECT_NS,
	};
	struct connection *connection = calloc(1, sizeof(*connection));
	int err;

	if (!connection)
		return errmsg_set(msg, -ENOMEM, "out of memory");
	/* With no chance to be had the delays are those of everyone without it: no harm. */
	if (getrandom(&options.seed, sizeof(options.seed), GRND_NONBLOCK) < 0)
		options.seed = 0;
	err = tcp_client_open(address, &options, &connection->client, msg);
	if (err) {
		free(connection);
		return err;
	}
	connection->target = (struct target){.ops = &connection_ops, .fd = -1};
	connection->capacity = capacity;
	connection->patient = patient;
	*ret = &connection->target;
	return 0;
}
