/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ENERGYTRACE_BPF_WINDOWS_STATE_H
#define ENERGYTRACE_BPF_WINDOWS_STATE_H

/* The windows' maps, the threads' stacks, and what is read of the ledger. Included once. */

#include "vmlinux.h"

#include <stdbool.h>
#include <stddef.h>

#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "ledger_shared.h"
#include "windows_shared.h"

#define barrier() asm volatile("" ::: "memory")

#define READ_TRIES 4
#define WINDOW_RECORD_ROOM (sizeof(struct window_record) + BPF_RINGBUF_HDR_SZ)

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct percpu_counter {
	__s64 count;
};

typedef struct {
	__s64 counter;
} atomic_long;

struct mm_rss_stat {
	atomic_long count[4];
};

struct xol_area {
	unsigned long vaddr; /* the trampoline of return probes is at its start */
};

struct uprobes_state {
	struct xol_area *xol_area;
};

/* f1a7941243c1 (6.2) made an array of per-CPU counters of it. */
struct mm_struct___windows {
	struct percpu_counter rss_stat[4];
	struct uprobes_state uprobes_state;
};

struct mm_struct___before_6_2 {
	struct mm_rss_stat rss_stat;
};

#pragma clang attribute pop

/* enum in include/linux/mm_types_task.h; swapped-out pages (2) are not resident. */
#define MM_FILEPAGES 0
#define MM_ANONPAGES 1
#define MM_SHMEMPAGES 3

/* Set before the load: only threads with a mark in `followed`, or whose group leader has one. */
const volatile bool follow = false;

/*
 * Written by user space: how much faster bpf_ktime_get_ns goes than the ledger's clock, in parts of
 * 2^-30. (The former is steered by NTP, by up to 500 ppm.)
 */
volatile __s64 clock_drift;

/* The ledger's, put in place before the load. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct ledger_row);
} rows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct ledger_cpu);
} cpus SEC(".maps");

/* The open windows of a thread. Made at its first: a probe may allocate, unlike a switch. */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct window_thread);
} threads SEC(".maps");

/* Being there is what counts. */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u32);
} followed SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, WINDOW_FUNCTIONS_MAX);
	__type(key, __u32);
	__type(value, struct window_counts);
} counts SEC(".maps");

/* The size is set at the load. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} finished SEC(".maps");

static __always_inline struct task_struct *current_task(void)
{
	return bpf_get_current_task_btf();
}

static __always_inline struct ledger_row *row_at(__u32 index)
{
	return bpf_map_lookup_elem(&rows, &index);
}

/* Atomic, because one program may be preempted by another of the same CPU. */
static __always_inline void count(__u32 function, __u32 member, __u64 n)
{
	void *counts_of = bpf_map_lookup_elem(&counts, &function);

	if (counts_of)
		__sync_fetch_and_add((__u64 *)(counts_of + member), n);
}

static __always_inline bool is_followed(void)
{
	struct task_struct *task = current_task();

	if (!follow || bpf_task_storage_get(&followed, task, 0, 0))
		return true;
	return bpf_task_storage_get(&followed, task->group_leader, 0, 0) != NULL;
}

static __always_inline struct window_thread *find_thread(void)
{
	return bpf_task_storage_get(&threads, current_task(), 0, 0);
}

/* NULL for one that is not followed, or when memory is out. */
static __always_inline struct window_thread *make_thread(__u32 function)
{
	struct window_thread *thread = find_thread();

	if (thread || !is_followed())
		return thread;
	thread = bpf_task_storage_get(&threads, current_task(), 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!thread)
		count(function, offsetof(struct window_counts, no_memory), 1);
	return thread;
}

/* The window that is `below` the topmost one (0), or NULL. */
static __always_inline struct window_frame *frame_below(struct window_thread *thread, __u32 below)
{
	struct window_frame *frame = NULL;
	__u32 depth = thread->depth;

	if (below < depth && depth <= WINDOW_DEPTH_MAX)
		frame = &thread->frames[(depth - 1 - below) & (WINDOW_DEPTH_MAX - 1)];
	/* The compiler may not keep "is there one" apart from it: the verifier could not follow. */
	asm volatile("" : "+r"(frame));
	return frame;
}

/* A probe, as a thread has met it. */
struct met {
	__u64 sp;
	__u64 ip; /* of a marker, 0: it is a function */
	__u32 function;
};

/* Where a walk through a thread's open windows is, from the topmost one down. */
struct walk {
	struct window_thread *thread;
	const struct met *met; /* or NULL */
	__u32 depth;	       /* that was looked for */
};

/*
 * Walks are bpf_loop's (5.17, e6f2dd0f8067): it is verified once, where a loop may be followed for each
 * way through each of its rounds.
 */
