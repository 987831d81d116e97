// SPDX-License-Identifier: BSD-2-Clause
#include "ledger/freshness.h"

#define DRIFT_SHIFT 16 /* 15 ppm */

void freshness_begin(struct freshness *freshness, uint64_t passed_ns)
{
	uint64_t drift = passed_ns >> DRIFT_SHIFT;

	freshness->round_ns = INT64_MAX;
	if (freshness->known)
		freshness->least_ns += drift < FRESH_NS / 2 ? (int64_t)drift : FRESH_NS / 2;
}

bool freshness_accepts(struct freshness *freshness, int64_t apart_ns, unsigned int naps)
{
	if (apart_ns < freshness->round_ns)
		freshness->round_ns = apart_ns;
	if (freshness->known && apart_ns < freshness->least_ns)
		freshness->least_ns = apart_ns;
	if (freshness->known && apart_ns - freshness->least_ns < FRESH_NS)
		return true;
	if (naps < FRESHNESS_NAPS)
		return false;
	/* The first round, or the clocks have moved apart since the last (suspend, a slow VM). */
	freshness->least_ns = freshness->round_ns;
	freshness->known = true;
	return true;
}

uint64_t freshness_age_ns(const struct freshness *freshness, int64_t apart_ns, int64_t searched_ns)
{
	int64_t age = apart_ns - freshness->least_ns;

	if (age > searched_ns + FRESH_NS)
		age = searched_ns + FRESH_NS;
	return age > 0 ? (uint64_t)age : 0;
}
