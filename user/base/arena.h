/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_BASE_ARENA_H
#define ENERGYTRACE_BASE_ARENA_H

#include <stddef.h>

/* Memory for texts that are all given up at once. Zeroed: empty. */
struct arena {
	struct arena_chunk *chunks; /* the one that is being filled first */
};

/* A copy that stays where it is until the arena is reset; NULL when memory is out. */
char *arena_copy(struct arena *arena, const char *text);

/* Gives all texts up. One chunk stays, for the next few. */
void arena_reset(struct arena *arena);

void arena_done(struct arena *arena);

#endif
