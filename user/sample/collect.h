/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_SAMPLE_COLLECT_H
#define ENERGYTRACE_SAMPLE_COLLECT_H

/*
 * Makes samples on the live machine: reads the energy source, closes and reads the ledger, and adds
 * the names. The only place where the two sides of a sample meet.
 */

#include "base/errmsg.h"
#include "ledger/ledger.h"
#include "sample/sample.h"
#include "windows/request.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct collector;

struct collector_options {
	const char *source;   /* --source */
	const char *estimate; /* --estimate, or NULL */
	const char *sysfs, *procfs;
	const uint32_t *pids; /* watched: in every sample until they have ended */
	size_t n_pids;
	int cgroup_version; /* 1 or 2: cgroups of that hierarchy alone; 0: as the machine has them */
	const char *const *counters; /* names of events (counters/counters.h) */
	size_t n_counters;
	const struct window_request *windows; /* calls that are windows */
	size_t n_windows;
	bool descendants;    /* the windows of all that descend from the pids too */
	const char *program; /* the one pid is yet to execute this file; NULL: it runs already */
	bool resident;	     /* the resident memory of processes is wanted */
	uint64_t tick_ns;    /* --interval, for who looks at the run later */
	uint32_t ledger_rows;
	bool no_task_storage, no_rq_clock, no_births; /* fallbacks of the ledger, forced */
};

/*
 * Opens the source and the ledger. A watched pid that is no process is -ESRCH, with the pid named in
 * `msg`; other errors as energy_open and ledger_open give them.
 */
int collector_open(const struct collector_options *options, struct collector **ret,
		   struct errmsg *msg);

const struct run *collector_run(const struct collector *collector);

/*
 * Closes the tick and makes its sample (reset first). The first marks the start. Returns 0 or a
 * negative errno with `msg` filled.
 */
int collector_tick(struct collector *collector, struct sample *sample, struct errmsg *msg);

/* Reads the energy counters in mid-tick, so that no wrap goes unseen. */
void collector_poll_energy(struct collector *collector);
uint64_t collector_poll_interval_ns(const struct collector *collector);

/* Readable in mid-tick when the ledger, or the windows, want collector_wake to be called; -1: never. */
int collector_wake_fd(const struct collector *collector);
int collector_windows_fd(const struct collector *collector);
void collector_wake(struct collector *collector);

/* A sentence to be said once, or NULL. Each is returned once. */
const char *collector_complaint(struct collector *collector);

void collector_features(const struct collector *collector, struct ledger_features *ret);

/* Takes NULL. */
void collector_close(struct collector *collector);

#endif
