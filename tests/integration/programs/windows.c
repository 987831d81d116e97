// SPDX-License-Identifier: BSD-2-Clause
/*
 * windows MODE [N]: calls functions whose every call is a window, having waited for a line on its
 * standard input. Prints "KEY VALUE" lines of what is to be found.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifdef WITH_MARKERS
#include <sys/sdt.h>
#else
#define DTRACE_PROBE(provider, name) ((void)0)
#endif

#define MAX_THREADS 16
#define SPIN_NS 3000000U

static volatile uint64_t sink;
static jmp_buf back;

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

static void spin(uint64_t ns)
{
	uint64_t end = clock_ns(CLOCK_THREAD_CPUTIME_ID) + ns;

	while (clock_ns(CLOCK_THREAD_CPUTIME_ID) < end)
		sink++;
}

/* Has a name in the debugging information, and no code of its own. */
static inline __attribute__((always_inline)) void always_inlined(void)
{
	sink += sink % 3;
}

__attribute__((noinline)) void quick(void)
{
	always_inlined();
	__asm__ volatile("");
}

/* Returns its CPU time as the thread's own clock has it. */
__attribute__((noinline)) uint64_t work(uint64_t ns)
{
	uint64_t start = clock_ns(CLOCK_THREAD_CPUTIME_ID);

	spin(ns);
	return clock_ns(CLOCK_THREAD_CPUTIME_ID) - start;
}

static void enter_cgroup(const char *path)
{
	FILE *file = fopen(path, "w");

	if (!file)
		return;
	fprintf(file, "%d", (int)getpid());
	fclose(file);
}

/* In two cgroups by turns (the files of their processes are in the environment): a row of each. */
__attribute__((noinline)) uint64_t wander(unsigned int n)
{
	uint64_t start = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	struct timespec rest = {.tv_nsec = 100000};

	for (unsigned int i = 0; i < n; i++) {
		enter_cgroup(getenv(i % 2 ? "CGROUP_A" : "CGROUP_B"));
		spin(SPIN_NS);
		nanosleep(&rest, NULL);
	}
	return clock_ns(CLOCK_THREAD_CPUTIME_ID) - start;
}

/* Half of it asleep. */
__attribute__((noinline)) uint64_t nap(uint64_t ns)
{
	uint64_t start = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	struct timespec rest = {.tv_nsec = 2000000};

	spin(ns / 2);
	nanosleep(&rest, NULL);
	spin(ns / 2);
	return clock_ns(CLOCK_THREAD_CPUTIME_ID) - start;
}

__attribute__((noinline, optimize("O0"))) uint64_t recurse(unsigned int n)
{
	uint64_t deeper = 0;

	spin(10000);
	if (n > 1)
		deeper = recurse(n - 1);
	sink += deeper; /* so that it is no loop */
	return deeper + 1;
}

__attribute__((noinline)) uint64_t inner(void)
{
	return work(SPIN_NS);
}

__attribute__((noinline)) uint64_t outer(void)
{
	uint64_t ns = work(SPIN_NS);

	ns += inner();
	return ns + inner();
}

/* A jump, not a call: both return to the caller. */
__attribute__((noinline, optimize("O2"))) uint64_t tail(uint64_t ns)
{
	sink++;
	return work(ns);
}

__attribute__((noinline)) void leap(int how)
{
	spin(100000);
	if (how)
		longjmp(back, 1);
	sink++;
}

/* Two calls within each other, both left; and the same of this function's own. */
__attribute__((noinline)) void leap_outer(int how)
{
	leap(0);
	leap(how);
	sink++;
}

static void *some_calls(void *n)
{
	for (uintptr_t i = 0; i < (uintptr_t)n; i++)
		quick();
	return NULL;
}

static void *some_work(void *ns)
{
	uint64_t *sum = ns;

	for (int i = 0; i < 10; i++)
		*sum += i % 2 ? work(SPIN_NS) : nap(SPIN_NS);
	return NULL;
}

