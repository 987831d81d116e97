/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_LEDGER_KERNEL_H
#define ENERGYTRACE_LEDGER_KERNEL_H

/* What the running kernel has, asked of its own description of its types and not of its version. */

#include <stdbool.h>

struct btf;

struct kernel_facts {
	bool rq_clock; /* the scheduler's clock is within reach of a task */
	bool can_ask;  /* a ring buffer may be written to at a switch */

	bool anchors; /* programs get the task that runs as a pointer that look-ups take */

	/* Tracepoints that may be missing. */
	bool exec, cgroup_mkdir, cgroup_rmdir, cgroup_rename, cgroup_attach;
};

/* All false where the kernel does not describe its types. */
void kernel_facts_read(struct kernel_facts *ret);

/* The same of a given description, for tests. */
void kernel_facts_from(const struct btf *btf, struct kernel_facts *ret);

#endif
