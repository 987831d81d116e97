// SPDX-License-Identifier: BSD-2-Clause
#include "telemetry/facts.h"

#include "base/parse.h"
#include "output/json.h"
#include "telemetry/json_read.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <string.h>

#define NUMBER_MAX 64
#define MAX_PROCESSES 1000

/*
 * The times in nanoseconds are text: they outgrow the 53 bits of many readers' numbers. The definitions
 * go with the file because their figures are quoted without the program's documents.
 */
static const struct telemetry_setting definitions[] = {
	{"latency", "end_ts_ns - start_ts_ns"},
	{"deadline_missed", "end_ts_ns > deadline_ts_ns"},
	{"percentile", "linear interpolation, type 7 of Hyndman and Fan 1996"},
	{"jitter", "p95 - p50 and p99 - p50 of the latency"},
	{"energy_j", "the window's share of its package's joules"},
	{"power_mw", "energy_j * (Fs / H) * 1000; without H and Fs, over the latency"},
	{"rss_bytes",
	 "resident pages at the end of the window, as the kernel counts them: it may lag "
	 "by some pages a CPU"},
};

void telemetry_facts_clear(struct telemetry_facts *facts)
{
	*facts = (struct telemetry_facts){.carbon_g_per_kwh = NAN};
}

static void write_text(struct json *json, const char *key, const char *text)
{
	json_text(json, key, text[0] ? text : NULL);
}

static void write_time(struct json *json, const char *key, const char *key_ns, int64_t time_ns)
{
	if (time_ns <= 0) {
		json_null(json, key);
		json_null(json, key_ns);
		return;
	}
	json_utc_ms(json, key, time_ns);
	json_u64_text(json, key_ns, (uint64_t)time_ns);
}

static void write_host(struct json *json, const struct telemetry_host *host)
{
	json_object(json, "host");
	write_text(json, "name", host->hostname);
	write_text(json, "os", host->os);
	write_text(json, "cpu", host->cpu);
	json_u64(json, "cpus", host->cpus);
	json_u64(json, "ramMb", host->ram_mb);
	json_object_end(json);
}

/* As name and value in a list: names are the user's, and keys the program's own words. */
static void write_settings(struct json *json, const char *key,
			   const struct telemetry_setting *settings, size_t n)
{
	json_array(json, key);
	for (size_t i = 0; i < n; i++) {
		json_object(json, NULL);
		json_text(json, "name", settings[i].name);
		json_text(json, "value", settings[i].value);
		json_object_end(json);
	}
	json_array_end(json);
}

/* They are counted CPU by CPU while calls go on: an end may be in the counts whose begin is not yet. */
uint64_t telemetry_open_calls(const struct telemetry_facts_function *function)
{
	const struct window_totals *totals = &function->totals;
	uint64_t over = function->told + totals->dropped + totals->abandoned + totals->too_deep;

	return totals->begun > over ? totals->begun - over : 0;
}

static void write_functions(struct json *json, const struct telemetry_facts *facts)
{
	json_array(json, "functions");
	for (size_t i = 0; i < facts->n_functions; i++) {
		const struct telemetry_facts_function *function = &facts->functions[i];
		const struct window_totals *totals = &function->totals;

		json_object(json, NULL);
		json_text(json, "name", function->name);
		json_text(json, "place", function->place);
		json_u64(json, "begun", totals->begun);
		json_u64(json, "windows", function->told);
		json_u64(json, "dropped", totals->dropped);
		json_u64(json, "abandoned", totals->abandoned);
		json_u64(json, "tooDeep", totals->too_deep);
		json_u64(json, "open", telemetry_open_calls(function));
		json_u64(json, "unresolved", totals->unresolved);
		json_u64(json, "unmatched", totals->unmatched);
		json_u64(json, "unseen", totals->unseen);
		json_object_end(json);
	}
	json_array_end(json);
}

static void write_use(struct json *json, const struct window_process *use)
{
	json_double(json, "joules", use->joules);
	json_double(json, "windowsJoules", use->windows_joules);
	json_double(json, "restJoules", use->rest_joules);
	json_u64(json, "windows", use->n_windows);
}

/* The sums of all, and those that had windows one by one, as far as a person may want to read. */
static void write_processes(struct json *json, const struct telemetry_facts *facts)
{
	struct window_process sum = facts->processes_gone.sum;
	uint64_t listed = 0, left_out = facts->processes_gone.n_with_windows;

	json_array(json, "processes");
	for (size_t i = 0; i < facts->n_processes; i++) {
		const struct window_process *process = &facts->processes[i];

		sum.joules += process->joules;
		sum.windows_joules += process->windows_joules;
		sum.rest_joules += process->rest_joules;
		sum.n_windows += process->n_windows;
		if (!process->n_windows)
			continue;
		if (listed == MAX_PROCESSES) {
			left_out++;
			continue;
		}
		listed++;
		json_object(json, NULL);
		json_u64(json, "pid", process->pid);
		json_u64_text(json, "startNs", process->start_ns);
		write_use(json, process);
		json_object_end(json);
	}
	json_array_end(json);
	json_object(json, "allProcesses");
	write_use(json, &sum);
	json_u64(json, "leftOut", left_out);
	json_object_end(json);
}

