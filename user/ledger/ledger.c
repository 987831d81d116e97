// SPDX-License-Identifier: BSD-2-Clause
/* The ledger as a whole, and the close of a tick. tick.c reads what was closed. */
#include "ledger/ledger.h"

#include "ledger/ledger_impl.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SNAPSHOT_TRIES 1000000 /* of a few ns each: a writer is inside for some 50 */
#define OWN_TRIES 16
#define OWN_NAPS 100
#define LONG_NAP_NS 1000000

bool ledger_read_cpu(const struct ledger_cpu *cpu, struct ledger_cpu *ret)
{
	uint64_t seq;

	for (int i = 0; i < SNAPSHOT_TRIES; i++) {
		seq = load(&cpu->seq);
		if (seq & 1)
			continue;
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		*ret = *(const volatile struct ledger_cpu *)cpu;
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		if (load(&cpu->seq) == seq) {
			ret->seq = seq;
			return true;
		}
	}
	return false;
}

/* This program is what the CPU's state says runs there. */
static bool read_own_cpu(const struct ledger *ledger, struct ledger_cpu *ret)
{
	for (int i = 0; i < OWN_TRIES; i++) {
		int cpu = sched_getcpu();

		/* Else moved to another CPU between the two. */
		if (cpu >= 0 && (uint32_t)cpu < ledger->n_cpus &&
		    ledger_read_cpu(&ledger->cpus[cpu], ret) && ret->tid == ledger->own_tid)
			return true;
	}
	return false;
}

int64_t ledger_like_ns(const struct ledger *ledger)
{
	struct timespec now;

	clock_gettime(ledger->rq_clock ? CLOCK_MONOTONIC_RAW : CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/*
 * The ledger's clock at this program's own last switch-in: now, but for the time it has been running
 * since. Being preempted in between gives a newer stamp, so it is never stale by another's slice.
 * Where the program has been running for a while, the switch-in went unseen, or there was none since
 * the last mark, a nap makes another.
 */
static int own_stamp(struct ledger *ledger, uint64_t *ret)
{
	struct timespec nap = {.tv_nsec = 1};
	struct ledger_cpu state;
	bool found = false;

	ledger->mark_began_ns = ledger_like_ns(ledger);
	freshness_begin(&ledger->freshness, ledger->span_ns);
	for (unsigned int naps = 0; naps < OWN_NAPS; naps++) {
		found = read_own_cpu(ledger, &state);
		if (found && state.stamp > ledger->marked_at &&
		    freshness_accepts(&ledger->freshness,
				      ledger_like_ns(ledger) - (int64_t)state.stamp, naps)) {
			*ret = state.stamp;
			return 0;
		}
		/* On a CPU whose clock is behind, where the CPUs' differ: by a jiffy at most. */
		if (naps >= 2 * FRESHNESS_NAPS)
			nap.tv_nsec = LONG_NAP_NS;
		nanosleep(&nap, NULL);
	}
	return found ? -EAGAIN : -EIO;
}

uint64_t ledger_mark_age_ns(const struct ledger *ledger)
{
	int64_t now = ledger_like_ns(ledger);

	return freshness_age_ns(&ledger->freshness, now - (int64_t)ledger->marked_at,
				now - ledger->mark_began_ns);
}

int ledger_mark(struct ledger *ledger)
{
	uint64_t stamp;
	int err;

	err = own_stamp(ledger, &stamp);
	if (err)
		return err;
	/* What is in flight at T will be told as the row's that has it then, and is not taken back. */
	ledger_follow_moves(ledger);
	ledger->span_ns = ledger->marked_at ? stamp - ledger->marked_at : 0;
	ledger->marked_before = ledger->marked_at;
	ledger->marked_at = stamp;
	__atomic_store_n(ledger->tick_at, stamp, __ATOMIC_SEQ_CST);
	ledger_tell_clock(ledger);
	return 0;
}

void ledger_set_online(struct ledger *ledger, unsigned int cpu, bool online)
{
	struct cpu_account *account;

	if (cpu >= ledger->n_cpus)
		return;
	account = &ledger->accounts[cpu];
	account->offline = !online;
	if (account->offline && !account->gone)
		ledger_set_gone(ledger, cpu, load(&ledger->cpus[cpu].seq));
}

void ledger_set_gone(struct ledger *ledger, uint32_t cpu, uint64_t seq)
{
	ledger->accounts[cpu].gone = true;
	ledger->accounts[cpu].gone_seq = seq;
	/* The mark before: at the present one its time is not told any more. */
	__atomic_store_n(&ledger->cpus[cpu].gone_at, ledger->marked_before, __ATOMIC_RELEASE);
}

void ledger_refill(struct ledger *ledger)
{
	row_pool_gather(&ledger->pool, ledger->cpus, ledger->rings);
	row_pool_top_up(&ledger->pool, ledger->cpus, ledger->rings);
}

void ledger_features(const struct ledger *ledger, struct ledger_features *ret)
{
	*ret = (struct ledger_features){
		.task_storage = ledger->task_storage,
		.rq_clock = ledger->rq_clock,
		.refilled = ledger->can_ask,
		.names = ledger->names,
		.moves = ledger->can_look && ledger->names && ledger->facts.cgroup_attach,
		.n_counters = ledger->n_counters,
		.anchored = ledger->anchored,
		.rows = ledger->pool.n_rows,
		.rows_used = (uint32_t)ledger->pool.n_active,
	};
	for (uint32_t id = 0; id < ledger->n_cpus; id++)
		ret->cpus_started += load(&ledger->cpus[id].stamp) != 0;
}

void ledger_close(struct ledger *ledger)
{
	if (!ledger)
		return;
	ledger_unload(ledger);
	row_pool_done(&ledger->pool);
	free(ledger->accounts);
	free(ledger->snapshots);
	free(ledger);
}

int ledger_open(const struct ledger_options *options, struct ledger **ret, struct errmsg *msg)
{
	struct ledger *ledger = calloc(1, sizeof(*ledger));
	int err;

	if (!ledger)
		return errmsg_set(msg, -ENOMEM, "out of memory for the ledger");
	err = ledger_load(ledger, options, msg);
	if (!err)
		err = ledger_start(ledger, options, msg);
	if (err) {
		ledger_close(ledger);
		return err;
	}
	*ret = ledger;
	return 0;
}
