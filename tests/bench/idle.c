// SPDX-License-Identifier: BSD-2-Clause
/*
 * The program on a machine at rest, from outside: its memory, its time on a CPU (schedstat), and the
 * interrupts of every CPU over as long without it and with it. Other work on the machine shows in
 * the interrupts of both.
 */
#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SETTLE_S 4
#define GOAL_PERCENT 0.05
#define GOAL_KB (10 * 1024)

static const struct {
	const char *name, *label; /* as /proc/interrupts has it, and what it is */
} kinds[] = {
	{"RES:", "rescheduling"},
	{"CAL:", "function call"},
	{"LOC:", "local timer"},
};

#define N_KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* By kind, then by CPU: the columns of /proc/interrupts, one for each CPU that is online. */
struct interrupts {
	uint64_t *counts;
	uint64_t switches; /* of the whole machine */
};

static void read_switches(struct interrupts *interrupts)
{
	FILE *file = fopen("/proc/stat", "re");
	char line[65536];

	while (file && fgets(line, sizeof(line), file)) {
		if (strncmp(line, "ctxt ", 5) == 0)
			interrupts->switches = strtoull(line + 5, NULL, 10);
	}
	if (file)
		fclose(file);
}

static int read_interrupts(uint32_t n_cpus, struct interrupts *ret)
{
	FILE *file = fopen("/proc/interrupts", "re");
	char line[65536];

	ret->counts = calloc(N_KINDS * n_cpus, sizeof(*ret->counts));
	if (!file || !ret->counts) {
		if (file)
			fclose(file);
		return file ? -ENOMEM : -errno;
	}
	while (fgets(line, sizeof(line), file)) {
		char *at = line + strspn(line, " ");

		for (size_t kind = 0; kind < N_KINDS; kind++) {
			if (strncmp(at, kinds[kind].name, strlen(kinds[kind].name)) != 0)
				continue;
			at += strlen(kinds[kind].name);
			for (uint32_t cpu = 0; cpu < n_cpus; cpu++)
				ret->counts[kind * n_cpus + cpu] = strtoull(at, &at, 10);
			break;
		}
	}
	fclose(file);
	read_switches(ret);
	return 0;
}

/* What so many seconds add. */
static int count_interrupts(const struct bench_options *options, struct interrupts *ret)
{
	struct interrupts before = {};
	int err;

	err = read_interrupts(options->n_cpus, &before);
	if (!err) {
		sleep(options->seconds);
		err = read_interrupts(options->n_cpus, ret);
	}
	for (size_t i = 0; i < N_KINDS * options->n_cpus && !err; i++)
		ret->counts[i] -= before.counts[i];
	ret->switches -= before.switches;
	free(before.counts);
	return err;
}

/* Nanoseconds on a CPU, or 0. */
static uint64_t ran_ns(pid_t pid)
{
	unsigned long long ns = 0;
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/schedstat", (int)pid);
	file = fopen(path, "re");
	if (file && fscanf(file, "%llu", &ns) != 1)
		ns = 0;
	if (file)
		fclose(file);
	return ns;
}

static void print_memory(pid_t pid)
{
	char path[64], line[256];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	file = fopen(path, "re");
	printf("  resident, kB:");
	while (file && fgets(line, sizeof(line), file)) {
		if (strncmp(line, "VmRSS", 5) && strncmp(line, "Rss", 3) &&
		    strncmp(line, "VmHWM", 5))
			continue;
		printf("  %.*s %lu", (int)strcspn(line, ":"), line,
		       strtoul(line + strcspn(line, ":") + 1, NULL, 10));
	}
	printf("   goal at most %d\n", GOAL_KB);
	if (file)
		fclose(file);
}

static pid_t start_program(const char *binary)
{
	pid_t pid = fork();

	if (pid == 0) {
		execl(binary, binary, "-q", "-i", "1", "-o", "jsonl:/dev/null", (char *)NULL);
		_exit(127);
	}
	return pid;
}

static void print_interrupts(const struct bench_options *options, const struct interrupts *without,
			     const struct interrupts *with)
{
	printf("  interrupts in %u s, without and with:\n", options->seconds);
	for (size_t kind = 0; kind < N_KINDS; kind++) {
		printf("    %-14s", kinds[kind].label);
		for (uint32_t cpu = 0; cpu < options->n_cpus; cpu++) {
			size_t i = kind * options->n_cpus + cpu;

			printf("   CPU %u: %llu %llu", cpu, (unsigned long long)without->counts[i],
			       (unsigned long long)with->counts[i]);
		}
		putchar('\n');
	}
	printf("    %-14s   %llu %llu\n", "switches", (unsigned long long)without->switches,
	       (unsigned long long)with->switches);
}

static void print_cost(const struct bench_options *options, uint64_t ns,
		       const struct interrupts *with)
{
	double all_ns = (double)options->seconds * 1e9;

	printf("  its own time: %.1f us a tick, %.4f %% of one CPU   goal at most %.2f %%\n",
	       (double)ns / 1000 / options->seconds, (double)ns * 100 / all_ns, GOAL_PERCENT);
	if (options->ns_a_switch > 0)
		printf("  at the switches of all tasks: %.4f %% of one CPU (switches x %.1f ns)\n",
		       (double)with->switches * options->ns_a_switch * 100 / all_ns,
		       options->ns_a_switch);
}

int bench_idle(struct bench_options *options)
{
	struct interrupts without = {}, with = {};
	uint64_t before, after = 0;
	pid_t pid;
	int err;

	printf("At rest: 1 tick a second for %u s, JSONL of all to /dev/null\n", options->seconds);
	err = count_interrupts(options, &without);
	pid = err ? -1 : start_program(options->binary);
	if (pid > 0) {
		sleep(SETTLE_S);
		before = ran_ns(pid);
		err = count_interrupts(options, &with);
		after = ran_ns(pid);
		if (after == 0)
			err = -ESRCH;
		if (!err) {
			print_memory(pid);
			print_cost(options, after - before, &with);
			print_interrupts(options, &without, &with);
		}
		kill(pid, SIGTERM);
		waitpid(pid, NULL, 0);
	}
	if (err)
		fprintf(stderr, "bench: at rest: %s\n", strerror(-err));
	free(without.counts);
	free(with.counts);
	return err;
}
