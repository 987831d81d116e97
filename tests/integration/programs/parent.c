// SPDX-License-Identifier: BSD-2-Clause
/*
 * parent CPU LOG: one child after the other on that CPU, each of 3 ms of CPU time. A child takes a
 * name of its own; every sixteenth execs this program as ./child-exec. Each is in LOG: "PID NAME".
 * Then it prints the CPU time in ns of all, as the kernel counts it, and the number of children.
 */
#include "span.h"

#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILD_NS 3000000U

static uint64_t to_ns(struct timeval time)
{
	return (uint64_t)time.tv_sec * 1000000000U + (uint64_t)time.tv_usec * 1000U;
}

static void burn(void)
{
	while (clock_ns(CLOCK_PROCESS_CPUTIME_ID) < CHILD_NS)
		;
}

static void be_child(const char *name)
{
	if (strcmp(name, "child-exec") == 0) {
		execl("./child-exec", "child-exec", (char *)NULL);
		_exit(1);
	}
	prctl(PR_SET_NAME, name);
	burn();
	_exit(0);
}

int main(int argc, char **argv)
{
	struct rusage of_children;
	unsigned int n = 0;
	uint64_t until;
	FILE *log;

	if (strcmp(argv[0], "child-exec") == 0) {
		burn();
		return 0;
	}
	if (argc != 3)
		return 2;
	log = fopen(argv[2], "w");
	if (!log)
		return 1;
	pin(atoi(argv[1]));
	for (until = wait_for_start(); now_ns() < until; n++) {
		char name[16];
		int status;
		pid_t pid;

		snprintf(name, sizeof(name), n % 16 == 0 ? "child-exec" : "child-%u", n);
		pid = fork();
		if (pid == 0)
			be_child(name);
		if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
			return 1;
		fprintf(log, "%d %s\n", pid, name);
	}
	fclose(log);
	getrusage(RUSAGE_CHILDREN, &of_children);
	printf("%llu %u\n",
	       (unsigned long long)(clock_ns(CLOCK_PROCESS_CPUTIME_ID) +
				    to_ns(of_children.ru_utime) + to_ns(of_children.ru_stime)),
	       n);
	fflush(stdout);
	wait_for_hang_up();
	return 0;
}
