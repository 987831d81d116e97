// SPDX-License-Identifier: BSD-2-Clause
/*
 * orphan CPU: a child starts a daemon and exits, so that the daemon's parent is init. The daemon burns
 * and forks children that live for 3 ms. Prints the CPU time in ns of all, as the kernel counts it, and
 * the number of processes.
 */
#include "span.h"

#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define SLICE_NS 3000000U

struct result {
	uint64_t ns;
	unsigned int processes;
};

static uint64_t of_children(void)
{
	struct rusage usage;

	getrusage(RUSAGE_CHILDREN, &usage);
	return (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000000U +
	       (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000U;
}

static void burn(void)
{
	uint64_t end = clock_ns(CLOCK_PROCESS_CPUTIME_ID) + SLICE_NS;

	while (clock_ns(CLOCK_PROCESS_CPUTIME_ID) < end)
		;
}

static void be_daemon(uint64_t until, int result_fd)
{
	struct result result = {.processes = 1};

	prctl(PR_SET_NAME, "orphan-daemon");
	setsid();
	for (; now_ns() < until; result.processes++) {
		pid_t pid = fork();

		if (pid == 0) {
			prctl(PR_SET_NAME, "orphan-child");
			burn();
			_exit(0);
		}
		if (pid < 0 || waitpid(pid, NULL, 0) != pid)
			_exit(1);
		burn();
	}
	result.ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID) + of_children();
	_exit(write(result_fd, &result, sizeof(result)) != sizeof(result));
}

int main(int argc, char **argv)
{
	struct result result;
	uint64_t until;
	int ends[2];
	pid_t pid;

	if (argc != 2 || pipe(ends) != 0)
		return 2;
	pin(atoi(argv[1]));
	until = wait_for_start();
	pid = fork();
	if (pid == 0) {
		if (fork() == 0)
			be_daemon(until, ends[1]);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, NULL, 0) != pid)
		return 1;
	close(ends[1]);
	if (read(ends[0], &result, sizeof(result)) != sizeof(result))
		return 1;
	printf("%llu %u\n",
	       (unsigned long long)(result.ns + clock_ns(CLOCK_PROCESS_CPUTIME_ID) + of_children()),
	       result.processes + 2);
	fflush(stdout);
	wait_for_hang_up();
	return 0;
}
