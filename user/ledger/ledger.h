/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_LEDGER_LEDGER_H
#define ENERGYTRACE_LEDGER_LEDGER_H

/*
 * On-CPU time by task, cgroup and energy domain, from sched_switch. The kernel side and how a tick
 * is closed without interrupting anyone are described in bpf/ledger_shared.h. Times are nanoseconds
 * of the ledger's clock (the scheduler's, or CLOCK_MONOTONIC as bpf_ktime_get_ns gives it).
 */

#include "base/errmsg.h"
#include "sample/sample.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LEDGER_DEFAULT_ROWS 65536U
#define LEDGER_MIN_ROWS 64U
#define LEDGER_MAX_ROWS (16U * 1024 * 1024)
#define LEDGER_MAX_DOMAINS 255 /* domains 0 to 254; a row keeps one in a byte */

struct ledger;

/*
 * A thread group that existed when the ledger was opened. All process ids are those of this
 * program's pid namespace; 0 stands for what is outside of it.
 */
struct ledger_existing {
	uint32_t pid;
	uint32_t ppid;
	uint32_t uid; /* real, in the initial user namespace */
	uint32_t n_threads;
	bool kernel;	   /* a kernel thread */
	bool exited;	   /* a zombie: nothing more will come of it */
	uint64_t start_ns; /* CLOCK_BOOTTIME */
	uint64_t cgroup_id;
	int cgroup_version;
	char comm[SAMPLE_COMM_LEN];
};

#define LEDGER_MAX_COUNTERS 8

/* A performance counter that is read at every switch. */
struct ledger_counter {
	const int *fds; /* by CPU id a perf event of that CPU, -1 for none; stay the caller's */
};

enum ledger_v1 {
	LEDGER_NO_V1,
	LEDGER_CPU_V1,
	LEDGER_CPUACCT_V1,
};

struct ledger_options {
	uint32_t rows;	    /* LEDGER_DEFAULT_ROWS */
	uint32_t n_cpus;    /* the highest possible CPU id + 1 */
	const bool *online; /* by CPU id */
	const int *domains; /* energy domain by CPU id, SAMPLE_NO_DOMAIN for none */
	enum ledger_v1 v1;  /* the v1 hierarchy to take cgroups from, if any */
	bool v2;	    /* take cgroups from v2 where v1 has the root or is not there */
	bool names;	    /* tell of execs and of cgroups that come, go or are renamed */
	const struct ledger_counter *counters;
	size_t n_counters;    /* at most LEDGER_MAX_COUNTERS */
	bool no_task_storage; /* act as on a kernel that lacks it */
	bool no_rq_clock;     /* act as on a kernel that lacks it */
	bool no_births;	      /* act as if storage could be made for no new task */

	/* Called at the open for every thread group; nonzero (a negative errno) ends the open. */
	int (*existing)(void *userdata, const struct ledger_existing *process);
	void *userdata;
};

/* What the open found to use: for `energytrace sources`. */
struct ledger_features {
	bool anchored;	   /* switches are missed here: two more programs shorten what that loses */
	bool task_storage; /* else a hash by task, some 8 ns more a switch */
	bool rq_clock;	   /* else a clock call, some 40 ns more a switch */
	bool names;	   /* execs and cgroups are told of */
	bool moves; /* tasks that are moved while they run are charged at once where they are */
	uint32_t n_counters; /* read at a switch: what was asked for, or 0 where the kernel can't */
	bool refilled;	     /* CPUs that run out of rows in mid-tick say so (ledger_fd) */
	uint32_t rows, rows_used;
	uint32_t cpus_started; /* CPUs that are accounted so far */
};

/* One row that has something to tell. */
struct ledger_entry {
	uint32_t tid, pid; /* pid: thread group */
	uint32_t ppid;	   /* of the thread group's parent at birth */
	uint32_t uid;	   /* real, in the initial user namespace, when it first ran in the tick */
	bool kernel;	   /* a kernel thread */
	uint64_t start_ns, process_start_ns; /* CLOCK_BOOTTIME */
	const char *comm; /* of the thread, up to SAMPLE_COMM_LEN with its NUL; good in the call */
	uint64_t cgroup_id;
	int cgroup_version; /* 1, 2, or 0: not known */
	int domain;	    /* SAMPLE_NO_DOMAIN: none */
	uint64_t cpu_ns;    /* in this tick; may be 0 */
	const struct sample_count
		*counts; /* in this tick, of each counter, or NULL: none, or cpu_ns is 0 */
	bool first;	 /* the row is told for the first time */
	bool last;	 /* nothing more will come of this row */
	bool task_dead;	 /* with last: because the thread has ended */
	bool group_dead; /* the thread was the last of its group to exit */
};

