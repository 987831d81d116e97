// SPDX-License-Identifier: BSD-2-Clause
/*
 * threads N: N threads with names of their own burn, the first half of them until half of the time;
 * the leader only waits. Prints the CPU time in ns of the process, as the kernel counts it.
 */
#include "span.h"

#include <pthread.h>
#include <sys/prctl.h>

#define MAX_THREADS 64

static uint64_t until, half;

static void *burn(void *shorter)
{
	uint64_t end = shorter ? half : until;

	prctl(PR_SET_NAME, shorter ? "short-thread" : "long-thread");
	while (now_ns() < end)
		;
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t threads[MAX_THREADS];
	int n = argc > 1 ? atoi(argv[1]) : 4;
	uint64_t start;

	if (n < 1 || n > MAX_THREADS)
		return 2;
	until = wait_for_start();
	start = now_ns();
	half = start + (until - start) / 2;
	for (int i = 0; i < n; i++) {
		if (pthread_create(&threads[i], NULL, burn, i < n / 2 ? &half : NULL) != 0)
			return 1;
	}
	for (int i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	printf("%llu\n", (unsigned long long)clock_ns(CLOCK_PROCESS_CPUTIME_ID));
	fflush(stdout);
	wait_for_hang_up();
	return 0;
}
