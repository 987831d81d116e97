// SPDX-License-Identifier: BSD-2-Clause
#include "energy/counter.h"

#define NS_PER_MS UINT64_C(1000000)

/*
 * A counter may be updated less often than it is read (RAPL: about every millisecond, Intel SDM
 * volume 3, "RAPL interfaces"; a platform controller or a simulator far less often), and then shows
 * at once what was used since its last update. As much as this counts beside the time since the
 * last read when the power of a step is judged.
 */
#define COARSE_UPDATE_NS (1000 * NS_PER_MS)

void energy_counter_init(struct energy_counter *counter, uint64_t max_range_uj)
{
	*counter = (struct energy_counter){
		.modulus_uj = max_range_uj == 0 || max_range_uj == UINT64_MAX ? UINT64_MAX
									      : max_range_uj + 1,
	};
}

/* Over how many ns the energy of a step up to `now_ns` may have been used. */
static uint64_t step_span_ns(const struct energy_counter *counter, uint64_t now_ns)
{
	uint64_t since_read, since_move;

	/* Also for a clock that went back, which CLOCK_MONOTONIC does not do. */
	if (now_ns <= counter->last_ns)
		return 0;
	since_read = now_ns - counter->last_ns;
	since_move = now_ns - counter->moved_ns;
	if (since_move - since_read > COARSE_UPDATE_NS)
		return since_read + COARSE_UPDATE_NS;
	return since_move;
}

/* What `watts` come to in that time: 1 W is 10^6 µJ in 10^9 ns. */
static uint64_t energy_uj(uint64_t watts, uint64_t span_ns)
{
	uint64_t product;

	if (__builtin_mul_overflow(watts, span_ns, &product))
		return UINT64_MAX;
	return product / 1000;
}

/* The step from the last value to a larger one; false when no machine can have used that much. */
static bool step_up(const struct energy_counter *counter, uint64_t raw_uj, uint64_t span_ns,
		    uint64_t *ret_uj)
{
	uint64_t step_uj = raw_uj - counter->last_uj;

	/* Two reads at one instant say nothing about power. */
	if (span_ns > 0 && step_uj > energy_uj(ENERGY_COUNTER_IMPOSSIBLE_WATTS,
					       span_ns < NS_PER_MS ? NS_PER_MS : span_ns))
		return false;
	*ret_uj = step_uj;
	return true;
}

/* The step across one wrap; false when it can't have been one. */
static bool step_wrapped(const struct energy_counter *counter, uint64_t raw_uj, uint64_t span_ns,
			 uint64_t *ret_uj)
{
	uint64_t step_uj;

	/* A value beyond the range it claims: the range is wrong, and so would be the step. */
	if (counter->last_uj >= counter->modulus_uj)
		return false;
	step_uj = counter->modulus_uj - counter->last_uj + raw_uj;
	if (step_uj > energy_uj(ENERGY_COUNTER_MAX_WATTS, span_ns))
		return false;
	*ret_uj = step_uj;
	return true;
}

void energy_counter_update(struct energy_counter *counter, uint64_t raw_uj, uint64_t now_ns,
			   struct sample_energy *total)
{
	bool moved = !counter->primed || raw_uj != counter->last_uj;

	if (counter->primed && moved) {
		uint64_t span_ns = step_span_ns(counter, now_ns);
		uint64_t step_uj;

		if (raw_uj > counter->last_uj && step_up(counter, raw_uj, span_ns, &step_uj)) {
			total->uj += step_uj;
		} else if (raw_uj < counter->last_uj &&
			   step_wrapped(counter, raw_uj, span_ns, &step_uj)) {
			total->uj += step_uj;
			total->wraps++;
		} else {
			total->resets++;
		}
	}
	if (moved)
		counter->moved_ns = now_ns;
	counter->last_uj = raw_uj;
	counter->last_ns = now_ns;
	counter->primed = true;
}

uint64_t energy_counter_max_read_interval_ns(const struct energy_counter *counter)
{
	/* The quotient first: the modulus may be near 2^64. */
	uint64_t ns = counter->modulus_uj / (2 * (uint64_t)ENERGY_COUNTER_MAX_WATTS) * 1000;

	return ns < NS_PER_MS ? NS_PER_MS : ns;
}
