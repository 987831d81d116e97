// SPDX-License-Identifier: BSD-2-Clause
#include "output/table_screen.h"

#include "base/cleanup.h"
#include "output/table_head.h"
#include "output/table_rows.h"
#include "output/table_text.h"

#include <errno.h>
#include <string.h>

/* Of ECMA-48 what every terminal knows. */
#define HOME "\x1b[H"
#define ERASE_LINE "\x1b[K" /* from the cursor on */
#define ERASE_BELOW "\x1b[J"
#define BOLD "\x1b[1m"
#define NORMAL "\x1b[0m"

#define USUAL_COLUMNS 80
#define USUAL_ROWS 24
#define FEW_ENTITIES 3 /* so many rows before the head gets more than one line */

struct screen {
	size_t columns; /* to use: the last one stays empty, a terminal may wrap behind it */
	size_t lines;	/* to use: the cursor's stays empty */
	bool too_small;
};

/* The text of a tick, for the given screen. */
struct drawing {
	char *text; /* lines */
	size_t size;
	size_t head_lines;
	size_t head_shown; /* of them */
};

static struct screen screen_of(const struct output_options *options)
{
	unsigned int columns = options->columns ? options->columns : USUAL_COLUMNS;
	unsigned int rows = options->rows ? options->rows : USUAL_ROWS;

	return (struct screen){
		.columns = columns > 1 ? columns - 1 : 1,
		.lines = rows > 1 ? rows - 1 : 1,
		.too_small = columns < TABLE_SCREEN_LEAST_COLUMNS || rows < TABLE_SCREEN_LEAST_ROWS,
	};
}

static size_t count_lines(const char *text, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < size; i++)
		n += text[i] == '\n';
	return n;
}

static size_t smaller(size_t left, size_t right)
{
	return left < right ? left : right;
}

/* The heading, the rows that fit into the lines that the head leaves, and those that always are. */
static void put_body(FILE *stream, const struct screen *screen, struct drawing *drawing,
		     const struct report *report, const struct entity *const *sorted)
{
	struct table_layout layout = table_layout(report->kind, screen->columns);
	size_t n = report->n_entities, shown = n;
	size_t lines = screen->lines - 1 - table_count_rests(report); /* for head and entities */

	drawing->head_shown = lines - smaller(n, FEW_ENTITIES);
	if (drawing->head_shown < 1)
		drawing->head_shown = 1;
	drawing->head_shown = smaller(drawing->head_shown, drawing->head_lines);
	lines -= drawing->head_shown;
	if (shown > lines)
		shown = lines - 1; /* the sum needs one */
	table_heading(stream, &layout);
	for (size_t i = 0; i < shown; i++)
		table_entity(stream, &layout, report, sorted[i]);
	if (shown < n)
		table_more(stream, &layout, report, sorted + shown, n - shown);
	table_rests(stream, &layout, report);
}

static void put_lines(FILE *stream, const struct screen *screen, struct drawing *drawing,
		      const struct report *report, const struct entity *const *sorted)
{
	table_screen_head(stream, screen->columns, report);
	fflush(stream);
	drawing->head_lines = count_lines(drawing->text, drawing->size);
	if (!screen->too_small) {
		put_body(stream, screen, drawing, report, sorted);
		return;
	}
	drawing->head_shown = smaller(drawing->head_lines, screen->lines - 1);
	fprintf(stream, "too small for the table: %dx%d\n", TABLE_SCREEN_LEAST_COLUMNS,
		TABLE_SCREEN_LEAST_ROWS);
}

/* Makes the drawing's text, which the caller frees also on failure. */
static int draw(const struct screen *screen, const struct report *report, struct drawing *drawing)
{
	_cleanup_free_ const struct entity **sorted = NULL;
	FILE *stream;
	int err;

	err = table_sort(report, &sorted);
	if (err)
		return err;
	stream = open_memstream(&drawing->text, &drawing->size);
	if (!stream)
		return -ENOMEM;
	put_lines(stream, screen, drawing, report, sorted);
	err = ferror(stream) ? -ENOMEM : 0;
	return fclose(stream) == 0 ? err : -ENOMEM;
}

/* Moves the lines above the cursor, and no more than them, out of the window at its top. */
static void scroll_away(FILE *stream, const struct screen *screen)
{
	for (size_t i = 0; i < screen->lines; i++)
		fputc('\n', stream);
}

static void put_drawing(FILE *stream, const struct screen *screen, const struct drawing *drawing)
{
	char *line = drawing->text, *end;
	size_t shown = drawing->head_shown, hidden = drawing->head_lines - shown;

	for (size_t i = 0; (end = strchr(line, '\n')); line = end + 1, i++) {
		bool heading = i == 0 || i == drawing->head_lines;

		*end = '\0';
		if (i >= shown && i < drawing->head_lines)
			continue;
		fputs(heading ? BOLD : "", stream);
		table_clip(stream, screen->columns, hidden > 0 && i + 1 == shown, line);
		fputs(heading ? NORMAL ERASE_LINE "\n" : ERASE_LINE "\n", stream);
	}
}

int table_screen(FILE *stream, const struct output_options *options, bool first,
		 const struct report *report)
{
	const struct screen screen = screen_of(options);
	struct drawing drawing = {0};
	int err;

	err = draw(&screen, report, &drawing);
	if (!err) {
		if (first)
			scroll_away(stream, &screen);
		fputs(HOME, stream);
		put_drawing(stream, &screen, &drawing);
		fputs(ERASE_BELOW, stream);
	}
	free(drawing.text);
	return err;
}
