// SPDX-License-Identifier: GPL-2.0-only
/* What the ledger's switch program is measured beside. */
#include "vmlinux.h"

#include <stdbool.h>

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include <bpf/bpf_tracing.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} stamps SEC(".maps");

/* The floor: what any program at the switch costs. */
SEC("tp_btf/sched_switch")
int BPF_PROG(bench_empty, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	return 0;
}

/* The least that a program with a clock of its own does: when it last ran, on each CPU. */
SEC("tp_btf/sched_switch")
int BPF_PROG(bench_clock, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	__u32 id = bpf_get_smp_processor_id();
	__u64 *stamp = bpf_map_lookup_elem(&stamps, &id);

	if (stamp)
		*stamp = bpf_ktime_get_ns();
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
