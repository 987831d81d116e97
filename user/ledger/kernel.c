// SPDX-License-Identifier: BSD-2-Clause
#include "ledger/kernel.h"

#include <bpf/btf.h>
#include <stdio.h>
#include <string.h>

/* The member, or NULL: not there, or not a member by that name of a structure by that one. */
static const struct btf_member *find_member(const struct btf *btf, const char *structure,
					    const char *name)
{
	int id = btf__find_by_name_kind(btf, structure, BTF_KIND_STRUCT);
	const struct btf_type *type;
	const struct btf_member *members;

	if (id <= 0)
		return NULL;
	type = btf__type_by_id(btf, (__u32)id);
	members = btf_members(type);
	for (int i = 0; i < btf_vlen(type); i++) {
		if (strcmp(btf__name_by_offset(btf, members[i].name_off), name) == 0)
			return &members[i];
	}
	return NULL;
}

/*
 * Whether the ring buffer's lock spins on every kernel. It was a spinlock_t up to 6.11 (8b62645b09f8
 * made it a raw one), which with PREEMPT_RT is a mutex that sleeps: struct spinlock then has it as its
 * member `lock`, where others have a union without a name.
 */
static bool ring_buffer_spins(const struct btf *btf)
{
	const struct btf_member *lock = find_member(btf, "bpf_ringbuf", "spinlock");
	const struct btf_type *type;
	int id;

	if (!lock)
		return false;
	id = btf__resolve_type(btf, lock->type);
	type = id > 0 ? btf__type_by_id(btf, (__u32)id) : NULL;
	if (!type)
		return false;
	return strcmp(btf__name_by_offset(btf, type->name_off), "spinlock") != 0 ||
	       !find_member(btf, "spinlock", "lock");
}

static bool has_helper(const struct btf *btf, const char *name)
{
	int id = btf__find_by_name_kind(btf, "bpf_func_id", BTF_KIND_ENUM);
	const struct btf_type *type;
	const struct btf_enum *values;

	if (id <= 0)
		return false;
	type = btf__type_by_id(btf, (__u32)id);
	values = btf_enum(type);
	for (int i = 0; i < btf_vlen(type); i++) {
		if (strcmp(btf__name_by_offset(btf, values[i].name_off), name) == 0)
			return true;
	}
	return false;
}

/* Each has a typedef of its probe's type, by which programs are attached to it. */
static bool has_tracepoint(const struct btf *btf, const char *name)
{
	char type[64];

	snprintf(type, sizeof(type), "btf_trace_%s", name);
	return btf__find_by_name_kind(btf, type, BTF_KIND_TYPEDEF) > 0;
}

void kernel_facts_from(const struct btf *btf, struct kernel_facts *ret)
{
	*ret = (struct kernel_facts){
		.rq_clock = find_member(btf, "cfs_rq", "rq") != NULL,
		.can_ask = ring_buffer_spins(btf),
		.anchors = has_helper(btf, "BPF_FUNC_get_current_task_btf"),
		.exec = has_tracepoint(btf, "sched_process_exec"),
		.cgroup_mkdir = has_tracepoint(btf, "cgroup_mkdir"),
		.cgroup_rmdir = has_tracepoint(btf, "cgroup_rmdir"),
		.cgroup_rename = has_tracepoint(btf, "cgroup_rename"),
		.cgroup_attach = has_tracepoint(btf, "cgroup_attach_task"),
	};
}

void kernel_facts_read(struct kernel_facts *ret)
{
	struct btf *btf = btf__load_vmlinux_btf();

	*ret = (struct kernel_facts){};
	if (!btf)
		return;
	kernel_facts_from(btf, ret);
	btf__free(btf);
}