static __always_inline void walk_down(struct walk *walk, long (*step)(__u32 i, struct walk *walk))
{
	bpf_loop(WINDOW_DEPTH_MAX, step, walk, 0);
}

static long abandon_topmost(__u32 i, struct walk *walk)
{
	struct window_frame *frame = frame_below(walk->thread, 0), *outer;

	if (!frame || walk->thread->depth <= walk->depth)
		return 1;
	/* What ended in it is within the next one out. */
	outer = frame_below(walk->thread, 1);
	if (outer)
		outer->inner_ns += frame->inner_ns;
	count(frame->function, offsetof(struct window_counts, abandoned), 1);
	walk->thread->depth--;
	return 0;
}

/* Takes the windows off the stack down to `keep` of them. */
static __always_inline void abandon_above(struct window_thread *thread, __u32 keep)
{
	struct walk walk = {.thread = thread, .depth = keep};

	if (thread->depth > keep)
		walk_down(&walk, abandon_topmost);
}

/* The account of the thread that runs here, as it stands. */
struct reading {
	__u64 now;
	__u64 total_ns; /* charged to all rows of the thread since it got them */
	__u64 stamp;
	__u32 row; /* that the CPU charges */
	__u32 generation;
	__u8 domain;
	bool good;  /* all but `now` says something */
	bool found; /* the row that was asked for is among the thread's */
};

static __always_inline void add_rows(struct reading *reading, __u32 wanted)
{
	__u32 index = reading->row;

	for (int i = 0; i <= LEDGER_CIRCLE_MAX; i++) {
		struct ledger_row *row = row_at(index);

		if (!row)
			return;
		reading->total_ns += *(volatile __u64 *)&row->cpu_ns - row->taken_ns;
		reading->found |= index == wanted;
		if (i == 0)
			reading->generation = row->generation;
		index = row->next;
		if (index == reading->row) {
			reading->good = true;
			return;
		}
	}
}

/*
 * It cannot be whole if the program is preempted at each try, or if the CPU's switch to this task went
 * unseen; nor if the task has no row.
 */
static __noinline int read_account(struct reading *reading, __u32 wanted)
{
	__u32 id = bpf_get_smp_processor_id();
	struct ledger_cpu *cpu = bpf_map_lookup_elem(&cpus, &id);
	__u64 seq;

	for (int i = 0; cpu && i < READ_TRIES; i++) {
		*reading = (struct reading){.row = LEDGER_ROW_NONE, .domain = LEDGER_DOMAIN_NONE};
		seq = *(volatile __u64 *)&cpu->seq;
		barrier();
		reading->stamp = cpu->stamp;
		reading->row = cpu->row;
		reading->domain = cpu->domain;
		if (cpu->task != (__u64)bpf_get_current_task() || reading->row == LEDGER_ROW_IDLE)
			break;
		add_rows(reading, wanted);
		reading->now = bpf_ktime_get_ns();
		barrier();
		if (*(volatile __u64 *)&cpu->seq == seq)
			return 0;
	}
	*reading = (struct reading){
		.now = bpf_ktime_get_ns(), .row = LEDGER_ROW_NONE, .domain = LEDGER_DOMAIN_NONE};
	return 0;
}

/* Whose window it is: as its row tells it, in ids of the reader's namespace. */
static __always_inline void identify(struct window_record *record, __u32 index)
{
	struct ledger_row *row = row_at(index);
	struct task_struct *task = current_task();
	__u64 ids = bpf_get_current_pid_tgid();

	record->start_ns = task->start_boottime;
	record->process_start_ns = BPF_CORE_READ(task, group_leader, start_boottime);
	if (row && index != LEDGER_ROW_IDLE) {
		record->tid = row->tid;
		record->tgid = row->tgid;
	} else {
		record->tid = ids;
		record->tgid = ids >> 32;
		record->flags |= WINDOW_TASK_IDS;
	}
}

/* As the kernel has it at hand: up to some 32 pages a CPU short or over, of each kind (6.2 on). */
static __always_inline __s64 resident_pages(void)
{
	struct mm_struct *mm = BPF_CORE_READ(current_task(), mm);
	struct mm_struct___windows *now = (void *)mm;
	struct mm_struct___before_6_2 *old = (void *)mm;

	if (bpf_core_field_exists(old->rss_stat.count))
		return BPF_CORE_READ(old, rss_stat.count[MM_FILEPAGES].counter) +
		       BPF_CORE_READ(old, rss_stat.count[MM_ANONPAGES].counter) +
		       BPF_CORE_READ(old, rss_stat.count[MM_SHMEMPAGES].counter);
	return BPF_CORE_READ(now, rss_stat[MM_FILEPAGES].count) +
	       BPF_CORE_READ(now, rss_stat[MM_ANONPAGES].count) +
	       BPF_CORE_READ(now, rss_stat[MM_SHMEMPAGES].count);
}

#endif
