/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ENERGYTRACE_BPF_LEDGER_TASK_H
#define ENERGYTRACE_BPF_LEDGER_TASK_H

/* What is read of a task: cgroup, ids, whether it is dead. */

#include "ledger_maps.h"

#include <bpf/bpf_core_read.h>

static __always_inline bool task_is_dead(struct task_struct *task)
{
	struct task_struct___before_5_14 *old = (void *)task;

	if (bpf_core_field_exists(task->__state))
		return task->__state & TASK_DEAD;
	return BPF_CORE_READ(old, state) & TASK_DEAD;
}

/* Index of the v1 hierarchy's controller in a css_set, or -1. */
static __always_inline int v1_subsys(void)
{
	if (v1_controller == LEDGER_V1_CPUACCT &&
	    bpf_core_enum_value_exists(enum cgroup_subsys_id, cpuacct_cgrp_id))
		return bpf_core_enum_value(enum cgroup_subsys_id, cpuacct_cgrp_id);
	if (v1_controller == LEDGER_V1_CPU &&
	    bpf_core_enum_value_exists(enum cgroup_subsys_id, cpu_cgrp_id))
		return bpf_core_enum_value(enum cgroup_subsys_id, cpu_cgrp_id);
	return -1;
}

/*
 * The task's cgroup for accounting. On a hybrid host that is the v1 one, unless it is the root there
 * and not in v2.
 */
static __always_inline __u64 cgroup_of(struct task_struct *task, __u8 *hierarchy)
{
	struct css_set *set = BPF_CORE_READ(task, cgroups);
	struct cgroup *v2 = BPF_CORE_READ(set, dfl_cgrp);
	struct cgroup_subsys_state *css = NULL;
	struct cgroup *v1 = NULL;
	int subsys = v1_subsys();

	if (subsys >= 0) {
		bpf_probe_read_kernel(&css, sizeof(css),
				      (void *)set + bpf_core_field_offset(set->subsys) +
					      subsys * sizeof(css));
		v1 = BPF_CORE_READ(css, cgroup);
	}
	if (v1 && (!use_v2 || BPF_CORE_READ(v1, level) > 0 || BPF_CORE_READ(v2, level) == 0)) {
		*hierarchy = LEDGER_CGROUP_V1;
		return BPF_CORE_READ(v1, kn, id);
	}
	*hierarchy = LEDGER_CGROUP_V2;
	return BPF_CORE_READ(v2, kn, id);
}

/* The id in the namespace that is told; 0 for a task that is not in it. */
static __always_inline __u32 told_id(struct task_struct *task)
{
	struct pid *pid;
	struct upid *upid;

	if (!pid_level)
		return BPF_CORE_READ(task, pid);
	pid = BPF_CORE_READ(task, thread_pid);
	if (!pid || BPF_CORE_READ(pid, level) < pid_level)
		return 0;
	upid = (void *)pid + bpf_core_field_offset(pid->numbers) +
	       (__u64)pid_level * bpf_core_type_size(struct upid);
	if ((__u64)BPF_CORE_READ(upid, ns) != pid_namespace)
		return 0;
	return BPF_CORE_READ(upid, nr);
}

/* As the kernel keeps it: in the initial user namespace. */
static __always_inline __u32 real_uid(struct task_struct *task)
{
	return task->real_cred->uid.val;
}

static __always_inline bool is_kernel_thread(struct task_struct *task)
{
	return task->flags & PF_KTHREAD;
}

static __always_inline __u32 told_parent(struct task_struct *task)
{
	struct task_struct *parent = BPF_CORE_READ(task, real_parent);

	return told_id(BPF_CORE_READ(parent, group_leader));
}

#endif
