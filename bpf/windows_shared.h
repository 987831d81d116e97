/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef ENERGYTRACE_BPF_WINDOWS_SHARED_H
#define ENERGYTRACE_BPF_WINDOWS_SHARED_H

/*
 * Windows of single calls: what their programs and user space share.
 *
 * Each thread has a stack of the windows that are open in it. A window's on-CPU time is the difference
 * of two readings of the thread's own account, each of them
 *
 *   total   what the ledger has charged to the thread's rows,
 *   stamp   the CPU's last switch, up to which that is, by the ledger's clock,
 *   now     by bpf_ktime_get_ns,
 *
 * so the time is (total + now - stamp) at the end less the same at the begin: what the two clocks are
 * apart cancels. The thread is its rows' only writer and it runs here, so a reading is whole if its
 * CPU has not switched meanwhile.
 */

#include <linux/types.h>

#define WINDOW_FUNCTIONS_MAX 64
#define WINDOW_DEPTH_MAX \
	64 /* of open windows in a thread; the kernel has no return probes deeper */

enum window_flag {
	WINDOW_UNRESOLVED = 1, /* the on-CPU time is not known: cpu_ns and inner_ns say nothing */
	WINDOW_TASK_IDS =
		2, /* tid and tgid are the kernel's: there was no row that tells of them */
};

/* One that is open. */
struct window_frame {
	__u64 begin_ns;
	__u64 total_ns;
	__u64 stamp;
	__u64 inner_ns; /* on-CPU time of the windows that ended directly in it */
	__u64 sp;
	__u64 ip; /* of a marker; 0: it is a function's call */
	__u32 row, generation;
	__u16 function;
	__u8 domain;
	__u8 flags;
	__u32 spare;
};

struct window_thread {
	__u32 depth; /* frames in use */
	__u32 over;  /* begins of markers that found the stack full, and have not ended */
	struct window_frame frames[WINDOW_DEPTH_MAX];
};

/* What the ring buffer holds: one for each window that ended. */
struct window_record {
	__u64 begin_ns, end_ns; /* CLOCK_MONOTONIC */
	__u64 cpu_ns;		/* on-CPU time of the thread in between */
	__u64 inner_ns;		/* the part of it in windows directly within this one */
	__u64 root_ns;	/* begin of the outermost one that it is in: its own if depth is 0 */
	__u64 start_ns; /* of the thread: start_boottime */
	__u64 process_start_ns; /* of its group leader */
	__s64 rss_pages;	/* by the kernel's own, approximate count */
	__u32 tid, tgid;	/* as in rows */
	__u16 function;
	__u8 depth;
	__u8 flags;
	__u8 domain_begin, domain_end; /* energy domains of the CPUs */
	__u16 spare;
};

/* By function; cumulative, a copy for each CPU. */
struct window_counts {
	__u64 begun;   /* all that were seen to begin */
	__u64 ended;   /* and are in the ring buffer */
	__u64 dropped; /* ended, but the ring buffer was full */
	__u64 abandoned; /* left by longjmp or an exception, by exit, exec or without their end marker */
	__u64 too_deep;	  /* more than WINDOW_DEPTH_MAX were open: part of the last one's time */
	__u64 unmatched;  /* ends without a begin; of a fork's child, too; not among `begun` */
	__u64 unresolved; /* of `ended` and `dropped`: on-CPU time not known */
	__u64 no_memory;  /* the thread's stack could not be made; not among `begun` */
};

_Static_assert(sizeof(struct window_frame) == 64, "no padding");
_Static_assert(sizeof(struct window_thread) < 7000, "a task storage's value may have 7.6 kB");
_Static_assert(sizeof(struct window_record) == 80, "no padding");

#endif
