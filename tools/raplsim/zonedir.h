/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RAPLSIM_ZONEDIR_H
#define RAPLSIM_ZONEDIR_H

/* The directory of one zone, laid out as drivers/powercap/powercap_sys.c does. */

#include "raplsim/zone.h"

/* Where the directories of removed zones are meanwhile, in the root. */
#define ZONEDIR_REMOVED ".removed"

/* The directories that zones are in. */
struct zonedir_places {
	int powercap_fd; /* devices/virtual/powercap */
	int class_fd;	 /* class/powercap */
	int removed_fd;
};

void zonedir_places_init(struct zonedir_places *places);

/* Returns 0 or a negative errno. */
int zonedir_places_make(struct zonedir_places *places, int root_fd);

void zonedir_places_close(struct zonedir_places *places);

/* Makes the zone's directory, after that of the zone it is in, as it is at time 0; sets zone->fd. */
int zonedir_make(const struct zonedir_places *places, struct zone *zone);

/* Changes what differs from `face`, and remembers it in zone->shown. 0 or a negative errno. */
int zonedir_show(const struct zonedir_places *places, struct zone *zone, struct zone_face face);

#endif
