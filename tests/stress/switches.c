// SPDX-License-Identifier: BSD-2-Clause
/* Processes and threads that live on, and switch as often as they can. */
#include "stress.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define BURNERS 4
#define MOVE_EVERY_NS 20000000U
#define STAY_NS 20000U

static void answer(int in, int out)
{
	char byte;

	while (read(in, &byte, 1) == 1 && write(out, &byte, 1) == 1)
		;
}

static void throw_until_end(struct shared *shared, size_t index)
{
	char byte = 0;
	int to[2], fro[2];
	uint64_t n = 0;
	pid_t other;

	(void)index;
	if (pipe(to) != 0 || pipe(fro) != 0)
		_exit(1);
	other = fork();
	if (other == 0) {
		close(to[1]);
		answer(to[0], fro[1]);
		tell_schedstat(shared);
		_exit(0);
	}
	count_pid(shared, other);
	close(to[0]);
	while (now_ns() < shared->until && write(to[1], &byte, 1) == 1 &&
	       read(fro[0], &byte, 1) == 1)
		n++;
	close(to[1]);
	if (waitpid(other, NULL, 0) != other)
		count_failure(shared);
	count_work(shared, n);
	tell_schedstat(shared);
}

int run_pipe(struct shared *shared, char **args)
{
	int cpus[MAX_WORKERS];

	(void)args;
	run_workers(shared, usable_cpus(cpus), throw_until_end);
	return 0;
}

struct turns {
	uint32_t turn; /* whose: 0 or 1 */
	bool over;
	struct shared *shared;
};

static void take_turns(struct turns *turns, uint32_t me)
{
	uint64_t n = 0;

	for (; now_ns() < turns->shared->until; n++) {
		while (__atomic_load_n(&turns->turn, __ATOMIC_ACQUIRE) != me &&
		       !__atomic_load_n(&turns->over, __ATOMIC_ACQUIRE))
			syscall(SYS_futex, &turns->turn, FUTEX_WAIT_PRIVATE, !me, NULL, NULL, 0);
		__atomic_store_n(&turns->turn, !me, __ATOMIC_RELEASE);
		syscall(SYS_futex, &turns->turn, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
	}
	__atomic_store_n(&turns->over, true, __ATOMIC_RELEASE);
	__atomic_store_n(&turns->turn, !me, __ATOMIC_RELEASE);
	syscall(SYS_futex, &turns->turn, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
	count_work(turns->shared, n);
}

static void *take_other_turns(void *argument)
{
	take_turns(argument, 1);
	return NULL;
}

static void turns_until_end(struct shared *shared, size_t index)
{
	struct turns turns = {.shared = shared};
	pthread_t other;

	(void)index;
	if (pthread_create(&other, NULL, take_other_turns, &turns) != 0)
		_exit(1);
	take_turns(&turns, 0);
	pthread_join(other, NULL);
}

int run_futex(struct shared *shared, char **args)
{
	int cpus[MAX_WORKERS];

	(void)args;
	run_workers(shared, usable_cpus(cpus), turns_until_end);
	return 0;
}

static void *wander(void *argument)
{
	struct shared *shared = argument;
	int cpus[MAX_WORKERS];
	size_t n_cpus = usable_cpus(cpus);
	unsigned int n = 0;

	for (; now_ns() < shared->until; n++) {
		pin(cpus[n % n_cpus]);
		burn_ns(STAY_NS);
	}
	count_work(shared, n);
	return NULL;
}

int run_affinity(struct shared *shared, char **args)
{
	pthread_t threads[BURNERS];
	int made = 0;

	(void)args;
	while (made < BURNERS && pthread_create(&threads[made], NULL, wander, shared) == 0)
		made++;
	for (int i = 0; i < made; i++)
		pthread_join(threads[i], NULL);
	return made == BURNERS ? 0 : -EAGAIN;
}

static int move(const char *procs, pid_t pid)
{
	int fd = open(procs, O_WRONLY | O_CLOEXEC), err = 0;

	if (fd < 0)
		return -errno;
	if (dprintf(fd, "%d\n", pid) < 0)
		err = -errno;
	close(fd);
	return err;
}

static void burn_until_end(struct shared *shared)
{
	while (now_ns() < shared->until)
		burn_ns(STAY_NS);
	tell_schedstat(shared);
	_exit(0);
}

/* Round and round: each of the processes is in another of the cgroups all the time. */
int run_cgroups(struct shared *shared, char **args)
{
	pid_t pids[BURNERS];
	size_t n_cgroups = 0, at = 0;
	int err = 0;

	while (args[n_cgroups])
		n_cgroups++;
	if (n_cgroups == 0)
		return -EINVAL;
	for (int i = 0; i < BURNERS; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			burn_until_end(shared);
		count_pid(shared, pids[i]);
	}
	for (; now_ns() + MOVE_EVERY_NS < shared->until && !err; at++) {
		for (size_t i = 0; i < BURNERS && !err; i++) {
			err = move(args[(at + i) % n_cgroups], pids[i]);
			count_work(shared, 1);
		}
		sleep_until(now_ns() + MOVE_EVERY_NS);
	}
	for (int i = 0; i < BURNERS; i++)
		waitpid(pids[i], NULL, 0);
	return err;
}

static void storm_until_end(struct shared *shared, size_t index)
{
	static int (*const parts[])(struct shared *, char **) = {run_fork, run_pipe, run_futex};

	parts[index](shared, NULL);
}

int run_storm(struct shared *shared, char **args)
{
	(void)args;
	run_workers(shared, 3, storm_until_end);
	return 0;
}
