// SPDX-License-Identifier: BSD-2-Clause
/*
 * stress LOAD LOG [ARGUMENT…]: reads "START UNTIL" (span.h) from standard input, runs the load, then
 * writes the pid of each process that it made to LOG, one a line, and prints one line:
 *
 *   WORK PROCESSES CPU_NS SCHEDSTAT_NS FAILED
 *
 * CPU_NS is the kernel's count for the whole tree: the process's own CPU clock and, for the children
 * that were reaped, getrusage. SCHEDSTAT_NS is what processes read of themselves in /proc/PID/schedstat
 * (0 where a load's do not). It stays until its input is closed. "unsupported: why" is printed instead
 * where the machine lacks something. stress alone lists the loads.
 */
#include "stress.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct load loads[] = {
	{"fork", "processes that exit at once", run_fork},
	{"vfork", "the same by vfork, one in sixteen execs", run_vfork},
	{"births", "RATE: so many processes a second, by vfork", run_births},
	{"reuse", "processes of one and the same pid", run_reuse},
	{"threads", "threads that end at once", run_threads},
	{"crowd", "N: so many threads, asleep most of the time", run_crowd},
	{"sleepers", "N: so many threads that sleep for microseconds", run_sleepers},
	{"exec", "chains of fork, exec and exit: orphans of orphans", run_exec},
	{"exec-thread", "processes whose second thread execs", run_exec_thread},
	{"pipe", "bytes thrown through pipes by pairs of processes", run_pipe},
	{"futex", "turns taken by pairs of threads", run_futex},
	{"affinity", "threads that go from CPU to CPU", run_affinity},
	{"cgroups", "FILE…: processes moved among cgroups, by these cgroup.procs", run_cgroups},
	{"uring", "reads by io_uring's worker and polling threads", run_uring},
	{"storm", "fork, pipe and futex at once on every CPU", run_storm},
};

size_t usable_cpus(int cpus[MAX_WORKERS])
{
	cpu_set_t allowed;
	size_t n = 0;

	if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0)
		return 0;
	for (int cpu = 0; cpu < CPU_SETSIZE && n < MAX_WORKERS; cpu++) {
		if (CPU_ISSET((size_t)cpu, &allowed))
			cpus[n++] = cpu;
	}
	return n;
}

void tell_schedstat(struct shared *shared)
{
	FILE *file = fopen("/proc/self/schedstat", "r");
	unsigned long long ns;

	if (!file)
		return;
	if (fscanf(file, "%llu", &ns) == 1)
		__atomic_fetch_add(&shared->told_ns, ns, __ATOMIC_RELAXED);
	fclose(file);
}

void run_workers(struct shared *shared, size_t n, void (*work)(struct shared *shared, size_t index))
{
	for (size_t i = 0; i < n; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			work(shared, i);
			_exit(0);
		}
		if (pid > 0)
			count_pid(shared, pid);
		else
			count_failure(shared);
	}
	for (;;) {
		int status;

		if (wait(&status) > 0 && status != 0)
			count_failure(shared);
		else if (errno == ECHILD)
			return;
	}
}

static const struct load *find_load(const char *name)
{
	for (size_t i = 0; i < sizeof(loads) / sizeof(loads[0]); i++) {
		if (strcmp(loads[i].name, name) == 0)
			return &loads[i];
	}
	return NULL;
}

static int usage(void)
{
	fprintf(stderr, "stress LOAD LOG [ARGUMENT...]\n");
	for (size_t i = 0; i < sizeof(loads) / sizeof(loads[0]); i++)
		fprintf(stderr, "  %-12s %s\n", loads[i].name, loads[i].what);
	return 2;
}

/* In a file without a name, so that execed images find it by its descriptor. */
static struct shared *share(void)
{
	int fd = memfd_create("stress", 0);
	struct shared *shared;

	if (fd < 0 || ftruncate(fd, sizeof(*shared)) != 0 || dup2(fd, SHARED_FD) != SHARED_FD)
		return NULL;
	close(fd);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED, SHARED_FD, 0);
	return shared == MAP_FAILED ? NULL : shared;
}

static uint64_t tree_cpu_ns(void)
{
	struct rusage children;

	getrusage(RUSAGE_CHILDREN, &children);
	return clock_ns(CLOCK_PROCESS_CPUTIME_ID) +
	       (uint64_t)(children.ru_utime.tv_sec + children.ru_stime.tv_sec) * 1000000000U +
	       (uint64_t)(children.ru_utime.tv_usec + children.ru_stime.tv_usec) * 1000U;
}

static int write_log(const char *path, const struct shared *shared)
{
	FILE *log = fopen(path, "w");

	if (!log)
		return -errno;
	for (uint32_t i = 0; i < shared->n_pids && i < MAX_PIDS; i++)
		fprintf(log, "%u\n", shared->pids[i]);
	return fclose(log) == 0 ? 0 : -errno;
}

int main(int argc, char **argv)
{
	const struct load *load;
	struct shared *shared;
	uint64_t before, cpu_ns;
	int err;

	if (argc > 0 && argv[0][0] == ':')
		return be_image(argv);
	load = argc >= 3 ? find_load(argv[1]) : NULL;
	if (!load)
		return usage();
	shared = share();
	if (!shared) {
		perror("stress");
		return 1;
	}
	signal(SIGPIPE, SIG_IGN);
	/* Orphans come to this process, so that their CPU time is in its getrusage. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	before = tree_cpu_ns();
	shared->until = wait_for_start();
	err = load->run(shared, argv + 3);
	cpu_ns = tree_cpu_ns() - before;
	if (err) {
		printf("unsupported: %s\n", strerror(-err));
	} else {
		err = write_log(argv[2], shared);
		printf("%llu %u %llu %llu %llu\n", (unsigned long long)shared->work, shared->n_pids,
		       (unsigned long long)cpu_ns, (unsigned long long)shared->told_ns,
		       (unsigned long long)shared->failed);
	}
	fflush(stdout);
	wait_for_hang_up();
	return err ? 1 : 0;
}
