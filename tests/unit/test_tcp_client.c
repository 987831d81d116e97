// SPDX-License-Identifier: BSD-2-Clause
/* The client against a receiver of this process that does what receivers do to it. */
#include "output/tcp_client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* After what it needs. */
#include <cmocka.h>

#define WAIT_MS 10000 /* for what comes at once if it comes at all */

/* A line is "NUMBER PADDING\n"; the receiver notes which came, and expects them in order. */
#define LINES_MAX 100000

struct receiver {
	int listening, connection;
	char part[512];
	size_t in_part;
	unsigned char got[LINES_MAX];
	long last; /* of this connection */
};

struct scene {
	struct receiver receiver;
	struct tcp_address address;
	struct tcp_client_options options;
	struct tcp_client *client;
	long next_line;
};

static int set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(address);
	int on = 1;

	assert_non_null(scene);
	scene->receiver.listening = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	scene->receiver.connection = -1;
	setsockopt(scene->receiver.listening, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	assert_int_equal(bind(scene->receiver.listening, (struct sockaddr *)&address, size), 0);
	getsockname(scene->receiver.listening, (struct sockaddr *)&address, &size);
	strcpy(scene->address.host, "127.0.0.1");
	snprintf(scene->address.port, sizeof(scene->address.port), "%u", ntohs(address.sin_port));
	scene->options = (struct tcp_client_options){
		.capacity = 1 << 20,
		.first_delay_ns = 1000000,
		.longest_delay_ns = 50000000,
		.connect_ns = 5000000000,
		.seed = 1,
	};
	*state = scene;
	return 0;
}

static int tear_down(void **state)
{
	struct scene *scene = *state;

	tcp_client_close(scene->client);
	if (scene->receiver.connection >= 0)
		close(scene->receiver.connection);
	close(scene->receiver.listening);
	free(scene);
	return 0;
}

static void receiver_comes(struct scene *scene)
{
	assert_int_equal(listen(scene->receiver.listening, 1), 0);
}

static void client_comes(struct scene *scene)
{
	struct errmsg msg;

	if (tcp_client_open(&scene->address, &scene->options, &scene->client, &msg) != 0)
		fail_msg("%s", msg.text);
}

static void put_lines(struct scene *scene, int n, int padding)
{
	size_t size = (size_t)n * (size_t)(padding + 16), used = 0;
	char *lines = malloc(size);

	assert_non_null(lines);
	for (int i = 0; i < n; i++)
		used += (size_t)snprintf(lines + used, size - used, "%ld %*s\n", scene->next_line++,
					 padding, "x");
	assert_true(scene->next_line <= LINES_MAX);
	tcp_client_put(scene->client, lines, used);
	free(lines);
}

static void take_line(struct receiver *receiver)
{
	char *end;
	long number = strtol(receiver->part, &end, 10);

	assert_true(end > receiver->part && *end == ' ');
	assert_int_equal(receiver->part[receiver->in_part - 1], 'x'); /* whole */
	assert_true(number > receiver->last && number < LINES_MAX);
	receiver->last = number;
	receiver->got[number]++;
}

static void take_bytes(struct receiver *receiver, const char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (bytes[i] == '\n') {
			receiver->part[receiver->in_part] = '\0';
			take_line(receiver);
			receiver->in_part = 0;
			continue;
		}
		assert_true(receiver->in_part < sizeof(receiver->part) - 1);
		receiver->part[receiver->in_part++] = bytes[i];
	}
}

/* Lets both go on until something has come for the receiver or the client; false: nothing comes. */
static bool wait_for_news(struct scene *scene, short events)
{
	struct pollfd slots[] = {
		{.fd = tcp_client_fd(scene->client), .events = POLLIN},
		{.fd = scene->receiver.connection >= 0 ? scene->receiver.connection
						       : scene->receiver.listening,
		 .events = events},
	};

	if (poll(slots, 2, WAIT_MS) <= 0)
		return false;
	tcp_client_progress(scene->client);
	return true;
}

static void accept_client(struct scene *scene)
{
	struct receiver *receiver = &scene->receiver;

	receiver->last = -1;
	receiver->in_part = 0;
	do {
		receiver->connection = accept4(receiver->listening, NULL, NULL, SOCK_NONBLOCK);
	} while (receiver->connection < 0 && wait_for_news(scene, POLLIN));
	assert_true(receiver->connection >= 0);
}

/* Reads until the line has come. */
static void read_to(struct scene *scene, long line)
{
	struct receiver *receiver = &scene->receiver;
	char bytes[4096];

	while (receiver->last < line) {
		ssize_t n = read(receiver->connection, bytes, sizeof(bytes));

		if (n > 0)
			take_bytes(receiver, bytes, (size_t)n);
		else if (n == 0 || !wait_for_news(scene, POLLIN))
			fail_msg("after line %ld nothing comes", receiver->last);
	}
}

