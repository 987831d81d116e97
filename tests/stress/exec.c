// SPDX-License-Identifier: BSD-2-Clause
/*
 * exec, of a process and of a thread that does not lead its process. An image of this program is told
 * what to be by argv[0]:
 *
 *   :quit      nothing
 *   :burn      burns a millisecond
 *   :link N    execs itself as ":link N-1"; at 0 it forks, the child becomes ":link 4", and it exits
 */
#include "stress.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define BURN_NS 1000000U
#define EXECS_A_LINK 4

static void become(const char *role, int n)
{
	char number[16];
	char *argv[] = {(char *)role, number, NULL};

	snprintf(number, sizeof(number), "%d", n);
	execv("/proc/self/exe", argv);
	_exit(1);
}

/* The chain goes on in a child whose parent is gone before it is done. */
static void be_link(int n)
{
	struct shared *shared =
		mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED, SHARED_FD, 0);
	pid_t pid;

	if (shared == MAP_FAILED)
		_exit(1);
	count_work(shared, 1);
	if (now_ns() >= shared->until)
		_exit(0);
	if (n > 0)
		become(":link", n - 1);
	pid = fork();
	if (pid == 0)
		become(":link", EXECS_A_LINK);
	if (pid > 0)
		count_pid(shared, pid);
	else
		count_failure(shared);
	_exit(0);
}

int be_image(char **argv)
{
	if (strcmp(argv[0], ":burn") == 0)
		burn_ns(BURN_NS);
	else if (strcmp(argv[0], ":link") == 0 && argv[1])
		be_link(atoi(argv[1]));
	return 0;
}

static void begin_chain(struct shared *shared, size_t index)
{
	(void)shared;
	(void)index;
	become(":link", EXECS_A_LINK);
}

int run_exec(struct shared *shared, char **args)
{
	int cpus[MAX_WORKERS];

	(void)args;
	run_workers(shared, usable_cpus(cpus), begin_chain);
	return 0;
}

static void *exec_here(void *argument)
{
	burn_ns(BURN_NS);
	become(":burn", 0);
	return argument;
}

/* The process's first thread burns too, so that it is on a CPU when the other one execs. */
static void exec_by_thread(struct shared *shared)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, exec_here, NULL) != 0) {
		count_failure(shared);
		_exit(1);
	}
	for (;;)
		burn_ns(BURN_NS);
}

static void exec_by_threads(struct shared *shared, size_t index)
{
	(void)index;
	while (now_ns() < shared->until) {
		pid_t pid = fork();
		int status = 0;

		if (pid == 0)
			exec_by_thread(shared);
		if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
			count_failure(shared);
		count_pid(shared, pid);
		count_work(shared, 1);
	}
}

int run_exec_thread(struct shared *shared, char **args)
{
	int cpus[MAX_WORKERS];

	(void)args;
	run_workers(shared, usable_cpus(cpus), exec_by_threads);
	return 0;
}
