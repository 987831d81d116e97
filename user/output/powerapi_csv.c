// SPDX-License-Identifier: BSD-2-Clause
/* The reports as CSV: power.csv, and a table for each group of counters. */
#include "base/cleanup.h"
#include "output/csv.h"
#include "output/number.h"
#include "output/powerapi_report.h"

#include <errno.h>
#include <string.h>

/* What no table has a column for, and no two runs in one directory may differ in. */
static int claim_source(struct target *directory, const struct run *run, struct errmsg *msg)
{
	char line[128];

	snprintf(line, sizeof(line), "{\"source\":\"%s\",\"kind\":\"%s\"}",
		 run->kind == ENERGY_NONE ? "none" : run->source, energy_kind_name(run->kind));
	return csv_claim(directory, "source.json", line, msg);
}

static int add_group(struct target *directory, const struct hwpc_group *group, FILE **ret,
		     struct errmsg *msg)
{
	_cleanup_free_ char *header = NULL;
	size_t size;
	FILE *stream = open_memstream(&header, &size);
	bool failed;

	if (!stream)
		return errmsg_set(msg, -ENOMEM, "out of memory");
	fputs("timestamp,sensor,target,socket,cpu", stream);
	for (size_t i = 0; i < group->n_events; i++) {
		fputc(',', stream);
		csv_put_text(stream, group->events[i]);
	}
	failed = ferror(stream);
	failed |= fclose(stream) != 0;
	if (failed)
		return errmsg_set(msg, -ENOMEM, "out of memory");
	return csv_add_table(directory, group->name, header, ret, msg);
}

int powerapi_open_tables(struct target *directory, const struct powerapi_settings *settings,
			 const struct run *run, const struct hwpc *hwpc,
			 struct powerapi_tables *ret, struct errmsg *msg)
{
	struct powerapi_tables tables = {0};
	int err = claim_source(directory, run, msg);

	if (!err && (settings->reports & POWERAPI_POWER) && run->kind != ENERGY_NONE)
		err = csv_add_table(directory, "power", "timestamp,sensor,target,power",
				    &tables.power, msg);
	for (size_t i = 0; !err && i < hwpc->n_groups; i++)
		err = add_group(directory, &hwpc->groups[i], &tables.groups[i], msg);
	if (!err)
		*ret = tables;
	return err;
}

static void begin_row(FILE *stream, const struct powerapi_tick *tick, const char *target)
{
	fputs_unlocked(tick->timestamp, stream);
	fputc_unlocked(',', stream);
	csv_put_text(stream, tick->sensor);
	fputc_unlocked(',', stream);
	csv_put_text(stream, target);
}

static void put_power(FILE *stream, const struct powerapi_tick *tick, const char *target,
		      double joules)
{
	char number[NUMBER_SIZE];

	begin_row(stream, tick, target);
	fputc_unlocked(',', stream);
	number_double(powerapi_watts(tick, joules), number);
	fputs_unlocked(number, stream);
	fputc_unlocked('\n', stream);
}

static void put_u64(FILE *stream, uint64_t value)
{
	char number[NUMBER_SIZE];

	number_u64(value, number);
	fputc_unlocked(',', stream);
	fputs_unlocked(number, stream);
}

/* A reader takes whole numbers only: an event that is of another socket is 0 in this one. */
static void put_group(FILE *stream, const struct powerapi_tick *tick, const char *target,
		      const struct hwpc_group *group)
{
	for (size_t i = 0; i < group->n_cpus; i++) {
		const struct hwpc_cpu *cpu = &group->cpus[i];

		if (hwpc_is_idle(cpu))
			continue;
		begin_row(stream, tick, target);
		put_u64(stream, (uint64_t)cpu->socket);
		put_u64(stream, cpu->cpu);
		for (size_t j = 0; j < group->n_events; j++)
			put_u64(stream, cpu->values[j] == HWPC_NONE ? 0 : cpu->values[j]);
		fputc_unlocked('\n', stream);
	}
}

/* A target in all of its tables. `entity` NULL: the whole machine. */
static void put_target(const struct powerapi_tick *tick, const struct powerapi_tables *tables,
		       const char *name, const struct entity *entity, double joules)
{
	struct hwpc *hwpc = tick->hwpc;

	if (tables->power)
		put_power(tables->power, tick, name, joules);
	for (size_t i = 0; i < hwpc->n_groups; i++) {
		if (hwpc->sources[i]->read(tick->report, entity, &hwpc->groups[i]))
			put_group(tables->groups[i], tick, name, &hwpc->groups[i]);
	}
}

void powerapi_put_rows(const struct powerapi_tick *tick, const struct powerapi_tables *tables)
{
	const struct powerapi_targets *targets = tick->targets;
	size_t i = 0;

	for (; i < targets->n && strcmp(targets->list[i].name, POWERAPI_ALL) < 0; i++)
		put_target(tick, tables, targets->list[i].name, targets->list[i].entity,
			   targets->list[i].tick.joules);
	put_target(tick, tables, POWERAPI_ALL, NULL, tick->report->host.joules);
	for (; i < targets->n; i++)
		put_target(tick, tables, targets->list[i].name, targets->list[i].entity,
			   targets->list[i].tick.joules);
}
