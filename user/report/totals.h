/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_REPORT_TOTALS_H
#define ENERGYTRACE_REPORT_TOTALS_H

#include "report/ended.h"

/*
 * Makes the lines of the totals: one for each name, over the entities that are kept and those that
 * are gone, and one for energytrace itself. The caller frees *ret and the names in it. Returns 0 or
 * -ENOMEM.
 */
int totals_lines(const struct entities *entities, const struct ended *ended, struct total **ret,
		 size_t *ret_n);

#endif
