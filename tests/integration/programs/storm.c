// SPDX-License-Identifier: BSD-2-Clause
/*
 * storm: on each CPU that it may use, one process forks children that exit at once, and two throw a
 * byte to and fro through pipes. Prints how many children and throws there were.
 */
#include "span.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static unsigned long *counts; /* children, throws: of all processes */

static void fork_children(uint64_t until)
{
	while (now_ns() < until) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(0);
		if (pid < 0 || waitpid(pid, NULL, 0) != pid)
			_exit(1);
		__atomic_add_fetch(&counts[0], 1, __ATOMIC_RELAXED);
	}
	_exit(0);
}

static void throw_bytes(uint64_t until)
{
	int to[2], fro[2];
	char byte = 0;
	pid_t other;

	if (pipe(to) != 0 || pipe(fro) != 0)
		_exit(1);
	other = fork();
	if (other == 0) {
		close(to[1]);
		while (read(to[0], &byte, 1) == 1 && write(fro[1], &byte, 1) == 1)
			;
		_exit(0);
	}
	close(to[0]);
	while (now_ns() < until && write(to[1], &byte, 1) == 1 && read(fro[0], &byte, 1) == 1)
		__atomic_add_fetch(&counts[1], 1, __ATOMIC_RELAXED);
	close(to[1]);
	waitpid(other, NULL, 0);
	_exit(0);
}

int main(void)
{
	cpu_set_t allowed;
	uint64_t until;

	counts = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (counts == MAP_FAILED || sched_getaffinity(0, sizeof(allowed), &allowed) != 0)
		return 1;
	signal(SIGPIPE, SIG_IGN);
	until = wait_for_start();
	for (int cpu = 0, used = 0; cpu < CPU_SETSIZE && used < 4; cpu++) {
		if (!CPU_ISSET(cpu, &allowed))
			continue;
		used++;
		for (int kind = 0; kind < 2; kind++) {
			if (fork() != 0)
				continue;
			pin(cpu);
			if (kind == 0)
				fork_children(until);
			throw_bytes(until);
		}
	}
	while (wait(NULL) > 0)
		;
	printf("%lu %lu\n", counts[0], counts[1]);
	return 0;
}
