/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_COUNTERS_PFM_H
#define ENERGYTRACE_COUNTERS_PFM_H

/* libpfm4, loaded at run time. Only user/counters/ uses this. */

#include <linux/perf_event.h>
#include <stdbool.h>

struct pfm;

/* -ENOENT where it is not installed. */
int pfm_open(struct pfm **ret);

/*
 * The event by its name with unit masks and modifiers ("INSTRUCTIONS_RETIRED:u"), at user and kernel
 * level where they say nothing. -ENOENT: no CPU here has it; else -EINVAL, and why in *ret_why.
 */
int pfm_encode(struct pfm *pfm, const char *name, struct perf_event_attr *ret,
	       const char **ret_why);

/* Whether any CPU's table has the event, whatever its unit masks. */
bool pfm_knows_event(struct pfm *pfm, const char *name);

/* The nearest event of any CPU, or NULL; the text is the library's and outlives `pfm`. */
const char *pfm_nearest_event(struct pfm *pfm, const char *name);

/* Takes NULL. The library stays loaded. */
void pfm_close(struct pfm *pfm);

static inline void pfm_closep(struct pfm **pfm)
{
	pfm_close(*pfm);
}

#endif
