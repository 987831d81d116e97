// SPDX-License-Identifier: BSD-2-Clause
/* The close of a tick, seen from user space. bpf/ledger_shared.h tells why it is exact. */
#include "ledger/ledger.h"

#include "ledger/ledger_impl.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SNAPSHOT_TRIES 1000000 /* of a few ns each: a writer is inside for some 50 */
#define COLLECT_TRIES 100
#define OWN_TRIES 16
#define OWN_NAPS 100

static uint64_t load(const __u64 *word)
{
	return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

/* Reads a CPU's state whole. Returns false when it would not hold still (never seen). */
static bool read_cpu(const struct ledger_cpu *cpu, struct ledger_cpu *ret)
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
		    read_cpu(&ledger->cpus[cpu], ret) && ret->tid == ledger->own_tid)
			return true;
	}
	return false;
}

/*
 * The ledger's clock at this program's own last switch-in: now, but for the time it has been running
 * since. Being preempted in between gives a newer stamp, so it is never stale by another's slice.
 * Where the switch-in went unseen, or there was none since `after`, a nap makes another.
 */
static int own_stamp(const struct ledger *ledger, uint64_t after, uint64_t *ret)
{
	const struct timespec shortest = {.tv_nsec = 1};
	struct ledger_cpu state;
	bool found = false;

	for (int naps = 0; naps < OWN_NAPS; naps++) {
		found = read_own_cpu(ledger, &state);
		if (found && state.stamp > after) {
			*ret = state.stamp;
			return 0;
		}
		nanosleep(&shortest, NULL);
	}
	return found ? -EAGAIN : -EIO;
}

int ledger_mark(struct ledger *ledger)
{
	uint64_t stamp;
	int err;

	err = own_stamp(ledger, ledger->marked_at, &stamp);
	if (err)
		return err;
	ledger->span_ns = ledger->marked_at ? stamp - ledger->marked_at : 0;
	ledger->marked_at = stamp;
	__atomic_store_n(ledger->tick_at, stamp, __ATOMIC_SEQ_CST);
	return 0;
}

/* A CPU's counts at the mark, and the slice in flight if it has not switched since. */
static int snapshot_cpu(struct ledger *ledger, uint32_t id)
{
	struct cpu_snapshot *snapshot = &ledger->snapshots[id];
	uint64_t mark = ledger->marked_at, part = 0;
	struct ledger_cpu state;

	if (!read_cpu(&ledger->cpus[id], &state))
		return -EIO;
	*snapshot = (struct cpu_snapshot){
		.seq = state.seq,
		.stamp = state.stamp,
		.closed_at = state.closed_at,
		.row = state.row,
		.started = state.stamp != 0,
		.busy_ns = state.busy_ns,
		.idle_ns = state.idle_ns,
		.lost_ns = state.lost_ns,
	};
	if (!snapshot->started)
		return 0;
	if (state.closed_at == mark) {
		snapshot->busy_ns = state.closed_busy_ns;
		snapshot->idle_ns = state.closed_idle_ns;
		snapshot->lost_ns = state.closed_lost_ns;
		return 0;
	}
	if (state.stamp < mark && !ledger->accounts[id].offline)
		part = mark - state.stamp;
	if (state.row == LEDGER_ROW_IDLE) {
		snapshot->idle_ns += part;
	} else if (state.row < ledger->pool.n_rows) {
		snapshot->busy_ns += part;
		ledger->pool.accounts[state.row].in_flight_ns += part;
	} else {
		snapshot->lost_ns += part;
	}
	return 0;
}

/*
 * A switch that had begun before the mark was published may have charged as if there were no mark,
 * between the snapshot and the reading of the rows. Its traces: the CPU switched, and its first
 * switch that saw the mark was not the next one after the snapshot.
 */
static bool snapshot_held(const struct ledger *ledger, uint32_t id)
{
	const struct cpu_snapshot *snapshot = &ledger->snapshots[id];
	struct ledger_cpu state;

	if (!read_cpu(&ledger->cpus[id], &state))
		return false;
	if (!snapshot->started) /* its first switch, which charges nothing, makes seq 2 */
		return state.seq <= 2 ||
		       (state.closed_at == ledger->marked_at && state.closed_seq <= 2);
	if (snapshot->closed_at == ledger->marked_at)
		return true;
	if (state.closed_at == ledger->marked_at)
		return state.closed_seq == snapshot->seq;
	return state.seq == snapshot->seq;
}

