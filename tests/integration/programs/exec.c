// SPDX-License-Identifier: BSD-2-Clause
/*
 * exec leader|thread STEP...: burns 0.3 s of CPU time, then execs itself as ./STEP with the steps
 * that are left; from another thread than the leader if so asked. The last one prints the CPU time
 * in ns of the process, all steps together, as the kernel counts it.
 */
#include "span.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

#define STEP_NS 300000000U

static char **arguments;

static void burn(void)
{
	uint64_t start = clock_ns(CLOCK_THREAD_CPUTIME_ID);

	while (clock_ns(CLOCK_THREAD_CPUTIME_ID) - start < STEP_NS)
		;
}

static void *next_step(void *unused)
{
	char path[64];

	(void)unused;
	burn();
	snprintf(path, sizeof(path), "./%s", arguments[2]);
	arguments[2] = arguments[1];
	arguments[1] = arguments[0];
	execv(path, arguments + 1);
	perror(path);
	exit(1);
}

int main(int argc, char **argv)
{
	pthread_t thread;

	if (argc < 2)
		return 2;
	arguments = argv;
	/* Only the first is told when to begin. */
	if (strcmp(argv[0], "step") != 0) {
		wait_for_start();
		argv[0] = "step";
	}
	if (argc > 2 && strcmp(argv[1], "leader") == 0)
		next_step(NULL);
	if (argc > 2) {
		if (pthread_create(&thread, NULL, next_step, NULL) != 0)
			return 1;
		pthread_join(thread, NULL);
		return 1;
	}
	burn();
	printf("%llu\n", (unsigned long long)clock_ns(CLOCK_PROCESS_CPUTIME_ID));
	fflush(stdout);
	return 0;
}
