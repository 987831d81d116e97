/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_ENTITY_PROCESS_H
#define ENERGYTRACE_ENTITY_PROCESS_H

/*
 * The processes that are alive or were so in this tick, by (pid, start time). A process is kept from
 * the first row of one of its threads (or from the start, where it has several threads or is
 * watched) until its last row is finished.
 */

#include "sample/sample.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROCESS_ARGS_MAX 256 /* bytes of a command line that are kept */

struct process {
	uint32_t pid;
	uint32_t ppid;
	uint64_t start_ns;
	char comm[SAMPLE_COMM_LEN];
	char *cmdline; /* its words with blanks between, or NULL: not known or none; the table's */
	uint32_t uid;  /* real, of the host */
	uint64_t cgroup_id;
	int cgroup_version; /* 0: not known */
	uint32_t rows;	    /* of its threads, not finished */
	bool met;	    /* one of its rows has been seen, or it was there at the start */
	bool born;	    /* since the start: whether it called exec was told */
	bool named;	    /* comm is the leader's, not another thread's */
	bool kernel;	    /* a kernel thread */
	bool cmdline_asked; /* whatever came of it */
	bool group_dead;    /* its last thread has begun to exit */
	bool kept;	    /* also while it has no rows: its name would not come again */
	bool watched;	    /* in every sample until it has ended */
	bool self;
	uint64_t touched;      /* the sample seq in which it has an index, + 1 */
	uint32_t sample_index; /* there */
};

struct process_table;

int process_table_new(struct process_table **ret);

/* The process, made if it is not there: *ret_new says so. NULL when memory is out. */
struct process *process_table_get(struct process_table *table, uint32_t pid, uint64_t start_ns,
				  bool *ret_new);

/* The youngest process in the table that has the pid, or NULL. */
struct process *process_table_find(const struct process_table *table, uint32_t pid);

void process_table_remove(struct process_table *table, struct process *process);

/*
 * Drops processes without rows that are gone: those whose end went unseen because the ledger was
 * full. Costs a system call for each process, so it only works when the table has doubled.
 */
void process_table_sweep(struct process_table *table);

void process_table_each(struct process_table *table,
			void (*each)(struct process *process, void *userdata), void *userdata);

/* Takes NULL. */
void process_table_free(struct process_table *table);

/*
 * Gives the process the command line of these arguments, each with its NUL; `cut`: there were more. 0 or
 * -ENOMEM.
 */
int process_set_args(struct process *process, const char *args, size_t length, bool cut);

/* Gives it the command line that PROCFS/PID/cmdline has, if it is still there. 0 or -ENOMEM. */
int process_read_cmdline(struct process *process, const char *procfs);

/* Its resident memory by PROCFS/PID/statm, in bytes; 0: not known. */
uint64_t process_resident(const struct process *process, const char *procfs);

/* Both its last thread is dead and its last row finished. */
bool process_has_ended(const struct process *process);

#endif
