// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ledger's kernel side: at every switch the CPU's time since the last one goes to the row of the
 * task that is switched out. ledger_shared.h describes the data; user/ledger/ is the other side.
 *
 * Nothing here allocates at the switch (the run-queue lock is held), nothing waits, and everything
 * that can fail has a counter.
 */
#include "ledger_counts.h"
#include "ledger_moves.h"

#include <bpf/bpf_tracing.h>

/*
 * `task` runs here, but is not the one that was switched in: at least one switch went by unseen.
 * What user space has told of the slice, up to the last close (that before the CPU went offline, if
 * it did), stays told. The rest is lost up to the task's own arrival, which the scheduler notes by the
 * same clock, and the task's from there. Returns the task's row.
 */
static __always_inline __u32 anchor(struct ledger_cpu *cpu, struct task_struct *task,
				    const struct moment *moment)
{
	__u32 index = task->pid ? LEDGER_ROW_NONE : LEDGER_ROW_IDLE;
	__u64 arrival = moment->now, gone_at = cpu->gone_at;
	struct moment told = *moment;
	struct ledger_slot *slot;

	cpu->switch_missed++;
	if (gone_at)
		told.t = gone_at;
	if (told.t > cpu->stamp) {
		charge(cpu, cpu->row, told.t, &told, NULL);
		cpu->stamp = told.t;
	}
	if (task->pid && use_rq_clock && bpf_core_field_exists(task->sched_info.last_arrival))
		arrival = task->sched_info.last_arrival;
	if (arrival < cpu->stamp)
		arrival = cpu->stamp;
	if (arrival > moment->now)
		arrival = moment->now;
	charge(cpu, LEDGER_ROW_NONE, arrival, moment, NULL);
	slot = bpf_map_lookup_elem(&slots, &cpu->task);
	if (slot)
		give_up_row(slot);
	slot = task->pid ? task_slot(task) : NULL;
	if (slot && slot->row && slot->domain == cpu->domain)
		index = slot->row;
	cpu->stamp = arrival;
	cpu->task = (__u64)task;
	cpu->row = index;
	cpu->hashed = 0;
	cpu->tid = task->pid;
	return index;
}

/* The last switch-out of a dead task: all rows of it are finished. */
static __noinline int finish_task(struct task_struct *prev, __u32 index)
{
	__u64 key = (__u64)prev;
	struct ledger_slot *slot;

	if (index != LEDGER_ROW_NONE)
		finish_row(index, LEDGER_TASK_DEAD);
	/* Rows of another circle: taken while the storage look-up failed, or before the row ran out. */
	slot = storage_slot(prev);
	if (slot && slot->row && slot->row != index)
		finish_row(slot->row, LEDGER_TASK_DEAD);
	slot = hash_slot(prev);
	if (slot) {
		if (slot->row && slot->row != index)
			finish_row(slot->row, LEDGER_TASK_DEAD);
		bpf_map_delete_elem(&slots, &key);
	}
	return 0;
}

static __noinline int leave_hash_slot(struct task_struct *prev)
{
	struct ledger_slot *slot = hash_slot(prev);

	if (slot)
		slot->runs_on = 0;
	return 0;
}

SEC("tp_btf/sched_switch")
int BPF_PROG(ledger_switch, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	__u32 id = bpf_get_smp_processor_id(), row, last, hashed = 0;
	struct ledger_cpu *cpu = bpf_map_lookup_elem(&cpus, &id);
	struct moment moment;
	__u64 now, seq;

	if (!cpu)
		return 0;
	now = clock_now(prev);
	row = row_of(next, cpu, id, &hashed);
	last = cpu->row;
	seq = cpu->seq;
	cpu->seq = seq + 1;
	barrier();
	moment = moment_of(cpu, now, seq);
	if (!cpu->stamp)
		last = LEDGER_ROW_NONE; /* the account of this CPU begins */
	else if (cpu->task != (__u64)prev)
		last = anchor(cpu, prev, &moment);
	else if (moved_at && prev->pid)
		last = follow_move(prev, cpu, id, moved_at, &moment);
	if (cpu->stamp)
		charge(cpu, last, moment.now, &moment, prev);
	if (n_counters)
		count_slice(last, id);
	if (cpu->hashed)
		leave_hash_slot(prev);
	cpu->stamp = moment.now;
	cpu->task = (__u64)next;
	cpu->row = row;
	cpu->hashed = hashed;
	cpu->tid = next->pid;
	barrier();
	cpu->seq = seq + 2;
	if (task_is_dead(prev))
		finish_task(prev, last);
	return 0;
}

/* The CPU has been running `task` for a while, with interrupts off now: was its switch-in seen? */
static __always_inline int check_anchor(struct task_struct *task)
{
	__u32 id = bpf_get_smp_processor_id();
	struct ledger_cpu *cpu = bpf_map_lookup_elem(&cpus, &id);
	struct moment moment;
	__u64 seq;

	if (!cpu || !cpu->stamp || cpu->task == (__u64)task)
		return 0;
	seq = cpu->seq;
	cpu->seq = seq + 1;
	barrier();
	moment = moment_of(cpu, clock_now(task), seq);
	anchor(cpu, task, &moment);
	barrier();
	cpu->seq = seq + 2;
	return 0;
}

