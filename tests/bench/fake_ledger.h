/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_BENCH_FAKE_LEDGER_H
#define ENERGYTRACE_BENCH_FAKE_LEDGER_H

/*
 * A ledger whose kernel the benchmark plays, so that any number of tasks can be had at once: the
 * rows are a file in memory, and what the programs do to them is done here. User space's side is the
 * program's own. Every task is a process of its own, which makes a row a line of output.
 */

#include "ledger/ledger_impl.h"

struct fake_ledger {
	struct ledger *ledger;	 /* NULL: not opened yet; ledger_close frees it */
	struct ledger_row *rows; /* all of them, as the programs see them */
	size_t rows_size;
	int fd;
	uint32_t *live; /* rows of tasks that live */
	uint32_t n_live;
	uint32_t births; /* ever */
	uint8_t hierarchy;
	uint64_t now;
	uint64_t tick_at;
};

/* The next ledger_open (also one inside collector_open) makes this zeroed one. */
void fake_ledger_next(struct fake_ledger *fake);

/* `n` tasks begin. Returns how many found a row. */
uint32_t fake_born(struct fake_ledger *fake, uint32_t n);
/* Every task that lives runs for so long. */
void fake_run(struct fake_ledger *fake, uint64_t ns);
/* And all of them end. */
void fake_die(struct fake_ledger *fake);
/* The clock goes on to the end of a tick, and this program is switched to. */
void fake_pass(struct fake_ledger *fake, uint64_t ns);

/* After ledger_close of what was opened. */
void fake_done(struct fake_ledger *fake);

#endif
