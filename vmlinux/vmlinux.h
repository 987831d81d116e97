/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ENERGYTRACE_VMLINUX_H
#define ENERGYTRACE_VMLINUX_H

/*
 * The kernel types that the BPF programs use, kept by hand: only the members that are read. CO-RE
 * relocates every access to the running kernel's layout, so order and offsets mean nothing here.
 * Each change of name between kernels has a flavour (___suffix) and the commit that made it.
 */

#include <linux/types.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

typedef struct {
	int counter;
} atomic_t;

struct kernfs_node {
	__u64 id; /* 67c0496e87d1 (5.5): 64 bits of number and generation */
};

struct cgroup_root {
	unsigned int subsys_mask;
	int hierarchy_id;
};

struct cgroup {
	struct kernfs_node *kn;
	struct cgroup_root *root;
	int level; /* 0 is the root of its hierarchy */
};

struct cgroup_subsys_state {
	struct cgroup *cgroup;
};

struct css_set {
	struct cgroup_subsys_state *subsys[16];
	struct cgroup *dfl_cgrp; /* v2 */
};

/* Only the names matter: the values are relocated. Absent where the kernel lacks the controller. */
enum cgroup_subsys_id {
	cpu_cgrp_id = 1,
	cpuacct_cgrp_id = 2,
};

struct rq {
	__u64 clock;
};

struct cfs_rq {
	struct rq *rq; /* CONFIG_FAIR_GROUP_SCHED */
};

struct sched_entity {
	struct cfs_rq *cfs_rq;
};

struct sched_info {
	__u64 last_arrival; /* rq->clock at the last switch-in; CONFIG_SCHED_INFO */
};

struct signal_struct {
	atomic_t live;
	int nr_threads;
};

typedef struct {
	__u32 val;
} kuid_t;

struct cred {
	kuid_t uid;
};

struct mm_struct {
	unsigned long arg_start, arg_end;
};

struct pid_namespace;

struct upid {
	int nr;
	struct pid_namespace *ns;
};

struct pid {
	unsigned int level;
	struct upid numbers[1];
};

struct task_struct {
	unsigned int __state; /* 2f064a59a11f (5.14) renamed `state` */
	unsigned int flags;
	unsigned int on_cpu; /* CONFIG_SMP; an int of four bytes or, in 7.2, fewer: loads of unsigned ones adapt */
	struct mm_struct *mm;
	const struct cred *real_cred;
	struct sched_entity se;
	struct sched_info sched_info;
	int pid;
	int tgid;
	struct task_struct *real_parent;
	struct task_struct *group_leader;
	struct pid *thread_pid;
	__u64 start_boottime; /* cf25e24db61c (5.5) renamed `real_start_time` */
	char comm[16];
	struct signal_struct *signal;
	struct css_set *cgroups;
};

struct task_struct___before_5_14 {
	volatile long state;
};

struct seq_file;

struct bpf_iter_meta {
	struct seq_file *seq;
	__u64 session_id;
	__u64 seq_num;
};

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};

#pragma clang attribute pop

#define PF_KTHREAD 0x00200000 /* include/linux/sched.h */
#define TASK_DEAD 0x00000080 /* include/linux/sched.h, 8ef9925b02c2 (4.14) */

#endif