static void on_threads(void *(*run)(void *), void *argument, uint64_t *sums)
{
	pthread_t threads[4];

	for (int i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, run, sums ? (void *)&sums[i] : argument);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
}

static void leaps(unsigned int n)
{
	for (volatile unsigned int i = 0; i < n; i++) {
		if (setjmp(back) == 0)
			leap_outer(1);
		if (setjmp(back) == 0)
			leap(1);
	}
	leap_outer(0);
}

__attribute__((noinline)) void exits(int how)
{
	spin(100000);
	if (how == 0)
		_exit(0);
	if (how == 1)
		pthread_exit(NULL);
	execl("/bin/true", "true", (char *)NULL);
}

static void *exit_in_call(void *how)
{
	exits((int)(intptr_t)how);
	return NULL;
}

static void cuts(void)
{
	pthread_t thread;

	for (int how = 0; how <= 2; how += 2) {
		if (fork() == 0)
			exits(how);
		wait(NULL);
	}
	pthread_create(&thread, NULL, exit_in_call, (void *)1);
	pthread_join(thread, NULL);
}

/* The child returns from a call that it did not begin, and then makes one. */
__attribute__((noinline)) pid_t forks(void)
{
	pid_t pid = fork();

	spin(1000000);
	return pid;
}

static void markers(unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		DTRACE_PROBE(windows, begin);
		spin(100000);
		if (i % 4 != 3) /* each fourth is left without its end */
			DTRACE_PROBE(windows, end);
	}
}

static int by_size(const void *a, const void *b)
{
	int left = *(const int *)a, right = *(const int *)b;

	return (left > right) - (left < right);
}

static void sorts(unsigned int n)
{
	int numbers[1000];

	for (unsigned int i = 0; i < n; i++) {
		for (int j = 0; j < 1000; j++)
			numbers[j] = rand();
		qsort(numbers, 1000, sizeof(*numbers), by_size);
	}
}

static void say(const char *key, uint64_t value)
{
	printf("%s %llu\n", key, (unsigned long long)value);
}

static int run(const char *mode, unsigned int n)
{
	uint64_t sums[4] = {0}, sum = 0;

	if (strcmp(mode, "quick") == 0) {
		some_calls((void *)(uintptr_t)n);
	} else if (strcmp(mode, "threads") == 0) {
		on_threads(some_calls, (void *)(uintptr_t)n, NULL);
	} else if (strcmp(mode, "work") == 0) {
		on_threads(some_work, NULL, sums);
		for (int i = 0; i < 4; i++)
			sum += sums[i];
		say("cpu_ns", sum);
	} else if (strcmp(mode, "recurse") == 0) {
		say("calls", recurse(n));
	} else if (strcmp(mode, "nested") == 0) {
		for (unsigned int i = 0; i < n; i++)
			sum += outer();
		say("cpu_ns", sum);
	} else if (strcmp(mode, "tail") == 0) {
		for (unsigned int i = 0; i < n; i++)
			sum += tail(SPIN_NS);
		say("cpu_ns", sum);
	} else if (strcmp(mode, "wander") == 0) {
		say("cpu_ns", wander(n));
	} else if (strcmp(mode, "leaps") == 0) {
		leaps(n);
	} else if (strcmp(mode, "cuts") == 0) {
		cuts();
	} else if (strcmp(mode, "fork") == 0) {
		if (forks() == 0) {
			quick();
			_exit(0);
		}
		wait(NULL);
		quick();
	} else if (strcmp(mode, "markers") == 0) {
		markers(n);
	} else if (strcmp(mode, "sorts") == 0) {
		sorts(n);
	} else {
		return 2;
	}
	return 0;
}

int main(int argc, char **argv)
{
	char line[16];
	int status;

	if (argc < 2)
		return 2;
	puts("ready");
	fflush(stdout);
	if (!fgets(line, sizeof(line), stdin))
		return 1;
	status = run(argv[1], argc > 2 ? (unsigned int)atoi(argv[2]) : 1);
	puts("done");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin))
		;
	return status;
}
