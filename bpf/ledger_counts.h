/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ENERGYTRACE_BPF_LEDGER_COUNTS_H
#define ENERGYTRACE_BPF_LEDGER_COUNTS_H

/*
 * Performance counters at the switch. Where none is asked for, n_counters is 0 and the verifier takes
 * all of this out. Included once.
 */

#include "ledger_maps.h"

/* n_counters perf events for each CPU, in the order of the CPUs. */
struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
	__uint(max_entries, 1);
} counters SEC(".maps");

/* By row and by CPU, n_counters of them in each element: the size is set at the load. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct ledger_count));
	__uint(max_entries, 1);
} row_counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct ledger_count));
	__uint(max_entries, 1);
} cpu_counts SEC(".maps");

/* What came since the last reading; all of it where the event is another one that began at 0. */
static __always_inline __u64 count_since(__u64 now, __u64 before)
{
	return now >= before ? now - before : now;
}

/* Reads this CPU's counters. An event that is not there, or not any more, is left out. */
static __always_inline void read_counters(struct ledger_count *cpu, struct ledger_count *row,
					  __u32 id)
{
	for (__u32 i = 0; i < LEDGER_COUNTERS_MAX; i++) {
		struct bpf_perf_event_value now;

		if (i >= n_counters)
			break;
		if (bpf_perf_event_read_value(&counters, id * n_counters + i, &now, sizeof(now)))
			continue;
		if (row) {
			row[i].value += count_since(now.counter, cpu[i].value);
			row[i].enabled_ns += count_since(now.enabled, cpu[i].enabled_ns);
			row[i].running_ns += count_since(now.running, cpu[i].running_ns);
		}
		cpu[i].value = now.counter;
		cpu[i].enabled_ns = now.enabled;
		cpu[i].running_ns = now.running;
	}
}

/*
 * What the counters have counted since they were last read here goes to the row; of idle, and of a task
 * without a row, only to the CPU. (In two, because the verifier wants to see that the row is there.)
 */
static __noinline int count_slice(__u32 index, __u32 id)
{
	struct ledger_count *cpu = bpf_map_lookup_elem(&cpu_counts, &id), *row = NULL;

	if (!cpu)
		return 0;
	if (index != LEDGER_ROW_IDLE)
		row = bpf_map_lookup_elem(&row_counts, &index);
	if (row)
		read_counters(cpu, row, id);
	else
		read_counters(cpu, NULL, id);
	return 0;
}

#endif
