/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ENERGYTRACE_BPF_LEDGER_NAMES_H
#define ENERGYTRACE_BPF_LEDGER_NAMES_H

/*
 * The news of names: what a process was executed as, which cgroups come, go and are renamed. Only
 * loaded where it is asked for, each program only where the kernel has its tracepoint. Included once.
 *
 * From 7.0 on these tracepoints may be preemptible, so nothing here is kept by CPU.
 */

#include "ledger_task.h"

#include <bpf/bpf_tracing.h>

struct args_event {
	struct ledger_event head;
	char text[LEDGER_ARGS_LEN];
};

struct path_event {
	struct ledger_event head;
	char text[LEDGER_PATH_LEN];
};

struct long_path_event {
	struct ledger_event head;
	char text[LEDGER_LONG_PATH_LEN];
};

static __always_inline void count_dropped(void)
{
	__u32 id = bpf_get_smp_processor_id();
	struct ledger_cpu *cpu = bpf_map_lookup_elem(&cpus, &id);

	if (cpu)
		__sync_fetch_and_add(&cpu->name_dropped, 1);
}

/* Names can wait for the tick, unless so many come that there would be no room for them. */
static __always_inline __u64 wake_flags(void)
{
	return bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA) * 2 >
			       bpf_ringbuf_query(&events, BPF_RB_RING_SIZE)
		       ? BPF_RB_FORCE_WAKEUP
		       : BPF_RB_NO_WAKEUP;
}

/* After the new image was put in place: `task` leads its group, whoever called exec. */
SEC("?tp_btf/sched_process_exec")
int BPF_PROG(ledger_exec, struct task_struct *task)
{
	__u64 start, whole, length;
	struct args_event *event;
	__u32 pid = told_id(task);

	if (!pid)
		return 0;
	event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		count_dropped();
		return 0;
	}
	start = BPF_CORE_READ(task, mm, arg_start);
	whole = BPF_CORE_READ(task, mm, arg_end) - start;
	length = whole < sizeof(event->text) ? whole : sizeof(event->text);
	/* Its pages were just written. Should one be out already, nothing is told. */
	if (bpf_probe_read_user(event->text, length, (void *)start) < 0)
		whole = length = 0;
	event->head = (struct ledger_event){
		.kind = LEDGER_EVENT_EXEC,
		.pid = pid,
		.id = task->start_boottime,
		.length = length,
		.cut = whole > length,
	};
	bpf_ringbuf_submit(event, wake_flags());
	return 0;
}

/* Of the two hierarchies that cgroups are accounted by. Id 0 is the default one's (cgroup_init). */
static __always_inline __u32 hierarchy_of(struct cgroup *cgroup)
{
	int subsys = v1_subsys();

	if (cgroup->root->hierarchy_id == 0)
		return LEDGER_CGROUP_V2;
	if (subsys >= 0 && cgroup->root->subsys_mask & (1U << subsys))
		return LEDGER_CGROUP_V1;
	return LEDGER_CGROUP_UNKNOWN;
}

/* What stands before a path of which `read` bytes came, with its NUL, into `room`. */
static __always_inline struct ledger_event path_head(struct cgroup *cgroup, __u32 hierarchy,
						     __u32 kind, long read, long room)
{
	return (struct ledger_event){
		.kind = kind,
		.hierarchy = hierarchy,
		.id = cgroup->kn->id,
		.length = read > 0 ? read - 1 : 0,
		.cut = read == room,
	};
}

static __noinline int tell_long_path(struct cgroup *cgroup, const char *path, __u32 hierarchy,
				     __u32 kind)
{
	struct long_path_event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	long read;

	if (!event) {
		count_dropped();
		return 0;
	}
	read = bpf_probe_read_kernel_str(event->text, sizeof(event->text), path);
	event->head = path_head(cgroup, hierarchy, kind, read, sizeof(event->text));
	bpf_ringbuf_submit(event, wake_flags());
	return 0;
}

/* `path` is the kernel's, up to 1024 bytes (TRACE_CGROUP_PATH_LEN), from the root of the hierarchy. */
static __always_inline int tell_cgroup(struct cgroup *cgroup, const char *path, __u32 kind)
{
	__u32 hierarchy = hierarchy_of(cgroup);
	struct path_event *event;
	long read;

	if (!hierarchy)
		return 0;
	event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		count_dropped();
		return 0;
	}
	read = bpf_probe_read_kernel_str(event->text, sizeof(event->text), path);
	if (read == sizeof(event->text)) {
		bpf_ringbuf_discard(event, BPF_RB_NO_WAKEUP);
		return tell_long_path(cgroup, path, hierarchy, kind);
	}
	event->head = path_head(cgroup, hierarchy, kind, read, sizeof(event->text));
	bpf_ringbuf_submit(event, wake_flags());
	return 0;
}

SEC("?tp_btf/cgroup_mkdir")
int BPF_PROG(ledger_cgroup_mkdir, struct cgroup *cgroup, const char *path)
{
	return tell_cgroup(cgroup, path, LEDGER_EVENT_CGROUP_MADE);
}

SEC("?tp_btf/cgroup_rmdir")
int BPF_PROG(ledger_cgroup_rmdir, struct cgroup *cgroup, const char *path)
{
	return tell_cgroup(cgroup, path, LEDGER_EVENT_CGROUP_REMOVED);
}

SEC("?tp_btf/cgroup_rename")
int BPF_PROG(ledger_cgroup_rename, struct cgroup *cgroup, const char *path)
{
	return tell_cgroup(cgroup, path, LEDGER_EVENT_CGROUP_RENAMED);
}

#endif
