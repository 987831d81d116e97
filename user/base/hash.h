/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_BASE_HASH_H
#define ENERGYTRACE_BASE_HASH_H

/*
 * uthash, which is not to end the program when memory is out: an element that could not be added has
 * hh.tbl NULL.
 */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#endif
