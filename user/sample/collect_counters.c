// SPDX-License-Identifier: BSD-2-Clause
/* The collector's performance counters. */
#include "sample/collect_impl.h"

#include <errno.h>
#include <stdlib.h>

/* Those that the ledger's program reads come first in the run. */
static size_t n_core(const struct collector *collector)
{
	return collector->counters ? counters_n_core(collector->counters) : 0;
}

int collect_counters_open(struct collector *collector, const struct collector_options *options,
			  struct errmsg *msg)
{
	const struct counters_options counters_options = {
		.sysfs = options->sysfs,
		.names = options->counters,
		.n_names = options->n_counters,
		.n_cpus = collector->n_cpus,
		.online = collector->online,
	};
	const struct counter *list;
	size_t n;
	int err;

	if (!options->n_counters)
		return 0;
	err = counters_open(&counters_options, &collector->counters, msg);
	if (err)
		return err;
	n = counters_list(collector->counters, &list);
	collector->run.counters = calloc(n + 1, sizeof(*collector->run.counters));
	if (!collector->run.counters)
		return errmsg_set(msg, -ENOMEM, "out of memory for the counters");
	for (size_t i = 0; i < n; i++)
		collector->run.counters[i] = list[i].is;
	collector->run.n_counters = n;
	return 0;
}

void collect_counters_for_ledger(const struct collector *collector,
				 struct ledger_counter counters[LEDGER_MAX_COUNTERS],
				 struct ledger_options *options)
{
	const struct counter *list;

	options->counters = counters;
	options->n_counters = n_core(collector);
	for (size_t i = 0; i < options->n_counters; i++) {
		counters_list(collector->counters, &list);
		counters[i].fds = list[i].fds;
	}
}

void collect_counters_check(struct collector *collector)
{
	struct ledger_features features;

	ledger_features(collector->ledger, &features);
	if (features.n_counters < n_core(collector))
		counters_complain(collector->counters,
				  "this kernel lets no program read counters at a switch: those of "
				  "group core stay 0");
}

int collect_counters_task(struct collector *collector, const struct sample_count *counts)
{
	size_t core = n_core(collector), n = collector->run.n_counters;
	int err = sample_add_counts(collector->sample, counts, core);

	return err ? err : sample_add_counts(collector->sample, NULL, n - core);
}

int collect_counters_cpu(struct collector *collector, uint32_t cpu,
			 const struct sample_count *counts)
{
	size_t core = n_core(collector), n = collector->run.n_counters;
	bool counts_yet = collector->seq > 0;
	int err = counts_yet ? sample_add_cpu_counts(collector->sample, counts, core) : 0;

	for (size_t i = core; i < n && !err; i++) {
		struct sample_count count;

		counters_read(collector->counters, i, cpu, &count);
		if (counts_yet)
			err = sample_add_cpu_counts(collector->sample, &count, 1);
	}
	return err;
}

void collect_counters_online(struct collector *collector, uint32_t cpu, bool online)
{
	const struct counter *list;

	if (!collector->counters || !counters_set_online(collector->counters, cpu, online))
		return;
	counters_list(collector->counters, &list);
	for (size_t i = 0; i < n_core(collector); i++) {
		if (list[i].fds[cpu] >= 0)
			ledger_set_counter(collector->ledger, i, cpu, list[i].fds[cpu]);
	}
}
