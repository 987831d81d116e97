/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_LEDGER_LEDGER_IMPL_H
#define ENERGYTRACE_LEDGER_LEDGER_IMPL_H

/* Inside user/ledger/ only. */

#include "ledger/ledger.h"
#include "ledger/row_map.h"
#include "ledger/rows.h"
#include "ledger_shared.h"

struct ledger_bpf;

/* What user space knows of a CPU: the counts at the last close. */
struct cpu_account {
	uint64_t busy_ns, idle_ns, lost_ns;
	uint64_t no_row, lookup_failed, hash_full, switch_missed;
	bool offline, was_offline;
};

/* A CPU as it was found after the mark, to be checked again after the rows were read. */
struct cpu_snapshot {
	uint64_t seq, stamp, closed_at;
	uint64_t busy_ns, idle_ns, lost_ns; /* at the mark */
	uint32_t row;
	bool started;
};

struct ledger {
	struct ledger_bpf *skeleton;
	uint32_t n_cpus; /* possible */
	uint32_t own_tid;

	/* Memory-mapped maps. */
	struct row_map rows; /* those that were ever active are reached */
	struct ledger_cpu *cpus;
	uint64_t *rings;
	size_t cpus_size, rings_size;
	__u64 *tick_at; /* T, for the programs */

	struct row_pool pool;
	struct cpu_account *accounts;
	struct cpu_snapshot *snapshots;

	uint64_t marked_at; /* T of the last mark */
	uint64_t span_ns;   /* T - T before it */
	uint64_t program_skipped;
	bool task_storage, rq_clock;
	bool saw_init; /* the iterator told of process 1 */
	bool anchored; /* the programs that stand in for missed switches are attached */
};

/* Opens, loads and maps; ledger_start then attaches and begins. 0 or -errno with `msg` filled. */
int ledger_load(struct ledger *ledger, const struct ledger_options *options, struct errmsg *msg);
int ledger_start(struct ledger *ledger, const struct ledger_options *options, struct errmsg *msg);
void ledger_unload(struct ledger *ledger);

/* Attaches the programs that shorten what a missed switch loses. 0 or a negative errno. */
int ledger_attach_anchors(struct ledger *ledger);

/*
 * Runs that the kernel skipped, over all programs, since they were loaded (from 6.2 on, else 0). Also
 * 0 of a ledger without programs, as the benchmark makes one.
 */
uint64_t ledger_programs_skipped(const struct ledger *ledger);

#endif
