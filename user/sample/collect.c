// SPDX-License-Identifier: BSD-2-Clause
#include "sample/collect_impl.h"

#include "base/grow.h"
#include "topology/online.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLOCK_TRIES 5
#define ONE_MOMENT_NS 20000

uint64_t collector_clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

const struct run *collector_run(const struct collector *collector)
{
	return &collector->run;
}

/* The process's index in the sample. */
static int touch(struct collector *collector, struct process *process)
{
	struct sample_process *entry;
	struct process **moved;

	if (process->touched == collector->seq + 1)
		return 0;
	moved = grow_array(collector->touched, collector->n_touched, &collector->touched_room,
			   sizeof(struct process *));
	if (!moved)
		return -ENOMEM;
	collector->touched = moved;
	entry = sample_add_process(collector->sample);
	if (!entry)
		return -ENOMEM;
	process->touched = collector->seq + 1;
	process->sample_index = (uint32_t)(collector->sample->n_processes - 1);
	collector->touched[collector->n_touched++] = process;
	return 0;
}

/*
 * In a pid namespace all processes outside of it have the pid 0, so their start times identify nothing:
 * they are one.
 */
static struct process *learn_outside(struct collector *collector, const struct ledger_entry *entry)
{
	struct process *process;
	bool new;

	process = process_table_get(collector->processes, 0, 0, &new);
	if (!process)
		return NULL;
	if (new)
		snprintf(process->comm, sizeof(process->comm), "(outside)");
	process->met = true;
	process->kept = process->named = true;
	process->rows += entry->first;
	process->rows -= entry->last && process->rows;
	return process;
}

/* What a row tells of its process: name, cgroup, and the count of its rows. */
static struct process *learn_process(struct collector *collector, const struct ledger_entry *entry)
{
	struct process *process;
	bool new, leader = entry->tid == entry->pid;

	if (!entry->pid)
		return learn_outside(collector, entry);
	process =
		process_table_get(collector->processes, entry->pid, entry->process_start_ns, &new);
	if (!process)
		return NULL;
	if (!process->met) {
		process->met = process->kept = true;
		process->born = entry->process_start_ns > collector->opened_ns;
		process->ppid = entry->ppid;
	}
	process->uid = entry->uid;
	process->kernel = entry->kernel;
	/*
	 * After an exec by another thread, the leader that it killed and the thread itself both have
	 * the leader's id in this tick: the name is the living one's.
	 */
	if (entry->task_dead && !entry->group_dead && process->named)
		leader = false;
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
	int err, cgroup, user;
	struct sample_task *task;

	if (!process)
		return -ENOMEM;
	/* Before the start mark nothing counts, and all processes stand in it anyway. */
	if (collector->seq == 0)
		return 0;
	if (!entry->cpu_ns && !entry->task_dead && !process_has_ended(process))
		return 0;
	err = touch(collector, process);
	if (err || (!entry->cpu_ns && !entry->task_dead))
		return err;
	cgroup = collect_names_cgroup(&collector->names, entry->cgroup_version, entry->cgroup_id);
	user = collect_names_user(&collector->names, entry->uid);
	if (cgroup == -ENOMEM || user == -ENOMEM)
		return -ENOMEM;
	task = sample_add_task(collector->sample);
	if (!task)
		return -ENOMEM;
	*task = (struct sample_task){
		.process = process->sample_index,
		.tid = entry->tid,
		.start_ns = entry->start_ns,
		.domain = entry->domain,
		.cgroup = cgroup,
		.user = user,
		.cpu_ns = entry->cpu_ns,
		.ended = entry->task_dead,
	};
	memcpy(task->comm, entry->comm, sizeof(task->comm));
	task->comm[sizeof(task->comm) - 1] = '\0';
	return collect_counters_task(collector, entry->counts);
}

static int note_exec(void *userdata, const struct ledger_exec *exec)
{
	struct collector *collector = userdata;
	struct process *process;
	bool new;

	if (!exec->pid)
		return 0;
	process = process_table_get(collector->processes, exec->pid, exec->start_ns, &new);
	return process ? process_set_args(process, exec->args, exec->length, exec->cut) : -ENOMEM;
}

static int note_cgroup(void *userdata, const struct ledger_cgroup *cgroup)
{
	struct collector *collector = userdata;

	return collect_names_change(&collector->names, cgroup);
}

