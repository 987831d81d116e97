/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_BASE_CLEANUP_H
#define ENERGYTRACE_BASE_CLEANUP_H

/*
 * Scope-bound clean-up (GCC and Clang `cleanup` attribute). A function uses either these or one
 * `goto`, never both. Destructors take half-built objects and NULL.
 */

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(fn) __attribute__((cleanup(fn)))

static inline void cleanup_free(void *pointer)
{
	free(*(void **)pointer);
}

static inline void cleanup_fclose(FILE **file)
{
	if (*file)
		fclose(*file);
}

static inline void cleanup_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

#define _cleanup_free_ _cleanup_(cleanup_free)
#define _cleanup_fclose_ _cleanup_(cleanup_fclose)
#define _cleanup_close_ _cleanup_(cleanup_close)

/* Hands ownership on: the value of `pointer`, which is NULL afterwards. */
#define TAKE_PTR(pointer)                             \
	({                                            \
		__typeof__(pointer) *p_ = &(pointer); \
		__typeof__(pointer) taken_ = *p_;     \
		*p_ = NULL;                           \
		taken_;                               \
	})

#endif
