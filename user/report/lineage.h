/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_REPORT_LINEAGE_H
#define ENERGYTRACE_REPORT_LINEAGE_H

#include "base/hash.h"
#include "sample/sample.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Which tree each process belongs to: that of the process it was born of, whoever is its parent
 * later. The children of process 1 (init, which adopts what is orphaned and starts what is a service)
 * begin trees of their own, unless that one was asked for; so do processes of unknown parents, and those
 * that were asked for.
 */
struct lineage_tree {
	uint64_t start_ns;
	uint32_t pid, ppid; /* of the process that it began with */
	uint64_t alive;	    /* processes of it that have not ended */
	char comm[SAMPLE_COMM_LEN];
	bool kernel;	     /* kernel threads: all are of one tree */
	bool asked;	     /* its first process was asked for */
	uint64_t members;    /* nodes that refer to it */
	uint64_t rss_bytes;  /* of those that have not ended, as each was last told of */
	const char *cmdline; /* of its first process in this sample, or NULL */
	int32_t cgroup,
		user;  /* the same: as in sample_process, SAMPLE_UNKNOWN: not in the sample */
	uint64_t told; /* the tick in which those were set */
	struct lineage_tree *next_dead;
};

struct lineage_node;

struct lineage {
	struct lineage_node *table;	  /* by pid: of two with one pid the younger */
	struct lineage_tree **of_process; /* by index in the sample */
	uint32_t *by_birth;
	size_t room;
	size_t ended; /* nodes of processes that have ended and are still remembered */
	uint64_t ticks;
	struct lineage_tree kernel;
	struct lineage_tree *dead; /* without members; of_process may still name them */
};

/* The process was asked for, and so begins a tree. */
typedef bool lineage_begins(void *userdata, const struct sample_process *process);

/*
 * Finds the tree of each process of the sample: lineage->of_process. Returns 0 or -ENOMEM. A tree
 * stays until lineage_trim after its last process has ended.
 */
int lineage_take(struct lineage *lineage, const struct sample *sample, lineage_begins *begins,
		 void *userdata);

/* The sample has been counted: what ended long before is forgotten. */
void lineage_trim(struct lineage *lineage, uint64_t now_ns);

/* Takes a zeroed one. */
void lineage_done(struct lineage *lineage);

#endif
