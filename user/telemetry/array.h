/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_TELEMETRY_ARRAY_H
#define ENERGYTRACE_TELEMETRY_ARRAY_H

#include <stddef.h>

/*
 * An array of `n` elements of `size` bytes, all zero, for the caller to free. NULL only when memory is
 * out: an array of no elements is one too.
 */
void *array_new(size_t n, size_t size);

#endif
