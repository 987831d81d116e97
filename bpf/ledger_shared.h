/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef ENERGYTRACE_BPF_LEDGER_SHARED_H
#define ENERGYTRACE_BPF_LEDGER_SHARED_H

/*
 * The types that the BPF programs and user space share through memory-mapped maps.
 *
 * Rows
 *
 * A row holds the on-CPU time of one task in one cgroup on the CPUs of one energy domain. The rows
 * of one task form a circle by `next`. A row is, in turn:
 *
 *   free      user space's alone: in no ring.
 *   given     its index is in a CPU's ring or fresh range. Nobody writes it.
 *   live      taken by the switch program of a CPU, for a task that it switches to. The CPU that
 *             runs the task writes it, user space reads. One writer at a time, because a task runs
 *             on one CPU: plain adds.
 *   finished  its task was switched out for the last time (or the circle had grown too long and
 *             was left). Nobody writes any of the circle; user space reads it.
 *   read      finished, and its final count is in a sample. One tick later user space frees it, so
 *             that no barrier is needed against the program that finished it. (Kept in user space,
 *             as are free and given.)
 *
 * Counters only grow, also from one owner to the next: user space keeps the last value and subtracts.
 *
 * The close of a tick
 *
 * User space picks an instant T of the ledger's clock (the stamp of its own last switch-in) and
 * publishes it in `tick_at`. From then on the first charge to a row, and the first switch on a CPU,
 * first writes down what the count was at T (closed_ns, closed_at). So whenever user space comes to
 * read, it finds the count at T: in closed_ns when closed_at is T, else in cpu_ns plus, for the task
 * that a CPU has been running since before T, T - stamp. Nothing is interrupted for it, and rows and
 * per-CPU counts partition the same time exactly. A switch that ran beside the publication may still
 * charge past T: it does so to the row and to the CPU alike, and the next tick has that much less.
 * One whose clock was read before T, but that sees T when it comes to charge, counts as at T.
 *
 * Moves
 *
 * A task that is moved to another cgroup while it runs would be charged to the old one until its next
 * switch. One that moves itself is followed at the move: the program there does what a switch does, to
 * the old row up to now and to the new one from there. For any other the time of the move is noted
 * (moved_at), and user space, woken by it, runs a program that does the same on each CPU that is not
 * idle, where the task that runs is not where its row says. A switch that comes before it does so too.
 * To readers it is a switch.
 *
 * A CPU that goes offline stops there: its last switch has no tracepoint (TRACE_EVENT's condition is
 * cpu_online), so its state goes on to name the task that ran last. User space says up to where it has
 * told of that slice (gone_at), and what follows until the CPU is back is nobody's time.
 *
 * Each counter's writer stores in the order closed_ns, closed_at, cpu_ns, and readers load in the
 * reverse order, which x86-64 (TSO) keeps; other machines need real barriers and are not supported.
 */

#include <linux/types.h>

#define LEDGER_COMM_LEN 16

#define LEDGER_ROW_IDLE 0	    /* row 0 is never given: the CPU's idle task */
#define LEDGER_ROW_NONE 0xffffffffU /* runs a task that has no row: its time is lost */
#define LEDGER_DOMAIN_NONE 255
#define LEDGER_COUNTERS_MAX 8
#define LEDGER_CIRCLE_MAX 16 /* rows of one task before its circle is left and a new one begun */

enum ledger_row_state {
	LEDGER_ROW_FREE = 0, /* free or given */
	LEDGER_ROW_LIVE = 1,
	LEDGER_ROW_FINISHED = 2,
};

enum ledger_row_flag {
	LEDGER_TASK_DEAD = 1,  /* finished because its task died */
	LEDGER_GROUP_DEAD = 2, /* the task was the last of its thread group to exit */
};

/* The v1 controller whose hierarchy is accounted, if any. */
enum ledger_v1_controller {
	LEDGER_V1_NONE = 0,
	LEDGER_V1_CPU = 1,
	LEDGER_V1_CPUACCT = 2,
};

enum ledger_hierarchy {
	LEDGER_CGROUP_UNKNOWN = 0,
	LEDGER_CGROUP_V1 = 1, /* cgroup_id is of the cpuacct (or cpu) v1 hierarchy */
	LEDGER_CGROUP_V2 = 2,
};

struct ledger_row {
	/* What every charge touches. */
	__u64 cpu_ns;	  /* cumulative, also over owners */
	__u64 closed_ns;  /* cpu_ns at closed_at */
	__u64 closed_at;  /* the last tick_at that a charge to this row saw */
	__u32 next;	  /* the circle of the task's rows */
	__u32 generation; /* counts the owners */
	__u8 state;
	__u8 flags;
	__u8 domain;	/* energy domain of the CPUs, or LEDGER_DOMAIN_NONE */
	__u8 hierarchy; /* whose id cgroup_id is */
	__u32 ppid;	/* thread group of the parent at birth */
	__u64 cgroup_id;
	__u32 uid;   /* real, in the initial user namespace; at the first charge of a tick */
	__u8 kernel; /* a kernel thread */
	__u8 spare_bytes[3];
	__u64 taken_ns; /* cpu_ns when its owner took it */

	/* Who it is: written when the row is taken, and the name (uid and kernel too) by task_rename. */
	__u64 start_ns;		/* task: start_boottime */
	__u64 process_start_ns; /* its group leader's */
	__u32 tid;
	__u32 tgid;
	char comm[LEDGER_COMM_LEN];
	__u64 spare_identity[3];
};

