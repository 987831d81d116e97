// SPDX-License-Identifier: BSD-2-Clause
#include "sample/record_head.h"

#include "base/grow.h"

#include "base/cleanup.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Every task of a tick has a place for each of them, whether its lines are there or not. */
#define MAX_COUNTERS 64
#define MAX_FUNCTIONS 64 /* as many as there are ever probes for */

static int add_domain(struct record_head *head, struct record_lines *lines, char *keys)
{
	struct run *run = &head->run;
	struct run_domain *domains;
	int err;

	domains = grow_array(run->domains, run->n_domains, &head->domains_room, sizeof(*domains));
	if (!domains)
		return record_lines_no_memory(lines);
	run->domains = domains;
	err = record_lines_parse(lines, RECORD_DOMAIN, keys, &domains[run->n_domains]);
	if (err)
		return err;
	run->n_domains++;
	return 0;
}

int record_head_check_domain(const struct record_head *head, struct record_lines *lines,
			     enum record_kind kind, const char *key, int32_t domain)
{
	if (domain >= SAMPLE_NO_DOMAIN && domain < (int64_t)head->run.n_domains)
		return 0;
	return record_lines_bad(lines, "%s: %s=%d, but there are %zu domains",
				record_kind_name(kind), key, domain, head->run.n_domains);
}

static int add_cpu(struct record_head *head, struct record_lines *lines, char *keys)
{
	struct run *run = &head->run;
	struct run_cpu *cpus;
	int err;

	cpus = grow_array(run->cpus, run->n_cpus, &head->cpus_room, sizeof(*cpus));
	if (!cpus)
		return record_lines_no_memory(lines);
	run->cpus = cpus;
	err = record_lines_parse(lines, RECORD_CPU, keys, &cpus[run->n_cpus]);
	if (err)
		return err;
	err = record_head_check_domain(head, lines, RECORD_CPU, "domain", cpus[run->n_cpus].domain);
	if (err)
		return err;
	run->n_cpus++;
	return 0;
}

static int add_counter(struct record_head *head, struct record_lines *lines, char *keys)
{
	struct run *run = &head->run;
	struct run_counter *counters;
	int err;

	if (run->n_counters == MAX_COUNTERS)
		return record_lines_bad(lines, "counter: there are more than %d", MAX_COUNTERS);
	counters =
		grow_array(run->counters, run->n_counters, &head->counters_room, sizeof(*counters));
	if (!counters)
		return record_lines_no_memory(lines);
	run->counters = counters;
	err = record_lines_parse(lines, RECORD_COUNTER, keys, &counters[run->n_counters]);
	if (err)
		return err;
	run->n_counters++;
	return 0;
}

static int add_function(struct record_head *head, struct record_lines *lines, char *keys)
{
	struct run *run = &head->run;
	struct run_function function, *functions;
	int err;

	if (run->n_functions == MAX_FUNCTIONS)
		return record_lines_bad(lines, "function: there are more than %d", MAX_FUNCTIONS);
	err = record_lines_parse(lines, RECORD_FUNCTION, keys, &function);
	if (err)
		return err;
	if (!function.name[0])
		return record_lines_bad(lines, "function: name= is empty");
	functions = grow_array(run->functions, run->n_functions, &head->functions_room,
			       sizeof(*functions));
	if (!functions)
		return record_lines_no_memory(lines);
	run->functions = functions;
	function.name = strdup(function.name);
	function.place = strdup(function.place);
	functions[run->n_functions++] = function; /* freed by run_done in any case */
	return function.name && function.place ? 0 : record_lines_no_memory(lines);
}

static int add_setting(struct record_head *head, struct record_lines *lines, char *keys)
{
	struct record_setting setting, *settings;
	int err;

	err = record_lines_parse(lines, RECORD_SETTING, keys, &setting);
	if (err)
		return err;
	settings = grow_array(head->settings, head->n_settings, &head->settings_room,
			      sizeof(*settings));
	if (!settings)
		return record_lines_no_memory(lines);
	head->settings = settings;
	setting.name = strdup(setting.name);
	setting.value = strdup(setting.value);
	settings[head->n_settings++] = setting; /* freed by record_head_done in any case */
	return setting.name && setting.value ? 0 : record_lines_no_memory(lines);
}