static void hang_up(struct scene *scene)
{
	close(scene->receiver.connection);
	scene->receiver.connection = -1;
}

/* How many lines came, and how many of them twice. */
static long count_got(const struct scene *scene, long *ret_twice)
{
	long n = 0, twice = 0;

	for (long i = 0; i < scene->next_line; i++) {
		n += scene->receiver.got[i] > 0;
		twice += scene->receiver.got[i] > 1;
	}
	*ret_twice = twice;
	return n;
}

static void assert_all_once(const struct scene *scene)
{
	long twice;

	assert_int_equal(count_got(scene, &twice), scene->next_line);
	assert_int_equal(twice, 0);
}

static void test_lines_arrive(void **state)
{
	struct scene *scene = *state;

	receiver_comes(scene);
	client_comes(scene);
	accept_client(scene);
	put_lines(scene, 3, 5);
	put_lines(scene, 200, 50);
	read_to(scene, 202);
	assert_all_once(scene);
	assert_true(tcp_client_drain(scene->client, 0, WAIT_MS));
	tcp_client_finish(scene->client);
	assert_int_equal(tcp_client_counts(scene->client).documents, 203);
	assert_int_equal(tcp_client_counts(scene->client).dropped, 0);
	assert_null(tcp_client_complaint(scene->client));
}

static void test_receiver_that_comes_later(void **state)
{
	struct scene *scene = *state;
	char expected[128];

	client_comes(scene);
	put_lines(scene, 3, 5);
	while (tcp_client_counts(scene->client).waiting == 0)
		tcp_client_progress(scene->client);
	snprintf(expected, sizeof(expected),
		 "tcp://127.0.0.1:%s: Connection refused; up to 1 MiB of reports are kept for it",
		 scene->address.port);
	assert_string_equal(tcp_client_complaint(scene->client), expected);
	receiver_comes(scene);
	accept_client(scene);
	put_lines(scene, 3, 5);
	read_to(scene, 5);
	assert_all_once(scene);
	assert_null(tcp_client_complaint(scene->client));
	assert_int_equal(tcp_client_counts(scene->client).connections, 1);
}

static void test_receiver_that_stops_reading(void **state)
{
	struct scene *scene = *state;
	struct tcp_client_counts counts;
	struct timespec begin, end;
	char expected[128];
	long got, twice;

	receiver_comes(scene);
	client_comes(scene);
	accept_client(scene);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (int i = 0; i < 300; i++)
		put_lines(scene, 200, 400);
	clock_gettime(CLOCK_MONOTONIC, &end);
	counts = tcp_client_counts(scene->client);
	assert_true(counts.dropped > 0 && counts.waiting <= scene->options.capacity);
	assert_true(end.tv_sec - begin.tv_sec < 5); /* it did not wait: nothing was read */
	snprintf(expected, sizeof(expected),
		 "tcp://127.0.0.1:%s: 1 MiB of reports wait for it: the oldest are dropped",
		 scene->address.port);
	assert_string_equal(tcp_client_complaint(scene->client), expected);
	assert_null(tcp_client_complaint(scene->client));
	read_to(scene, scene->next_line - 1);
	got = count_got(scene, &twice);
	assert_int_equal(twice, 0);
	assert_int_equal(got + (long)counts.dropped, scene->next_line);
	assert_int_equal(tcp_client_counts(scene->client).connections, 1);
}

static void test_receiver_that_has_read_all_and_goes(void **state)
{
	struct scene *scene = *state;

	receiver_comes(scene);
	client_comes(scene);
	for (int i = 0; i < 10; i++) {
		accept_client(scene);
		put_lines(scene, 20, 100);
		read_to(scene, scene->next_line - 1);
		hang_up(scene);
		put_lines(scene, 20, 100); /* nobody has this one yet */
	}
	accept_client(scene);
	read_to(scene, scene->next_line - 1);
	assert_all_once(scene);
	assert_int_equal(tcp_client_counts(scene->client).connections, 11);
	assert_int_equal(tcp_client_counts(scene->client).dropped, 0);
}

