// SPDX-License-Identifier: BSD-2-Clause
/*
 * mover CPU CGROUP CGROUP: burns on the CPU and goes from one of the cgroup directories to the other
 * every 20 ms. Prints how often it went.
 */
#include "span.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define STAY_NS 20000000U

static void enter(const char *directory)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/cgroup.procs", directory);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "0", 1) != 1) {
		perror(path);
		exit(1);
	}
	close(fd);
}

/*
 * Reading one's CPU time makes the kernel charge what is open (task_sched_runtime). It does not do so at
 * a move of cpuacct, and would charge up to a jiffy to the new cgroup.
 */
static void count_up(void)
{
	struct timespec used;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
}

int main(int argc, char **argv)
{
	uint64_t until, next;
	unsigned int n = 0;

	if (argc != 4)
		return 2;
	pin(atoi(argv[1]));
	enter(argv[2]);
	until = wait_for_start();
	for (next = now_ns() + STAY_NS; now_ns() < until;) {
		if (now_ns() < next)
			continue;
		count_up();
		enter(argv[2 + ++n % 2]);
		next += STAY_NS;
	}
	printf("%u\n", n);
	fflush(stdout);
	wait_for_hang_up();
	return 0;
}