/* One for each possible CPU, indexed by CPU id. */
struct ledger_cpu {
	/* What every switch touches. Written by this CPU's switch program but for `domain`. */
	__u64 seq;   /* odd while it is being written; half of it is the number of switches */
	__u64 stamp; /* ledger clock of the last switch; 0: none seen yet */
	__u64 task;  /* task_struct that was switched to, to notice a missed switch */
	__u32 row;   /* its row, LEDGER_ROW_IDLE or LEDGER_ROW_NONE */
	__u32 tid;   /* its thread id, 0 idle */
	__u64 idle_ns;
	__u64 busy_ns;	 /* charged to rows */
	__u64 closed_at; /* the last tick_at that a switch saw, with these counts at that time: */
	__u32 domain;	 /* written by user space before the start */
	__u32 hashed;	 /* the task's slot is in the hash, not in the storage */

	__u64 closed_idle_ns;
	__u64 closed_busy_ns;
	__u64 closed_lost_ns;
	__u64 closed_seq; /* seq before the switch that saw closed_at first */
	__u64 lost_ns;	  /* on-CPU time without a row */
	__u32 ring_head;  /* rows taken from the ring, ever */
	__u32 fresh_next; /* next row of the fresh range */
	__u32 asked;	  /* ring_tail + 1 when rows were last asked for, 0: never */
	__u32 spare_line[3];

	/* Counts of trouble; cumulative. */
	__u64 no_row;	     /* switch-ins that found no free row */
	__u64 lookup_failed; /* switch-ins whose task had no storage: the hash stood in */
	__u64 hash_full;     /* and had no room: those run without a row */
	__u64 switch_missed; /* the task switched out is not the one that was switched in */
	__u64 birth_failed;  /* storage could not be made for a new task */
	__u64 name_dropped;  /* events that found no room; any CPU's preempted program, so atomic */
	__u64 spare_counts[2];

	/* Written by user space. */
	__u32 ring_tail; /* rows put into the ring, ever */
	__u32 fresh_end; /* end of the fresh range */
	__u32 ask_below; /* with fewer rows at hand than these, the program asks for more */
	__u32 spare_word;
	__u64 gone_at; /* T up to which its last slice before it went offline was told, 0: none */
	__u64 spare_user[5];
};

/*
 * A performance counter, in a row the sum of what it counted while its task ran, cumulative also over
 * owners; of a CPU the last reading. Not closed at T: a tick's counts go up to the last reading before
 * its rows are read, which ledger_look makes on each CPU that is not idle.
 */
struct ledger_count {
	__u64 value;
	__u64 enabled_ns, running_ns; /* the event, and what it was counting of that */
};

/* What a look-up by task gives. */
struct ledger_slot {
	__u64 css;    /* css_set the row is right for; 0: no row yet, or it has to be seen anew */
	__u32 row;    /* one of the task's circle */
	__u32 domain; /* energy domain the row is right for */
	__u32 ppid; /* thread group of the parent at birth: it may be gone by the first switch-in */
	__u32 runs_on; /* in the hash: CPU + 1 that was seen to switch to the task, 0 none */
};

/* What the programs put into the ring buffer. */
enum ledger_event_kind {
	LEDGER_EVENT_ROWS = 1, /* a CPU runs out of rows: nothing but this word */
	LEDGER_EVENT_EXEC,
	LEDGER_EVENT_CGROUP_MADE,
	LEDGER_EVENT_CGROUP_REMOVED,
	LEDGER_EVENT_CGROUP_RENAMED,
	LEDGER_EVENT_MOVED, /* moved_at is set: nothing but this word */
};

#define LEDGER_ARGS_LEN 256	  /* of the arguments of an exec */
#define LEDGER_PATH_LEN 256	  /* of a cgroup's path, with its NUL */
#define LEDGER_LONG_PATH_LEN 1024 /* or so much, if that is too short */

/* The head of each; a text may follow: the arguments, each with its NUL, or the path. */
struct ledger_event {
	__u32 kind;
	__u32 pid;	 /* exec: the thread group's, as in rows */
	__u64 id;	 /* exec: start_boottime of the process; cgroup: its id */
	__u32 hierarchy; /* cgroup: whose id it is */
	__u32 length;	 /* of the text, without the NUL of a path */
	__u32 cut;	 /* the text goes on */
	__u32 spare;
};

/*
 * What the task iterator writes for each thread group leader at the start. Process ids, here and in
 * rows, are those of the reader's pid namespace; 0 for what is not in it.
 */
struct ledger_seen {
	__u64 start_ns;
	__u32 pid;
	__u32 ppid;
	__u32 kernel_pid; /* in the initial pid namespace, as in ledger_cpu.tid */
	__u32 n_threads;
	__u64 cgroup_id;
	__u32 hierarchy;
	__u32 live; /* threads that have not begun to exit; 0: a zombie */
	__u32 uid;
	__u32 kernel;
	char comm[LEDGER_COMM_LEN];
};

_Static_assert(sizeof(struct ledger_row) == 128, "two cache lines");
_Static_assert(__builtin_offsetof(struct ledger_row, start_ns) == 64, "identity on its own line");
_Static_assert(sizeof(struct ledger_cpu) == 256, "four cache lines");
_Static_assert(__builtin_offsetof(struct ledger_cpu, closed_idle_ns) == 64, "hot line");
_Static_assert(__builtin_offsetof(struct ledger_cpu, no_row) == 128, "counts apart");
_Static_assert(__builtin_offsetof(struct ledger_cpu, ring_tail) == 192, "user's line apart");
_Static_assert(sizeof(struct ledger_slot) == 24, "a look-up's value");
_Static_assert(sizeof(struct ledger_event) == 32, "the text is aligned");
_Static_assert(sizeof(struct ledger_seen) == 64, "no padding");

#endif
