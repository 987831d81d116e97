/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_COUNTERS_EVENT_NAMES_H
#define ENERGYTRACE_COUNTERS_EVENT_NAMES_H

/*
 * What a name of an event stands for. The kernel's own software events are known here, those of CPUs
 * to libpfm4: some 18,000 of them, 2.7 MB that have to be relocated, so it is only loaded when it is
 * asked for one.
 */

#include "base/errmsg.h"

#include <linux/perf_event.h>

/*
 * Writes the event into the zeroed attributes. Returns 0, -ENOENT when the name is one of another
 * CPU's events, -EINVAL when it is unknown (with the nearest known) or does not fit in an attribute,
 * or -EOPNOTSUPP without libpfm4; `msg` is filled then.
 */
int event_encode(const char *name, struct perf_event_attr *ret, struct errmsg *msg);

/*
 * The same of an event of the msr PMU, "TSC", "APERF" or "MPERF" in any case, by its files below
 * `sysfs`. -ENOENT: not on this machine; -EINVAL: not such a name (`msg` is untouched).
 */
int event_encode_msr(const char *sysfs, const char *name, struct perf_event_attr *ret,
		     struct errmsg *msg);

#endif