/* What the row had at the mark. The order of the loads matters: see ledger_shared.h. */
static uint64_t row_at_mark(const struct ledger_row *row, const struct row_account *account,
			    uint64_t mark)
{
	uint64_t cpu_ns = load(&row->cpu_ns);

	if (load(&row->closed_at) == mark)
		return load(&row->closed_ns);
	return cpu_ns + account->in_flight_ns;
}

static void forget_in_flight(struct ledger *ledger)
{
	for (uint32_t id = 0; id < ledger->n_cpus; id++) {
		if (ledger->snapshots[id].row < ledger->pool.n_rows)
			ledger->pool.accounts[ledger->snapshots[id].row].in_flight_ns = 0;
	}
}

/* One try at a consistent reading. 0, -EAGAIN, -EIO, or what the mapping of rows failed with. */
static int read_once(struct ledger *ledger)
{
	struct row_pool *pool = &ledger->pool;
	int err = 0;

	for (uint32_t id = 0; id < ledger->n_cpus && !err; id++)
		err = snapshot_cpu(ledger, id);
	row_pool_gather(pool, ledger->cpus, ledger->rings);
	for (size_t i = 0; i < pool->n_active && !err; i++) {
		uint32_t index = pool->active[i];
		struct row_account *account = &pool->accounts[index];

		err = row_map_reach(&ledger->rows, index);
		if (!err)
			account->seen_ns =
				row_at_mark(&ledger->rows.at[index], account, ledger->marked_at);
	}
	for (uint32_t id = 0; id < ledger->n_cpus && !err; id++) {
		if (!snapshot_held(ledger, id))
			err = -EAGAIN;
	}
	forget_in_flight(ledger);
	return err;
}

/*
 * All rows of a finished row's circle are finished: the last one to run carries the mark. They are
 * walked when the mark is first seen, while none of them can have been given back.
 */
static int spread_finished(struct ledger *ledger)
{
	struct row_pool *pool = &ledger->pool;
	int err = 0;

	for (size_t i = 0; i < pool->n_active && !err; i++) {
		uint32_t first = pool->active[i], index = first;

		if (pool->accounts[first].finished ||
		    __atomic_load_n(&ledger->rows.at[first].state, __ATOMIC_ACQUIRE) !=
			    LEDGER_ROW_FINISHED)
			continue;
		/* A circle is at most LEDGER_CIRCLE_MAX + 1 long. */
		for (int steps = 0; steps <= LEDGER_CIRCLE_MAX && !err; steps++) {
			pool->accounts[index].finished = true;
			index = ledger->rows.at[index].next;
			if (index == first || index == 0 || index >= pool->n_rows)
				break;
			/* One that was taken after the rows were gathered may be new to us. */
			err = row_map_reach(&ledger->rows, index);
		}
	}
	return err;
}

static struct ledger_entry describe(const struct ledger_row *row, uint64_t delta_ns,
				    const struct row_account *account, bool last, uint8_t flags)
{
	return (struct ledger_entry){
		.tid = row->tid,
		.pid = row->tgid,
		.ppid = row->ppid,
		.start_ns = row->start_ns,
		.process_start_ns = row->process_start_ns,
		.comm = row->comm,
		.cgroup_id = row->cgroup_id,
		.cgroup_version = row->hierarchy,
		.domain = row->domain == LEDGER_DOMAIN_NONE ? SAMPLE_NO_DOMAIN : row->domain,
		.cpu_ns = delta_ns,
		.first = account->phase == ROW_TAKEN,
		.last = last,
		.task_dead = last && (flags & LEDGER_TASK_DEAD),
		.group_dead = flags & LEDGER_GROUP_DEAD,
	};
}

/*
 * Tells one active row. *ret_keep says whether it stays active: a row goes back one tick after its
 * last count was told.
 */
static int tell_row(struct ledger *ledger, uint32_t index, const struct ledger_visitor *visitor,
		    bool *ret_keep)
{
	struct row_account *account = &ledger->pool.accounts[index];
	struct ledger_row *row = &ledger->rows.at[index];
	struct ledger_entry entry;
	uint64_t delta;
	bool last;
	int err;

	*ret_keep = true;
	/* A row that was given up may still be run by another CPU: then it is not over yet. */
	if (account->phase == ROW_READ && account->seen_ns <= account->value_ns) {
		row->state = LEDGER_ROW_FREE;
		*ret_keep = false;
		return 0;
	}
	/* Taken, but its owner not written down yet (the program is at it): nothing before the mark. */
	if (__atomic_load_n(&row->state, __ATOMIC_ACQUIRE) == LEDGER_ROW_FREE)
		return 0;
	/* A missed switch may take back what was in flight: told time is never taken back. */
	delta = account->seen_ns > account->value_ns ? account->seen_ns - account->value_ns : 0;
	last = account->finished && load(&row->cpu_ns) <= account->value_ns + delta;
	if (!delta && !last && account->phase == ROW_TOLD)
		return 0;
	entry = describe(row, delta, account, last, row->flags);
	account->value_ns += delta;
	account->phase = last ? ROW_READ : ROW_TOLD;
	err = visitor->entry(visitor->userdata, &entry);
	return err;
}

