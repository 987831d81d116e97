/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_LEDGER_LEDGER_IMPL_H
#define ENERGYTRACE_LEDGER_LEDGER_IMPL_H

/* Inside user/ledger/ only. */

#include "ledger/counts.h"
#include "ledger/freshness.h"
#include "ledger/kernel.h"
#include "ledger/ledger.h"
#include "ledger/row_map.h"
#include "ledger/rows.h"
#include "ledger_shared.h"

struct ledger_bpf;
struct ring_buffer;

/* What user space knows of a CPU: the counts at the last close. */
struct cpu_account {
	uint64_t busy_ns, idle_ns, lost_ns;
	uint64_t no_row, lookup_failed, hash_full, switch_missed, birth_failed, name_dropped;
	bool offline;	   /* now */
	bool gone;	   /* was found offline, and did not switch since that was noticed, but: */
	uint64_t gone_seq; /* its seq at that time: another one, and it is back */
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
	struct kernel_facts facts;
	uint32_t n_cpus; /* possible */
	uint32_t own_tid;

	/* Memory-mapped maps. */
	struct row_map rows; /* those that were ever active are reached */
	struct ledger_cpu *cpus;
	uint64_t *rings;
	size_t cpus_size, rings_size;
	__u64 *tick_at; /* T, for the programs */
	__u64 *moved_at, *move_told;
	__s64 *ktime_ahead;
	int look_fd; /* of the program that is run on CPUs, where can_look */

	uint32_t n_counters;
	struct ledger_counts counts; /* where n_counters */
	int counters_fd;	     /* the map of the perf events */

	struct row_pool pool;
	struct ring_buffer *events;
	const struct ledger_visitor *visitor; /* while it is told of the events */
	struct cpu_account *accounts;
	struct cpu_snapshot *snapshots;

	struct freshness freshness;
	int64_t mark_began_ns;	/* ledger_like_ns at the last ledger_mark */
	uint64_t marked_at;	/* T of the last mark */
	uint64_t marked_before; /* and of the one before it */
	uint64_t span_ns;	/* T - T before it */
	uint64_t program_skipped;
	bool task_storage, rq_clock, can_ask, names, can_look;
	bool circle_finished; /* rows of a task that had several were read finished */
	bool saw_init;	      /* the iterator told of process 1 */
	bool anchored;	      /* the programs that stand in for missed switches are attached */
};

static inline uint64_t load(const __u64 *word)
{
	return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

/* Reads a CPU's state whole. Returns false when it would not hold still (never seen). */
bool ledger_read_cpu(const struct ledger_cpu *cpu, struct ledger_cpu *ret);

/* Notes that the CPU has gone offline, having switched seq / 2 times. */
void ledger_set_gone(struct ledger *ledger, uint32_t cpu, uint64_t seq);

/* Opens, loads and maps; ledger_start then attaches and begins. 0 or -errno with `msg` filled. */
int ledger_load(struct ledger *ledger, const struct ledger_options *options, struct errmsg *msg);
int ledger_start(struct ledger *ledger, const struct ledger_options *options, struct errmsg *msg);
void ledger_unload(struct ledger *ledger);

/*
 * Maps a map, as memory that is shared with the programs. `size` is rounded up to whole pages, as the
 * map's own memory is. 0 or a negative errno.
 */
int ledger_map_memory(int fd, size_t size, void **ret, size_t *ret_size);

/* Maps what the counters count, and gives the programs their events. 0 or a negative errno. */
int ledger_map_counts(struct ledger *ledger, const struct ledger_options *options, int rows_fd,
		      int cpus_fd);
void ledger_unmap_counts(struct ledger *ledger);

/* Maps the programs' ring buffer. 0 or a negative errno. */
int ledger_open_events(struct ledger *ledger, int map_fd);

/* The clock of user space that goes like the ledger's, which no discipline of time steers. */
int64_t ledger_like_ns(const struct ledger *ledger);

/* After the mark, tells the programs how the two clocks stand. */
void ledger_tell_clock(struct ledger *ledger);

/* Runs ledger_look on every CPU that is not idle. */
void ledger_look_around(const struct ledger *ledger);

/*
 * Where a task that runs was moved to another cgroup since the last call: goes to every CPU that is
 * not idle and has it charged to the new one, from the time of the move on.
 */
void ledger_follow_moves(struct ledger *ledger);

/* Attaches the programs that shorten what a missed switch loses. 0 or a negative errno. */
int ledger_attach_anchors(struct ledger *ledger);

/*
 * Runs that the kernel skipped, over all programs, since they were loaded (from 6.2 on, else 0). Also
 * 0 of a ledger without programs, as the benchmark makes one.
 */
uint64_t ledger_programs_skipped(const struct ledger *ledger);

#endif
