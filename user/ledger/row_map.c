// SPDX-License-Identifier: BSD-2-Clause
#include "ledger/row_map.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Each piece is a mapping of its own (they don't grow or merge), and a process has 65,530 of those. */
#define MIN_PIECE ((size_t)64 * 1024)
#define MAX_PIECES 256

int row_map_init(struct row_map *map, int fd, uint32_t n_rows)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct row_map made = {.piece_size = MIN_PIECE, .fd = fd};
	void *memory;

	made.size = ((size_t)n_rows * sizeof(*made.at) + page - 1) / page * page;
	while (made.piece_size < page || made.size / made.piece_size >= MAX_PIECES)
		made.piece_size *= 2;
	made.mapped = calloc(made.size / made.piece_size + 1, sizeof(*made.mapped));
	if (!made.mapped)
		return -ENOMEM;
	memory = mmap(NULL, made.size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
		      0);
	if (memory == MAP_FAILED) {
		free(made.mapped);
		return -errno;
	}
	made.at = memory;
	*map = made;
	return 0;
}

int row_map_piece(struct row_map *map, size_t piece)
{
	size_t offset = piece * map->piece_size, size = map->size - offset;

	if (size > map->piece_size)
		size = map->piece_size;
	if (mmap((char *)map->at + offset, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
		 map->fd, (off_t)offset) == MAP_FAILED)
		return -errno;
	map->mapped[piece] = true;
	return 0;
}

void row_map_done(struct row_map *map)
{
	if (map->size)
		munmap(map->at, map->size);
	free(map->mapped);
	memset(map, 0, sizeof(*map));
}
