/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_REPORT_COUNTS_H
#define ENERGYTRACE_REPORT_COUNTS_H

/* What performance counters counted for the entities of a tick. Only reporter.c uses this. */

#include "report/roster.h"

struct counts {
	struct sample_count *blocks; /* one for each present entity of the latest tick */
	size_t room;
};

/* Sums up the sample's counts in entity.counts of all that are present. 0 or -ENOMEM. */
int counts_spend(struct counts *counts, const struct run *run, const struct sample *sample,
		 const struct roster *roster);

/* Takes a zeroed one. */
void counts_done(struct counts *counts);

#endif
