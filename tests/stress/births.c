// SPDX-License-Identifier: BSD-2-Clause
/* Processes that do not live long. */
#include "stress.h"

#include <errno.h>
#include <linux/sched.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define REUSED_BURN_NS 2000000U
#define BATCH_NS 1000000U    /* births come in batches, one a millisecond */
#define MADE_UP_NS 20000000U /* what falls behind by more is not made up for in a burst */

static void fork_until_end(struct shared *shared, size_t index)
{
	(void)index;
	while (now_ns() < shared->until) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(0);
		if (pid < 0 || waitpid(pid, NULL, 0) != pid) {
			count_failure(shared);
			continue;
		}
		count_pid(shared, pid);
		count_work(shared, 1);
	}
}

int run_fork(struct shared *shared, char **args)
{
	int cpus[MAX_WORKERS];

	(void)args;
	run_workers(shared, usable_cpus(cpus), fork_until_end);
	return 0;
}

static bool vfork_one(struct shared *shared, bool exec)
{
	static char *const image[] = {":quit", NULL};
	pid_t pid = vfork();

	if (pid == 0) {
		if (exec)
			execv("/proc/self/exe", image);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, NULL, 0) != pid) {
		count_failure(shared);
		return false;
	}
	count_pid(shared, pid);
	count_work(shared, 1);
	return true;
}

static void vfork_until_end(struct shared *shared, size_t index)
{
	(void)index;
	for (unsigned int n = 0; now_ns() < shared->until; n++)
		vfork_one(shared, n % 16 == 0);
}

int run_vfork(struct shared *shared, char **args)
{
	int cpus[MAX_WORKERS];

	(void)args;
	run_workers(shared, usable_cpus(cpus), vfork_until_end);
	return 0;
}

/* Of each worker, a second. Before the workers are made. */
static double births_per_s;

static void births_until_end(struct shared *shared, size_t index)
{
	uint64_t before = now_ns(), now, passed;
	double due = 0;

	(void)index;
	while ((now = now_ns()) < shared->until) {
		passed = now - before < MADE_UP_NS ? now - before : MADE_UP_NS;
		before = now;
		for (due += (double)passed * 1e-9 * births_per_s; due >= 1; due--)
			vfork_one(shared, false);
		sleep_until(now + BATCH_NS);
	}
}

int run_births(struct shared *shared, char **args)
{
	int cpus[MAX_WORKERS];
	size_t n = usable_cpus(cpus);

	if (!args[0] || n == 0)
		return -EINVAL;
	births_per_s = atof(args[0]) / (double)n;
	run_workers(shared, n, births_until_end);
	return 0;
}

/* A process with the pid that is asked for (from Linux 5.5 on), or without, 0. Returns as fork. */
static pid_t clone_with_pid(pid_t wanted)
{
	pid_t ids[] = {wanted};
	struct clone_args clone = {.exit_signal = SIGCHLD};

	if (wanted) {
		clone.set_tid = (uint64_t)(uintptr_t)ids;
		clone.set_tid_size = 1;
	}
	return (pid_t)syscall(SYS_clone3, &clone, sizeof(clone));
}

/* Each burns 2 ms: their starts differ in the millisecond that the output tells. */
int run_reuse(struct shared *shared, char **args)
{
	pid_t wanted = 0;

	(void)args;
	while (now_ns() < shared->until) {
		pid_t pid = clone_with_pid(wanted);

		if (pid == 0) {
			burn_ns(REUSED_BURN_NS);
			_exit(0);
		}
		if (pid < 0 && errno == EEXIST) {
			wanted = 0; /* another program's process has it now */
			continue;
		}
		if (pid < 0)
			return -errno;
		waitpid(pid, NULL, 0);
		count_pid(shared, pid);
		count_work(shared, wanted == pid);
		wanted = pid;
	}
	return 0;
}
