/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ENERGYTRACE_BPF_LEDGER_ROW_H
#define ENERGYTRACE_BPF_LEDGER_ROW_H

/* A task's rows: taken, looked up, finished. All at the switch, with interrupts off. */

#include "ledger_task.h"

/* Only this CPU's switch program takes from its ring and its fresh range, with interrupts off. */
static __always_inline __u32 take_free_row(struct ledger_cpu *cpu, __u32 id)
{
	__u32 head = cpu->ring_head, row, key;
	__u64 *slot;

	if (head != *(volatile __u32 *)&cpu->ring_tail) {
		key = id * ring_size + (head & (ring_size - 1));
		slot = bpf_map_lookup_elem(&rings, &key);
		if (!slot)
			return LEDGER_ROW_NONE;
		row = *(volatile __u64 *)slot;
		cpu->ring_head = head + 1;
		return row;
	}
	row = cpu->fresh_next;
	if (row >= *(volatile __u32 *)&cpu->fresh_end)
		return LEDGER_ROW_NONE;
	cpu->fresh_next = row + 1;
	return row;
}

/*
 * Asks user space for more rows before the tick's end, once for each time that it gives some. This is
 * under the run-queue lock: the ring buffer takes a raw spinlock of its own, under which nothing else
 * is taken, and wakes its reader by irq_work (457f44363a88, 5.8), which was made for contexts that must
 * not wake by themselves (e360adbe2924). Where that lock may sleep, `can_ask` is off.
 */
static __always_inline void ask_for_rows(struct ledger_cpu *cpu)
{
	__u32 tail = *(volatile __u32 *)&cpu->ring_tail;
	__u32 at_hand =
		tail - cpu->ring_head + *(volatile __u32 *)&cpu->fresh_end - cpu->fresh_next;
	struct ledger_event *event;

	if (!can_ask || at_hand >= *(volatile __u32 *)&cpu->ask_below || cpu->asked == tail + 1)
		return;
	event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event)
		return; /* it is full, so its reader has been woken */
	*event = (struct ledger_event){.kind = LEDGER_EVENT_ROWS};
	bpf_ringbuf_submit(event, BPF_RB_FORCE_WAKEUP);
	cpu->asked = tail + 1;
}

static __always_inline void identify_row(struct ledger_row *row, struct task_struct *task,
					 const struct ledger_slot *slot)
{
	struct task_struct *leader = BPF_CORE_READ(task, group_leader);

	row->tid = told_id(task);
	row->tgid = told_id(leader);
	row->start_ns = task->start_boottime;
	row->process_start_ns = BPF_CORE_READ(leader, start_boottime);
	row->ppid = slot->ppid;
	row->uid = real_uid(task);
	row->kernel = is_kernel_thread(task);
	bpf_probe_read_kernel(row->comm, sizeof(row->comm), task->comm);
}

/* The row of the task's circle that has this cgroup and domain, or LEDGER_ROW_NONE. */
static __always_inline __u32 find_in_circle(__u32 first, __u64 cgroup, __u8 hierarchy, __u8 domain,
					    bool *too_long)
{
	__u32 index = first;

	*too_long = false;
	for (int i = 0; i < LEDGER_CIRCLE_MAX; i++) {
		struct ledger_row *row = row_at(index);

		if (!row)
			return LEDGER_ROW_NONE;
		if (row->cgroup_id == cgroup && row->hierarchy == hierarchy &&
		    row->domain == domain)
			return index;
		index = row->next;
		if (index == first)
			return LEDGER_ROW_NONE;
	}
	*too_long = true;
	return LEDGER_ROW_NONE;
}

static __always_inline void finish_row(__u32 index, __u8 flags)
{
	struct ledger_row *row = row_at(index);

	if (!row)
		return;
	row->flags |= flags;
	barrier();
	row->state = LEDGER_ROW_FINISHED;
}

