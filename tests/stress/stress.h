/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The loads that the ledger is tried with. main.c has the protocol and the table of loads; each load
 * is a function that makes its processes or threads, lets them work until `until`, and waits for all.
 */
#ifndef STRESS_H
#define STRESS_H

#include <span.h> /* of tests/integration/programs */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define SHARED_FD 100 /* the shared memory, also of images that were execed */
#define MAX_PIDS (1U << 20)
#define MAX_WORKERS 8

/* Shared by all processes of a load. */
struct shared {
	uint64_t until;	  /* CLOCK_BOOTTIME in ns */
	uint64_t work;	  /* throws, sleeps, moves, threads: what the load does much of */
	uint64_t failed;  /* calls that should not have */
	uint64_t told_ns; /* CPU time by /proc/self/schedstat of processes, each at its own end */
	uint32_t n_pids;
	uint32_t pids[MAX_PIDS]; /* one entry for each process that was made: pids may repeat */
};

struct load {
	const char *name;
	const char *what;
	/* Returns 0, or -errno: this machine has it not. */
	int (*run)(struct shared *shared, char **args);
};

int run_fork(struct shared *shared, char **args);
int run_vfork(struct shared *shared, char **args);
int run_births(struct shared *shared, char **args);
int run_reuse(struct shared *shared, char **args);
int run_threads(struct shared *shared, char **args);
int run_crowd(struct shared *shared, char **args);
int run_sleepers(struct shared *shared, char **args);
int run_exec(struct shared *shared, char **args);
int run_exec_thread(struct shared *shared, char **args);
int run_pipe(struct shared *shared, char **args);
int run_futex(struct shared *shared, char **args);
int run_affinity(struct shared *shared, char **args);
int run_cgroups(struct shared *shared, char **args);
int run_uring(struct shared *shared, char **args);
int run_storm(struct shared *shared, char **args);

/* What an execed image does: exec.c. Returns its exit status. */
int be_image(char **argv);

static inline void count_pid(struct shared *shared, pid_t pid)
{
	uint32_t at = __atomic_fetch_add(&shared->n_pids, 1, __ATOMIC_RELAXED);

	if (at < MAX_PIDS)
		shared->pids[at] = (uint32_t)pid;
}

static inline void count_work(struct shared *shared, uint64_t n)
{
	__atomic_fetch_add(&shared->work, n, __ATOMIC_RELAXED);
}

static inline void count_failure(struct shared *shared)
{
	__atomic_fetch_add(&shared->failed, 1, __ATOMIC_RELAXED);
}

/* Busy for so much CPU time of the calling thread. */
static inline void burn_ns(uint64_t ns)
{
	uint64_t end = clock_ns(CLOCK_THREAD_CPUTIME_ID) + ns;

	while (clock_ns(CLOCK_THREAD_CPUTIME_ID) < end)
		;
}

/* The CPUs that this process may use, MAX_WORKERS at most. */
size_t usable_cpus(int cpus[MAX_WORKERS]);

/* Makes `n` processes that run work(shared, index) and exit, each counted; waits for them. */
void run_workers(struct shared *shared, size_t n,
		 void (*work)(struct shared *shared, size_t index));

/* Adds this process's CPU time, as /proc/self/schedstat has it, to told_ns. */
void tell_schedstat(struct shared *shared);

#endif
