// SPDX-License-Identifier: BSD-2-Clause
/* A closed tick is read. bpf/ledger_shared.h tells why it is exact. */
#include "ledger/ledger_impl.h"

#include <errno.h>

#define COLLECT_TRIES 100

/* Its state is that of its last switch before it went offline: what came after is nobody's. */
static bool is_away(const struct cpu_account *account, uint64_t seq)
{
	return account->gone && (account->offline || seq == account->gone_seq);
}

/* A CPU's counts at the mark, and the slice in flight if it has not switched since. */
static int snapshot_cpu(struct ledger *ledger, uint32_t id)
{
	struct cpu_snapshot *snapshot = &ledger->snapshots[id];
	uint64_t mark = ledger->marked_at, part = 0;
	struct ledger_cpu state;

	if (!ledger_read_cpu(&ledger->cpus[id], &state))
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
	if (state.stamp < mark && !is_away(&ledger->accounts[id], state.seq))
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

	if (!ledger_read_cpu(&ledger->cpus[id], &state))
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

/*
 * All was told of it in the tick before. (A row that was given up may still be run by another CPU:
 * then it is not over yet.)
 */
static bool is_over(const struct row_account *account)
{
	return account->phase == ROW_READ && account->seen_ns <= account->value_ns;
}

/*
 * What the row had at the mark. The order of the loads matters: see ledger_shared.h. All that the tick
 * needs of a row that tells nothing is taken here: of many rows each touch costs memory.
 */
static void read_row(struct ledger *ledger, uint32_t index)
{
	struct row_account *account = &ledger->pool.accounts[index];
	struct ledger_row *row = &ledger->rows.at[index];
	uint64_t cpu_ns;

	account->state = __atomic_load_n(&row->state, __ATOMIC_ACQUIRE);
	cpu_ns = load(&row->cpu_ns);
	account->seen_ns = load(&row->closed_at) == ledger->marked_at
				   ? load(&row->closed_ns)
				   : cpu_ns + account->in_flight_ns;
	account->beyond = cpu_ns > account->seen_ns;
	if (account->state != LEDGER_ROW_FINISHED)
		return;
	if (is_over(account))
		row->state = LEDGER_ROW_FREE; /* as it is while it has no owner */
	else if (row->next == index)
		account->finished = true;
	else if (!account->finished)
		ledger->circle_finished = true;
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
		err = row_map_reach(&ledger->rows, pool->active[i]);
		if (!err)
			read_row(ledger, pool->active[i]);
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
 * walked when the mark is first seen, while none of them can have been given back. Others of a circle
 * may have been charged after they were read.
 */
static int spread_finished(struct ledger *ledger)
{
	struct row_pool *pool = &ledger->pool;
	int err = 0;

	if (!ledger->circle_finished)
		return 0;
	for (size_t i = 0; i < pool->n_active && !err; i++) {
		uint32_t first = pool->active[i], index = first;

		if (pool->accounts[first].finished ||
		    pool->accounts[first].state != LEDGER_ROW_FINISHED)
			continue;
		/* A circle is at most LEDGER_CIRCLE_MAX + 1 long. */
		for (int steps = 0; steps <= LEDGER_CIRCLE_MAX && !err; steps++) {
			struct row_account *account = &pool->accounts[index];

			account->finished = true;
			account->beyond |= load(&ledger->rows.at[index].cpu_ns) > account->seen_ns;
			index = ledger->rows.at[index].next;
			if (index == first || index == 0 || index >= pool->n_rows)
				break;
			/* One that was taken after the rows were gathered may be new to us. */
			err = row_map_reach(&ledger->rows, index);
		}
	}
	ledger->circle_finished = false;
	return err;
}

static struct ledger_entry describe(const struct ledger_row *row, uint64_t delta_ns,
				    const struct row_account *account, bool last, uint8_t flags)
{
	return (struct ledger_entry){
		.tid = row->tid,
		.pid = row->tgid,
		.ppid = row->ppid,
		.uid = row->uid,
		.kernel = row->kernel,
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
	const struct ledger_row *row = &ledger->rows.at[index];
	struct ledger_entry entry;
	uint64_t delta;
	bool last;

	*ret_keep = !is_over(account);
	/* Taken, but its owner not written down yet (the program is at it): nothing before the mark. */
	if (!*ret_keep || (account->phase == ROW_TAKEN && account->state == LEDGER_ROW_FREE))
		return 0;
	/* A missed switch may take back what was in flight: told time is never taken back. */
	delta = account->seen_ns > account->value_ns ? account->seen_ns - account->value_ns : 0;
	last = account->finished && !account->beyond;
	if (!delta && !last && account->phase == ROW_TOLD)
		return 0;
	entry = describe(row, delta, account, last, row->flags);
	/* Where it did not run they wait: a reading may be of after the mark. */
	if (ledger->n_counters && delta)
		entry.counts = ledger_counts_of_row(&ledger->counts, index);
	account->value_ns += delta;
	account->phase = last ? ROW_READ : ROW_TOLD;
	return visitor->entry(visitor->userdata, &entry);
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

/*
 * Back from being offline: what its first switch charged for that time, to idle or as lost, is taken
 * out. Of the tick nothing but busy time is certain to be after its return.
 */
static void leave_out_absence(struct ledger *ledger, uint32_t id, struct ledger_span *span)
{
	struct cpu_account *account = &ledger->accounts[id];
	uint64_t rest = ledger->span_ns > span->busy_ns ? ledger->span_ns - span->busy_ns : 0;

	span->lost_ns = 0;
	if (span->idle_ns > rest)
		span->idle_ns = rest;
	account->gone = false;
	__atomic_store_n(&ledger->cpus[id].gone_at, 0, __ATOMIC_RELEASE);
	if (account->offline) /* again */
		ledger_set_gone(ledger, id, ledger->snapshots[id].seq);
}

static int tell_span(struct ledger *ledger, uint32_t id, const struct ledger_visitor *visitor)
{
	const struct cpu_snapshot *snapshot = &ledger->snapshots[id];
	struct cpu_account *account = &ledger->accounts[id];
	struct ledger_span span = {.cpu = id};

	if (!snapshot->started)
		return 0;
	span.busy_ns = since(snapshot->busy_ns, &account->busy_ns);
	span.idle_ns = since(snapshot->idle_ns, &account->idle_ns);
	span.lost_ns = since(snapshot->lost_ns, &account->lost_ns);
	if (account->gone && snapshot->seq != account->gone_seq)
		leave_out_absence(ledger, id, &span);
	if (ledger->n_counters)
		span.counts = ledger_counts_of_cpu(&ledger->counts, id);
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
		losses[LOSS_BIRTH_FAILED] +=
			since(load(&cpu->birth_failed), &account->birth_failed);
		losses[LOSS_NAME_DROPPED] +=
			since(load(&cpu->name_dropped), &account->name_dropped);
	}
}

int ledger_collect(struct ledger *ledger, const struct ledger_visitor *visitor, uint64_t *losses)
{
	int err = -EAGAIN;

	/* What is in flight has counted too; where it cannot be asked, that comes with the next switch. */
	if (ledger->n_counters && ledger->can_look)
		ledger_look_around(ledger);
	for (int i = 0; i < COLLECT_TRIES && err == -EAGAIN; i++)
		err = read_once(ledger);
	if (err && err != -EAGAIN)
		return err;
	err = ledger_events(ledger, visitor);
	if (!err)
		err = tell_rows(ledger, visitor);
	for (uint32_t id = 0; id < ledger->n_cpus && !err; id++)
		err = tell_span(ledger, id, visitor);
	add_losses(ledger, losses);
	if (losses[LOSS_SWITCH_MISSED] && !ledger->anchored)
		ledger->anchored = ledger_attach_anchors(ledger) == 0;
	row_pool_refill(&ledger->pool, ledger->cpus, ledger->rings);
	return err;
}
