// SPDX-License-Identifier: BSD-2-Clause
/*
 * The format `table`: for people. A block of lines a tick and the totals at the end; on a terminal the
 * tick is drawn over the last one.
 */
#include "base/cleanup.h"
#include "output/formats.h"
#include "output/table_head.h"
#include "output/table_rows.h"
#include "output/table_screen.h"
#include "output/table_text.h"
#include "output/table_totals.h"

#include <errno.h>

/* Of a terminal. Plain lines need none: NULL. */
struct table {
	const struct output_options *options;
	bool drawn;
};

static int open_table(FILE *stream, const struct output_options *options, void **ret,
		      struct errmsg *msg)
{
	struct table *table;

	(void)stream;
	*ret = NULL;
	if (!options->terminal)
		return 0;
	table = calloc(1, sizeof(*table));
	if (!table)
		return errmsg_set(msg, -ENOMEM, "no memory for the table");
	table->options = options;
	*ret = table;
	return 0;
}

static int put_plain(FILE *stream, const struct report *report)
{
	const struct table_layout layout = table_layout(report->kind, TABLE_COLUMNS - 1);
	_cleanup_free_ const struct entity **sorted = NULL;
	int err;

	err = table_sort(report, &sorted);
	if (err)
		return err;
	table_head(stream, report);
	table_heading(stream, &layout);
	for (size_t i = 0; i < report->n_entities; i++)
		table_entity(stream, &layout, report, sorted[i]);
	table_rests(stream, &layout, report);
	fputc('\n', stream);
	return 0;
}

static int report_table(void *state, FILE *stream, const struct report *report)
{
	struct table *table = state;
	int err;

	if (report->first) {
		table_start(stream, report);
		return 0;
	}
	if (!table)
		return put_plain(stream, report);
	err = table_screen(stream, table->options, !table->drawn, report);
	table->drawn = true;
	return err;
}

/* Below the last table, which stays. */
static int totals_table(void *state, FILE *stream, const struct totals *totals)
{
	const struct table *table = state;

	if (table && table->drawn)
		fputc('\n', stream);
	table_totals(stream, totals);
	return 0;
}

const struct output_format output_table = {
	.name = "table",
	.help = "for people: a block of lines each tick, the totals at the end",
	.open = open_table,
	.report = report_table,
	.totals = totals_table,
	.close = free,
};
