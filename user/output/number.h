/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_OUTPUT_NUMBER_H
#define ENERGYTRACE_OUTPUT_NUMBER_H

#include <stddef.h>
#include <stdint.h>

#define NUMBER_SIZE 32 /* room for any of these, with its NUL */

/*
 * Writes a finite number as text that reads back as the same double: what the first of "%.15g",
 * "%.16g" and "%.17g" that does so gives, in any locale; whole numbers up to 2^53 without exponent,
 * and -0 as 0. Returns the length.
 */
size_t number_double(double value, char buffer[NUMBER_SIZE]);

/* Returns the length. */
size_t number_u64(uint64_t value, char buffer[NUMBER_SIZE]);

#endif
