// SPDX-License-Identifier: BSD-2-Clause
/* Threads: many in a row, and many at once. */
#include "stress.h"

#include <errno.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#define STACK_SIZE (32 * 1024)
#define TOGETHER 8
#define CROWD_NAP_NS 400000000U

static void *end_at_once(void *argument)
{
	return argument;
}

static void thread_batch(struct shared *shared)
{
	pthread_t threads[TOGETHER];
	size_t n = 0;

	while (n < TOGETHER && pthread_create(&threads[n], NULL, end_at_once, NULL) == 0)
		n++;
	if (n < TOGETHER)
		count_failure(shared);
	for (size_t i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	count_work(shared, n);
}

static void threads_until_end(struct shared *shared, size_t index)
{
	(void)index;
	while (now_ns() < shared->until)
		thread_batch(shared);
}

int run_threads(struct shared *shared, char **args)
{
	int cpus[MAX_WORKERS];

	(void)args;
	run_workers(shared, usable_cpus(cpus), threads_until_end);
	return 0;
}

/*
 * Makes n threads and waits for their end. All stacks are in one mapping: a mapping for each would
 * reach vm.max_map_count long before the number of threads reaches a limit.
 */
static int run_many(struct shared *shared, size_t n, void *(*work)(void *shared))
{
	pthread_t *threads = calloc(n, sizeof(*threads));
	char *stacks = mmap(NULL, n * STACK_SIZE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	pthread_attr_t attributes;
	size_t made = 0;
	int err = 0;

	if (!threads || stacks == MAP_FAILED)
		return -ENOMEM;
	pthread_attr_init(&attributes);
	for (; made < n && !err; made++) {
		pthread_attr_setstack(&attributes, stacks + made * STACK_SIZE, STACK_SIZE);
		err = pthread_create(&threads[made], &attributes, work, shared);
		made -= err != 0;
	}
	if (err)
		fprintf(stderr, "%zu threads of %zu\n", made, n);
	for (size_t i = 0; i < made; i++)
		pthread_join(threads[i], NULL);
	munmap(stacks, n * STACK_SIZE);
	free(threads);
	return -err;
}

static void *doze(void *argument)
{
	struct shared *shared = argument;
	uint64_t now = now_ns();

	count_work(shared, 1);
	while (now < shared->until) {
		sleep_until(now + CROWD_NAP_NS < shared->until ? now + CROWD_NAP_NS
							       : shared->until);
		now = now_ns();
	}
	return NULL;
}

int run_crowd(struct shared *shared, char **args)
{
	return args[0] ? run_many(shared, (size_t)atol(args[0]), doze) : -EINVAL;
}

/* From 1 to 64 microseconds, another length each time. */
static void *nap(void *argument)
{
	struct shared *shared = argument;
	unsigned int n = 0;

	for (; now_ns() < shared->until; n++) {
		struct timespec length = {.tv_nsec = 1000 * (1 + (long)(n * 37 % 64))};

		nanosleep(&length, NULL);
	}
	count_work(shared, n);
	return NULL;
}

int run_sleepers(struct shared *shared, char **args)
{
	return args[0] ? run_many(shared, (size_t)atol(args[0]), nap) : -EINVAL;
}
