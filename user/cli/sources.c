// SPDX-License-Identifier: BSD-2-Clause
/* `energytrace sources`: what of this machine is used, usable, or why not. */
#include "cli/cli.h"

#include "energy/energy.h"
#include "entity/cgroup.h"
#include "ledger/ledger.h"
#include "sample/collect.h"
#include "topology/online.h"
#include "topology/topology.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static const char *state_name(enum energy_state state)
{
	switch (state) {
	case ENERGY_USABLE:
		return "usable";
	case ENERGY_DENIED:
		return "denied";
	case ENERGY_MISSING:
		return "missing";
	case ENERGY_BROKEN:
		return "broken";
	}
	return "?";
}

/* Returns the source that `auto` would take, or NULL. */
static const struct energy_source *print_energy(const struct config *config,
						const struct topology *topology)
{
	const struct energy_options options = {.sysfs = config->sysfs,
					       .procfs = config->procfs,
					       .estimate = config->estimate,
					       .topology = topology};
	const struct energy_source *used = NULL;
	struct energy_probe probe;

	printf("energy\n");
	for (size_t i = 0; energy_sources[i]; i++) {
		const struct energy_source *source = energy_sources[i];

		source->probe(&options, &probe);
		if (!used && probe.state == ENERGY_USABLE && energy_sources[i + 1])
			used = source;
		printf("  %-10s %-8s %s\n", source->name,
		       used == source ? "used" : state_name(probe.state), probe.text);
	}
	return used;
}

static void print_domains(const struct collector *collector)
{
	const struct run *run = collector_run(collector);

	for (size_t i = 0; i < run->n_domains; i++) {
		const struct run_domain *domain = &run->domains[i];
		size_t cpus = 0;

		for (size_t cpu = 0; cpu < run->n_cpus; cpu++)
			cpus += run->cpus[cpu].domain == (int)i;
		if (domain->type == DOMAIN_PACKAGE)
			printf("  %-10s %-8s %s, attributed: the energy of %zu CPUs\n", "",
			       domain->node, domain->name, cpus);
		else
			printf("  %-10s %-8s %s, kept beside, in no sum\n", "", domain->node,
			       domain->name);
	}
}

static void print_ledger(const struct collector *collector)
{
	struct ledger_features features;

	collector_features(collector, &features);
	if (features.anchored)
		printf("  %-19s fallback this kernel runs no BPF for some of its tasks: their time is "
		       "(unattributed)\n",
		       "programs");
	else
		printf("  %-19s used     every switch is seen (tp_btf/sched_switch)\n", "programs");
	if (features.rq_clock)
		printf("  %-19s used     the scheduler's own, no clock call at a switch\n",
		       "clock");
	else
		printf("  %-19s fallback bpf_ktime_get_ns: this kernel's cfs_rq has no rq "
		       "(CONFIG_FAIR_GROUP_SCHED), some 40 ns more a switch\n",
		       "clock");
	if (features.task_storage)
		printf("  %-19s used     task local storage\n", "look-up");
	else
		printf("  %-19s fallback a hash by task: task storage in tracing programs came "
		       "with Linux 5.13, some 8 ns more a switch\n",
		       "look-up");
	if (features.names)
		printf("  %-19s used     command lines and cgroups are told as they come and go\n",
		       "names");
	else
		printf("  %-19s fallback read when they are first met: what lives for less than a "
		       "tick may have none\n",
		       "names");
	if (!features.refilled)
		printf("  %-19s fallback a CPU that runs out of rows waits for the next tick\n",
		       "refill");
	printf("  %-19s used     %u of %u; --ledger-rows N makes more\n", "rows",
	       features.rows_used, features.rows);
	printf("  %-19s used     %u are accounted\n", "CPUs", features.cpus_started);
}

static void print_cgroups(const struct config *config)
{
	struct cgroup_mounts mounts;

	printf("\ncgroups\n");
	if (cgroup_mounts_read(config->procfs, &mounts) != 0) {
		printf("  %-10s missing  %s/self/mountinfo cannot be read\n", "", config->procfs);
		return;
	}
	if (config->cgroup_version == 1)
		mounts.v2[0] = '\0';
	if (config->cgroup_version == 2)
		mounts.v1[0] = '\0';
	if (mounts.v1[0])
		printf("  %-10s used     %s (%s)%s\n", "v1", mounts.v1,
		       mounts.v1_is_cpuacct ? "cpuacct" : "cpu",
		       mounts.v2[0] ? ", but for tasks in its root that v2 knows better" : "");
	if (mounts.v2[0])
		printf("  %-10s used     %s\n", "v2", mounts.v2);
	if (!mounts.v1[0] && !mounts.v2[0])
		printf("  %-10s missing  no cgroup hierarchy is mounted: processes have no cgroup\n",
		       "");
}

static enum exit_status print_machine(const struct config *config, const char *source)
{
	const struct collector_options options = {
		.source = source,
		.estimate = config->estimate,
		.sysfs = config->sysfs,
		.procfs = config->procfs,
		.cgroup_version = config->cgroup_version,
		.ledger_rows = config->ledger_rows,
		.no_task_storage = config->no_task_storage,
		.no_rq_clock = config->no_rq_clock,
	};
	struct collector *collector = NULL;
	struct errmsg msg = {};
	int err;

	err = collector_open(&options, &collector, &msg);
	if (!err)
		print_domains(collector);
	printf("\nledger\n");
	if (err)
		printf("  %-10s %-8s %s\n", "", err == -EPERM ? "denied" : "missing", msg.text);
	else
		print_ledger(collector);
	collector_close(collector);
	return err ? cli_status_of(err) : EXIT_DONE;
}

int cli_sources(const struct config *config)
{
	const struct energy_source *used;
	struct topology *topology = NULL;
	enum exit_status status;
	uint32_t n_cpus = 1;

	topology_possible("/sys", &n_cpus);
	topology_read(config->sysfs, n_cpus, &topology, NULL);
	used = print_energy(config, topology);
	topology_free(topology);
	status = print_machine(config, used ? used->name : "none");
	print_cgroups(config);
	return status;
}
