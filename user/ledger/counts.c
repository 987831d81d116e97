// SPDX-License-Identifier: BSD-2-Clause
#include "ledger/counts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int ledger_counts_init(struct ledger_counts *counts, uint32_t n, uint32_t n_rows, uint32_t n_cpus)
{
	counts->n = n;
	/* Zeroed by the kernel page by page, so rows never used cost no memory. */
	counts->rows_told = calloc((size_t)n_rows * n, sizeof(*counts->rows_told));
	counts->cpus_told = calloc((size_t)n_cpus * n, sizeof(*counts->cpus_told));
	counts->scratch = calloc(n, sizeof(*counts->scratch));
	return counts->rows_told && counts->cpus_told && counts->scratch ? 0 : -ENOMEM;
}

/* All of it where the counter has begun anew: a CPU's event after the CPU was offline. */
static uint64_t take(const __u64 *now, __u64 *told)
{
	uint64_t value = __atomic_load_n(now, __ATOMIC_RELAXED);
	uint64_t delta = value >= *told ? value - *told : value;

	*told = value;
	return delta;
}

static const struct sample_count *since(struct ledger_counts *counts,
					const struct ledger_count *now, struct ledger_count *told)
{
	for (uint32_t i = 0; i < counts->n; i++) {
		counts->scratch[i] = (struct sample_count){
			.value = take(&now[i].value, &told[i].value),
			.enabled_ns = take(&now[i].enabled_ns, &told[i].enabled_ns),
			.running_ns = take(&now[i].running_ns, &told[i].running_ns),
		};
	}
	return counts->scratch;
}

const struct sample_count *ledger_counts_of_row(struct ledger_counts *counts, uint32_t row)
{
	size_t first = (size_t)row * counts->n;

	return since(counts, &counts->rows[first], &counts->rows_told[first]);
}

const struct sample_count *ledger_counts_of_cpu(struct ledger_counts *counts, uint32_t cpu)
{
	size_t first = (size_t)cpu * counts->n;

	return since(counts, &counts->cpus[first], &counts->cpus_told[first]);
}

void ledger_counts_done(struct ledger_counts *counts)
{
	free(counts->rows_told);
	free(counts->cpus_told);
	free(counts->scratch);
	memset(counts, 0, sizeof(*counts));
}
