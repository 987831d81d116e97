/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_LEDGER_ROWS_H
#define ENERGYTRACE_LEDGER_ROWS_H

/*
 * User space's side of the rows: which are in use, what they last held, and the supply of free ones.
 * Pure bookkeeping over the shared memory, no system calls: testable without BPF.
 *
 * Each CPU begins with a fresh range of rows, low numbers first, and is supplied through its ring
 * after that: rows that came back before any that was never used, so the rows in use stay dense.
 */

#include "ledger_shared.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum row_phase {
	ROW_FREE = 0, /* free or given */
	ROW_TAKEN,    /* the kernel took it; its owner is not written down yet, or was not told */
	ROW_TOLD,     /* live and told at least once */
	ROW_READ,     /* finished, and its last count was told in the tick before */
};

struct row_account {
	uint64_t value_ns;     /* cpu_ns that has been told, cumulative over owners */
	uint64_t seen_ns;      /* scratch of a collection: cpu_ns at the mark */
	uint64_t in_flight_ns; /* scratch: of the slice that a CPU is in, up to the mark */
	uint8_t phase;	       /* enum row_phase */
	uint8_t state;	       /* scratch: the row's, read before its counters */
	bool beyond;	       /* scratch: it was charged after the mark */
	bool finished;	       /* in a circle that was seen finished */
};

struct row_pool {
	uint32_t n_rows; /* row 0 is never given */
	uint32_t n_cpus;
	uint32_t ring_size;   /* slots a CPU, a power of two */
	uint32_t supply;      /* rows that a CPU is kept supplied with */
	uint32_t *ring_seen;  /* by CPU: ring_head up to which taken rows are in `active` */
	uint32_t *fresh_seen; /* by CPU: the same of fresh_next */
	uint32_t *active;     /* rows that are not free, in the order they were taken */
	size_t n_active;
	uint32_t *free; /* rows that came back: a stack */
	size_t n_free;
	uint32_t reserve;	      /* rows from here to n_rows were never given */
	struct row_account *accounts; /* by row */
};

/* The ring size for so many rows and CPUs: a power of two. */
uint32_t row_pool_ring_size(uint32_t n_rows, uint32_t n_cpus);

/*
 * `n_cpus` counts the possible CPUs, `online` says which of them are supplied from the start: with a
 * quarter of the rows where CPUs can ask for more in mid-tick, else with half of them. Sets the fresh
 * ranges in `cpus` (zeroed memory). Returns 0 or -ENOMEM.
 */
int row_pool_init(struct row_pool *pool, uint32_t n_rows, uint32_t n_cpus, const bool *online,
		  bool can_ask, struct ledger_cpu *cpus);

/* Puts the rows that the kernel took since the last call into `active`. */
void row_pool_gather(struct row_pool *pool, const struct ledger_cpu *cpus, const uint64_t *rings);

/* Gives back a row that is in no ring and not in `active` any more. */
void row_pool_release(struct row_pool *pool, uint32_t row);

/* Supplies every started CPU from what is free, after the tick. */
void row_pool_refill(struct row_pool *pool, struct ledger_cpu *cpus, uint64_t *rings);

/* In mid-tick, after row_pool_gather: gives those that run out half of what is free each. */
void row_pool_top_up(struct row_pool *pool, struct ledger_cpu *cpus, uint64_t *rings);

/* Takes a zeroed one. */
void row_pool_done(struct row_pool *pool);

#endif
