/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_LEDGER_FRESHNESS_H
#define ENERGYTRACE_LEDGER_FRESHNESS_H

/*
 * How old a stamp of the ledger's clock is, by a clock that user space can read. The two start apart,
 * by how much nobody tells, so what they are apart when a stamp was made this moment is learned: the
 * least that was ever read. What a reading is above that is the stamp's age.
 */

#include <stdbool.h>
#include <stdint.h>

#define FRESH_NS 50000	  /* what a stamp may be old by, unless a nap gives no younger one */
#define FRESHNESS_NAPS 4U /* as many naps give a stamp that will do, and a least to go by */

/* Zeroed at first. */
struct freshness {
	int64_t least_ns; /* the clock less a stamp just made */
	int64_t round_ns; /* the least since freshness_begin */
	bool known;	  /* least_ns is good */
};

/*
 * Begins the search for a stamp, `passed_ns` after the one before was found. The clocks may have
 * drifted apart by 15 ppm of that, up to half of FRESH_NS; drifting towards each other shows by itself.
 */
void freshness_begin(struct freshness *freshness, uint64_t passed_ns);

/*
 * Whether a stamp is fresh enough, of which the clock, read after it, is `apart_ns` ahead (or behind,
 * where negative). `naps`: how many switch-ins were forced since freshness_begin.
 */
bool freshness_accepts(struct freshness *freshness, int64_t apart_ns, unsigned int naps);

/*
 * How old the stamp that was accepted is at a later reading, of which it is `apart_ns` behind; the search for
 * it began `searched_ns` before that reading. The clock of a CPU may be behind that of another one, and
 * a stamp is not older for that than the search and FRESH_NS.
 */
uint64_t freshness_age_ns(const struct freshness *freshness, int64_t apart_ns, int64_t searched_ns);

#endif
