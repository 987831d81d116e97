// SPDX-License-Identifier: BSD-2-Clause
/*
 * calls MODE [N]: makes calls for the command line's own windows, and says what they were:
 *
 *   nested N     in two threads: one long and N short calls of outer, each of which calls inner twice
 *   lengths N    calls of timed, 3 ms and 8 ms by turns
 *   periodic N   calls of timed every 20 ms, all but the first 5 ms late
 *   paced N      for N seconds 16,667 calls of quick a second: a million a minute
 *   held         a call of hold, which lasts from the first line of the standard input to the second
 *
 * At the end "call FUNCTION TID BEGIN END CPU RSS" for each (times as in the call itself, RSS behind it), or
 * "KEY VALUE".
 */
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define MS 1000000U
#define S 1000000000U
#define THREADS 2
#define MAX_CALLS 1000
/* So much that what else is resident, or lags, does not matter. */
#define RESIDENT_BYTES (64U << 20)

#define PERIOD_NS (20U * MS)
#define LATE_NS (5U * MS)
#define STEP_NS MS
#define CALLS_A_MINUTE 1000000U

struct call {
	const char *function;
	uint64_t begin_ns, end_ns, cpu_ns;
	size_t rss;
};

/* What one thread has called. */
struct calls {
	pid_t tid;
	unsigned int short_ones;
	size_t n;
	struct call at[MAX_CALLS];
};

static volatile uint64_t sink;

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * S + (uint64_t)now.tv_nsec;
}

static void sleep_until(uint64_t ns)
{
	struct timespec at = {.tv_sec = (time_t)(ns / S), .tv_nsec = (long)(ns % S)};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR)
		;
}

static void burn(clockid_t clock, uint64_t ns)
{
	uint64_t end = clock_ns(clock) + ns;

	while (clock_ns(clock) < end)
		sink++;
}

static void begin(struct call *call, const char *function)
{
	call->function = function;
	call->begin_ns = clock_ns(CLOCK_MONOTONIC);
	call->cpu_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

static void end(struct call *call)
{
	call->cpu_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID) - call->cpu_ns;
	call->end_ns = clock_ns(CLOCK_MONOTONIC);
}

/* VmRSS: the kernel adds the CPUs' parts for those who ask. */
static size_t resident_bytes(void)
{
	FILE *file = fopen("/proc/self/status", "r");
	unsigned long kib = 0;
	char line[128];

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "VmRSS: %lu", &kib) == 1)
			break;
	}
	if (file)
		fclose(file);
	return (size_t)kib << 10;
}

static void keep(struct calls *calls, const struct call *call)
{
	if (calls->n == MAX_CALLS)
		abort();
	calls->at[calls->n] = *call;
	calls->at[calls->n++].rss = resident_bytes();
}

__attribute__((noinline)) void inner(struct call *call, uint64_t ns)
{
	begin(call, "inner");
	burn(CLOCK_THREAD_CPUTIME_ID, ns);
	end(call);
}

/* A quarter of the time each in the two calls within, half in itself. */
__attribute__((noinline)) void outer(struct call *call, struct call within[2], uint64_t ns)
{
	begin(call, "outer");
	inner(&within[0], ns / 4);
	burn(CLOCK_THREAD_CPUTIME_ID, ns / 2);
	inner(&within[1], ns / 4);
	end(call);
}

__attribute__((noinline)) void timed(struct call *call, uint64_t ns)
{
	begin(call, "timed");
	burn(CLOCK_MONOTONIC, ns);
	end(call);
}

__attribute__((noinline)) void quick(void)
{
	__asm__ volatile("");
}

static void hear(void)
{
	char line[16];

	if (!fgets(line, sizeof(line), stdin))
		exit(1);
}

__attribute__((noinline)) void hold(void)
{
	puts("inside");
	fflush(stdout);
	hear();
}

/* Is there to be named, and not called. */
__attribute__((noinline, used)) void idle(void)
{
	sink++;
}

static void make_outer(struct calls *calls, uint64_t ns)
{
	struct call call, within[2];

	outer(&call, within, ns);
	keep(calls, &within[0]);
	keep(calls, &within[1]);
	keep(calls, &call);
}

static void *make_nested(void *argument)
{
	struct calls *calls = argument;

	calls->tid = gettid();
	make_outer(calls, 400 * MS);
	for (unsigned int i = 0; i < calls->short_ones; i++)
		make_outer(calls, 4 * MS);
	return NULL;
}

static void say_calls(const struct calls *calls)
{
	for (size_t i = 0; i < calls->n; i++) {
		const struct call *call = &calls->at[i];

		printf("call %s %d %llu %llu %llu %zu\n", call->function, (int)calls->tid,
		       (unsigned long long)call->begin_ns, (unsigned long long)call->end_ns,
		       (unsigned long long)call->cpu_ns, call->rss);
	}
}

static void nested(unsigned int n)
{
	static struct calls calls[THREADS];
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++) {
		calls[i].short_ones = n;
		if (pthread_create(&threads[i], NULL, make_nested, &calls[i]) != 0)
			abort();
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < THREADS; i++)
		say_calls(&calls[i]);
}

static void make_timed(struct calls *calls, uint64_t ns)
{
	struct call call;

	timed(&call, ns);
	keep(calls, &call);
}

static void lengths(unsigned int n)
{
	static struct calls calls;

	calls.tid = gettid();
	for (unsigned int i = 0; i < n; i++)
		make_timed(&calls, (i % 2 ? 8 : 3) * MS);
	say_calls(&calls);
}

static void periodic(unsigned int n)
{
	uint64_t start = clock_ns(CLOCK_MONOTONIC);
	static struct calls calls;

	calls.tid = gettid();
	for (unsigned int i = 0; i < n; i++) {
		if (i)
			sleep_until(start + i * PERIOD_NS + LATE_NS);
		make_timed(&calls, MS);
	}
	say_calls(&calls);
}

/* What is due is made up for: one that is late is not slower for it. */
static void paced(unsigned int seconds)
{
	uint64_t start = clock_ns(CLOCK_MONOTONIC), done = 0, total;

	total = (uint64_t)seconds * CALLS_A_MINUTE / 60;
	for (uint64_t at = start; done < total; at += STEP_NS) {
		uint64_t due = (at - start) * CALLS_A_MINUTE / (60ULL * S);

		sleep_until(at);
		for (; done < due && done < total; done++)
			quick();
	}
	printf("calls %llu\nelapsed_ns %llu\n", (unsigned long long)done,
	       (unsigned long long)(clock_ns(CLOCK_MONOTONIC) - start));
}

static int run(const char *mode, unsigned int n)
{
	if (strcmp(mode, "nested") == 0) {
		nested(n);
	} else if (strcmp(mode, "lengths") == 0) {
		lengths(n);
	} else if (strcmp(mode, "periodic") == 0) {
		periodic(n);
	} else if (strcmp(mode, "paced") == 0) {
		paced(n);
	} else if (strcmp(mode, "held") == 0) {
		puts("ready");
		fflush(stdout);
		hear();
		hold();
		puts("unharmed");
	} else {
		return 2;
	}
	return 0;
}

int main(int argc, char **argv)
{
	void *resident = mmap(NULL, RESIDENT_BYTES, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (argc < 2 || resident == MAP_FAILED)
		return 2;
	return run(argv[1], argc > 2 ? (unsigned int)atoi(argv[2]) : 1);
}
