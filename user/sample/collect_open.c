// SPDX-License-Identifier: BSD-2-Clause
#include "sample/collect_impl.h"

#include "base/cleanup.h"
#include "topology/online.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

/* Called for every thread group that exists: all of them stand in the start mark. */
static int note_existing(void *userdata, const struct ledger_existing *existing)
{
	struct collector *collector = userdata;
	struct process *process;
	bool new;

	if (existing->exited)
		return 0;
	process = process_table_get(collector->processes, existing->pid, existing->start_ns, &new);
	if (!process)
		return -ENOMEM;
	for (size_t i = 0; i < collector->n_pids; i++) {
		if (existing->pid == collector->pids[i])
			process->watched = collector->found[i] = true;
	}
	process->self = existing->pid == (uint32_t)getpid();
	process->met = true;
	process->ppid = existing->ppid;
	process->uid = existing->uid;
	process->kernel = existing->kernel;
	process->cgroup_id = existing->cgroup_id;
	process->cgroup_version = existing->cgroup_version;
	process->named = true;
	/* The names of the others come again with their leader's row. */
	process->kept = existing->n_threads > 1 || process->self || process->watched;
	memcpy(process->comm, existing->comm, sizeof(process->comm));
	return 0;
}

static int open_energy(struct collector *collector, const struct collector_options *options,
		       struct errmsg *msg)
{
	struct energy_options energy_options = {
		.sysfs = options->sysfs, .procfs = options->procfs, .estimate = options->estimate};
	const struct run_domain *domains;
	size_t n_domains;
	int err;

	err = topology_read(options->sysfs, collector->n_cpus, &collector->topology, msg);
	if (err)
		return err;
	energy_options.topology = collector->topology;
	err = energy_open(options->source, &energy_options, &collector->energy, msg);
	if (err)
		return err;
	n_domains = energy_domains(collector->energy, &domains);
	if (n_domains > LEDGER_MAX_DOMAINS)
		return errmsg_set(msg, -E2BIG, "%zu energy domains: more than %d are not handled",
				  n_domains, LEDGER_MAX_DOMAINS);
	collector->run.n_domains = n_domains;
	collector->run.domains = calloc(n_domains ? n_domains : 1, sizeof(*domains));
	if (!collector->run.domains)
		return errmsg_set(msg, -ENOMEM, "out of memory for the energy domains");
	if (n_domains)
		memcpy(collector->run.domains, domains, n_domains * sizeof(*domains));
	collector->run.kind = energy_kind(collector->energy);
	collector->run.update_ns = energy_source(collector->energy)->update_ns;
	snprintf(collector->run.source, sizeof(collector->run.source), "%s",
		 energy_source(collector->energy)->name);
	return 0;
}

/* Every possible CPU is in the run, with the domain that its energy comes from. */
static int place_cpus(struct collector *collector, struct errmsg *msg)
{
	const struct topology_cpu *place;
	struct run_cpu *cpu;

	collector->run.cpus = calloc(collector->n_cpus, sizeof(*collector->run.cpus));
	if (!collector->run.cpus)
		return errmsg_set(msg, -ENOMEM, "out of memory for %u CPUs", collector->n_cpus);
	collector->run.n_cpus = collector->n_cpus;
	for (uint32_t id = 0; id < collector->n_cpus; id++) {
		place = topology_find(collector->topology, id);
		cpu = &collector->run.cpus[id];
		*cpu = (struct run_cpu){
			.id = id,
			.package = place ? place->package : -1,
			.die = place ? place->die : -1,
			.core = place ? place->core : -1,
			.domain = place ? energy_domain_of(collector->energy, place)
					: SAMPLE_NO_DOMAIN,
		};
		collector->cpu_domains[id] = cpu->domain;
	}
	return 0;
}

/* Every pid that was asked for is a process that lives and that BPF is shown. */
static int check_found(const struct collector *collector, struct errmsg *msg)
{
	for (size_t i = 0; i < collector->n_pids; i++) {
		uint32_t pid = collector->pids[i];

		if (collector->found[i])
			continue;
		if (kill((pid_t)pid, 0) != 0 && errno == ESRCH)
			return errmsg_set(msg, -ESRCH, "no process has the pid %u", pid);
		return errmsg_set(msg, -ESRCH,
				  "pid %u cannot be followed: it is a thread (-p takes process "
				  "ids), it has exited, or this kernel hides it from BPF",
				  pid);
	}
	return 0;
}

static int open_ledger(struct collector *collector, const struct collector_options *options,
		       struct errmsg *msg)
{
	struct ledger_options ledger_options = {
		.rows = options->ledger_rows,
		.n_cpus = collector->n_cpus,
		.online = collector->online,
		.domains = collector->cpu_domains,
		.v2 = collector->names.mounts.v2[0] != '\0' ||
		      collector->names.mounts.v1[0] == '\0',
		.v1 = collector->names.mounts.v1[0] == '\0'   ? LEDGER_NO_V1
		      : collector->names.mounts.v1_is_cpuacct ? LEDGER_CPUACCT_V1
							      : LEDGER_CPU_V1,
		.names = true,
		.no_task_storage = options->no_task_storage,
		.no_rq_clock = options->no_rq_clock,
		.no_births = options->no_births,
		.existing = note_existing,
		.userdata = collector,
	};
	struct ledger_counter counters[LEDGER_MAX_COUNTERS];
	int err;

