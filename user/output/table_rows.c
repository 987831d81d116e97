// SPDX-License-Identifier: BSD-2-Clause
#include "output/table_rows.h"

#include "output/table_text.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PID_COLUMNS 7
#define UID_COLUMNS 10
#define GAP 2 /* before a text */
#define NAME_COLUMNS (SAMPLE_COMM_LEN - 1)
#define LEAST_NAME (TABLE_LEAST_COLUMNS - PID_COLUMNS - GAP)
#define CONTAINER_COLUMNS 30
#define LEAST_MORE 8

/* What each kind shows beside the numbers. */
static const struct kind {
	const char *id; /* NULL: nothing but its name */
	size_t id_columns;
	const char *name, *more;
	size_t columns; /* of the name, where they are not few; 0: all that there are */
} kinds[ENTITY_N_KINDS] = {
	[ENTITY_THREAD] = {"TID", PID_COLUMNS, "THREAD", "CGROUP", NAME_COLUMNS},
	[ENTITY_PROCESS] = {"PID", PID_COLUMNS, "PROCESS", "CGROUP", NAME_COLUMNS},
	[ENTITY_TREE] = {"PID", PID_COLUMNS, "TREE", "CGROUP", NAME_COLUMNS},
	[ENTITY_CGROUP] = {NULL, 0, "CGROUP", NULL, 0},
	[ENTITY_CONTAINER] = {NULL, 0, "CONTAINER", "IMAGE", CONTAINER_COLUMNS},
	[ENTITY_UNIT] = {NULL, 0, "UNIT", NULL, 0},
	[ENTITY_USER] = {"UID", UID_COLUMNS, "USER", NULL, 0},
};

/* The first is that of the percentage, and so on: see put_row. A blank comes before each. */
static const struct number {
	const char *name;
	int columns, decimals;
} numbers[] = {{"CPU%", 6, 2}, {"WATTS", 7, 3}, {"JOULES", 9, 3}, {"gCO2e", 8, 6}};

#define N_NUMBERS (sizeof(numbers) / sizeof(numbers[0]))

struct row {
	const char *id;	  /* a number, or NULL */
	const char *name; /* of the entity, or what it is, in parentheses */
	const char *more; /* may be NULL */
	const struct figures *tick, *total;
};

struct table_layout table_layout(enum entity_kind kind, size_t columns)
{
	struct table_layout layout = {
		.kind = kind,
		.id = kinds[kind].id_columns,
		.n_numbers = N_NUMBERS,
	};
	size_t used = layout.id + GAP, left;

	for (size_t i = 0; i < N_NUMBERS; i++)
		used += 1 + (size_t)numbers[i].columns;
	while (layout.n_numbers > 0 && used + LEAST_NAME > columns)
		used -= 1 + (size_t)numbers[--layout.n_numbers].columns;
	left = columns - used;
	layout.name = left;
	if (kinds[kind].columns && left > kinds[kind].columns)
		layout.name = kinds[kind].columns;
	left -= layout.name;
	layout.more = left >= GAP + LEAST_MORE ? left - GAP : 0;
	return layout;
}

const char *table_kind_heading(enum entity_kind kind)
{
	return kinds[kind].name;
}

bool table_has_joules(const struct report *report)
{
	return report->run->kind != ENERGY_NONE;
}

double table_watts(const struct report *report, double joules)
{
	double interval_ns = (double)report->sample->interval_ns;

	return table_has_joules(report) && interval_ns > 0 ? joules / (interval_ns / TABLE_NS_PER_S)
							   : NAN;
}

double table_percent(const struct report *report, uint64_t cpu_ns)
{
	double interval_ns = (double)report->sample->interval_ns;

	return interval_ns > 0 ? (double)cpu_ns / interval_ns * 100 : NAN;
}

static int compare(uint64_t left, uint64_t right)
{
	return (left > right) - (left < right);
}

/* By watts, most first; then by CPU time, which decides where there are no joules; then by pid. */
static int by_use(const void *a, const void *b)
{
	const struct entity *left = *(const struct entity *const *)a;
	const struct entity *right = *(const struct entity *const *)b;

	if (left->tick.joules > right->tick.joules || left->tick.joules < right->tick.joules)
		return left->tick.joules > right->tick.joules ? -1 : 1;
	if (left->tick.cpu_ns != right->tick.cpu_ns)
		return compare(right->tick.cpu_ns, left->tick.cpu_ns);
	if (left->pid != right->pid)
		return compare(left->pid, right->pid);
	if (left->start_ns != right->start_ns)
		return compare(left->start_ns, right->start_ns);
	return left->id && right->id ? strcmp(left->id, right->id) : 0;
}

