// SPDX-License-Identifier: BSD-2-Clause
/* Going to the CPUs that are busy: ledger_look of bpf/ledger.bpf.c is run there. */
#include "ledger/ledger_impl.h"

#include <bpf/bpf.h>
#include <time.h>

/*
 * An idle CPU is left alone: it has nothing in flight. One that has become idle since, or has gone
 * offline (-ENXIO), has switched.
 */
void ledger_look_around(const struct ledger *ledger)
{
	for (uint32_t id = 0; id < ledger->n_cpus; id++) {
		const struct ledger_cpu *cpu = &ledger->cpus[id];
		struct bpf_test_run_opts options = {
			.sz = sizeof(options), .flags = BPF_F_TEST_RUN_ON_CPU, .cpu = id};

		if (load(&cpu->stamp) && __atomic_load_n(&cpu->tid, __ATOMIC_RELAXED))
			bpf_prog_test_run_opts(ledger->look_fd, &options);
	}
}

void ledger_tell_clock(struct ledger *ledger)
{
	struct timespec now;

	if (!ledger->can_look || !ledger->rq_clock)
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	*ledger->ktime_ahead = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec -
			       ledger_like_ns(ledger) + ledger->freshness.least_ns;
}

void ledger_follow_moves(struct ledger *ledger)
{
	uint64_t at;

	/* What is moved from here on wakes us again. */
	if (!ledger->can_look || !__atomic_exchange_n(ledger->move_told, 0, __ATOMIC_SEQ_CST))
		return;
	at = __atomic_load_n(ledger->moved_at, __ATOMIC_SEQ_CST);
	if (at)
		ledger_look_around(ledger);
	/* Unless there was another move meanwhile. */
	__atomic_compare_exchange_n(ledger->moved_at, &at, 0, false, __ATOMIC_SEQ_CST,
				    __ATOMIC_SEQ_CST);
}
