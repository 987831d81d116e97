// SPDX-License-Identifier: BSD-2-Clause
#include "telemetry/read_impl.h"

#include "base/parse.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/*
 * The next field, its quotes taken off in place; *line moves behind its comma, to NULL behind the
 * last. 0 or -EBADMSG with `msg` filled.
 */
static int next_field(char **line, char **ret, struct errmsg *msg)
{
	char *from = *line, *to;

	if (*from != '"') {
		*ret = strsep(line, ",");
		if (!strchr(*ret, '"'))
			return 0;
		return errmsg_set(msg, -EBADMSG, "\"%.40s\": a quote inside a field without", *ret);
	}
	*ret = to = from++;
	for (;; from++) {
		if (*from == '\0')
			return errmsg_set(msg, -EBADMSG, "a quote is not closed");
		if (*from == '"' && *++from != '"')
			break;
		*to++ = *from;
	}
	if (*from != ',' && *from != '\0')
		return errmsg_set(msg, -EBADMSG, "\"%.40s\" stands behind a closing quote", from);
	*line = *from == ',' ? from + 1 : NULL;
	*to = '\0';
	return 0;
}

/* A file that is no CSV of windows fails here. */
static int check_header(const struct telemetry_reader *reader, struct errmsg *msg)
{
	for (size_t column = 0; column < TELEMETRY_COLUMNS; column++) {
		bool found = !telemetry_columns[column].required;

		for (size_t i = 0; i < reader->n_fields && !found; i++)
			found = reader->fields[i] == column;
		if (!found)
			return errmsg_set(msg, -EBADMSG, "the header has no %s",
					  telemetry_columns[column].name);
	}
	return 0;
}

int read_csv_header(struct telemetry_reader *reader, char *line, struct errmsg *msg)
{
	char *name;

	while (line) {
		int err = next_field(&line, &name, msg);
		size_t column;

		if (err)
			return err;
		if (reader->n_fields == CSV_FIELDS_MAX)
			return errmsg_set(msg, -EBADMSG, "the header has more than %d columns",
					  CSV_FIELDS_MAX);
		column = telemetry_column_find(name);
		for (size_t i = 0; i < reader->n_fields; i++) {
			if (column < TELEMETRY_COLUMNS && reader->fields[i] == column)
				return errmsg_set(msg, -EBADMSG, "the header has %s twice", name);
		}
		reader->fields[reader->n_fields++] = column;
	}
	return check_header(reader, msg);
}

int read_csv_line(struct telemetry_reader *reader, char *line, struct telemetry_window *ret,
		  struct errmsg *msg)
{
	struct window_parse parse = {.window = ret};
	size_t n = 0;
	char *field;

	telemetry_window_clear(ret);
	for (; line; n++) {
		int err = next_field(&line, &field, msg);

		if (!err && n < reader->n_fields && field[0] &&
		    reader->fields[n] < TELEMETRY_COLUMNS)
			err = window_take(&parse, reader->fields[n], field, msg);
		if (err)
			return err;
	}
	if (n != reader->n_fields)
		return errmsg_set(msg, -EBADMSG, "%zu fields, and %zu in the header", n,
				  reader->n_fields);
	return window_check(&parse, msg) ? -EBADMSG : 1;
}

/* What follows `key` in "# KEY: VALUE", or NULL. */
static const char *note_value(const char *line, const char *key)
{
	size_t length = strlen(key);

	line += strspn(line, "# ");
	if (strncmp(line, key, length) != 0 || line[length] != ':')
		return NULL;
	line += length + 1;
	return line + strspn(line, " ");
}

static void note_text(const char *line, const char *key, char *to, size_t size)
{
	const char *value = note_value(line, key);

	if (value)
		snprintf(to, size, "%s", value);
}

/* "8 cores" and "8192 MB" as well as the number alone. */
static void note_number(const char *line, const char *key, uint64_t max, uint64_t *ret)
{
	const char *value = note_value(line, key);
	char number[24];
	size_t digits;

	if (!value)
		return;
	digits = strspn(value, "0123456789");
	if (digits == 0 || digits >= sizeof(number))
		return;
	memcpy(number, value, digits);
	number[digits] = '\0';
	parse_u64(number, 0, max, ret);
}

void read_csv_note(struct telemetry_reader *reader, const char *line)
{
	struct telemetry_host *host = &reader->reading.host;
	uint64_t cpus = host->cpus;

	reader->reading.n_notes++;
	note_text(line, "OS", host->os, sizeof(host->os));
	note_text(line, "CPU", host->cpu, sizeof(host->cpu));
	note_text(line, "Hostname", host->hostname, sizeof(host->hostname));
	note_number(line, "CPU Cores", UINT32_MAX, &cpus);
	note_number(line, "Total RAM", UINT64_MAX, &host->ram_mb);
	host->cpus = (uint32_t)cpus;
}
