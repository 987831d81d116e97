/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_REPORT_RETIRE_H
#define ENERGYTRACE_REPORT_RETIRE_H

#include "report/ended.h"
#include "report/selection.h"

/* Where the entities are that may have ended. */
struct retirement {
	struct entities *entities;
	struct selection *selection;
	struct ended *ended;
};

/*
 * Frees those of `present`, which were seen in tick `tick`, whose end was in its report, and adds them to
 * the ended; what stands above others after those. The order of `present` is lost.
 */
void retire_ended(const struct retirement *retirement, uint64_t tick, struct tracked **present,
		  size_t n_present);

#endif
