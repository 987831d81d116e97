/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_REPORT_SELECTION_H
#define ENERGYTRACE_REPORT_SELECTION_H

#include "report/entities.h"

/* One process that was asked for. */
struct selected {
	uint32_t pid;
	struct tracked *tracked; /* NULL before it was seen and after it has ended */
	bool ended;
};

/*
 * The processes asked for, by ascending pid. A pid stands for the process that had it when the run
 * began: one that is born later with the same number is another.
 */
struct selection {
	struct selected *list;
	size_t n;
};

/* Takes a copy of the pids; one given twice counts once. Returns 0 or -ENOMEM. */
int selection_init(struct selection *selection, const uint32_t *pids, size_t n_pids);

/*
 * The place of the process in the selection, or NULL when it was not asked for. `begin_ns` is the
 * CLOCK_BOOTTIME of the start mark.
 */
struct selected *selection_find(const struct selection *selection, uint32_t pid, uint64_t start_ns,
				uint64_t begin_ns);

/* The process has ended and is about to be freed. */
void selection_forget(const struct selection *selection, const struct tracked *tracked);

/* True when something was asked for, and each has been seen and has ended. */
bool selection_all_ended(const struct selection *selection);

void selection_done(struct selection *selection);

#endif