static int tell_rows(struct ledger *ledger, const struct ledger_visitor *visitor)
{
	struct row_pool *pool = &ledger->pool;
	size_t kept = 0, i;
	int err;

	err = spread_finished(ledger);
	for (i = 0; i < pool->n_active && !err; i++) {
		uint32_t index = pool->active[i];
		bool keep;

		err = tell_row(ledger, index, visitor, &keep);
		if (keep)
			pool->active[kept++] = index;
		else
			row_pool_release(pool, index);
	}
	for (; i < pool->n_active; i++)
		pool->active[kept++] = pool->active[i];
	pool->n_active = kept;
	return err;
}

static uint64_t since(uint64_t now, uint64_t *last)
{
	uint64_t delta = now > *last ? now - *last : 0;

	*last += delta;
	return delta;
}

static int tell_span(struct ledger *ledger, uint32_t id, const struct ledger_visitor *visitor)
{
	const struct cpu_snapshot *snapshot = &ledger->snapshots[id];
	struct cpu_account *account = &ledger->accounts[id];
	struct ledger_span span = {.cpu = id};
	uint64_t sum;

	if (!snapshot->started)
		return 0;
	span.busy_ns = since(snapshot->busy_ns, &account->busy_ns);
	span.idle_ns = since(snapshot->idle_ns, &account->idle_ns);
	span.lost_ns = since(snapshot->lost_ns, &account->lost_ns);
	/* Back from being offline: its idle task's first slice holds all of that time. */
	sum = span.busy_ns + span.idle_ns + span.lost_ns;
	if (account->was_offline && !account->offline && sum > ledger->span_ns) {
		uint64_t excess = sum - ledger->span_ns;

		span.idle_ns -= excess < span.idle_ns ? excess : span.idle_ns;
	}
	if (!account->offline)
		account->was_offline = false;
	return visitor->span(visitor->userdata, &span);
}

static void add_losses(struct ledger *ledger, uint64_t *losses)
{
	uint64_t skipped = ledger_programs_skipped(ledger);

	losses[LOSS_PROGRAM_SKIPPED] += since(skipped, &ledger->program_skipped);
	for (uint32_t id = 0; id < ledger->n_cpus; id++) {
		const struct ledger_cpu *cpu = &ledger->cpus[id];
		struct cpu_account *account = &ledger->accounts[id];

		losses[LOSS_LEDGER_FULL] += since(load(&cpu->no_row), &account->no_row);
		losses[LOSS_LOOKUP_FAILED] +=
			since(load(&cpu->lookup_failed), &account->lookup_failed);
		losses[LOSS_HASH_FULL] += since(load(&cpu->hash_full), &account->hash_full);
		losses[LOSS_SWITCH_MISSED] +=
			since(load(&cpu->switch_missed), &account->switch_missed);
	}
}

int ledger_collect(struct ledger *ledger, const struct ledger_visitor *visitor, uint64_t *losses)
{
	int err = -EAGAIN;

	for (int i = 0; i < COLLECT_TRIES && err == -EAGAIN; i++)
		err = read_once(ledger);
	if (err && err != -EAGAIN)
		return err;
	err = tell_rows(ledger, visitor);
	for (uint32_t id = 0; id < ledger->n_cpus && !err; id++)
		err = tell_span(ledger, id, visitor);
	add_losses(ledger, losses);
	if (losses[LOSS_SWITCH_MISSED] && !ledger->anchored)
		ledger->anchored = ledger_attach_anchors(ledger) == 0;
	row_pool_refill(&ledger->pool, ledger->cpus, ledger->rings);
	return err;
}

void ledger_set_online(struct ledger *ledger, unsigned int cpu, bool online)
{
	if (cpu >= ledger->n_cpus)
		return;
	ledger->accounts[cpu].offline = !online;
	if (!online)
		ledger->accounts[cpu].was_offline = true;
}

void ledger_features(const struct ledger *ledger, struct ledger_features *ret)
{
	*ret = (struct ledger_features){
		.task_storage = ledger->task_storage,
		.rq_clock = ledger->rq_clock,
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
