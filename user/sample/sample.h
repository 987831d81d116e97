/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_SAMPLE_SAMPLE_H
#define ENERGYTRACE_SAMPLE_SAMPLE_H

/*
 * The seam of the program: what one tick measured, and what holds for the whole run. Everything
 * after these two structures is a pure function of them (no clock, no I/O, no global), so a recorded
 * file of them replays to the same bytes on any machine.
 *
 * Time is in nanoseconds, energy in whole microjoules as the counters give it.
 */

#include "base/arena.h"
#include "windows/window.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SAMPLE_COMM_LEN 16 /* TASK_COMM_LEN of the kernel, with its NUL */
#define SAMPLE_NO_DOMAIN (-1)
#define SAMPLE_UNKNOWN (-1) /* in place of an index in one of the sample's arrays */

enum domain_type {
	DOMAIN_PACKAGE, /* a package, or a die of one where RAPL counts by die: what is attributed */
	DOMAIN_DRAM,	/* outside the package; kept beside */
	DOMAIN_CORE,	/* inside the package */
	DOMAIN_UNCORE,	/* inside the package */
	DOMAIN_PSYS,	/* the platform: contains the packages */
	DOMAIN_OTHER,
	DOMAIN_N_TYPES,
};

/* "package", "dram", … ; the reverse returns -EINVAL for an unknown word. */
const char *domain_type_name(enum domain_type type);
int domain_type_from_name(const char *name, enum domain_type *ret);

enum energy_kind {
	ENERGY_NONE, /* no joules at all (-s none) */
	ENERGY_MEASURED,
	ENERGY_ESTIMATED,
	ENERGY_SIMULATED, /* a tree that tools/raplsim made */
	ENERGY_N_KINDS,
};

const char *energy_kind_name(enum energy_kind kind);
int energy_kind_from_name(const char *name, enum energy_kind *ret);

/* Where a performance counter belongs in a report. */
enum counter_group {
	COUNTER_CORE, /* read at every switch: by task and by CPU */
	COUNTER_MSR,  /* of the CPUs alone */
	COUNTER_N_GROUPS,
};

/* "core", "msr"; the reverse returns -EINVAL for an unknown word. */
const char *counter_group_name(enum counter_group group);
int counter_group_from_name(const char *name, enum counter_group *ret);

struct run_counter {
	char name[64]; /* of its event, as it was asked for */
	enum counter_group group;
};

/* A CPU that is accounted, and the package-type domain that its energy comes from. */
struct run_cpu {
	uint32_t id;
	int package, die, core;
	int domain; /* index in run.domains, or SAMPLE_NO_DOMAIN: its time gets no joules */
};

struct run_domain {
	enum domain_type type;
	char name[32]; /* "package-0", "package-0-die-1", "dram", "psys", … */
	char node[64]; /* the zone: "intel-rapl:0", "intel-rapl:0:1", … */
	int package;   /* -1: not of one package */
	int die;       /* -1: the whole package */
};

/* What windows of calls are made of: a function, or the markers of a pair. */
struct run_function {
	char *name;  /* what its windows are called */
	char *place; /* the binary as it was asked for, or the markers' provider */
};

/* What holds for the whole run. Owned by run_done. */
struct run {
	char host[256];
	char version[32]; /* of the program that measured */
	char os[128]; /* "Linux 6.1.0-18-amd64 x86_64"; this and the next two: "" or 0 unknown */
	char cpu_model[128]; /* as /proc/cpuinfo has it */
	uint64_t ram_mib;
	uint64_t tick_ns;	  /* the interval that was asked for; 0: not known */
	uint32_t user_hz;	  /* jiffies a second in user space: sysconf(_SC_CLK_TCK) */
	int64_t boot_realtime_ns; /* CLOCK_REALTIME - CLOCK_BOOTTIME at the start of the run */
	char source[16];	  /* "powercap", "none", … */
	enum energy_kind kind;
	uint64_t update_ns; /* how often the counters of the joules move; 0: they are no counters */
	struct run_cpu *cpus;
	size_t n_cpus;
	struct run_domain *domains;
	size_t n_domains;
	struct run_counter *counters; /* core before msr */
	size_t n_counters;
	struct run_function *functions; /* window.function is an index */
	size_t n_functions;
};