/*
 * Two more looks at who runs, attached only where switches are missed, so that what follows one is
 * not lost for longer than to the next timer interrupt, or to idle. (sched_stat_runtime would be
 * sooner, but fires three times a switch.)
 */
SEC("tp_btf/hrtimer_expire_entry")
int ledger_anchor_tick(void *ctx)
{
	return check_anchor(bpf_get_current_task_btf());
}

SEC("tp_btf/cpu_idle")
int BPF_PROG(ledger_anchor_idle, unsigned int state, unsigned int cpu)
{
	struct task_struct *task = bpf_get_current_task_btf();

	return task->pid ? 0 : check_anchor(task);
}

/*
 * Storage is made where a task is born and not at the switch: making it allocates, and before 6.4
 * that could deadlock under the run-queue lock. task_newtask also sees io_uring and vhost workers,
 * which sched_process_fork does not. The row comes with the first switch-in.
 */
SEC("tp_btf/task_newtask")
int BPF_PROG(ledger_birth, struct task_struct *task, __u64 clone_flags)
{
	__u32 id = bpf_get_smp_processor_id();
	struct ledger_slot *slot;
	struct ledger_cpu *cpu;

	if (!fail_births) {
		slot = bpf_task_storage_get(&storage, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
		if (slot) {
			slot->ppid = told_parent(task);
			return 0;
		}
	}
	cpu = bpf_map_lookup_elem(&cpus, &id);
	if (cpu)
		cpu->birth_failed++; /* preemptible from 7.x on: a lost count, not lost time */
	return 0;
}

/* exec and prctl. After an exec by another thread than the leader, the thread id is new as well. */
SEC("tp_btf/task_rename")
int BPF_PROG(ledger_rename, struct task_struct *task, const char *comm)
{
	struct ledger_slot *slot = task_slot(task);
	__u32 first, index;

	if (!slot || !slot->row)
		return 0;
	first = index = slot->row;
	for (int i = 0; i < LEDGER_CIRCLE_MAX; i++) {
		struct ledger_row *row = row_at(index);

		if (!row)
			break;
		bpf_probe_read_kernel_str(row->comm, sizeof(row->comm), comm);
		row->tid = told_id(task);
		row->start_ns = task->start_boottime;
		row->uid = real_uid(task);
		row->kernel = is_kernel_thread(task);
		index = row->next;
		if (index == first)
			break;
	}
	return 0;
}

/*
 * exit has begun; signal->live has been counted down. The task runs on to its last switch-out, and
 * so may other threads of its group: the group has ended when all their rows are finished.
 */
SEC("tp_btf/sched_process_exit")
int BPF_PROG(ledger_exit, struct task_struct *task)
{
	struct ledger_slot *slot;
	struct ledger_row *row;

	if (BPF_CORE_READ(task, signal, live.counter) != 0)
		return 0;
	slot = task_slot(task);
	if (!slot || !slot->row)
		return 0;
	row = row_at(slot->row);
	if (row)
		row->flags |= LEDGER_GROUP_DEAD;
	return 0;
}

/* Whose ids are told: the reader's, which runs the iterator. */
static __always_inline void note_namespace(void)
{
	struct task_struct *reader = (struct task_struct *)bpf_get_current_task();
	struct pid *pid = BPF_CORE_READ(reader, thread_pid);
	struct upid *upid;

	pid_level = BPF_CORE_READ(pid, level);
	upid = (void *)pid + bpf_core_field_offset(pid->numbers) +
	       (__u64)pid_level * bpf_core_type_size(struct upid);
	pid_namespace = (__u64)BPF_CORE_READ(upid, ns);
}

/* Run once at the start: storage for the tasks that exist, and who they are. */
SEC("iter/task")
int ledger_existing(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct ledger_seen seen = {};
	struct ledger_slot *slot;
	__u8 hierarchy = 0;

	if (!task)
		return 0;
	if (!pid_namespace)
		note_namespace();
	seen.ppid = told_parent(task);
	if (use_task_storage) {
		slot = bpf_task_storage_get(&storage, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
		if (slot)
			slot->ppid = seen.ppid;
	}
	if (task->pid != task->tgid)
		return 0;
	seen.pid = told_id(task);
	seen.kernel_pid = task->pid;
	seen.start_ns = task->start_boottime;
	seen.cgroup_id = cgroup_of(task, &hierarchy);
	seen.hierarchy = hierarchy;
	seen.n_threads = BPF_CORE_READ(task, signal, nr_threads);
	seen.live = BPF_CORE_READ(task, signal, live.counter);
	seen.uid = real_uid(task);
	seen.kernel = is_kernel_thread(task);
	bpf_probe_read_kernel(seen.comm, sizeof(seen.comm), task->comm);
	bpf_seq_write(ctx->meta->seq, &seen, sizeof(seen));
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
