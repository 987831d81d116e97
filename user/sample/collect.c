// SPDX-License-Identifier: BSD-2-Clause
#include "sample/collect.h"

#include "base/cleanup.h"
#include "energy/energy.h"
#include "entity/cgroup.h"
#include "entity/process.h"
#include "topology/online.h"
#include "topology/topology.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The ledger is of the running kernel, whatever tree --sysfs names for energy and topology. */
#define KERNEL_SYSFS "/sys"

struct collector {
	struct run run;
	struct energy *energy;
	struct topology *topology;
	struct ledger *ledger;
	struct process_table *processes;
	struct cgroup_mounts mounts;
	struct cgroup_names *cgroups;

	const uint32_t *pids; /* while the ledger is opened */
	size_t n_pids;
	bool *found; /* by index in pids */

	uint32_t n_cpus; /* the kernel's possible ids */
	bool *online;	 /* by CPU id */

	struct process **touched; /* with an index in the sample that is being made */
	size_t n_touched, touched_room;
	struct sample *sample; /* that is being made */
	uint64_t seq;
	uint64_t last_monotonic_ns, last_boottime_ns;
};

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

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
	process->ppid = existing->ppid;
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
	snprintf(collector->run.source, sizeof(collector->run.source), "%s",
		 energy_source(collector->energy)->name);
	return 0;
}

/* Every possible CPU is in the run, with the domain that its energy comes from. */
static int place_cpus(struct collector *collector, int *domains, struct errmsg *msg)
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
		domains[id] = cpu->domain;
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
	_cleanup_free_
	int *domains = calloc(collector->n_cpus, sizeof(*domains));
	struct ledger_options ledger_options = {
		.rows = options->ledger_rows,
		.n_cpus = collector->n_cpus,
		.online = collector->online,
		.domains = domains,
		.v2 = collector->mounts.v2[0] != '\0' || collector->mounts.v1[0] == '\0',
		.v1 = collector->mounts.v1[0] == '\0'	? LEDGER_NO_V1
		      : collector->mounts.v1_is_cpuacct ? LEDGER_CPUACCT_V1
							: LEDGER_CPU_V1,
		.no_task_storage = options->no_task_storage,
		.no_rq_clock = options->no_rq_clock,
		.existing = note_existing,
		.userdata = collector,
	};
	int err;

	if (!domains)
		return errmsg_set(msg, -ENOMEM, "out of memory for %u CPUs", collector->n_cpus);
	err = place_cpus(collector, domains, msg);
	if (err)
		return err;
	err = ledger_open(&ledger_options, &collector->ledger, msg);
	if (err)
		return err;
	return check_found(collector, msg);
}

static void describe_run(struct run *run)
{
	gethostname(run->host, sizeof(run->host) - 1);
	snprintf(run->version, sizeof(run->version), "%s", ENERGYTRACE_VERSION);
	run->user_hz = (uint32_t)sysconf(_SC_CLK_TCK);
	run->boot_realtime_ns = (int64_t)(clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_BOOTTIME));
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
	collector->found = calloc(options->n_pids + 1, sizeof(*collector->found));
	if (!collector->online || !collector->found ||
	    process_table_new(&collector->processes) != 0)
		return errmsg_set(msg, -ENOMEM, "out of memory");
	err = topology_online(KERNEL_SYSFS, collector->online, collector->n_cpus);
	if (err)
		return errmsg_set(msg, err, "cannot read which CPUs are online (%s): %s",
				  KERNEL_SYSFS "/devices/system/cpu/online", strerror(-err));
	/* Without mounts there are no paths; that is no reason not to measure. */
	cgroup_mounts_read(options->procfs, &collector->mounts);
	if (cgroup_names_new(&collector->mounts, &collector->cgroups) != 0)
		return errmsg_set(msg, -ENOMEM, "out of memory");
	describe_run(&collector->run);
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
	if (err) {
		collector_close(collector);
		return err;
	}
	*ret = collector;
	return 0;
}

const struct run *collector_run(const struct collector *collector)
{
	return &collector->run;
}

