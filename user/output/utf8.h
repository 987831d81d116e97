/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_OUTPUT_UTF8_H
#define ENERGYTRACE_OUTPUT_UTF8_H

#include <stddef.h>
#include <stdint.h>

/*
 * The character that `text` begins with: puts its code and returns its length in bytes, 1 to 4. 0 when
 * the bytes are no UTF-8 (cut short, overlong, surrogate, out of range). `text` ends with a NUL,
 * which is a character of length 1.
 */
size_t utf8_decode(const char *text, uint32_t *ret);

#endif
