/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ENERGYTRACE_BPF_LEDGER_MAPS_H
#define ENERGYTRACE_BPF_LEDGER_MAPS_H

/* The ledger's maps, what is set before it is loaded, and the look-ups. Included once. */

#include "vmlinux.h"

#include <stdbool.h>
#include <stddef.h>

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "ledger_shared.h"

/* The compiler keeps the order of the stores; x86-64 does the rest (see ledger_shared.h). */
#define barrier() asm volatile("" ::: "memory")

/* Set before the programs are loaded: the verifier takes out what they switch off. */
const volatile __u32 ring_size = 1024;	     /* slots a CPU, a power of two */
const volatile bool use_task_storage = true; /* else the hash alone */
const volatile bool use_rq_clock = true;     /* else bpf_ktime_get_ns */
const volatile __u32 v1_controller = LEDGER_V1_NONE;
const volatile bool use_v2 = true;	 /* cgroups of the v2 hierarchy */
const volatile bool can_ask = true;	 /* the ring buffer's lock may be taken at a switch */
const volatile __u32 n_counters = 0;	 /* performance counters read at a switch */
const volatile bool can_look = true;	 /* the task that runs is a pointer for look-ups */
const volatile bool fail_births = false; /* as if no storage could be made */

/* T of the last close, written by user space. */
volatile __u64 tick_at;

/*
 * When a task was moved to another cgroup while it may have been running, by the ledger's clock. Set
 * back to 0 by user space when it has looked after it. move_told: user space was woken for it and did
 * not come to it yet.
 */
volatile __u64 moved_at;
volatile __u64 move_told;

/* By how much bpf_ktime_get_ns is ahead of the ledger's clock, written by user space; 0: not known yet. */
volatile __s64 ktime_ahead;

/* The pid namespace whose ids are told: noted by the iterator, before any row is taken. */
__u32 pid_level;
__u64 pid_namespace;

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

/*
 * ring_size slots for each CPU: row indices that user space gives and this CPU takes. 64 bits wide
 * because the elements of an array map stand 8 bytes apart at least.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} rings SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct ledger_slot);
} storage SEC(".maps");

/*
 * Stands behind the storage, by task_struct address (which an exec of a non-leader does not change,
 * as it does the thread id): for tasks that the iterator could not see, for a look-up that fails
 * because the CPU is busy in the storage (before 6.2, 0af02eb2a7d7), and for kernels that do not
 * have task storage for tracing programs (before 5.13, a10787e6d58c).
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, struct ledger_slot);
} slots SEC(".maps");

/* The size is set at the load. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

static __always_inline struct ledger_row *row_at(__u32 index)
{
	return bpf_map_lookup_elem(&rows, &index);
}

static __always_inline struct ledger_slot *storage_slot(struct task_struct *task)
{
	if (!use_task_storage)
		return NULL;
	return bpf_task_storage_get(&storage, task, 0, 0);
}

static __always_inline struct ledger_slot *hash_slot(struct task_struct *task)
{
	__u64 key = (__u64)task;

	return bpf_map_lookup_elem(&slots, &key);
}

static __always_inline struct ledger_slot *task_slot(struct task_struct *task)
{
	struct ledger_slot *slot = storage_slot(task);

	return slot ? slot : hash_slot(task);
}

#endif
