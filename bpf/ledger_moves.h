/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ENERGYTRACE_BPF_LEDGER_MOVES_H
#define ENERGYTRACE_BPF_LEDGER_MOVES_H

/*
 * Tasks that are moved to another cgroup while they run. One that moves itself is followed there and
 * then. For any other the time of the move is noted, and user space, woken by it, comes to look.
 */

#include "ledger_charge.h"
#include "ledger_counts.h"
#include "ledger_names.h"

#include <bpf/bpf_tracing.h>

/* From 7.0 on tracepoints may be preemptible; these came with 6.10. */
extern void bpf_preempt_disable(void) __weak __ksym;
extern void bpf_preempt_enable(void) __weak __ksym;

/* The slot by which the running task came to its row, which need not be the one it would get now. */
static __always_inline struct ledger_slot *running_slot(const struct ledger_cpu *cpu,
							struct task_struct *task)
{
	return cpu->hashed ? hash_slot(task) : storage_slot(task);
}

/*
 * The task that runs here is not in the cgroup of its row: from `at`, the time of the move, it goes on
 * with another one. To be called with seq odd. Returns the task's row.
 */
static __noinline __u32 follow_move(struct task_struct *task, struct ledger_cpu *cpu, __u32 id,
				    __u64 at, const struct moment *moment)
{
	struct ledger_slot *slot = running_slot(cpu, task);
	__u32 hashed; /* stays as it is: there is a slot */

	if (!slot || !slot->row || slot->row == LEDGER_ROW_NONE ||
	    slot->css == (__u64)task->cgroups)
		return cpu->row;
	if (at < moment->t) /* told already */
		at = moment->t;
	if (at < cpu->stamp)
		at = cpu->stamp;
	if (at > moment->now)
		at = moment->now;
	charge(cpu, cpu->row, at, moment, task);
	cpu->stamp = at;
	cpu->row = change_row(task, slot, cpu, id, &hashed);
	return cpu->row;
}

/*
 * Follows the task that runs here, if it was moved at `at` (0: none was). To be called where no switch
 * can come in between, so that the row of a task that runs may be changed. An interrupt may, from the
 * tracepoint: it finds seq odd and leaves the task to who was first.
 */
static __noinline int look_here(__u64 at)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u32 id = bpf_get_smp_processor_id();
	struct ledger_cpu *cpu = bpf_map_lookup_elem(&cpus, &id);
	struct moment moment;
	__u64 seq;

	/* Where a switch went by unseen, all is made good by the next one that is seen. */
	if (!cpu || !cpu->stamp || !task->pid || cpu->task != (__u64)task)
		return 0;
	seq = cpu->seq;
	if (seq & 1)
		return 0;
	cpu->seq = seq + 1;
	barrier();
	if (n_counters)
		count_slice(cpu->row, id);
	if (at) {
		moment = moment_of(cpu, at, seq);
		follow_move(task, cpu, id, at, &moment);
	}
	barrier();
	cpu->seq = seq + 2;
	return 0;
}

/*
 * Attached to nothing. User space runs it on a CPU (bpf_prog_test_run, 1b4d60ec162f, 5.10) when a task
 * was moved to another cgroup, and at each tick where there are counters: in an interrupt there, or
 * without one on its own CPU, where preemption is off then.
 */
SEC("?raw_tp")
int ledger_look(void *ctx)
{
	return look_here(moved_at);
}

/* The ledger's clock, or 0 where it is not known yet. */
static __always_inline __u64 ledger_now(void)
{
	if (use_rq_clock && !ktime_ahead)
		return 0;
	return bpf_ktime_get_ns() - ktime_ahead;
}

/* Wakes user space, unless it has been woken and did not come to it yet: the first move stands for all. */
static __always_inline void tell_move(__u64 now)
{
	struct ledger_event *event;

	if (move_told)
		return;
	moved_at = now;
	move_told = 1;
	event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event)
		return; /* it is full, so its reader has been woken */
	*event = (struct ledger_event){.kind = LEDGER_EVENT_MOVED};
	bpf_ringbuf_submit(event, BPF_RB_FORCE_WAKEUP);
}

static __always_inline void follow_oneself(__u64 now)
{
	if (bpf_preempt_disable)
		bpf_preempt_disable();
	look_here(now);
	if (bpf_preempt_enable)
		bpf_preempt_enable();
}

/* Of a group of threads any may be running; what one of them alone does is a load away. */
static __always_inline bool may_be_running(struct task_struct *task)
{
	if (task->signal->nr_threads > 1 || !bpf_core_field_exists(task->on_cpu))
		return true;
	return task->on_cpu;
}

/*
 * After the move. A task is known to be where it was by the address of its css_set. One that is moved
 * twice while it sleeps could come to a new css_set at the address of its first: so the address is
 * forgotten at each move. (For a whole thread group the kernel tells of its leader only.) One that
 * sleeps needs no more: its next switch-in looks where it is.
 */
SEC("?tp_btf/cgroup_attach_task")
int BPF_PROG(ledger_cgroup_attach, struct cgroup *to, const char *path, struct task_struct *task)
{
	struct ledger_slot *slot = task_slot(task);
	struct task_struct *self;
	__u64 now;

	if (slot)
		slot->css = 0;
	if (!hierarchy_of(to))
		return 0;
	now = ledger_now();
	if (!now)
		return 0;
	if (can_look) {
		self = bpf_get_current_task_btf();
		if (self->tgid == task->tgid)
			follow_oneself(now);
		if (self == task && self->signal->nr_threads == 1)
			return 0;
	}
	if (may_be_running(task))
		tell_move(now);
	return 0;
}

#endif
