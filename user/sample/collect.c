// SPDX-License-Identifier: BSD-2-Clause
#include "sample/collect_impl.h"

#include "base/grow.h"
#include "topology/online.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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
	sample->monotonic_ns = collector_clock_ns(CLOCK_MONOTONIC);
	sample->boottime_ns = collector_clock_ns(CLOCK_BOOTTIME);
	sample->realtime_ns = (int64_t)collector_clock_ns(CLOCK_REALTIME);
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
	energy_poll(collector->energy, collector_clock_ns(CLOCK_MONOTONIC));
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
	free(collector->cpu_domains);
	free(collector->found);
	free(collector->touched);
	free(collector);
}
