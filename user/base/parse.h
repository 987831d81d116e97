/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_BASE_PARSE_H
#define ENERGYTRACE_BASE_PARSE_H

/*
 * Numbers, parsed whole: leading blanks, signs where they make no sense, trailing text, values out
 * of range and empty text are errors; trailing white space (the newline of a sysfs file) is not.
 * Nothing here depends on the locale (the program never calls setlocale).
 *
 * Returns 0, -EINVAL (not a number) or -ERANGE (outside [min, max]); *ret is untouched on failure.
 */

#include <stdint.h>

int parse_u64(const char *text, uint64_t min, uint64_t max, uint64_t *ret);
int parse_u32(const char *text, uint32_t min, uint32_t max, uint32_t *ret);
int parse_i64(const char *text, int64_t min, int64_t max, int64_t *ret);

/* Decimal, with fraction and exponent; no hexadecimal, infinity or NaN. */
int parse_double(const char *text, double min, double max, double *ret);

/*
 * A list of CPUs as the kernel writes it: "0-3,8,10-11". Calls `each` for every CPU in the order
 * written; stops with what `each` returns if that is not 0. An empty list (or only white space) is
 * valid. Returns 0, -EINVAL, or `each`'s value. CPUs above 1,048,575 are -ERANGE.
 */
int parse_cpu_list(const char *text, int (*each)(unsigned int cpu, void *userdata), void *userdata);

#endif
