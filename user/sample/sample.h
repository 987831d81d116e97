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

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SAMPLE_COMM_LEN 16 /* TASK_COMM_LEN of the kernel, with its NUL */
#define SAMPLE_NO_DOMAIN (-1)

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

/* What holds for the whole run. Owned by run_free. */
struct run {
	char host[256];
	char version[32];	  /* of the program that measured */
	uint32_t user_hz;	  /* jiffies a second in user space: sysconf(_SC_CLK_TCK) */
	int64_t boot_realtime_ns; /* CLOCK_REALTIME - CLOCK_BOOTTIME at the start of the run */
	char source[16];	  /* "powercap", "none", … */
	enum energy_kind kind;
	struct run_cpu *cpus;
	size_t n_cpus;
	struct run_domain *domains;
	size_t n_domains;
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

/* A process that ran in the tick, or that is watched (-p). Identity is (pid, start_ns). */
struct sample_process {
	uint32_t pid;	   /* thread group id */
	uint32_t ppid;	   /* of the parent when the process was born or first seen; 0 unknown */
	uint64_t start_ns; /* CLOCK_BOOTTIME, to the nanosecond */
	char comm[SAMPLE_COMM_LEN]; /* the group leader's name at the close of the tick */
	int32_t cgroup;		    /* index in sample.cgroups, -1 unknown */
	bool ended;		    /* its last thread's last nanosecond is in this sample */
	bool self;		    /* energytrace itself */
};

/* CPU time of one task in one cgroup on the CPUs of one domain. */
struct sample_task {
	uint32_t process; /* index in sample.processes */
	uint32_t tid;
	uint64_t start_ns;
	int32_t domain; /* index in run.domains, or SAMPLE_NO_DOMAIN */
	int32_t cgroup; /* index in sample.cgroups, -1 unknown */
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
	char **cgroups; /* paths, each owned by the sample */
	size_t n_cgroups, cgroups_room;

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

/* Appends a copy of `path`; returns its index or -ENOMEM. */
int sample_add_cgroup(struct sample *sample, const char *path);

/* Frees what the sample holds, not the sample. Takes a zeroed one. */
void sample_done(struct sample *sample);

/* Frees the arrays of the run, not the run. Takes a zeroed one. */
void run_done(struct run *run);

#endif