static int note_span(void *userdata, const struct ledger_span *span)
{
	struct collector *collector = userdata;
	struct sample_cpu *cpu;
	int err = collect_counters_cpu(collector, span->cpu, span->counts);

	if (collector->seq == 0 || err)
		return err;
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

/* Writes the process into the sample. 0 or -ENOMEM. */
static int describe_process(struct collector *collector, struct process *process)
{
	struct collect_names *names = &collector->names;
	struct sample_process *entry;
	const char *cmdline;
	int cgroup, user, err;

	err = collect_names_cmdline(names, process,
				    process_table_find(collector->processes, process->ppid));
	if (!err)
		err = sample_copy_text(collector->sample, process->cmdline, &cmdline);
	cgroup = collect_names_cgroup(names, process->cgroup_version, process->cgroup_id);
	user = collect_names_user(names, process->uid);
	if (err || cgroup == -ENOMEM || user == -ENOMEM)
		return -ENOMEM;
	entry = &collector->sample->processes[process->sample_index];
	*entry = (struct sample_process){
		.pid = process->pid,
		.ppid = process->ppid,
		.start_ns = process->start_ns,
		.cgroup = cgroup,
		.user = user,
		.cmdline = cmdline,
		.kernel = process->kernel,
		.ended = process_has_ended(process),
		.self = process->self,
	};
	if (collector->resident && !process->kernel && !entry->ended)
		entry->rss_bytes = process_resident(process, names->procfs);
	memcpy(entry->comm, process->comm, sizeof(entry->comm));
	entry->comm[sizeof(entry->comm) - 1] = '\0';
	return 0;
}

/* Writes the processes into the sample, now that all that is known of them is; forgets the ended. */
static int finish_processes(struct collector *collector)
{
	int err;

	for (size_t i = 0; i < collector->n_touched; i++) {
		err = describe_process(collector, collector->touched[i]);
		if (err)
			return err;
	}
	/* Only now: a child's command line may be that of a parent that has ended. */
	for (size_t i = 0; i < collector->n_touched; i++) {
		struct process *process = collector->touched[i];

		if (process_has_ended(process) || (!process->kept && process->rows == 0))
			process_table_remove(collector->processes, process);
	}
	collector->n_touched = 0;
	process_table_sweep(collector->processes);
	return collect_names_end(&collector->names);
}

/* The clocks at the close, which may be a while ago: in one moment, unless the machine is too busy for that. */
static void read_clocks(struct collector *collector, struct sample *sample)
{
	uint64_t age;

	for (int i = 0; i < CLOCK_TRIES; i++) {
		sample->monotonic_ns = collector_clock_ns(CLOCK_MONOTONIC);
		age = ledger_mark_age_ns(collector->ledger);
		sample->boottime_ns = collector_clock_ns(CLOCK_BOOTTIME);
		sample->realtime_ns = (int64_t)collector_clock_ns(CLOCK_REALTIME);
		if (collector_clock_ns(CLOCK_MONOTONIC) - sample->monotonic_ns < ONE_MOMENT_NS)
			break;
	}
	sample->monotonic_ns -= age;
	sample->boottime_ns -= age;
	sample->realtime_ns -= (int64_t)age;
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
	for (uint32_t id = 0; id < collector->n_cpus; id++) {
		ledger_set_online(collector->ledger, id, collector->online[id]);
		collect_counters_online(collector, id, collector->online[id]);
	}
}

static struct ledger_visitor visitor_of(struct collector *collector)
{
	return (struct ledger_visitor){
		.entry = note_entry,
		.span = note_span,
		.exec = note_exec,
		.cgroup = note_cgroup,
		.userdata = collector,
	};
}

int collector_tick(struct collector *collector, struct sample *sample, struct errmsg *msg)
{
	const struct ledger_visitor visitor = visitor_of(collector);
	struct ledger_features features;
	uint64_t early[LOSS_N] = {};
	int err;

	sample_reset(sample);
	collector->sample = sample;
	collect_names_begin(&collector->names, sample, collector->seq + 1);
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
	if (!err)
		err = collect_windows_take(&collector->windows, &collector->run, sample);
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
	energy_poll(collector->energy, collector_clock_ns(CLOCK_MONOTONIC));
}

uint64_t collector_poll_interval_ns(const struct collector *collector)
{
	return energy_max_read_interval_ns(collector->energy);
}

int collector_wake_fd(const struct collector *collector)
{
	return ledger_fd(collector->ledger);
}

int collector_windows_fd(const struct collector *collector)
{
	return collect_windows_fd(&collector->windows);
}

void collector_wake(struct collector *collector)
{
	const struct ledger_visitor visitor = visitor_of(collector);

	ledger_refill(collector->ledger);
	ledger_events(collector->ledger, &visitor);
	collect_windows_hear(&collector->windows);
}

const char *collector_complaint(struct collector *collector)
{
	const char *complaint = energy_complaint(collector->energy);

	if (!complaint && collector->counters)
		complaint = counters_complaint(collector->counters);
	return complaint;
}

void collector_features(const struct collector *collector, struct ledger_features *ret)
{
	ledger_features(collector->ledger, ret);
}

void collector_close(struct collector *collector)
{
	if (!collector)
		return;
	collect_windows_close(&collector->windows);
	ledger_close(collector->ledger);
	counters_close(collector->counters);
	energy_close(collector->energy);
	topology_free(collector->topology);
	process_table_free(collector->processes);
	collect_names_close(&collector->names);
	run_done(&collector->run);
	free(collector->online);
	free(collector->cpu_domains);
	free(collector->found);
	free(collector->touched);
	free(collector);
}
