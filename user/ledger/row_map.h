/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_LEDGER_ROW_MAP_H
#define ENERGYTRACE_LEDGER_ROW_MAP_H

/*
 * The rows' memory, shared with the programs and mapped piece by piece, when a row of a piece is
 * first reached for. The kernel enters every page of a map at the mmap and counts it as resident, so
 * the whole of the default ledger would be 8 MB of it, for some hundred tasks on a machine at rest.
 * A piece stays mapped: its rows will be used again.
 */

#include "ledger_shared.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct row_map {
	struct ledger_row *at; /* row 0; addresses hold for good, also of pieces still to come */
	size_t size;	       /* bytes, whole pages; 0: not there */
	size_t piece_size;     /* bytes, a power of two */
	bool *mapped;	       /* by piece */
	int fd;
};

/*
 * Reserves the addresses. `fd` is what holds the rows (a map, or any file of whole pages) and stays
 * the caller's. Returns 0 or a negative errno.
 */
int row_map_init(struct row_map *map, int fd, uint32_t n_rows);

int row_map_piece(struct row_map *map, size_t piece);

/* Makes map->at[row] good, for a row below n_rows. Returns 0 or a negative errno. */
static inline int row_map_reach(struct row_map *map, uint32_t row)
{
	size_t piece = row * sizeof(*map->at) / map->piece_size;

	return map->mapped[piece] ? 0 : row_map_piece(map, piece);
}

/* Takes a zeroed one. */
void row_map_done(struct row_map *map);

#endif
