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
	uint32_t n_threads;
	bool exited;	   /* a zombie: nothing more will come of it */
	uint64_t start_ns; /* CLOCK_BOOTTIME */
	uint64_t cgroup_id;
	int cgroup_version;
	char comm[SAMPLE_COMM_LEN];
};

enum ledger_v1 {
	LEDGER_NO_V1,
	LEDGER_CPU_V1,
	LEDGER_CPUACCT_V1,
};

struct ledger_options {
	uint32_t rows;	      /* LEDGER_DEFAULT_ROWS */
	uint32_t n_cpus;      /* the highest possible CPU id + 1 */
	const bool *online;   /* by CPU id */
	const int *domains;   /* energy domain by CPU id, SAMPLE_NO_DOMAIN for none */
	enum ledger_v1 v1;    /* the v1 hierarchy to take cgroups from, if any */
	bool v2;	      /* take cgroups from v2 where v1 has the root or is not there */
	bool no_task_storage; /* act as on a kernel that lacks it */
	bool no_rq_clock;     /* act as on a kernel that lacks it */

	/* Called at the open for every thread group; nonzero (a negative errno) ends the open. */
	int (*existing)(void *userdata, const struct ledger_existing *process);
	void *userdata;
};

/* What the open found to use: for `energytrace sources`. */
struct ledger_features {
	bool anchored;	   /* switches are missed here: two more programs shorten what that loses */
	bool task_storage; /* else a hash by task, some 8 ns more a switch */
	bool rq_clock;	   /* else a clock call, some 40 ns more a switch */
	uint32_t rows, rows_used;
	uint32_t cpus_started; /* CPUs that are accounted so far */
};

/* One row that has something to tell. */
struct ledger_entry {
	uint32_t tid, pid;		     /* pid: thread group */
	uint32_t ppid;			     /* of the thread group's parent at birth */
	uint64_t start_ns, process_start_ns; /* CLOCK_BOOTTIME */
	const char *comm; /* of the thread, up to SAMPLE_COMM_LEN with its NUL; good in the call */
	uint64_t cgroup_id;
	int cgroup_version; /* 1, 2, or 0: not known */
	int domain;	    /* SAMPLE_NO_DOMAIN: none */
	uint64_t cpu_ns;    /* in this tick; may be 0 */
	bool first;	    /* the row is told for the first time */
	bool last;	    /* nothing more will come of this row */
	bool task_dead;	    /* with last: because the thread has ended */
	bool group_dead;    /* the thread was the last of its group to exit */
};

/* What one CPU did in the tick; its three parts are exact, their sum is the CPU's span. */
struct ledger_span {
	uint32_t cpu; /* CPU id */
	uint64_t busy_ns, idle_ns, lost_ns;
};

struct ledger_visitor {
	int (*entry)(void *userdata, const struct ledger_entry *entry);
	int (*span)(void *userdata, const struct ledger_span *span);
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
 * Reads the closed tick and gives what is in it to the visitor: rows in no order, then every CPU that
 * is accounted. Entries' cpu_ns sum up to the spans' busy_ns exactly. Losses of the tick are added to
 * losses[LOSS_N]. Returns 0, or what the visitor returned (which loses the rest of the tick).
 */
int ledger_collect(struct ledger *ledger, const struct ledger_visitor *visitor, uint64_t *losses);

/*
 * Says whether a CPU is online, once a tick before ledger_collect; a CPU that nothing is said of is.
 * A CPU that is offline stops idling.
 */
void ledger_set_online(struct ledger *ledger, unsigned int cpu, bool online);

void ledger_features(const struct ledger *ledger, struct ledger_features *ret);

/* Detaches and frees. Takes NULL and half-built objects. */
void ledger_close(struct ledger *ledger);

#endif