/* What one CPU did between the close of the last tick and of this one. */
struct sample_cpu {
	uint32_t cpu;	  /* index in run.cpus */
	uint64_t busy_ns; /* charged to rows */
	uint64_t idle_ns;
	uint64_t lost_ns; /* on-CPU time that no row got: (unattributed) */
};

/* What one domain used since it was last read. In the order of run.domains. */
struct sample_energy {
	uint64_t uj;
	uint32_t wraps;	 /* counter wraps that were added in */
	uint32_t resets; /* counter resets: the joules around each are not known */
	uint32_t gaps;	 /* reads that failed: their joules come with the next that works */
};

/* A container, as far as its runtime's state on disk tells of it. Texts may be NULL but for the first three. */
struct sample_container {
	const char *runtime; /* "docker", "podman", "cri-o", "nspawn", … */
	const char *id;
	const char *path;  /* its cgroup */
	const char *label; /* to show: as much of the names below as tells it from others */
	const char *name;
	const char *image;
	const char *pod;
	const char *pod_namespace;
};

struct sample_cgroup {
	const char *path;  /* below the root of its hierarchy */
	int32_t container; /* index in sample.containers, or SAMPLE_UNKNOWN: of none */
	bool removed;	   /* it is gone: no later sample has anything of it */
};

struct sample_user {
	uint32_t uid;	  /* of the host (the initial user namespace) */
	const char *name; /* NULL: not known */
};

/* A process that ran in the tick, or that is watched (-p). Identity is (pid, start_ns). */
struct sample_process {
	uint32_t pid;	   /* thread group id */
	uint32_t ppid;	   /* of the parent when the process was born or first seen; 0 unknown */
	uint64_t start_ns; /* CLOCK_BOOTTIME, to the nanosecond */
	char comm[SAMPLE_COMM_LEN]; /* the group leader's name at the close of the tick */
	int32_t cgroup;		    /* index in sample.cgroups, or SAMPLE_UNKNOWN */
	int32_t user;		    /* index in sample.users, or SAMPLE_UNKNOWN: by real uid */
	const char *cmdline;	    /* its words with blanks between, or NULL */
	bool kernel;		    /* a kernel thread */
	bool ended;		    /* its last thread's last nanosecond is in this sample */
	bool self;		    /* energytrace itself */
	uint64_t rss_bytes; /* resident at the close, where the run asks for it; 0: not known */
};

/* A performance counter's, while the task ran or on the CPU. */
struct sample_count {
	uint64_t value;
	uint64_t enabled_ns; /* of the event; less of it is running_ns where events take turns */
	uint64_t running_ns;
};

/* CPU time of one task in one cgroup on the CPUs of one domain. */
struct sample_task {
	uint32_t process; /* index in sample.processes */
	uint32_t tid;
	uint64_t start_ns;
	int32_t domain; /* index in run.domains, or SAMPLE_NO_DOMAIN */
	int32_t cgroup; /* index in sample.cgroups, or SAMPLE_UNKNOWN */
	int32_t user;	/* index in sample.users, or SAMPLE_UNKNOWN */
	uint64_t cpu_ns;
	bool ended; /* the thread's last nanosecond is in this sample */
	char comm[SAMPLE_COMM_LEN];
};

/* Why time went to (unattributed), or nearly did. Counts of this tick. */
enum sample_loss {
	LOSS_LEDGER_FULL,     /* no free row: the task's time is in lost_ns */
	LOSS_LOOKUP_FAILED,   /* task storage gave nothing; the hash stood in: no time lost */
	LOSS_HASH_FULL,	      /* and the hash was full: the task's time is in lost_ns */
	LOSS_SWITCH_MISSED,   /* a switch went by unseen: the slice around it is in lost_ns */
	LOSS_PROGRAM_SKIPPED, /* the kernel skipped a run (recursion): seen by its counter */
	LOSS_BIRTH_FAILED,    /* no storage could be made for a new task: the hash stands in */
	LOSS_NAME_DROPPED,    /* the news of a name found no room: no time lost */
	LOSS_N,
};

