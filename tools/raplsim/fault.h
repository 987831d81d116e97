/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RAPLSIM_FAULT_H
#define RAPLSIM_FAULT_H

/*
 * Faults on demand: "FROM[-TO]:ZONE:KIND", where FROM and TO are seconds since the tree was ready,
 * or usr1 or usr2 for the moment that signal comes.
 */

#include "base/errmsg.h"
#include "raplsim/zone.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define FAULT_NEVER UINT64_MAX

struct fault_moment {
	uint64_t ns; /* FAULT_NEVER until the signal comes */
	int signal;  /* 0 for a time */
};

struct fault {
	const char *text; /* as written; borrowed */
	char zone[64];	  /* a name or a node: every zone that has it */
	enum zone_fault kind;
	struct fault_moment from, to;
	enum {
		FAULT_WAITING,
		FAULT_ACTIVE,
		FAULT_OVER
	} state;
	const char *news; /* what fault_announce has to say of it, or NULL */
};

/* Returns 0 or -EINVAL with `msg` filled. `text` has to outlive the fault. */
int fault_parse(const char *text, struct fault *ret, struct errmsg *msg);

/* Whether every fault is about a zone there is. Returns 0 or -EINVAL with `msg` filled. */
int fault_check(const struct fault *faults, size_t n_faults, const struct zones *zones,
		struct errmsg *msg);

/* A signal came at `now_ns`: the moments that wait for it are now. */
void fault_signal(struct fault *faults, size_t n_faults, int signal, uint64_t now_ns);

/* Begins and ends what is due at `now_ns` in `zones`. */
void fault_apply(struct fault *faults, size_t n_faults, struct zones *zones, uint64_t now_ns);

/* The next time at which fault_apply has work, or FAULT_NEVER. */
uint64_t fault_next_ns(const struct fault *faults, size_t n_faults);

/* Writes a line for each that began or ended since the last call. */
void fault_announce(struct fault *faults, size_t n_faults, FILE *file);

#endif