int table_sort(const struct report *report, const struct entity ***ret)
{
	size_t n = report->n_entities;
	const struct entity **sorted = calloc(n + 1, sizeof(*sorted));

	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		sorted[i] = report->entities[i];
	qsort(sorted, n, sizeof(*sorted), by_use);
	*ret = sorted;
	return 0;
}

void table_heading(FILE *stream, const struct table_layout *layout)
{
	const struct kind *kind = &kinds[layout->kind];
	bool more = kind->more && layout->more > 0;

	fprintf(stream, "%*s", (int)layout->id, layout->id ? kind->id : "");
	for (size_t i = 0; i < layout->n_numbers; i++)
		fprintf(stream, " %*s", numbers[i].columns, numbers[i].name);
	table_text(stream, layout->name, more, kind->name);
	if (more)
		table_text(stream, layout->more, false, kind->more);
	fputc('\n', stream);
}

static void put_row(FILE *stream, const struct table_layout *layout, const struct report *report,
		    const struct row *row)
{
	bool joules = table_has_joules(report);
	bool more = row->more && layout->more > 0;
	const double values[N_NUMBERS] = {
		table_percent(report, row->tick->cpu_ns),
		table_watts(report, row->tick->joules),
		joules ? row->total->joules : NAN,
		joules ? row->total->grams : NAN,
	};

	if (layout->id)
		fprintf(stream, "%*s", (int)layout->id, row->id ? row->id : "-");
	for (size_t i = 0; i < layout->n_numbers; i++)
		table_number(stream, numbers[i].columns, numbers[i].decimals, values[i]);
	table_text(stream, layout->name, more, row->name);
	if (more)
		table_text(stream, layout->more, false, row->more);
	fputc('\n', stream);
}

void table_entity(FILE *stream, const struct table_layout *layout, const struct report *report,
		  const struct entity *entity)
{
	const char *more = entity->cgroup;

	if (entity->kind == ENTITY_CONTAINER)
		more = entity->container ? entity->container->image : NULL;
	else if (!kinds[entity->kind].more)
		more = NULL;
	put_row(stream, layout, report,
		&(struct row){
			.id = layout->id && !entity->group ? entity->id : NULL,
			.name = entity->name,
			.more = more,
			.tick = &entity->tick,
			.total = &entity->total,
		});
}

static void add(struct figures *sum, const struct figures *figures)
{
	sum->cpu_ns += figures->cpu_ns;
	sum->joules += figures->joules;
	sum->grams += figures->grams;
}

void table_more(FILE *stream, const struct table_layout *layout, const struct report *report,
		const struct entity *const *entities, size_t n)
{
	struct figures tick = {0}, total = {0};
	char name[32];

	for (size_t i = 0; i < n; i++) {
		add(&tick, &entities[i]->tick);
		add(&total, &entities[i]->total);
	}
	snprintf(name, sizeof(name), "(%zu more)", n);
	put_row(stream, layout, report,
		&(struct row){.name = name, .tick = &tick, .total = &total});
}

static void add_rest(const char *name, const struct figures *tick, const struct figures *total,
		     struct row *rows, size_t *n)
{
	if (tick->cpu_ns > 0 || tick->joules > 0)
		rows[(*n)++] = (struct row){.name = name, .tick = tick, .total = total};
}

static size_t find_rests(const struct report *report, struct row ret[TABLE_MOST_RESTS])
{
	const struct report_host *host = &report->host;
	size_t n = 0;

	if (report->selective)
		add_rest("(others)", &host->others, &host->total_others, ret, &n);
	add_rest("(idle)", &host->idle, &host->total_idle, ret, &n);
	add_rest("(unattributed)", &host->unattributed, &host->total_unattributed, ret, &n);
	return n;
}

size_t table_count_rests(const struct report *report)
{
	struct row rows[TABLE_MOST_RESTS];

	return find_rests(report, rows);
}

void table_rests(FILE *stream, const struct table_layout *layout, const struct report *report)
{
	struct row rows[TABLE_MOST_RESTS];
	size_t n = find_rests(report, rows);

	for (size_t i = 0; i < n; i++)
		put_row(stream, layout, report, &rows[i]);
}
