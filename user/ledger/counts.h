/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_LEDGER_COUNTS_H
#define ENERGYTRACE_LEDGER_COUNTS_H

/* What performance counters counted, by row and by CPU. Pure bookkeeping over the shared memory. */

#include "ledger_shared.h"
#include "sample/sample.h"

#include <stddef.h>
#include <stdint.h>

struct ledger_counts {
	uint32_t n;			  /* counters; each array below has n for each row or CPU */
	struct ledger_count *rows, *cpus; /* shared with the programs, cumulative */
	struct ledger_count *rows_told, *cpus_told; /* what they were when they were last told */
	size_t rows_size, cpus_size;		    /* bytes that are mapped */
	struct sample_count *scratch;		    /* n: what is being told */
};

/* 0 or -ENOMEM; the shared memory is the caller's to map and unmap. */
int ledger_counts_init(struct ledger_counts *counts, uint32_t n, uint32_t n_rows, uint32_t n_cpus);

/* What came since the last call for this row, or CPU: n of them, good until the next call. */
const struct sample_count *ledger_counts_of_row(struct ledger_counts *counts, uint32_t row);
const struct sample_count *ledger_counts_of_cpu(struct ledger_counts *counts, uint32_t cpu);

/* Takes a zeroed one. */
void ledger_counts_done(struct ledger_counts *counts);

#endif
