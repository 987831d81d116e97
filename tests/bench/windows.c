// SPDX-License-Identifier: BSD-2-Clause
/* What a call costs that is a window: an empty function, called with and without the probes. */
#include "bench.h"

#include "ledger/windows.h"
#include "windows/binary.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CALLS 20000
#define MAX_ROUNDS 99

static const char *const own_file = "/proc/self/exe";

void bench_empty_call(void);

__attribute__((noinline)) void bench_empty_call(void)
{
	__asm__ volatile("");
}

struct drained {
	uint64_t n, cpu_ns;
};

static int note(void *userdata, const struct window *window)
{
	struct drained *drained = userdata;

	drained->n++;
	drained->cpu_ns += window->cpu_ns;
	return 0;
}

static double ns_a_call(void)
{
	uint64_t start = bench_cpu_ns();

	for (int i = 0; i < CALLS; i++)
		bench_empty_call();
	return (double)(bench_cpu_ns() - start) / CALLS;
}

static int attach(struct ledger *ledger, struct drained *drained, struct ledger_windows **ret)
{
	const uint32_t pid = (uint32_t)getpid();
	struct window_probe probe = {.kind = WINDOW_CALL, .path = own_file};
	const struct ledger_windows_options options = {.probes = &probe,
						       .n_probes = 1,
						       .pids = &pid,
						       .n_pids = 1,
						       .finished = note,
						       .userdata = drained};
	struct binary_offsets offsets = {0};
	struct errmsg msg = {""};
	struct binary *binary;
	int err;

	err = binary_open(own_file, &binary, &msg);
	if (!err) {
		err = binary_function(binary, "bench_empty_call", &offsets, &msg);
		probe.offset = err ? 0 : offsets.at[0].offset;
		binary_close(binary);
		binary_offsets_done(&offsets);
	}
	if (!err)
		err = ledger_windows_open(ledger, &options, ret, &msg);
	if (err)
		fprintf(stderr, "bench: %s\n", msg.text);
	return err;
}

/* Nanoseconds that the two programs of a call have taken so far, wherever they are loaded. */
static uint64_t programs_ns(void)
{
	uint64_t ns = 0;
	__u32 id = 0;

	while (bpf_prog_get_next_id(id, &id) == 0) {
		struct bpf_prog_info info = {0};
		__u32 size = sizeof(info);
		int fd = bpf_prog_get_fd_by_id(id);

		if (fd < 0)
			continue;
		if (bpf_obj_get_info_by_fd(fd, &info, &size) == 0 &&
		    (strcmp(info.name, "window_call") == 0 ||
		     strcmp(info.name, "window_return") == 0))
			ns += info.run_time_ns;
		close(fd);
	}
	return ns;
}

/* By the kernel's own count, which adds two clock calls to each. */
static double programs_ns_a_call(void)
{
	int stats = bpf_enable_stats(BPF_STATS_RUN_TIME);
	uint64_t before = programs_ns();

	if (stats < 0)
		return 0;
	ns_a_call();
	close(stats);
	return (double)(programs_ns() - before) / CALLS;
}

/* One round of both; the windows are read apart from the calls. */
static int take_turn(struct ledger *ledger, struct drained *drained, double *bare, double *traced,
		     double *programs)
{
	struct ledger_windows *windows;
	int err;

	*bare = ns_a_call();
	err = attach(ledger, drained, &windows);
	if (err)
		return err;
	*traced = ns_a_call();
	ledger_windows_drain(windows);
	*programs = programs_ns_a_call();
	ledger_windows_drain(windows);
	ledger_windows_close(windows);
	return 0;
}

int bench_windows(struct bench_options *options)
{
	unsigned int n = options->rounds < MAX_ROUNDS ? options->rounds : MAX_ROUNDS;
	double bare[MAX_ROUNDS], traced[MAX_ROUNDS], programs[MAX_ROUNDS], without, with;
	const struct ledger_options how = {.rows = LEDGER_DEFAULT_ROWS};
	struct drained drained = {0};
	struct ledger *ledger;
	int err;

	err = bench_open_ledger(options, &how, &ledger);
	if (err)
		return err;
	for (unsigned int i = 0; i < n && !err; i++)
		err = take_turn(ledger, &drained, &bare[i], &traced[i], &programs[i]);
	ledger_close(ledger);
	if (err)
		return err;
	without = bench_median(bare, n);
	with = bench_median(traced, n);
	printf("Cost per call that is a window, medians (and least) of %u rounds of %u calls, ns\n",
	       n, CALLS);
	printf("  %-32s %8.1f (%.1f)\n", "an empty function", without, bare[0]);
	printf("  %-32s %8.1f (%.1f)   %.0f x; %.0f a call is what is added\n", "with its probes",
	       with, traced[0], with / without, with - without);
	printf("  %-32s %8.1f   by bpf_stats; the rest is the kernel's, at the two traps\n",
	       "its two programs", bench_median(programs, n));
	printf("  %-32s %8.1f   of %llu windows told of: the part that its own window shows\n",
	       "CPU time of its windows",
	       drained.n ? (double)drained.cpu_ns / (double)drained.n : 0,
	       (unsigned long long)drained.n);
	return 0;
}
