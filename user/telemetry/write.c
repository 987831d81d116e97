// SPDX-License-Identifier: BSD-2-Clause
#include "telemetry/write.h"

#include "output/json.h"
#include "output/number.h"

#include <errno.h>
#include <math.h>
#include <string.h>

static const char *const format_names[] = {
	[TELEMETRY_NDJSON] = "ndjson",
	[TELEMETRY_CSV] = "csv",
};

const char *telemetry_format_name(enum telemetry_format format)
{
	return format_names[format];
}

int telemetry_format_from_name(const char *name, enum telemetry_format *ret)
{
	for (unsigned int i = 0; i < 2; i++) {
		if (strcmp(format_names[i], name) == 0) {
			*ret = (enum telemetry_format)i;
			return 0;
		}
	}
	return -EINVAL;
}

static const void *member_of(const struct telemetry_window *window,
			     const struct telemetry_column *column)
{
	return (const char *)window + column->offset;
}

static void write_json_member(struct json *json, const struct telemetry_column *column,
			      const void *member)
{
	int32_t with_sign;

	switch (column->type) {
	case COLUMN_TEXT:
		json_text(json, column->name, *(const char *const *)member);
		break;
	case COLUMN_U64:
		json_u64(json, column->name, *(const uint64_t *)member);
		break;
	case COLUMN_U32:
		json_u64(json, column->name, *(const uint32_t *)member);
		break;
	case COLUMN_BOOL:
		json_u64(json, column->name, *(const bool *)member);
		break;
	case COLUMN_I32:
		with_sign = *(const int32_t *)member;
		json_double(json, column->name, with_sign);
		break;
	case COLUMN_DOUBLE:
		json_double(json, column->name, *(const double *)member);
		break;
	}
}

static void write_ndjson(FILE *stream, const struct telemetry_window *window)
{
	struct json json;

	json_begin(&json, stream);
	json_object(&json, NULL);
	for (size_t i = 0; i < TELEMETRY_COLUMNS; i++)
		write_json_member(&json, &telemetry_columns[i],
				  member_of(window, &telemetry_columns[i]));
	json_object_end(&json);
	json_newline(&json);
	json_flush(&json);
}

/* In quotes where a reader would else take the text for more or less than one field, or a comment. */
static void write_csv_text(FILE *stream, const char *text)
{
	bool quoted = text[0] == '#' || text[strcspn(text, ",\"")] != '\0';

	if (quoted)
		putc_unlocked('"', stream);
	for (; *text; text++) {
		unsigned char byte = (unsigned char)*text;

		if (byte == '"')
			putc_unlocked('"', stream);
		putc_unlocked(byte < 0x20 || byte == 0x7f ? '?' : byte, stream);
	}
	if (quoted)
		putc_unlocked('"', stream);
}

static void write_csv_member(FILE *stream, const struct telemetry_column *column,
			     const void *member)
{
	char text[NUMBER_SIZE];
	size_t length = 0;

	switch (column->type) {
	case COLUMN_TEXT:
		if (*(const char *const *)member)
			write_csv_text(stream, *(const char *const *)member);
		break;
	case COLUMN_U64:
		length = number_u64(*(const uint64_t *)member, text);
		break;
	case COLUMN_U32:
		length = number_u64(*(const uint32_t *)member, text);
		break;
	case COLUMN_BOOL:
		length = number_u64(*(const bool *)member, text);
		break;
	case COLUMN_I32:
		length = number_double(*(const int32_t *)member, text);
		break;
	case COLUMN_DOUBLE:
		if (isfinite(*(const double *)member))
			length = number_double(*(const double *)member, text);
		break;
	}
	fwrite_unlocked(text, 1, length, stream);
}

static void write_csv(FILE *stream, const struct telemetry_window *window)
{
	for (size_t i = 0; i < TELEMETRY_COLUMNS; i++) {
		if (i > 0)
			putc_unlocked(',', stream);
		write_csv_member(stream, &telemetry_columns[i],
				 member_of(window, &telemetry_columns[i]));
	}
	putc_unlocked('\n', stream);
}

void telemetry_write_head(FILE *stream, enum telemetry_format format)
{
	if (format != TELEMETRY_CSV)
		return;
	for (size_t i = 0; i < TELEMETRY_COLUMNS; i++) {
		if (i > 0)
			putc_unlocked(',', stream);
		fputs_unlocked(telemetry_columns[i].name, stream);
	}
	putc_unlocked('\n', stream);
}

void telemetry_write(FILE *stream, enum telemetry_format format,
		     const struct telemetry_window *window)
{
	if (format == TELEMETRY_CSV)
		write_csv(stream, window);
	else
		write_ndjson(stream, window);
}
