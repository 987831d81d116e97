/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_REPORT_FAMILY_H
#define ENERGYTRACE_REPORT_FAMILY_H

#include "base/hash.h"
#include "sample/sample.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * How long a member is remembered after its end: a child that it forked as the last thing it did may
 * run for the first time only then. Nothing waits that long for a CPU.
 */
#define FAMILY_MEMORY_NS 60000000000ULL

struct member {
	UT_hash_handle hh;
	uint32_t pid;
	uint64_t start_ns;
	uint64_t ended_ns; /* CLOCK_BOOTTIME at which it was seen to be over, 0: alive */
};

/* Processes and those that descend from them, by pid: of two with one pid the younger. */
struct family {
	struct member *table;
	size_t alive;
};

/* Adds a process that is not there. Returns 0 or -ENOMEM. */
int family_add(struct family *family, uint32_t pid, uint64_t start_ns);

/* This very process is a member. */
bool family_has(const struct family *family, uint32_t pid, uint64_t start_ns);

/*
 * A process born at `start_ns` of the parent `ppid` descends from a member: at that time a member
 * had the pid, so far as is known. After its end others may have it.
 */
bool family_has_child(const struct family *family, uint32_t ppid, uint64_t start_ns);

void family_end(struct family *family, uint32_t pid, uint64_t start_ns, uint64_t now_ns);

/* A process that is no member was born with this pid: a member that had it before has ended. */
void family_succeed(struct family *family, uint32_t pid, uint64_t start_ns);

/* Forgets those that ended long before `now_ns`. */
void family_trim(struct family *family, uint64_t now_ns);
void family_done(struct family *family);

/*
 * The indexes of the sample's processes, the eldest first: a parent is older than its children, so it is
 * settled before them. `indexes` has room for all.
 */
void family_sort_by_birth(const struct sample *sample, uint32_t *indexes);

#endif
