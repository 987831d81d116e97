// SPDX-License-Identifier: BSD-2-Clause
#include "ledger/rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * A CPU that is not online at the start gets this many, for the threads that bring it up. All of
 * them together get no more than a quarter of the rows.
 */
#define OFFLINE_SUPPLY 16

/*
 * A CPU asks for more when it has used so much of what it had at hand. Not too late: at 16,700 births a
 * second what is left of a small ring of 1024 lasts 30 ms.
 */
#define ASK_BELOW(level) ((level) / 2)

/*
 * Where few of many possible CPUs are online (virtual machines), a ring of a CPU's equal share would
 * be its whole supply for a tick. A ring has this many slots, as long as that makes about 8 a row.
 */
#define RING_SIZE 1024
#define RING_SLOTS_PER_ROW 8

static uint32_t round_up_pow2(uint32_t n)
{
	uint32_t size = 1;

	while (size < n)
		size *= 2;
	return size;
}

static uint32_t at_most(uint32_t n, uint32_t most)
{
	return n < most ? n : most;
}

static uint32_t load(const uint32_t *word)
{
	return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static void store(uint32_t *word, uint32_t value)
{
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
}

uint32_t row_pool_ring_size(uint32_t n_rows, uint32_t n_cpus)
{
	uint32_t share = n_rows / n_cpus, size = share * RING_SLOTS_PER_ROW;

	if (size > RING_SIZE)
		size = share > RING_SIZE ? share : RING_SIZE;
	return round_up_pow2(size < 16 ? 16 : size);
}

int row_pool_init(struct row_pool *pool, uint32_t n_rows, uint32_t n_cpus, const bool *online,
		  bool can_ask, struct ledger_cpu *cpus)
{
	uint32_t next = 1, n_online = 0, fresh, fresh_offline, range;

	memset(pool, 0, sizeof(*pool));
	pool->n_rows = n_rows;
	pool->n_cpus = n_cpus;
	pool->ring_size = row_pool_ring_size(n_rows, n_cpus);
	pool->ring_seen = calloc(n_cpus, sizeof(*pool->ring_seen));
	pool->fresh_seen = calloc(n_cpus, sizeof(*pool->fresh_seen));
	/* Zeroed by the kernel page by page, so rows never used cost no memory. */
	pool->active = calloc(n_rows, sizeof(*pool->active));
	pool->free = calloc(n_rows, sizeof(*pool->free));
	pool->accounts = calloc(n_rows, sizeof(*pool->accounts));
	if (!pool->ring_seen || !pool->fresh_seen || !pool->active || !pool->free ||
	    !pool->accounts)
		return -ENOMEM;

	for (uint32_t cpu = 0; cpu < n_cpus; cpu++)
		n_online += online[cpu];
	/* The rest goes where it is needed: as soon as that is said, or from tick to tick. */
	fresh = (n_rows - 1) / (can_ask ? 4 : 2) / (n_online ? n_online : 1);
	if (fresh == 0)
		fresh = 1;
	fresh_offline = at_most(OFFLINE_SUPPLY, fresh);
	if (n_cpus > n_online)
		fresh_offline = at_most(fresh_offline, (n_rows - 1) / (4 * (n_cpus - n_online)));
	pool->supply = at_most(fresh, pool->ring_size);
	for (uint32_t cpu = 0; cpu < n_cpus; cpu++) {
		range = online[cpu] ? fresh : fresh_offline;
		range = at_most(range, n_rows - next);
		cpus[cpu].fresh_next = pool->fresh_seen[cpu] = next;
		next += range;
		cpus[cpu].fresh_end = next;
		cpus[cpu].ask_below = ASK_BELOW(range);
	}
	pool->reserve = next;
	return 0;
}

static void take_over(struct row_pool *pool, uint32_t row)
{
	/* The kernel only hands on what user space gave it, so neither can fail. */
	if (row == 0 || row >= pool->n_rows || pool->accounts[row].phase != ROW_FREE)
		return;
	pool->accounts[row].phase = ROW_TAKEN;
	pool->active[pool->n_active++] = row;
}

void row_pool_gather(struct row_pool *pool, const struct ledger_cpu *cpus, const uint64_t *rings)
{
	for (uint32_t cpu = 0; cpu < pool->n_cpus; cpu++) {
		const uint64_t *ring = rings + (size_t)cpu * pool->ring_size;
		uint32_t fresh = load(&cpus[cpu].fresh_next), head = load(&cpus[cpu].ring_head);

		while (pool->fresh_seen[cpu] != fresh)
			take_over(pool, pool->fresh_seen[cpu]++);
		while (pool->ring_seen[cpu] != head)
			take_over(pool,
				  (uint32_t)ring[pool->ring_seen[cpu]++ & (pool->ring_size - 1)]);
	}
}

void row_pool_release(struct row_pool *pool, uint32_t row)
{
	pool->accounts[row].phase = ROW_FREE;
	pool->accounts[row].finished = false;
	pool->free[pool->n_free++] = row;
}

static uint32_t next_free(struct row_pool *pool)
{
	if (pool->n_free)
		return pool->free[--pool->n_free];
	if (pool->reserve < pool->n_rows)
		return pool->reserve++;
	return LEDGER_ROW_NONE;
}

static uint32_t n_unused(const struct row_pool *pool)
{
	return (uint32_t)pool->n_free + pool->n_rows - pool->reserve;
}

/* How many rows the CPU has at hand. The program may take more meanwhile: never overrated. */
static uint32_t level_of(const struct row_pool *pool, const struct ledger_cpu *cpus, uint32_t cpu)
{
	return cpus[cpu].ring_tail - pool->ring_seen[cpu] + cpus[cpu].fresh_end -
	       pool->fresh_seen[cpu];
}

/* Gives the CPU up to `n` rows, as its ring has room and as there are. */
static void give(struct row_pool *pool, struct ledger_cpu *cpus, uint64_t *rings, uint32_t cpu,
		 uint32_t n)
{
	uint64_t *ring = rings + (size_t)cpu * pool->ring_size;
	uint32_t tail = cpus[cpu].ring_tail, before = tail;
	uint32_t room = pool->ring_size - (tail - pool->ring_seen[cpu]);

	for (n = at_most(n, room); n > 0; n--) {
		uint32_t row = next_free(pool);

		if (row == LEDGER_ROW_NONE)
			break;
		ring[tail & (pool->ring_size - 1)] = row;
		store(&cpus[cpu].ring_tail, ++tail);
	}
	/* Else what it has asked for may still be to come: it will not ask again. */
	if (tail != before)
		store(&cpus[cpu].ask_below, ASK_BELOW(level_of(pool, cpus, cpu)));
}

void row_pool_top_up(struct row_pool *pool, struct ledger_cpu *cpus, uint64_t *rings)
{
	for (uint32_t cpu = 0; cpu < pool->n_cpus; cpu++) {
		if (cpus[cpu].stamp != 0 && level_of(pool, cpus, cpu) < cpus[cpu].ask_below)
			give(pool, cpus, rings, cpu, (n_unused(pool) + 1) / 2);
	}
}

void row_pool_refill(struct row_pool *pool, struct ledger_cpu *cpus, uint64_t *rings)
{
	for (uint32_t cpu = 0; cpu < pool->n_cpus; cpu++) {
		uint32_t level = level_of(pool, cpus, cpu);

		if (cpus[cpu].stamp != 0 && level < pool->supply)
			give(pool, cpus, rings, cpu, pool->supply - level);
	}
	row_pool_top_up(pool, cpus, rings);
}

void row_pool_done(struct row_pool *pool)
{
	free(pool->ring_seen);
	free(pool->fresh_seen);
	free(pool->active);
	free(pool->free);
	free(pool->accounts);
	memset(pool, 0, sizeof(*pool));
}
