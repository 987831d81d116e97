// SPDX-License-Identifier: BSD-2-Clause
/* The same as tick.c, of thousands of real tasks: what the machine adds (caches, its own tasks). */
#include "bench.h"
#include "line.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define N_THREADS 10000
#define N_PROCESSES 4000
#define N_TICKS 7
#define STACK_SIZE (64 * 1024)
#define PATIENCE_US 10000000

/* Shared by all workers: they run once whenever `round` goes on. */
struct crowd {
	uint32_t round;
	uint32_t done; /* workers that have run in it, over all rounds */
	bool stop;
};

static void work(struct crowd *crowd)
{
	for (uint32_t seen = 0; !__atomic_load_n(&crowd->stop, __ATOMIC_ACQUIRE);) {
		if (__atomic_load_n(&crowd->round, __ATOMIC_ACQUIRE) == seen) {
			syscall(SYS_futex, &crowd->round, FUTEX_WAIT, seen, NULL, NULL, 0);
			continue;
		}
		seen = __atomic_load_n(&crowd->round, __ATOMIC_ACQUIRE);
		__atomic_add_fetch(&crowd->done, 1, __ATOMIC_RELEASE);
	}
}

static void *thread(void *crowd)
{
	work(crowd);
	return NULL;
}

/* Makes all of them run once, and waits for it. */
static int run_round(struct crowd *crowd, uint32_t n)
{
	uint32_t before = __atomic_load_n(&crowd->done, __ATOMIC_ACQUIRE);

	__atomic_add_fetch(&crowd->round, 1, __ATOMIC_RELEASE);
	syscall(SYS_futex, &crowd->round, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
	for (int waited = 0; waited < PATIENCE_US; waited += 10000) {
		usleep(10000);
		if (__atomic_load_n(&crowd->done, __ATOMIC_ACQUIRE) - before >= n)
			return 0;
	}
	return -ETIMEDOUT;
}

static uint32_t start_threads(struct crowd *crowd, pthread_t *threads)
{
	pthread_attr_t attr;
	uint32_t n = 0;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	while (n < N_THREADS && pthread_create(&threads[n], &attr, thread, crowd) == 0)
		n++;
	pthread_attr_destroy(&attr);
	return n;
}

static uint32_t start_processes(struct crowd *crowd, pid_t *pids)
{
	uint32_t n = 0;

	for (; n < N_PROCESSES; n++) {
		pids[n] = fork();
		if (pids[n] < 0)
			break;
		if (pids[n] > 0)
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		work(crowd);
		_exit(0);
	}
	return n;
}

/* Processes that are born, run and die within the tick. */
static int live_and_die(void)
{
	for (uint32_t i = 0; i < N_PROCESSES; i++) {
		pid_t pid = fork();

		if (pid < 0)
			return -errno;
		if (pid == 0)
			_exit(0);
		waitpid(pid, NULL, 0);
	}
	return 0;
}

/* Ticks after a round of the crowd each (of `n`), or after short lives where there is no crowd. */
static int time_ticks(const char *what, struct crowd *crowd, uint32_t n)
{
	double collector[N_TICKS], all[N_TICKS];
	struct line_times times = {};
	struct errmsg msg = {};
	struct line line = {};
	int err;

	err = line_open(&line, LEDGER_DEFAULT_ROWS, "jsonl:/dev/null", &msg);
	for (unsigned int tick = 0; tick <= N_TICKS && !err; tick++) {
		if (tick > 0)
			err = crowd ? run_round(crowd, n) : live_and_die();
		if (!err)
			err = line_tick(&line, &times, &msg);
		if (err || tick == 0)
			continue;
		collector[tick - 1] = (double)times.collector_ns / (double)times.n_tasks;
		all[tick - 1] = (double)(times.collector_ns + times.reporter_ns + times.output_ns) /
				(double)times.n_tasks;
	}
	line_close(&line);
	if (err)
		fprintf(stderr, "bench: %s: %s\n", what, msg.text[0] ? msg.text : strerror(-err));
	else
		printf("  %-24s %7zu %7zu %11.1f %9.1f\n", what, times.n_tasks, times.n_lines,
		       bench_median(collector, N_TICKS), bench_median(all, N_TICKS));
	return err;
}

static int with_threads(struct crowd *crowd)
{
	pthread_t *threads = calloc(N_THREADS, sizeof(*threads));
	uint32_t n = threads ? start_threads(crowd, threads) : 0;
	int err = n ? time_ticks("threads, live", crowd, n) : -ENOMEM;

	crowd->stop = true;
	__atomic_add_fetch(&crowd->round, 1, __ATOMIC_RELEASE);
	syscall(SYS_futex, &crowd->round, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
	for (uint32_t i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	free(threads);
	return err;
}

static int with_processes(struct crowd *crowd)
{
	pid_t *pids = calloc(N_PROCESSES, sizeof(*pids));
	uint32_t n = pids ? start_processes(crowd, pids) : 0;
	int err = n ? time_ticks("processes, live", crowd, n) : -ENOMEM;

	for (uint32_t i = 0; i < n; i++)
		kill(pids[i], SIGKILL);
	for (uint32_t i = 0; i < n; i++)
		waitpid(pids[i], NULL, 0);
	free(pids);
	return err;
}

static struct crowd *new_crowd(void)
{
	struct crowd *crowd = mmap(NULL, sizeof(*crowd), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return crowd == MAP_FAILED ? NULL : crowd;
}

int bench_real(struct bench_options *options)
{
	struct crowd *threads = new_crowd(), *processes = new_crowd();
	int err = threads && processes ? 0 : -ENOMEM;

	(void)options;
	printf("The same of real tasks, ns a row: medians of %u ticks, JSONL to /dev/null\n",
	       N_TICKS);
	printf("  %-24s %7s %7s %11s %9s\n", "", "rows", "lines", "collector", "all");
	if (!err)
		err = with_processes(processes);
	if (!err)
		err = time_ticks("processes, born and dead", NULL, 0);
	if (!err)
		err = with_threads(threads);
	if (threads)
		munmap(threads, sizeof(*threads));
	if (processes)
		munmap(processes, sizeof(*processes));
	return err;
}
