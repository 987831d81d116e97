// SPDX-License-Identifier: BSD-2-Clause
/* The programs' side of the counters: their maps, and the events in them. */
#include "ledger/ledger_impl.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <sys/mman.h>

int ledger_set_counter(struct ledger *ledger, size_t counter, unsigned int cpu, int fd)
{
	__u32 key = cpu * ledger->n_counters + (__u32)counter;

	if (counter >= ledger->n_counters || cpu >= ledger->n_cpus)
		return -EINVAL;
	return bpf_map_update_elem(ledger->counters_fd, &key, &fd, BPF_ANY);
}

static int set_counters(struct ledger *ledger, const struct ledger_counter *counters)
{
	int err = 0;

	for (uint32_t i = 0; i < ledger->n_counters && !err; i++) {
		for (uint32_t cpu = 0; cpu < ledger->n_cpus && !err; cpu++) {
			if (counters[i].fds[cpu] >= 0)
				err = ledger_set_counter(ledger, i, cpu, counters[i].fds[cpu]);
		}
	}
	return err;
}

int ledger_map_counts(struct ledger *ledger, const struct ledger_options *options, int rows_fd,
		      int cpus_fd)
{
	size_t size = ledger->n_counters * sizeof(struct ledger_count);
	struct ledger_counts *counts = &ledger->counts;
	int err;

	err = ledger_counts_init(counts, ledger->n_counters, options->rows, ledger->n_cpus);
	if (!err)
		err = ledger_map_memory(rows_fd, options->rows * size, (void **)&counts->rows,
					&counts->rows_size);
	if (!err)
		err = ledger_map_memory(cpus_fd, ledger->n_cpus * size, (void **)&counts->cpus,
					&counts->cpus_size);
	return err ? err : set_counters(ledger, options->counters);
}

void ledger_unmap_counts(struct ledger *ledger)
{
	struct ledger_counts *counts = &ledger->counts;

	if (counts->rows)
		munmap(counts->rows, counts->rows_size);
	if (counts->cpus)
		munmap(counts->cpus, counts->cpus_size);
	ledger_counts_done(counts);
}
