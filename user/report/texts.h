/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_REPORT_TEXTS_H
#define ENERGYTRACE_REPORT_TEXTS_H

#include "base/hash.h"

#include <stdint.h>

/* One copy of each text that is in use, counted: 10,000 processes of one cgroup share its path. */
struct text {
	UT_hash_handle hh;
	uint64_t references;
	char text[];
};

struct texts {
	struct text *table;
};

/* The text with one more reference, or NULL when memory is out. */
struct text *texts_take(struct texts *texts, const char *text);
struct text *text_reference(struct text *text);

/* Gives a reference back; the last one frees the text. Takes NULL. */
void texts_put(struct texts *texts, struct text *text);

/* Makes *slot hold `text` (NULL: none). 0, or -ENOMEM with *slot as it was. */
int texts_set(struct texts *texts, struct text **slot, const char *text);

#endif