/* The process's index in the sample. */
static int touch(struct collector *collector, struct process *process)
{
	struct sample_process *entry;

	if (process->touched == collector->seq + 1)
		return 0;
	if (collector->n_touched == collector->touched_room) {
		size_t room = collector->touched_room ? collector->touched_room * 2 : 256;
		struct process **moved =
			reallocarray(collector->touched, room, sizeof(struct process *));

		if (!moved)
			return -ENOMEM;
		collector->touched = moved;
		collector->touched_room = room;
	}
	entry = sample_add_process(collector->sample);
	if (!entry)
		return -ENOMEM;
	process->touched = collector->seq + 1;
	process->sample_index = (uint32_t)(collector->sample->n_processes - 1);
	collector->touched[collector->n_touched++] = process;
	return 0;
}

/* The index in the sample of the cgroup's path, -1 if it has none to tell, or -ENOMEM. */
static int place_cgroup(struct collector *collector, int version, uint64_t id)
{
	struct cgroup_name *name = cgroup_names_get(collector->cgroups, version, id);

	if (!name)
		return -1;
	if (name->touched != collector->seq + 1) {
		name->sample_index = sample_add_cgroup(collector->sample, name->path);
		name->touched = collector->seq + 1;
	}
	return name->sample_index;
}

/* What a row tells of its process: name, cgroup, and the count of its rows. */
static struct process *learn_process(struct collector *collector, const struct ledger_entry *entry)
{
	struct process *process;
	bool new, leader = entry->tid == entry->pid;

	process =
		process_table_get(collector->processes, entry->pid, entry->process_start_ns, &new);
	if (!process)
		return NULL;
	if (new) {
		process->ppid = entry->ppid;
		process->kept = true;
	}
	if (leader || !process->named)
		memcpy(process->comm, entry->comm, sizeof(process->comm));
	process->named |= leader;
	if (leader || !process->cgroup_version) {
		process->cgroup_id = entry->cgroup_id;
		process->cgroup_version = entry->cgroup_version;
	}
	process->rows += entry->first;
	process->rows -= entry->last && process->rows;
	process->group_dead |= entry->group_dead;
	return process;
}

static int note_entry(void *userdata, const struct ledger_entry *entry)
{
	struct collector *collector = userdata;
	struct process *process = learn_process(collector, entry);
	struct sample_task *task;
	int err, cgroup;

	if (!process)
		return -ENOMEM;
	/* Before the start mark nothing counts, and all processes stand in it anyway. */
	if (collector->seq == 0)
		return 0;
	if (!entry->cpu_ns && !(process_has_ended(process)))
		return 0;
	err = touch(collector, process);
	if (err || !entry->cpu_ns)
		return err;
	cgroup = place_cgroup(collector, entry->cgroup_version, entry->cgroup_id);
	if (cgroup == -ENOMEM)
		return cgroup;
	task = sample_add_task(collector->sample);
	if (!task)
		return -ENOMEM;
	*task = (struct sample_task){
		.process = process->sample_index,
		.tid = entry->tid,
		.start_ns = entry->start_ns,
		.domain = entry->domain,
		.cgroup = cgroup,
		.cpu_ns = entry->cpu_ns,
		.ended = entry->task_dead,
	};
	memcpy(task->comm, entry->comm, sizeof(task->comm));
	task->comm[sizeof(task->comm) - 1] = '\0';
	return 0;
}

static int note_span(void *userdata, const struct ledger_span *span)
{
	struct collector *collector = userdata;
	struct sample_cpu *cpu;

	if (collector->seq == 0)
		return 0;
	cpu = sample_add_cpu(collector->sample);
	if (!cpu)
		return -ENOMEM;
	*cpu = (struct sample_cpu){
		.cpu = span->cpu, /* run.cpus is by CPU id */
		.busy_ns = span->busy_ns,
		.idle_ns = span->idle_ns,
		.lost_ns = span->lost_ns,
	};
	return 0;
}

/* In every tick those that were asked for, in the start mark all there are. */
static void touch_silent(struct process *process, void *userdata)
{
	struct collector *collector = userdata;

	if (process->watched || collector->seq == 0)
		touch(collector, process);
}

