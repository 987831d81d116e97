// SPDX-License-Identifier: BSD-2-Clause
#include "base/arena.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK_SIZE 16384

struct arena_chunk {
	struct arena_chunk *next;
	size_t used, size;
	char text[];
};

static struct arena_chunk *add_chunk(struct arena *arena, size_t least)
{
	size_t size = least > CHUNK_SIZE ? least : CHUNK_SIZE;
	struct arena_chunk *chunk = malloc(sizeof(*chunk) + size);

	if (!chunk)
		return NULL;
	chunk->next = arena->chunks;
	chunk->used = 0;
	chunk->size = size;
	arena->chunks = chunk;
	return chunk;
}

char *arena_copy(struct arena *arena, const char *text)
{
	size_t size = strlen(text) + 1;
	struct arena_chunk *chunk = arena->chunks;
	char *copy;

	if (!chunk || chunk->size - chunk->used < size)
		chunk = add_chunk(arena, size);
	if (!chunk)
		return NULL;
	copy = chunk->text + chunk->used;
	memcpy(copy, text, size);
	chunk->used += size;
	return copy;
}

void arena_reset(struct arena *arena)
{
	struct arena_chunk *kept = NULL, *next;

	for (struct arena_chunk *chunk = arena->chunks; chunk; chunk = next) {
		next = chunk->next;
		if (!kept && chunk->size == CHUNK_SIZE)
			kept = chunk;
		else
			free(chunk);
	}
	arena->chunks = kept;
	if (kept) {
		kept->next = NULL;
		kept->used = 0;
	}
}

void arena_done(struct arena *arena)
{
	arena_reset(arena);
	free(arena->chunks);
	arena->chunks = NULL;
}
