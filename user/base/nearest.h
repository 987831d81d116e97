/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_BASE_NEAREST_H
#define ENERGYTRACE_BASE_NEAREST_H

#include <stddef.h>

/*
 * The word of `words` (n of them) that was probably meant: fewest edits (insert, delete, replace, swap
 * of neighbours), upper and lower case alike; the beginning of a word, from two letters, counts as
 * one edit. The first of equals. NULL when nothing is near: more than one edit for each three
 * letters (begun) of the longer word, or no letter left.
 */
const char *nearest_word(const char *word, const char *const *words, size_t n);

#endif