static int read_run(struct record_head *head, struct record_lines *lines, char *keys)
{
	if (head->has_run)
		return record_lines_bad(lines, "run: is there twice");
	head->has_run = true;
	return record_lines_parse(lines, RECORD_RUN, keys, &head->run);
}

static int cut_short(struct record_lines *lines)
{
	return errmsg_set(&lines->msg, -EBADMSG,
			  "%s: the record ends in the middle of its head (line %" PRIu64 ")",
			  lines->name, lines->number);
}

/*
 * The first line. Its first word is compared byte by byte, so that a file of another kind is known
 * as such before a line of it, which may be all of it, is read.
 */
static int read_version(struct record_lines *lines)
{
	struct record_first first;
	int got;

	errno = 0;
	for (const char *expected = record_kind_name(RECORD_FIRST); *expected; expected++) {
		int c = getc(lines->stream);

		if (c == EOF && ferror(lines->stream))
			return record_lines_failed(lines);
		if (c == EOF && expected == record_kind_name(RECORD_FIRST))
			return errmsg_set(&lines->msg, -ENODATA, "%s: the file is empty",
					  lines->name);
		if (c != *expected)
			return errmsg_set(&lines->msg, -EBADMSG, "%s: not an energytrace record",
					  lines->name);
	}
	got = record_lines_next(lines);
	if (got <= 0)
		return got ? got : cut_short(lines);
	if (lines->text[0] != ' ')
		return errmsg_set(&lines->msg, -EBADMSG, "%s: not an energytrace record",
				  lines->name);
	got = record_lines_parse(lines, RECORD_FIRST, lines->text, &first);
	if (got == 0 && first.version > RECORD_VERSION)
		return errmsg_set(
			&lines->msg, -EPROTONOSUPPORT,
			"%s: a record of version %u, of which this energytrace knows only "
			"those up to %d; use a newer one",
			lines->name, first.version, RECORD_VERSION);
	return got;
}

static int compare_ids(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

/* What can be said only of all the CPUs together. */
static int check_ids(const struct run *run, struct record_lines *lines)
{
	_cleanup_free_ uint32_t *ids = calloc(run->n_cpus + 1, sizeof(*ids));

	if (!ids)
		return record_lines_no_memory(lines);
	for (size_t i = 0; i < run->n_cpus; i++)
		ids[i] = run->cpus[i].id;
	qsort(ids, run->n_cpus, sizeof(*ids), compare_ids);
	for (size_t i = 1; i < run->n_cpus; i++) {
		if (ids[i] == ids[i - 1])
			return errmsg_set(&lines->msg, -EBADMSG, "%s: cpu: id=%u is there twice",
					  lines->name, ids[i]);
	}
	return 0;
}

static int read_line(struct record_head *head, struct record_lines *lines, enum record_kind kind,
		     char *keys)
{
	switch (kind) {
	case RECORD_RUN:
		return read_run(head, lines, keys);
	case RECORD_SETTING:
		return add_setting(head, lines, keys);
	case RECORD_DOMAIN:
		return add_domain(head, lines, keys);
	case RECORD_CPU:
		return add_cpu(head, lines, keys);
	case RECORD_COUNTER:
		return add_counter(head, lines, keys);
	case RECORD_FUNCTION:
		return add_function(head, lines, keys);
	default:
		return record_lines_misplaced(lines, kind);
	}
}

int record_head_read(struct record_head *head, struct record_lines *lines)
{
	enum record_kind kind;
	char *keys;
	int err, got;

	err = read_version(lines);
	if (err)
		return err;
	while ((got = record_lines_next_known(lines, &kind, &keys)) > 0 && kind != RECORD_TICK) {
		err = read_line(head, lines, kind, keys);
		if (err)
			return err;
	}
	if (got < 0)
		return got;
	if (got > 0 && !head->has_run)
		return record_lines_bad(lines, "tick: comes before the run line");
	if (lines->cut || !head->has_run)
		return cut_short(lines);
	lines->unread = got > 0;
	return check_ids(&head->run, lines);
}

void record_head_done(struct record_head *head)
{
	for (size_t i = 0; i < head->n_settings; i++) {
		free(head->settings[i].name);
		free(head->settings[i].value);
	}
	free(head->settings);
	run_done(&head->run);
}
