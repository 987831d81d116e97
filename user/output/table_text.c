// SPDX-License-Identifier: BSD-2-Clause
#include "output/table_text.h"

#include "output/utf8.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#define SEPARATOR " | "
#define INDENT "  "
#define ELLIPSIS "\xe2\x80\xa6"
#define ELLIPSIS_CODE 0x2026

/* Characters that a terminal acts on: controls, line separators, changes of direction. */
static bool is_command(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x61c ||
	       (code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
	       (code >= 0x2066 && code <= 0x2069) || code == 0xfeff;
}

struct glyph {
	const char *bytes;
	size_t length;	/* of the text that it stands for */
	size_t printed; /* bytes to print */
	size_t columns;
};

/*
 * The next character as it is shown. From 0x1100 on many are two columns wide: all count so, but for
 * the ellipsis that is put here.
 */
static struct glyph next_glyph(const char *text)
{
	struct glyph glyph = {.bytes = "?", .length = 1, .printed = 1, .columns = 1};
	uint32_t code;
	size_t length = utf8_decode(text, &code);

	if (length == 0)
		return glyph;
	glyph.length = length;
	if (is_command(code))
		return glyph;
	glyph.bytes = text;
	glyph.printed = length;
	glyph.columns = code < 0x1100 || code == ELLIPSIS_CODE ? 1 : 2;
	return glyph;
}

static size_t columns_of(const char *text)
{
	size_t columns = 0;

	for (struct glyph glyph; *text; text += glyph.length) {
		glyph = next_glyph(text);
		columns += glyph.columns;
	}
	return columns;
}

static void put_clean(FILE *stream, const char *text)
{
	for (struct glyph glyph; *text; text += glyph.length) {
		glyph = next_glyph(text);
		fwrite(glyph.bytes, 1, glyph.printed, stream);
	}
}

void table_piece(struct table_line *line, const char *format, ...)
{
	char text[TABLE_COLUMNS - sizeof(INDENT) + 2]; /* fits behind the indent, with its NUL */
	size_t columns = line->columns ? line->columns : TABLE_COLUMNS;
	size_t length, separator;
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	length = columns_of(text);
	separator = line->column > 0 ? strlen(SEPARATOR) : 0;
	if (separator > 0 && line->column + separator + length > columns) {
		fputs("\n" INDENT, line->stream);
		line->column = strlen(INDENT);
	} else if (separator > 0) {
		fputs(SEPARATOR, line->stream);
		line->column += separator;
	}
	put_clean(line->stream, text);
	line->column += length;
}

void table_line_end(struct table_line *line)
{
	if (line->column > 0)
		fputc('\n', line->stream);
	line->column = 0;
}

void table_source(const struct run *run, const char *before, struct table_line *line)
{
	switch (run->kind) {
	case ENERGY_MEASURED:
		table_piece(line, "%s %s, measured", before, run->source);
		break;
	case ENERGY_ESTIMATED:
		table_piece(line, "%s %s, ESTIMATED: not measured", before, run->source);
		break;
	case ENERGY_SIMULATED:
		table_piece(line, "%s %s, SIMULATED: not this machine's energy", before,
			    run->source);
		break;
	default:
		table_piece(line, "NO ENERGY SOURCE: CPU time only");
		break;
	}
}

void table_count(struct table_line *line, uint64_t count, const char *one, const char *more)
{
	if (count > 0)
		table_piece(line, "%llu %s", (unsigned long long)count, count == 1 ? one : more);
}

int table_decimals(double value)
{
	value = fabs(value);
	return value >= 10 ? 1 : value >= 1 ? 2 : 3;
}

void table_number(FILE *stream, int width, int decimals, double value)
{
	char text[352]; /* the longest double has 309 digits before the point */

	if (isnan(value)) {
		fprintf(stream, " %*s", width, "-");
		return;
	}
	for (; decimals >= 0; decimals--) {
		if (snprintf(text, sizeof(text), "%.*f", decimals, value) <= width)
			break;
	}
	if (decimals < 0)
		snprintf(text, sizeof(text), "%.0e", value);
	fprintf(stream, " %*s", width, text);
}

void table_count_or_dash(FILE *stream, int width, uint64_t value)
{
	if (value > 0)
		fprintf(stream, "%*llu", width, (unsigned long long)value);
	else
		fprintf(stream, "%*s", width, "-");
}

void table_text(FILE *stream, size_t width, bool pad, const char *text)
{
	size_t columns = columns_of(text);
	struct glyph glyph;

	fputs("  ", stream);
	if (columns > width) {
		for (; columns > width - 1; text += glyph.length) {
			glyph = next_glyph(text);
			columns -= glyph.columns;
		}
		fputs(ELLIPSIS, stream);
		columns++;
	}
	put_clean(stream, text);
	for (; pad && columns < width; columns++)
		fputc(' ', stream);
}

void table_clip(FILE *stream, size_t width, bool more, const char *text)
{
	bool cut = more || columns_of(text) > width;
	size_t left = cut ? width - 1 : width;

	for (struct glyph glyph; *text; text += glyph.length) {
		glyph = next_glyph(text);
		if (glyph.columns > left)
			break;
		left -= glyph.columns;
		fwrite(glyph.bytes, 1, glyph.printed, stream);
	}
	if (cut)
		fputs(ELLIPSIS, stream);
}
