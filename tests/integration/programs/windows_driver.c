// SPDX-License-Identifier: BSD-2-Clause
/*
 * windows_driver [-C] [-r BYTES] -o FILE PID (-f BINARY:FUNCTION | -m PROVIDER:BEGIN:END)...: prints
 * "ready", writes a line for each window and, once its input ends, one for each function: what has come
 * of all. With -r it reads nothing before the end.
 */
#include "ledger/ledger.h"
#include "ledger/windows.h"
#include "topology/online.h"
#include "windows/locate.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_CPUS 4096

static int ignore_entry(void *userdata, const struct ledger_entry *entry)
{
	(void)userdata;
	(void)entry;
	return 0;
}

static int ignore_span(void *userdata, const struct ledger_span *span)
{
	(void)userdata;
	(void)span;
	return 0;
}

static int print_window(void *userdata, const struct window *window)
{
	fprintf(userdata,
		"window function=%u pid=%u tid=%u depth=%u begin=%" PRIu64 " end=%" PRIu64
		" cpu=%" PRIu64 " own=%" PRIu64 " root=%" PRIu64 " rss=%" PRIu64
		" unresolved=%d domain=%d\n",
		window->function, window->pid, window->tid, window->depth, window->begin_ns,
		window->end_ns, window->cpu_ns, window->own_ns, window->root_ns, window->rss_bytes,
		window->unresolved, window->domain_end);
	return 0;
}

static int open_ledger(struct ledger **ret, struct errmsg *msg)
{
	static bool online[MAX_CPUS];
	static int domains[MAX_CPUS];
	struct ledger_options options = {
		.rows = 4096, .online = online, .domains = domains, .v2 = true};
	int err;

	err = topology_possible("/sys", &options.n_cpus);
	if (!err)
		err = topology_online("/sys", online, options.n_cpus);
	return err ? err : ledger_open(&options, ret, msg);
}

static void tick(struct ledger *ledger, struct ledger_windows *windows)
{
	const struct ledger_visitor visitor = {.entry = ignore_entry, .span = ignore_span};
	uint64_t losses[LOSS_N] = {0};

	if (ledger_mark(ledger) == 0)
		ledger_collect(ledger, &visitor, losses);
	if (windows)
		ledger_windows_drain(windows);
}

/* Until the end of the input. */
static void follow(struct ledger *ledger, struct ledger_windows *windows, bool read_late)
{
	struct pollfd fds[] = {{.fd = STDIN_FILENO, .events = POLLIN},
			       {.fd = ledger_windows_fd(windows), .events = POLLIN}};
	char byte;

	for (;;) {
		int n = poll(fds, read_late ? 1 : 2, 100);

		if (n > 0 && fds[0].revents && read(STDIN_FILENO, &byte, 1) <= 0)
			break;
		if (n > 0 && !read_late && fds[1].revents)
			ledger_windows_drain(windows);
		if (n == 0 && !read_late)
			tick(ledger, windows);
	}
	ledger_windows_detach(windows);
	tick(ledger, windows);
}

static void print_totals(FILE *out, const struct ledger_windows *windows, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		struct window_totals totals;

		ledger_windows_counts(windows, i, &totals);
		fprintf(out,
			"totals function=%u begun=%" PRIu64 " ended=%" PRIu64 " dropped=%" PRIu64
			" abandoned=%" PRIu64 " too_deep=%" PRIu64 " unmatched=%" PRIu64
			" unresolved=%" PRIu64 " unseen=%" PRIu64 "\n",
			i, totals.begun, totals.ended, totals.dropped, totals.abandoned,
			totals.too_deep, totals.unmatched, totals.unresolved, totals.unseen);
	}
}

/* The requests in order; their number, or a negative errno. */
static int locate(int argc, char **argv, uint32_t pid, struct window_probes *probes,
		  struct errmsg *msg)
{
	const struct window_target target = {
		.pid = pid, .procfs = "/proc", .cache = "/etc/ld.so.cache"};
	int n = 0, err = 0;

	for (int i = 0; i + 1 < argc && !err; i += 2) {
		struct window_request request = {0};

		err = strcmp(argv[i], "-m") == 0
			      ? window_request_markers(argv[i + 1], &request, msg)
			      : window_request_function(argv[i + 1], &request, msg);
		if (!err)
			err = windows_locate(&request, (uint32_t)n++, &target, probes, msg);
		window_request_done(&request);
	}
	return err ? err : n;
}

int main(int argc, char **argv)
{
	struct ledger_windows_options options = {.finished = print_window};
	struct ledger_windows *windows = NULL;
	struct window_probes probes = {0};
	struct ledger *ledger = NULL;
	struct errmsg msg = {""};
	uint32_t pid;
	int n, c;

	while ((c = getopt(argc, argv, "+Co:r:")) != -1) {
		options.descendants |= c == 'C';
		if (c == 'o')
			options.userdata = fopen(optarg, "w");
		if (c == 'r')
			options.ring_bytes = (uint32_t)atoi(optarg);
	}
	if (optind >= argc || !options.userdata)
		return 2;
	pid = (uint32_t)atoi(argv[optind]);
	n = locate(argc - optind - 1, argv + optind + 1, pid, &probes, &msg);
	options.probes = probes.at;
	options.n_probes = probes.n;
	options.pids = &pid;
	options.n_pids = 1;
	if (n < 0 || open_ledger(&ledger, &msg) != 0 ||
	    ledger_windows_open(ledger, &options, &windows, &msg) != 0) {
		printf("error %s\n", msg.text);
		ledger_close(ledger);
		window_probes_done(&probes);
		return 1;
	}
	tick(ledger, windows);
	puts("ready");
	fflush(stdout);
	follow(ledger, windows, options.ring_bytes != 0);
	print_totals(options.userdata, windows, (uint32_t)n);
	fclose(options.userdata);
	ledger_windows_close(windows);
	ledger_close(ledger);
	window_probes_done(&probes);
	return 0;
}