/* What one CPU did in the tick; its three parts are exact, their sum is the CPU's span. */
struct ledger_span {
	uint32_t cpu; /* CPU id */
	uint64_t busy_ns, idle_ns, lost_ns;
	const struct sample_count *counts; /* of the CPU, idle and all; or NULL; good in the call */
};

/* A process has put a new program in its place. Good in the call. */
struct ledger_exec {
	uint32_t pid;
	uint64_t start_ns; /* CLOCK_BOOTTIME; with the pid the process's identity */
	const char *args;  /* its arguments, each with its NUL but a cut one: any bytes at all */
	size_t length;	   /* at most 256; 0: they could not be read */
	bool cut;	   /* there is more */
};

enum ledger_cgroup_change {
	LEDGER_CGROUP_MADE,
	LEDGER_CGROUP_REMOVED,
	LEDGER_CGROUP_RENAMED, /* v1 alone has that; what is below it moves without a word */
};

/* A cgroup of a hierarchy that is accounted. Good in the call. */
struct ledger_cgroup {
	enum ledger_cgroup_change change;
	int version; /* 1 or 2 */
	uint64_t id;
	const char *path; /* from the root of its hierarchy, with a NUL; any bytes but that */
	size_t length;	  /* without the NUL, at most 1023 */
	bool cut;	  /* it is longer */
};

/* Whom a tick is told to. Each returns 0, or a negative errno that ends the telling. */
struct ledger_visitor {
	int (*entry)(void *userdata, const struct ledger_entry *entry);
	int (*span)(void *userdata, const struct ledger_span *span);
	int (*exec)(void *userdata, const struct ledger_exec *exec);	   /* or NULL */
	int (*cgroup)(void *userdata, const struct ledger_cgroup *cgroup); /* or NULL */
	void *userdata;
};

/*
 * Loads and attaches the programs and starts the account on every CPU that is online. Returns 0 or a
 * negative errno with `msg` filled: -EPERM when a capability lacks, -EOPNOTSUPP when the kernel does.
 */
int ledger_open(const struct ledger_options *options, struct ledger **ret, struct errmsg *msg);

/*
 * Closes the tick at the present instant: from here on later time belongs to the next one. Reading
 * may follow at leisure (ledger_collect), and must before the next close. Returns 0, or -EIO or
 * -EAGAIN if the program could not see itself run: nothing is closed then.
 */
int ledger_mark(struct ledger *ledger);

/*
 * How long ago, in real time, that instant was: the program may have been preempted since. To some
 * microseconds where the CPUs' clocks are one.
 */
uint64_t ledger_mark_age_ns(const struct ledger *ledger);

/*
 * Reads the closed tick and gives what is in it to the visitor: rows in no order, then every CPU that
 * is accounted. Entries' cpu_ns sum up to the spans' busy_ns exactly. Losses of the tick are added to
 * losses[LOSS_N]. Returns 0, or what the visitor returned (which loses the rest of the tick).
 */
int ledger_collect(struct ledger *ledger, const struct ledger_visitor *visitor, uint64_t *losses);

/*
 * Readable when something cannot wait for the tick's end: a CPU runs out of rows, or many names have
 * come. Both ledger_refill and ledger_events are to be called then. Stays the ledger's; -1 where the
 * kernel can't tell: CPUs that ran out then get rows at the next tick, and there is no news of names.
 */
int ledger_fd(const struct ledger *ledger);

/*
 * Tells of the execs and cgroups that there was news of since the last call, in the order they came.
 * ledger_collect begins with it. Returns 0, or what the visitor returned (what was not told then stays).
 */
int ledger_events(struct ledger *ledger, const struct ledger_visitor *visitor);

/* In mid-tick: gives the CPUs that run out of rows half of those that nobody has. */
void ledger_refill(struct ledger *ledger);

/*
 * Says whether a CPU is online, once a tick between ledger_mark and ledger_collect; a CPU that nothing
 * is said of is. The span of a CPU that is offline ends; it goes on with its first switch after.
 */
void ledger_set_online(struct ledger *ledger, unsigned int cpu, bool online);

/* Another perf event for a counter on a CPU that came back online: the first ended when it went. */
int ledger_set_counter(struct ledger *ledger, size_t counter, unsigned int cpu, int fd);

void ledger_features(const struct ledger *ledger, struct ledger_features *ret);

/* Detaches and frees. Takes NULL and half-built objects. */
void ledger_close(struct ledger *ledger);

#endif