/* What it had not read is lost with it, as far as the client knows: that tick comes again, whole lines. */
static void test_receiver_that_closes_in_mid_line(void **state)
{
	struct scene *scene = *state;
	char bytes[150];
	long twice;

	receiver_comes(scene);
	client_comes(scene);
	for (int i = 0; i < 10; i++) {
		struct receiver *receiver = &scene->receiver;
		ssize_t n;

		accept_client(scene);
		put_lines(scene, 20, 100);
		assert_true(tcp_client_drain(scene->client, 0, WAIT_MS)); /* its kernel has all */
		n = read(receiver->connection, bytes, sizeof(bytes));
		assert_int_equal(n, sizeof(bytes));
		take_bytes(receiver, bytes, (size_t)n);
		assert_true(receiver->in_part > 0);
		hang_up(scene);
	}
	accept_client(scene);
	read_to(scene, scene->next_line - 1);
	assert_int_equal(count_got(scene, &twice), scene->next_line);
	assert_true(twice > 0);
	assert_int_equal(tcp_client_counts(scene->client).dropped, 0);
}

static void test_end_of_the_run_without_receiver(void **state)
{
	struct scene *scene = *state;
	char expected[128];

	client_comes(scene);
	put_lines(scene, 7, 5);
	assert_false(tcp_client_drain(scene->client, 0, 20));
	tcp_client_finish(scene->client);
	assert_int_equal(tcp_client_counts(scene->client).dropped, 7);
	assert_non_null(tcp_client_complaint(scene->client)); /* that it was not there */
	snprintf(expected, sizeof(expected), "tcp://127.0.0.1:%s: 7 of 7 reports were dropped",
		 scene->address.port);
	assert_string_equal(tcp_client_complaint(scene->client), expected);
	assert_null(tcp_client_complaint(scene->client));
}

static void test_receiver_that_talks_is_not_listened_to(void **state)
{
	struct scene *scene = *state;
	char words[4096] = {0};

	receiver_comes(scene);
	client_comes(scene);
	accept_client(scene);
	for (int i = 0; i < 100; i++) {
		put_lines(scene, 1, 5);
		while (write(scene->receiver.connection, words, sizeof(words)) > 0)
			;
		tcp_client_progress(scene->client);
	}
	assert_true(tcp_client_drain(scene->client, 0, WAIT_MS));
	tcp_client_finish(scene->client);
	read_to(scene, 99);
	assert_all_once(scene);
}

static void test_host_by_name(void **state)
{
	struct scene *scene = *state;

	strcpy(scene->address.host, "localhost");
	receiver_comes(scene);
	client_comes(scene);
	put_lines(scene, 3, 5);
	accept_client(scene);
	read_to(scene, 2);
	assert_all_once(scene);
}

static void test_host_that_has_no_address(void **state)
{
	struct scene *scene = *state;
	const char *said;

	/* No name server is asked for a label of more than 63 letters (RFC 1035, 2.3.4). */
	memset(scene->address.host, 'a', 70);
	scene->address.host[70] = '\0';
	client_comes(scene);
	while (!(said = tcp_client_complaint(scene->client)))
		assert_true(wait_for_news(scene, 0));
	assert_non_null(strstr(said, "not known"));
}

static void assert_address(const char *text, const char *host, const char *port)
{
	struct tcp_address address = {.host = ""};
	struct errmsg msg = {.text = ""};

	assert_int_equal(tcp_address_parse(text, &address, &msg), host ? 0 : -EINVAL);
	assert_string_equal(address.host, host ? host : "");
	assert_string_equal(host ? address.port : msg.text, port);
}

static void test_addresses(void **state)
{
	(void)state;
	assert_address("localhost:9080", "localhost", "9080");
	assert_address("[::1]:1", "::1", "1");
	assert_address("10.0.0.1:65535", "10.0.0.1", "65535");
	assert_address("localhost", NULL, "'localhost' is no HOST:PORT");
	assert_address(":80", NULL, "':80' is no HOST:PORT");
	assert_address("[]:80", NULL, "'[]:80' is no HOST:PORT");
	assert_address("h:0", NULL, "'h:0' has no port from 1 to 65535 at its end");
	assert_address("h:65536", NULL, "'h:65536' has no port from 1 to 65535 at its end");
	assert_address("h:", NULL, "'h:' has no port from 1 to 65535 at its end");
	assert_address("::1:80", NULL, "'::1:80': put the host in brackets: [HOST]:PORT");
}

#define test_in_scene(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test_in_scene(test_lines_arrive),
		test_in_scene(test_receiver_that_comes_later),
		test_in_scene(test_receiver_that_stops_reading),
		test_in_scene(test_receiver_that_has_read_all_and_goes),
		test_in_scene(test_receiver_that_closes_in_mid_line),
		test_in_scene(test_end_of_the_run_without_receiver),
		test_in_scene(test_receiver_that_talks_is_not_listened_to),
		test_in_scene(test_host_by_name),
		test_in_scene(test_host_that_has_no_address),
		cmocka_unit_test(test_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
