/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_BASE_RANDOM_H
#define ENERGYTRACE_BASE_RANDOM_H

#include <stdint.h>

/*
 * SplitMix64: Steele, Lea & Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014. Its
 * state is the seed, so a result can be had again from the seed alone, on any machine.
 */
struct random {
	uint64_t state;
};

static inline uint64_t random_u64(struct random *random)
{
	uint64_t z = random->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/*
 * Less than `n`, by the upper half of a product (Lemire, ACM TOMACS 29, 2019) without its rejection: for
 * n below 2^32 no value is off its share by more than one in 2^32.
 */
static inline uint32_t random_below(struct random *random, uint32_t n)
{
	return (uint32_t)((random_u64(random) >> 32) * n >> 32);
}

#endif