/* "ledger-full", … ; the reverse returns -EINVAL for an unknown word. */
const char *sample_loss_name(enum sample_loss loss);
int sample_loss_from_name(const char *name, enum sample_loss *ret);

/*
 * One tick. All arrays belong to the sample and are reused by sample_reset; pointers into them last
 * until then. The first sample of a run marks the start: interval_ns 0, no time, no energy.
 */
struct sample {
	uint64_t seq;	       /* 0 for the start mark, then 1, 2, … */
	int64_t realtime_ns;   /* CLOCK_REALTIME at the close */
	uint64_t monotonic_ns; /* CLOCK_MONOTONIC at the close */
	uint64_t boottime_ns;  /* CLOCK_BOOTTIME at the close */
	uint64_t interval_ns;  /* CLOCK_MONOTONIC since the last close */
	uint64_t suspended_ns; /* of CLOCK_BOOTTIME since the last close: the tick holds a gap */

	struct sample_cpu *cpus;
	size_t n_cpus, cpus_room;
	struct sample_energy *energy; /* run.n_domains of them */
	size_t n_energy, energy_room;
	struct sample_process *processes;
	size_t n_processes, processes_room;
	struct sample_task *tasks;
	size_t n_tasks, tasks_room;
	struct sample_cgroup *cgroups;
	size_t n_cgroups, cgroups_room;
	struct sample_container *containers;
	size_t n_containers, containers_room;
	struct sample_user *users;
	size_t n_users, users_room;
	/* Of each task, and of each CPU in `cpus`, run.n_counters of them; none where that is 0. */
	struct sample_count *counts;
	size_t n_counts, counts_room;
	struct sample_count *cpu_counts;
	size_t n_cpu_counts, cpu_counts_room;
	/*
	 * Calls that were heard of in this tick; the last ones may have ended just after its close. Of one
	 * thread they stand in the order they ended in. Totals: run.n_functions, since the start.
	 */
	struct window *windows;
	size_t n_windows, windows_room;
	struct window_totals *window_totals;
	size_t n_window_totals, window_totals_room;
	struct arena texts; /* what the texts of all these are kept in */

	uint64_t losses[LOSS_N];
	uint32_t ledger_used; /* rows in use at the close */
	uint32_t ledger_rows; /* rows there are */
};

/* Empties the sample and keeps its memory. */
void sample_reset(struct sample *sample);

/*
 * Each appends one zeroed element and returns it, or NULL when memory is out. The pointer is good
 * until the next append to the same array.
 */
struct sample_cpu *sample_add_cpu(struct sample *sample);
struct sample_energy *sample_add_energy(struct sample *sample);
struct sample_process *sample_add_process(struct sample *sample);
struct sample_task *sample_add_task(struct sample *sample);

/* These append `n` of them, zeroed unless `counts` says what they are. 0 or -ENOMEM. */
int sample_add_counts(struct sample *sample, const struct sample_count *counts, size_t n);
int sample_add_cpu_counts(struct sample *sample, const struct sample_count *counts, size_t n);

/* These append a copy. 0 or -ENOMEM. */
int sample_add_window(struct sample *sample, const struct window *window);
int sample_add_window_totals(struct sample *sample, const struct window_totals *totals);

/* These append a copy, with copies of the texts. They return its index or -ENOMEM. */
int sample_add_cgroup(struct sample *sample, const struct sample_cgroup *cgroup);
int sample_add_container(struct sample *sample, const struct sample_container *container);
int sample_add_user(struct sample *sample, const struct sample_user *user);

/* A copy of the text that lasts as the arrays do, in *ret; of NULL that is NULL. 0 or -ENOMEM. */
int sample_copy_text(struct sample *sample, const char *text, const char **ret);

/* Frees what the sample holds, not the sample. Takes a zeroed one. */
void sample_done(struct sample *sample);

/* Frees the arrays of the run, not the run. Takes a zeroed one. */
void run_done(struct run *run);

#endif
