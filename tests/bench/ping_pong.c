// SPDX-License-Identifier: BSD-2-Clause
#include "bench.h"

#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int pin(unsigned int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set);
}

/* Ends when the other side is gone. */
static void return_bytes(int from, int to)
{
	char byte;

	while (read(from, &byte, 1) == 1 && write(to, &byte, 1) == 1)
		;
	_exit(0);
}

/* CPU time of a process. What a program at the switch takes is in that of the task switched to. */
static uint64_t cpu_ns(pid_t pid)
{
	struct timespec time = {};
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) == 0)
		clock_gettime(clock, &time);
	return (uint64_t)time.tv_sec * 1000000000U + (uint64_t)time.tv_nsec;
}

static double time_rounds(pid_t other, int from, int to, unsigned int rounds)
{
	uint64_t start = cpu_ns(0) + cpu_ns(other);
	char byte = 0;

	for (unsigned int i = 0; i < rounds; i++) {
		if (write(to, &byte, 1) != 1 || read(from, &byte, 1) != 1)
			return -1;
	}
	return (double)(cpu_ns(0) + cpu_ns(other) - start) / (2.0 * rounds);
}

double ping_pong(unsigned int cpu, unsigned int switches)
{
	int there[2], back[2];
	cpu_set_t before;
	double ns = -1;
	pid_t child;

	if (sched_getaffinity(0, sizeof(before), &before) != 0 || pipe(there) != 0)
		return -1;
	if (pipe(back) != 0) {
		close(there[0]);
		close(there[1]);
		return -1;
	}
	child = pin(cpu) == 0 ? fork() : -1;
	if (child == 0) {
		close(there[1]);
		close(back[0]);
		return_bytes(there[0], back[1]);
	}
	if (child > 0) {
		time_rounds(child, back[0], there[1], 1000); /* to warm up */
		ns = time_rounds(child, back[0], there[1], switches / 2);
	}
	close(there[0]);
	close(there[1]);
	close(back[0]);
	close(back[1]);
	if (child > 0)
		waitpid(child, NULL, 0);
	sched_setaffinity(0, sizeof(before), &before);
	return ns;
}