/* Writes the processes into the sample, now that all that is known of them is; forgets the ended. */
static int finish_processes(struct collector *collector)
{
	int cgroup;

	for (size_t i = 0; i < collector->n_touched; i++) {
		struct process *process = collector->touched[i];
		struct sample_process *entry;

		cgroup = place_cgroup(collector, process->cgroup_version, process->cgroup_id);
		if (cgroup == -ENOMEM)
			return cgroup;
		entry = &collector->sample->processes[process->sample_index];
		*entry = (struct sample_process){
			.pid = process->pid,
			.ppid = process->ppid,
			.start_ns = process->start_ns,
			.cgroup = cgroup,
			.ended = process_has_ended(process),
			.self = process->self,
		};
		memcpy(entry->comm, process->comm, sizeof(entry->comm));
		entry->comm[sizeof(entry->comm) - 1] = '\0';
		if (entry->ended || (!process->kept && process->rows == 0))
			process_table_remove(collector->processes, process);
	}
	collector->n_touched = 0;
	cgroup_names_trim(collector->cgroups);
	process_table_sweep(collector->processes);
	return 0;
}

static void read_clocks(struct collector *collector, struct sample *sample)
{
	sample->monotonic_ns = clock_ns(CLOCK_MONOTONIC);
	sample->boottime_ns = clock_ns(CLOCK_BOOTTIME);
	sample->realtime_ns = (int64_t)clock_ns(CLOCK_REALTIME);
	sample->seq = collector->seq;
	if (collector->seq > 0) {
		uint64_t boot = sample->boottime_ns - collector->last_boottime_ns;

		sample->interval_ns = sample->monotonic_ns - collector->last_monotonic_ns;
		/* The two clocks differ by suspend alone; reading them one after the other
		 * makes some 100 ns. */
		if (boot > sample->interval_ns + 1000000)
			sample->suspended_ns = boot - sample->interval_ns;
	}
	collector->last_monotonic_ns = sample->monotonic_ns;
	collector->last_boottime_ns = sample->boottime_ns;
}

static void tell_online(struct collector *collector)
{
	if (topology_online(KERNEL_SYSFS, collector->online, collector->n_cpus) != 0)
		return;
	for (uint32_t id = 0; id < collector->n_cpus; id++)
		ledger_set_online(collector->ledger, id, collector->online[id]);
}

int collector_tick(struct collector *collector, struct sample *sample, struct errmsg *msg)
{
	const struct ledger_visitor visitor = {
		.entry = note_entry, .span = note_span, .userdata = collector};
	struct ledger_features features;
	uint64_t early[LOSS_N] = {};
	int err;

	sample_reset(sample);
	collector->sample = sample;
	err = ledger_mark(collector->ledger);
	if (err)
		return errmsg_set(msg, err, "cannot close the tick: %s", strerror(-err));
	read_clocks(collector, sample);
	err = energy_take(collector->energy, sample->monotonic_ns, sample);
	if (err)
		return errmsg_set(msg, err, "out of memory for the energy of a tick");
	tell_online(collector);
	err = ledger_collect(collector->ledger, &visitor, collector->seq ? sample->losses : early);
	energy_estimate(collector->energy, &collector->run, sample);
	process_table_each(collector->processes, touch_silent, collector);
	if (!err)
		err = finish_processes(collector);
	if (err)
		return errmsg_set(msg, err, "cannot read the ledger: %s", strerror(-err));
	ledger_features(collector->ledger, &features);
	sample->ledger_rows = features.rows;
	sample->ledger_used = features.rows_used;
	collector->seq++;
	return 0;
}

void collector_poll_energy(struct collector *collector)
{
	energy_poll(collector->energy, clock_ns(CLOCK_MONOTONIC));
}

uint64_t collector_poll_interval_ns(const struct collector *collector)
{
	return energy_max_read_interval_ns(collector->energy);
}

const char *collector_complaint(struct collector *collector)
{
	return energy_complaint(collector->energy);
}

void collector_features(const struct collector *collector, struct ledger_features *ret)
{
	ledger_features(collector->ledger, ret);
}

void collector_close(struct collector *collector)
{
	if (!collector)
		return;
	ledger_close(collector->ledger);
	energy_close(collector->energy);
	topology_free(collector->topology);
	process_table_free(collector->processes);
	cgroup_names_free(collector->cgroups);
	run_done(&collector->run);
	free(collector->online);
	free(collector->found);
	free(collector->touched);
	free(collector);
}