/* Takes a free row for the task and links it into the task's circle. */
static __always_inline __u32 take_row(struct task_struct *task, struct ledger_slot *slot,
				      struct ledger_cpu *cpu, __u32 id, __u64 cgroup,
				      __u8 hierarchy, bool leave_circle)
{
	__u32 index = take_free_row(cpu, id);
	struct ledger_row *row, *beside;

	ask_for_rows(cpu);
	if (index == LEDGER_ROW_NONE)
		return index;
	row = row_at(index);
	if (!row)
		return LEDGER_ROW_NONE;
	identify_row(row, task, slot);
	row->cgroup_id = cgroup;
	row->hierarchy = hierarchy;
	row->domain = cpu->domain;
	row->flags = 0;
	row->taken_ns = row->cpu_ns;
	row->generation++;
	row->next = index;
	beside = slot->row ? row_at(slot->row) : NULL;
	if (beside && leave_circle) {
		finish_row(slot->row, 0);
	} else if (beside) {
		row->next = beside->next;
		beside->next = index;
	}
	barrier();
	row->state = LEDGER_ROW_LIVE;
	return index;
}

/* A slot in the hash for a task that has none in the storage, or NULL when the hash is full. */
static __always_inline struct ledger_slot *make_hash_slot(struct task_struct *task,
							  struct ledger_cpu *cpu)
{
	struct ledger_slot *slot = hash_slot(task), none = {};
	__u64 key = (__u64)task;
	struct ledger_row *row;

	if (use_task_storage)
		cpu->lookup_failed++;
	if (slot && slot->row && slot->row != LEDGER_ROW_NONE) {
		/* Left behind by a task whose end went unseen, at an address used again? */
		row = row_at(slot->row);
		if (row && row->start_ns != task->start_boottime) {
			finish_row(slot->row, LEDGER_TASK_DEAD);
			*slot = none;
			slot->ppid = told_parent(task);
		}
	}
	if (slot)
		return slot;
	none.ppid = told_parent(task);
	bpf_map_update_elem(&slots, &key, &none, BPF_NOEXIST);
	slot = hash_slot(task);
	if (!slot)
		cpu->hash_full++;
	return slot;
}

/*
 * A task of the hash whose switch-out went unseen will do it again: a kernel that runs no BPF for
 * some of its tasks. Its time is lost from now on, because a row could have two writers.
 */
static __always_inline void give_up_row(struct ledger_slot *slot)
{
	if (slot->row == LEDGER_ROW_NONE)
		return;
	if (slot->row)
		finish_row(slot->row, 0);
	slot->row = LEDGER_ROW_NONE;
}

/* The task has no row yet, or one that is not right for its cgroup or this CPU's domain. */
static __noinline __u32 change_row(struct task_struct *task, struct ledger_slot *slot,
				   struct ledger_cpu *cpu, __u32 id, __u32 *hashed)
{
	__u32 index = LEDGER_ROW_NONE;
	bool leave_circle = false;
	__u8 hierarchy = 0;
	__u64 css, cgroup;

	if (!slot) {
		slot = make_hash_slot(task, cpu);
		if (!slot)
			return LEDGER_ROW_NONE;
		/* Another CPU that still holds it for running missed its switch-out. */
		if (slot->runs_on && slot->runs_on != id + 1)
			give_up_row(slot);
		slot->runs_on = id + 1;
		*hashed = 1;
	}
	if (slot->row == LEDGER_ROW_NONE)
		return LEDGER_ROW_NONE;
	css = (__u64)task->cgroups;
	if (slot->css == css && slot->domain == cpu->domain)
		return slot->row;
	cgroup = cgroup_of(task, &hierarchy);
	if (slot->row)
		index = find_in_circle(slot->row, cgroup, hierarchy, cpu->domain, &leave_circle);
	if (index == LEDGER_ROW_NONE)
		index = take_row(task, slot, cpu, id, cgroup, hierarchy, leave_circle);
	if (index == LEDGER_ROW_NONE) {
		/* The slot stays as it is: the next switch-in tries again. */
		cpu->no_row++;
		return index;
	}
	slot->row = index;
	slot->domain = cpu->domain;
	slot->css = css;
	return index;
}

static __always_inline __u32 row_of(struct task_struct *next, struct ledger_cpu *cpu, __u32 id,
				    __u32 *hashed)
{
	struct ledger_slot *slot;

	if (!next->pid)
		return LEDGER_ROW_IDLE;
	slot = storage_slot(next);
	if (slot && slot->css == (__u64)next->cgroups && slot->domain == cpu->domain)
		return slot->row;
	return change_row(next, slot, cpu, id, hashed);
}

#endif
