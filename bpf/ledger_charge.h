/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ENERGYTRACE_BPF_LEDGER_CHARGE_H
#define ENERGYTRACE_BPF_LEDGER_CHARGE_H

/* A CPU's slice of time: where it ends, and whose it is. */

#include "ledger_row.h"

/*
 * The scheduler updated its clock just before the switch (__schedule: update_rq_clock), and it is a
 * load away: about 6 ns against 48 for a clock call in a guest. It runs on through interrupts and
 * stolen time.
 */
static __always_inline __u64 clock_now(struct task_struct *prev)
{
	if (use_rq_clock)
		return prev->se.cfs_rq->rq->clock;
	return bpf_ktime_get_ns();
}

/* Writes down this CPU's counts at T, of which `part` ns are still to be charged. */
static __always_inline void close_cpu(struct ledger_cpu *cpu, __u64 t, __u64 seq, __u64 idle_part,
				      __u64 busy_part, __u64 lost_part)
{
	cpu->closed_idle_ns = cpu->idle_ns + idle_part;
	cpu->closed_busy_ns = cpu->busy_ns + busy_part;
	cpu->closed_lost_ns = cpu->lost_ns + lost_part;
	cpu->closed_seq = seq;
	barrier();
	cpu->closed_at = t;
}

/* One switch, as it is being charged: now is never before t nor before the CPU's last stamp. */
struct moment {
	__u64 now;
	__u64 t;   /* of the last close */
	__u64 seq; /* of the CPU, before it was made odd */
};

/*
 * To be called with seq odd. The scheduler reads its clock when it begins to look for the next task,
 * which may take tens of microseconds (balancing). If a tick was closed meanwhile, user space has
 * told of the slice up to T: the switch is taken to be at T. Nor does the clock of one CPU step
 * back; if it did, no time is made up.
 */
static __always_inline struct moment moment_of(const struct ledger_cpu *cpu, __u64 now, __u64 seq)
{
	struct moment moment = {.now = now, .t = tick_at, .seq = seq};

	if (moment.now < moment.t)
		moment.now = moment.t;
	if (moment.now < cpu->stamp)
		moment.now = cpu->stamp;
	return moment;
}

/*
 * Charges the slice [cpu->stamp, now] to the row that this CPU was running, of `task` (NULL: it may be
 * gone by now).
 */
static __always_inline void charge(struct ledger_cpu *cpu, __u32 index, __u64 now,
				   const struct moment *moment, struct task_struct *task)
{
	__u64 slice = now - cpu->stamp, t = moment->t, seq = moment->seq, part = 0;
	struct ledger_row *row;

	if (t > cpu->stamp)
		part = t - cpu->stamp;
	if (index == LEDGER_ROW_IDLE) {
		if (cpu->closed_at != t)
			close_cpu(cpu, t, seq, part, 0, 0);
		cpu->idle_ns += slice;
		return;
	}
	row = row_at(index);
	if (!row) {
		if (cpu->closed_at != t)
			close_cpu(cpu, t, seq, 0, 0, part);
		cpu->lost_ns += slice;
		return;
	}
	if (cpu->closed_at != t)
		close_cpu(cpu, t, seq, 0, part, 0);
	if (row->closed_at != t) {
		row->closed_ns = row->cpu_ns + part;
		barrier();
		row->closed_at = t;
		barrier();
		/* setuid has no tracepoint that tells of it: looked at once a tick. */
		if (task)
			row->uid = real_uid(task);
	}
	row->cpu_ns += slice;
	cpu->busy_ns += slice;
}

#endif
