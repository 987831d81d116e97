/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_ENERGY_SOURCES_H
#define ENERGYTRACE_ENERGY_SOURCES_H

/* What the table of energy.c lists; for the files of this folder only. */

#include "energy/energy.h"

extern const struct energy_source energy_powercap_source; /* powercap.c */
extern const struct energy_source energy_estimate_source; /* estimate.c */
extern const struct energy_source energy_none_source;	  /* none.c */

#endif
