/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_BASE_GROW_H
#define ENERGYTRACE_BASE_GROW_H

#include <stddef.h>
#include <stdlib.h>

/*
 * Makes room for one more element of `size` bytes behind the `used` ones, doubling. Returns the array,
 * moved or not, or NULL when memory is out: the array and *room are then as they were.
 */
static inline void *grow_array(void *array, size_t used, size_t *room, size_t size)
{
	size_t wanted = *room ? *room * 2 : 64;
	void *moved;

	if (used < *room)
		return array;
	moved = reallocarray(array, wanted, size);
	if (moved)
		*room = wanted;
	return moved;
}

#endif