void telemetry_facts_write(FILE *stream, const struct telemetry_facts *facts)
{
	struct json json;

	json_begin(&json, stream);
	json_object(&json, NULL);
	json_word(&json, "format", "energytrace-run");
	json_u64(&json, "version", 1);
	write_text(&json, "run", facts->run);
	write_text(&json, "runId", facts->run_id);
	write_text(&json, "program", facts->program);
	write_host(&json, &facts->host);
	write_time(&json, "startedAt", "startedNs", facts->started_ns);
	write_time(&json, "endedAt", "endedNs", facts->ended_ns);
	json_object(&json, "energy");
	write_text(&json, "source", facts->energy_source);
	write_text(&json, "kind", facts->energy_kind);
	json_object_end(&json);
	json_object(&json, "carbon");
	write_text(&json, "code", facts->carbon_code);
	json_double(&json, "gramsPerKwh", facts->carbon_g_per_kwh);
	json_object_end(&json);
	json_u64(&json, "abandoned", facts->n_abandoned);
	json_u64(&json, "dropped", facts->n_dropped);
	if (facts->n_functions) {
		write_functions(&json, facts);
		write_processes(&json, facts);
	}
	write_settings(&json, "settings", facts->settings, facts->n_settings);
	write_settings(&json, "definitions", definitions,
		       sizeof(definitions) / sizeof(definitions[0]));
	json_object_end(&json);
	json_newline(&json);
	json_flush(&json);
}

/* Where a key's value goes. */
enum fact_type {
	FACT_TEXT,
	FACT_U32,
	FACT_U64,
	FACT_TIME,
	FACT_DOUBLE
};

struct fact {
	const char *object; /* that it is inside, or NULL */
	const char *key;
	enum fact_type type;
	size_t offset, size;
};

#define FACT(object_, key_, type_, member)                                            \
	{                                                                             \
		(object_), (key_), (type_), offsetof(struct telemetry_facts, member), \
			sizeof(((struct telemetry_facts *)NULL)->member)              \
	}

static const struct fact known[] = {
	FACT(NULL, "run", FACT_TEXT, run),
	FACT(NULL, "runId", FACT_TEXT, run_id),
	FACT(NULL, "program", FACT_TEXT, program),
	FACT("host", "name", FACT_TEXT, host.hostname),
	FACT("host", "os", FACT_TEXT, host.os),
	FACT("host", "cpu", FACT_TEXT, host.cpu),
	FACT("host", "cpus", FACT_U32, host.cpus),
	FACT("host", "ramMb", FACT_U64, host.ram_mb),
	FACT(NULL, "startedNs", FACT_TIME, started_ns),
	FACT(NULL, "endedNs", FACT_TIME, ended_ns),
	FACT("energy", "source", FACT_TEXT, energy_source),
	FACT("energy", "kind", FACT_TEXT, energy_kind),
	FACT("carbon", "code", FACT_TEXT, carbon_code),
	FACT("carbon", "gramsPerKwh", FACT_DOUBLE, carbon_g_per_kwh),
	FACT(NULL, "abandoned", FACT_U64, n_abandoned),
	FACT(NULL, "dropped", FACT_U64, n_dropped),
};

static const struct fact *find_fact(const char *object, const char *key)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(known[i].key, key) != 0 || !object != !known[i].object)
			continue;
		if (!object || strcmp(known[i].object, object) == 0)
			return &known[i];
	}
	return NULL;
}

/* What does not fit stays as it is. */
static void take_fact(struct telemetry_facts *facts, const struct fact *fact,
		      const struct json_value *value)
{
	void *member = (char *)facts + fact->offset;
	char number[NUMBER_MAX];

	if (fact->type == FACT_TEXT) {
		if (value->type == JSON_TEXT)
			snprintf(member, fact->size, "%s", value->text);
		return;
	}
	if (value->type != (fact->type == FACT_TIME ? JSON_TEXT : JSON_NUMBER) ||
	    value->length >= sizeof(number))
		return;
	memcpy(number, value->text, value->length);
	number[value->length] = '\0';
	if (fact->type == FACT_U32)
		parse_u32(number, 0, UINT32_MAX, member);
	else if (fact->type == FACT_U64)
		parse_u64(number, 0, UINT64_MAX, member);
	else if (fact->type == FACT_TIME)
		parse_i64(number, 0, INT64_MAX, member);
	else
		parse_double(number, 0, DBL_MAX, member);
}

static int read_object(struct telemetry_facts *facts, const char *object,
		       struct json_cursor *cursor)
{
	struct json_value value;
	char *key;
	int got = json_enter_object(cursor);

	if (got)
		return got;
	while ((got = json_next(cursor, &key, &value)) > 0) {
		const struct fact *fact = find_fact(object, key);

		if (fact) {
			take_fact(facts, fact, &value);
		} else if (value.type == JSON_OBJECT && !object) {
			struct json_cursor inner;

			/* Its grammar has been seen to be right. */
			json_cursor_begin(&inner, value.text, value.length);
			read_object(facts, key, &inner);
		}
	}
	return got;
}

int telemetry_facts_read(char *text, size_t length, struct telemetry_facts *ret, struct errmsg *msg)
{
	struct telemetry_facts facts;
	struct json_cursor cursor;
	int err;

	telemetry_facts_clear(&facts);
	json_cursor_begin(&cursor, text, length);
	err = read_object(&facts, NULL, &cursor);
	if (!err)
		err = json_finish(&cursor);
	if (err)
		return errmsg_set(msg, err, "byte %zu: expected %s", (size_t)(cursor.at - text) + 1,
				  cursor.problem);
	*ret = facts;
	return 0;
}
