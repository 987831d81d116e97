/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_ATTRIBUTION_MODEL_H
#define ENERGYTRACE_ATTRIBUTION_MODEL_H

/* What the models share among themselves; of no use to other folders. */

#include "attribution/attribution.h"

/*
 * Makes *attribution ready for the sample: room for its tasks, every figure 0, host_j summed.
 * Returns 0 or -ENOMEM.
 */
int attribution_begin(const struct run *run, const struct sample *sample,
		      struct attribution *attribution);

/* Joules of domain `d` in the sample that are to be attributed: 0 for all but package types. */
double attribution_domain_j(const struct run *run, const struct sample *sample, size_t d);

#endif
