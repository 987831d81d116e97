// SPDX-License-Identifier: BSD-2-Clause
/* The rows' memory, over a file in the place of a map. */
#include "ledger/row_map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#define PIECE_ROWS (64 * 1024 / sizeof(struct ledger_row))

/* A file of whole pages for so many rows, and all of it as the programs see it. */
static struct ledger_row *make_rows(uint32_t n_rows, int *ret_fd, size_t *ret_size)
{
	struct ledger_row *rows;

	*ret_size = ((size_t)n_rows * sizeof(*rows) + 4095) / 4096 * 4096;
	*ret_fd = memfd_create("rows", MFD_CLOEXEC);
	assert_true(*ret_fd >= 0);
	assert_int_equal(ftruncate(*ret_fd, (off_t)*ret_size), 0);
	rows = mmap(NULL, *ret_size, PROT_READ | PROT_WRITE, MAP_SHARED, *ret_fd, 0);
	assert_true(rows != MAP_FAILED);
	return rows;
}

static size_t count_mapped(const struct row_map *map)
{
	size_t n = 0;

	for (size_t i = 0; i * map->piece_size < map->size; i++)
		n += map->mapped[i];
	return n;
}

static void test_a_row_is_the_same_memory_on_both_sides(void **state)
{
	const uint32_t n_rows = 3 * PIECE_ROWS + 5;
	const uint32_t rows[] = {0, 1, PIECE_ROWS - 1, PIECE_ROWS, n_rows - 1};
	struct ledger_row *theirs;
	struct row_map map;
	size_t size;
	int fd;

	(void)state;
	theirs = make_rows(n_rows, &fd, &size);
	assert_int_equal(row_map_init(&map, fd, n_rows), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		theirs[rows[i]].cpu_ns = 1000 + i;
		assert_int_equal(row_map_reach(&map, rows[i]), 0);
		assert_int_equal(map.at[rows[i]].cpu_ns, 1000 + i);
		map.at[rows[i]].state = LEDGER_ROW_FINISHED;
		assert_int_equal(theirs[rows[i]].state, LEDGER_ROW_FINISHED);
	}
	row_map_done(&map);
	munmap(theirs, size);
	close(fd);
}

static void test_only_pieces_that_were_reached_are_mapped(void **state)
{
	const uint32_t n_rows = 65536;
	struct ledger_row *theirs;
	struct row_map map;
	size_t size;
	int fd;

	(void)state;
	theirs = make_rows(n_rows, &fd, &size);
	assert_int_equal(row_map_init(&map, fd, n_rows), 0);
	assert_int_equal(count_mapped(&map), 0);
	for (uint32_t row = 1; row < PIECE_ROWS; row++)
		assert_int_equal(row_map_reach(&map, row), 0);
	assert_int_equal(count_mapped(&map), 1);
	assert_int_equal(row_map_reach(&map, n_rows - 1), 0);
	assert_int_equal(count_mapped(&map), 2);
	row_map_done(&map);
	munmap(theirs, size);
	close(fd);
}

static void test_a_large_ledger_has_few_mappings(void **state)
{
	const uint32_t n_rows = 16 * 1024 * 1024;
	struct row_map map;
	int fd = memfd_create("rows", MFD_CLOEXEC);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(row_map_init(&map, fd, n_rows), 0);
	assert_true(map.size / map.piece_size <= 256);
	row_map_done(&map);
	close(fd);
}

static void test_memory_that_cannot_be_mapped_is_an_error(void **state)
{
	struct row_map map;

	(void)state;
	assert_int_equal(row_map_init(&map, -1, 64), 0);
	assert_true(row_map_reach(&map, 0) < 0);
	assert_int_equal(count_mapped(&map), 0);
	row_map_done(&map);
	row_map_done(&map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_row_is_the_same_memory_on_both_sides),
		cmocka_unit_test(test_only_pieces_that_were_reached_are_mapped),
		cmocka_unit_test(test_a_large_ledger_has_few_mappings),
		cmocka_unit_test(test_memory_that_cannot_be_mapped_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