	err = place_cpus(collector, msg);
	if (!err)
		err = collect_counters_open(collector, options, msg);
	if (err)
		return err;
	collect_counters_for_ledger(collector, counters, &ledger_options);
	err = ledger_open(&ledger_options, &collector->ledger, msg);
	if (err)
		return err;
	collector->opened_ns = collector_clock_ns(CLOCK_BOOTTIME);
	collect_counters_check(collector);
	return check_found(collector, msg);
}

/* "model name : …" of the first processor in `procfs`/cpuinfo; nothing where there is none (ARM). */
static void read_cpu_model(const char *procfs, struct run *run)
{
	_cleanup_fclose_ FILE *file = NULL;
	_cleanup_free_ char *line = NULL;
	char path[PATH_MAX];
	size_t size = 0;

	if (snprintf(path, sizeof(path), "%s/cpuinfo", procfs) >= (int)sizeof(path))
		return;
	file = fopen(path, "re");
	while (file && getline(&line, &size, file) >= 0) {
		const char *value = strchr(line, ':');

		if (strncmp(line, "model name", strlen("model name")) != 0 || !value)
			continue;
		value += 1 + strspn(value + 1, " \t");
		snprintf(run->cpu_model, sizeof(run->cpu_model), "%.*s", (int)strcspn(value, "\n"),
			 value);
		return;
	}
}

static void describe_host(const char *procfs, struct run *run)
{
	struct utsname names;
	struct sysinfo memory;

	read_cpu_model(procfs, run);
	if (uname(&names) == 0)
		snprintf(run->os, sizeof(run->os), "%.30s %.60s %.30s", names.sysname,
			 names.release, names.machine);
	if (sysinfo(&memory) == 0)
		run->ram_mib = (uint64_t)memory.totalram * memory.mem_unit >> 20;
}

static void describe_run(struct run *run)
{
	gethostname(run->host, sizeof(run->host) - 1);
	snprintf(run->version, sizeof(run->version), "%s", ENERGYTRACE_VERSION);
	run->user_hz = (uint32_t)sysconf(_SC_CLK_TCK);
	run->boot_realtime_ns =
		(int64_t)(collector_clock_ns(CLOCK_REALTIME) - collector_clock_ns(CLOCK_BOOTTIME));
}

/* Without mounts there are no paths; that is no reason not to measure, unless one was asked for. */
static int read_mounts(struct collector *collector, const struct collector_options *options,
		       struct errmsg *msg)
{
	struct cgroup_mounts *mounts = &collector->names.mounts;

	cgroup_mounts_read(options->procfs, mounts);
	if ((options->cgroup_version == 1 && !mounts->v1[0]) ||
	    (options->cgroup_version == 2 && !mounts->v2[0]))
		return errmsg_set(
			msg, -EOPNOTSUPP,
			"no cgroup v%d hierarchy%s is mounted: take away --cgroup-version",
			options->cgroup_version,
			options->cgroup_version == 1 ? " with cpuacct or cpu" : "");
	if (options->cgroup_version == 2)
		mounts->v1[0] = '\0';
	if (options->cgroup_version == 1)
		mounts->v2[0] = '\0';
	return 0;
}

static int prepare(struct collector *collector, const struct collector_options *options,
		   struct errmsg *msg)
{
	int err;

	collector->pids = options->pids;
	collector->n_pids = options->n_pids;
	err = topology_possible(KERNEL_SYSFS, &collector->n_cpus);
	if (err)
		return errmsg_set(msg, err, "cannot read which CPUs there are (%s): %s",
				  KERNEL_SYSFS "/devices/system/cpu/possible", strerror(-err));
	collector->online = calloc(collector->n_cpus, sizeof(*collector->online));
	collector->cpu_domains = calloc(collector->n_cpus, sizeof(*collector->cpu_domains));
	collector->found = calloc(options->n_pids + 1, sizeof(*collector->found));
	if (!collector->online || !collector->cpu_domains || !collector->found ||
	    process_table_new(&collector->processes) != 0)
		return errmsg_set(msg, -ENOMEM, "out of memory");
	err = topology_online(KERNEL_SYSFS, collector->online, collector->n_cpus);
	if (err)
		return errmsg_set(msg, err, "cannot read which CPUs are online (%s): %s",
				  KERNEL_SYSFS "/devices/system/cpu/online", strerror(-err));
	err = read_mounts(collector, options, msg);
	if (err)
		return err;
	err = collect_names_open(&collector->names, options->procfs);
	if (err)
		return errmsg_set(msg, err, "cannot look up names: %s", strerror(-err));
	describe_run(&collector->run);
	describe_host(options->procfs, &collector->run);
	collector->run.tick_ns = options->tick_ns;
	collector->resident = options->resident;
	return 0;
}

int collector_open(const struct collector_options *options, struct collector **ret,
		   struct errmsg *msg)
{
	struct collector *collector = calloc(1, sizeof(*collector));
	int err;

	if (!collector)
		return errmsg_set(msg, -ENOMEM, "out of memory");
	err = prepare(collector, options, msg);
	if (!err)
		err = open_energy(collector, options, msg);
	if (!err)
		err = open_ledger(collector, options, msg);
	if (!err)
		err = collect_windows_open(&collector->windows, collector->ledger, options,
					   &collector->run, msg);
	if (err) {
		collector_close(collector);
		return err;
	}
	*ret = collector;
	return 0;
}
