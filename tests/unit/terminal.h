/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_TESTS_UNIT_TERMINAL_H
#define ENERGYTRACE_TESTS_UNIT_TERMINAL_H

/*
 * A small terminal: characters, newlines (with carriage return) and the few commands that the table may
 * use. It fails the test on any other control character or command and on a line too wide.
 */

#include "output/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

/* After what it needs. */
#include <cmocka.h>

#define TERMINAL_COLUMNS 132
#define TERMINAL_ROWS 60

struct terminal {
	unsigned int columns, rows; /* of the window */
	unsigned int row, column;   /* of the cursor */
	unsigned int scrolled;	    /* lines, since the test set it to 0 */
	char cells[TERMINAL_ROWS][TERMINAL_COLUMNS]
		  [5]; /* "": a blank, or right half of a wide one */
	bool covered[TERMINAL_ROWS][TERMINAL_COLUMNS]; /* by a wide character at its left */
	char line[TERMINAL_COLUMNS * 4 + 1];
};

/* What is in the window stays where it is, as far as it still is in the window. */
static inline void terminal_resize(struct terminal *terminal, unsigned int columns,
				   unsigned int rows)
{
	assert_true(columns <= TERMINAL_COLUMNS && rows <= TERMINAL_ROWS);
	terminal->columns = columns;
	terminal->rows = rows;
	if (terminal->row >= rows)
		terminal->row = rows - 1;
	if (terminal->column >= columns)
		terminal->column = columns - 1;
}

static inline void terminal_home(struct terminal *terminal)
{
	terminal->row = terminal->column = 0;
}

static inline void terminal_newline(struct terminal *terminal)
{
	terminal->column = 0;
	if (++terminal->row < terminal->rows)
		return;
	terminal->row--;
	terminal->scrolled++;
	memmove(terminal->cells[0], terminal->cells[1],
		sizeof(terminal->cells) - sizeof(terminal->cells[0]));
	memmove(terminal->covered[0], terminal->covered[1],
		sizeof(terminal->covered) - sizeof(terminal->covered[0]));
}

static inline void terminal_erase(struct terminal *terminal, unsigned int row, unsigned int column)
{
	for (; column < TERMINAL_COLUMNS; column++) {
		terminal->cells[row][column][0] = '\0';
		terminal->covered[row][column] = false;
	}
}

/* Returns the length of the command that the text begins with. */
static inline size_t terminal_command(struct terminal *terminal, const char *text)
{
	if (strncmp(text, "\x1b[H", 3) == 0) {
		terminal_home(terminal);
	} else if (strncmp(text, "\x1b[K", 3) == 0) {
		terminal_erase(terminal, terminal->row, terminal->column);
	} else if (strncmp(text, "\x1b[J", 3) == 0) {
		terminal_erase(terminal, terminal->row, terminal->column);
		for (unsigned int row = terminal->row + 1; row < TERMINAL_ROWS; row++)
			terminal_erase(terminal, row, 0);
	} else if (strncmp(text, "\x1b[1m", 4) == 0 || strncmp(text, "\x1b[0m", 4) == 0) {
		return 4;
	} else {
		fail_msg("unexpected command: ESC %.8s", text + 1);
	}
	return 3;
}

static inline size_t terminal_print(struct terminal *terminal, const char *text)
{
	uint32_t code;
	size_t length = utf8_decode(text, &code);
	unsigned int width = code >= 0x1100 && code != 0x2026 ? 2 : 1;

	if (length == 0 || code < 0x20 || (code >= 0x7f && code < 0xa0))
		fail_msg("unexpected byte 0x%02x", (unsigned char)text[0]);
	if (terminal->column + width > terminal->columns && terminal->columns > 1)
		fail_msg("row %u is wider than %u columns", terminal->row, terminal->columns);
	snprintf(terminal->cells[terminal->row][terminal->column], 5, "%.*s", (int)length, text);
	for (unsigned int i = 0; i < width; i++)
		terminal->covered[terminal->row][terminal->column++] = i > 0;
	return length;
}

static inline void terminal_take(struct terminal *terminal, const char *text)
{
	while (*text) {
		if (*text == '\n') {
			terminal_newline(terminal);
			text++;
		} else if (*text == '\x1b') {
			text += terminal_command(terminal, text);
		} else {
			text += terminal_print(terminal, text);
		}
	}
}

/* Good until the next call. */
static inline const char *terminal_line(struct terminal *terminal, unsigned int row)
{
	size_t at = 0, end = 0;

	for (unsigned int column = 0; column < terminal->columns; column++) {
		const char *cell = terminal->cells[row][column];

		if (terminal->covered[row][column])
			continue;
		at += (size_t)snprintf(terminal->line + at, 5, "%s", *cell ? cell : " ");
		if (*cell && strcmp(cell, " ") != 0)
			end = at;
	}
	terminal->line[end] = '\0';
	return terminal->line;
}

static inline void terminal_assert_line(struct terminal *terminal, unsigned int row,
					const char *expected)
{
	assert_string_equal(terminal_line(terminal, row), expected);
}

/* These lines, and nothing below. */
static inline void terminal_assert(struct terminal *terminal, const char *const *lines, size_t n)
{
	for (unsigned int row = 0; row < terminal->rows; row++)
		terminal_assert_line(terminal, row, row < n ? lines[row] : "");
}

#endif
