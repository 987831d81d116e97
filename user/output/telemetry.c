// SPDX-License-Identifier: BSD-2-Clause
/*
 * The format `telemetry`: a run of windows in a folder, and the page that shows it. Here a window is a
 * tick: of each entity that is listed where something was asked for, else of the whole machine.
 * docs/telemetry.md.
 */
#include "base/parse.h"
#include "output/formats.h"
#include "output/spec.h"
#include "output/target.h"
#include "telemetry/recorder.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define HOST_PLUGIN "host"
#define NS_PER_S 1e9
#define MAX_DEADLINE_S 3600.0

/* The keys of KEY=VALUE. */
struct settings {
	const char *run, *plugin, *dtype, *load_profile;
	enum telemetry_format format;
	uint32_t warmup; /* ticks */
	uint32_t repeat;
	uint32_t w, h, c;
	double fs_hz;
	double deadline_s; /* 0: as late as the next tick */
};

struct telemetry {
	const struct run *run;
	const struct output_options *options;
	struct settings settings;
	struct telemetry_recorder *recorder;
	struct telemetry_facts facts;
	char run_id[32];
	uint64_t first_ns, last_ns; /* CLOCK_MONOTONIC: of the start mark, of the last tick */
	uint64_t scheduled_ns;	    /* … when the tick that comes should begin */
	int64_t realtime_ns;	    /* of the last tick */
	uint64_t ticks;

	/* What the last report or the end failed with: the target's `send` says it. */
	int err;
	struct errmsg msg;
};

static const char *const keys[] = {"run", "format", "plugin", "warmup",	      "repeat",	  "w", "h",
				   "c",	  "fs",	    "dtype",  "load-profile", "deadline", NULL};

static int parse_settings(const struct output_spec *spec, struct settings *ret, struct errmsg *msg)
{
	struct settings settings = {.c = 1, .repeat = 1};
	const struct {
		const char *key;
		uint32_t *value;
		uint32_t least;
	} counts[] = {{"warmup", &settings.warmup, 0},
		      {"repeat", &settings.repeat, 1},
		      {"w", &settings.w, 1},
		      {"h", &settings.h, 1},
		      {"c", &settings.c, 1}};
	const char *format = output_spec_value(spec, "format");
	const char *fs = output_spec_value(spec, "fs");
	const char *deadline = output_spec_value(spec, "deadline");

	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		const char *value = output_spec_value(spec, counts[i].key);

		if (value && parse_u32(value, counts[i].least, UINT32_MAX, counts[i].value) != 0)
			return errmsg_set(msg, -EINVAL,
					  "telemetry: %s= takes a number from %u, not \"%s\"",
					  counts[i].key, counts[i].least, value);
	}
	if (format && telemetry_format_from_name(format, &settings.format) != 0)
		return errmsg_set(msg, -EINVAL, "telemetry: format= is ndjson or csv, not \"%s\"",
				  format);
	if (fs && parse_double(fs, 1e-6, 1e9, &settings.fs_hz) != 0)
		return errmsg_set(msg, -EINVAL, "telemetry: fs= takes samples a second, not \"%s\"",
				  fs);
	if (deadline && parse_double(deadline, 1e-6, MAX_DEADLINE_S, &settings.deadline_s) != 0)
		return errmsg_set(msg, -EINVAL,
				  "telemetry: deadline= takes seconds up to 3600, not \"%s\"",
				  deadline);
	settings.run = output_spec_value(spec, "run");
	settings.plugin = output_spec_value(spec, "plugin");
	settings.dtype = output_spec_value(spec, "dtype");
	settings.load_profile = output_spec_value(spec, "load-profile");
	*ret = settings;
	return 0;
}

static int check(const struct output_spec *spec, struct errmsg *msg)
{
	struct settings settings;

	return parse_settings(spec, &settings, msg);
}

/* Nothing comes in the stream: the recorder has the windows, and what went wrong with them. */
struct telemetry_target {
	struct target target; /* first, so that a pointer to it is one to this */
	struct telemetry *telemetry;
};

static int send_windows(struct target *target, const char *bytes, size_t size, struct errmsg *msg)
{
	struct telemetry *telemetry = ((struct telemetry_target *)target)->telemetry;

	(void)bytes;
	(void)size;
	if (telemetry->err) {
		if (msg)
			*msg = telemetry->msg;
		return telemetry->err;
	}
	return telemetry->recorder ? telemetry_recorder_flush(telemetry->recorder, msg) : 0;
}

static int close_target(struct target *target)
{
	free(target);
	return 0;
}

static int open_target(const struct output_options *options, struct target **ret,
		       struct errmsg *msg)
{
	static const struct target_ops ops = {.send = send_windows, .close = close_target};
	struct telemetry_target *made = calloc(1, sizeof(*made));

	(void)options;
	if (!made)
		return errmsg_set(msg, -ENOMEM, "out of memory");
	made->target = (struct target){.ops = &ops, .fd = -1};
	*ret = &made->target;
	return 0;
}

static void close_telemetry(void *state)
{
	struct telemetry *telemetry = state;

	if (!telemetry)
		return;
	telemetry_recorder_free(telemetry->recorder);
	free(telemetry);
}

static int open_telemetry(FILE *stream, const struct output_options *options, void **ret,
			  struct errmsg *msg)
{
	struct telemetry *telemetry = calloc(1, sizeof(*telemetry));
	int err;

	(void)stream;
	if (!telemetry)
		return errmsg_set(msg, -ENOMEM, "out of memory");
	telemetry->run = options->run;
	telemetry->options = options;
	((struct telemetry_target *)options->target)->telemetry = telemetry;
	err = parse_settings(options->spec, &telemetry->settings, msg);
	if (err) {
		close_telemetry(telemetry);
		return err;
	}
	*ret = telemetry;
	return 0;
}

static void describe_facts(struct telemetry *telemetry, const struct report *report)
{
	struct telemetry_facts *facts = &telemetry->facts;

	telemetry_facts_clear(facts);
	snprintf(facts->run_id, sizeof(facts->run_id), "%s", telemetry->run_id);
	snprintf(facts->program, sizeof(facts->program), "energytrace %s", report->run->version);
	snprintf(facts->host.hostname, sizeof(facts->host.hostname), "%.*s",
		 (int)sizeof(facts->host.hostname) - 1, report->run->host);
	snprintf(facts->host.os, sizeof(facts->host.os), "%s", report->run->os);
	snprintf(facts->host.cpu, sizeof(facts->host.cpu), "%s", report->run->cpu_model);
	facts->host.cpus = (uint32_t)report->run->n_cpus;
	facts->host.ram_mb = report->run->ram_mib;
	facts->started_ns = report->sample->realtime_ns;
	snprintf(facts->energy_source, sizeof(facts->energy_source), "%s", report->run->source);
	snprintf(facts->energy_kind, sizeof(facts->energy_kind), "%s",
		 energy_kind_name(report->run->kind));
	snprintf(facts->carbon_code, sizeof(facts->carbon_code), "%s", report->carbon->code);
	facts->carbon_g_per_kwh = report->carbon->grams_per_kwh;
	facts->settings =
		(const struct telemetry_setting *)(const void *)telemetry->options->settings;
	facts->n_settings = telemetry->options->n_settings;
}

/* The start mark: the run begins, and with it its folder. */
static int begin(struct telemetry *telemetry, const struct report *report, struct errmsg *msg)
{
	const struct settings *settings = &telemetry->settings;
	const struct output_spec *spec = telemetry->options->spec;

	telemetry->first_ns = telemetry->last_ns = report->sample->monotonic_ns;
	telemetry->scheduled_ns = telemetry->first_ns;
	snprintf(telemetry->run_id, sizeof(telemetry->run_id), "%lld",
		 (long long)(report->sample->realtime_ns / 1000000));
	describe_facts(telemetry, report);
	return telemetry_recorder_new(spec->target, settings->run, settings->format,
				      &telemetry->facts, &telemetry->recorder, msg);
}

/* How long a tick should be. */
static uint64_t period_ns(const struct telemetry *telemetry, const struct sample *sample)
{
	return telemetry->run->tick_ns ? telemetry->run->tick_ns : sample->interval_ns;
}

/* What is the same for all windows of a tick. */
static struct telemetry_window window_of(const struct telemetry *telemetry,
					 const struct report *report)
{
	const struct settings *settings = &telemetry->settings;
	const struct sample *sample = report->sample;
	struct telemetry_window window;
	uint64_t due_ns;

	telemetry_window_clear(&window);
	window.run_id = telemetry->run_id;
	window.window_index = telemetry->ticks;
	window.start_ts_ns = telemetry->last_ns;
	window.end_ts_ns = sample->monotonic_ns;
	window.release_ts_ns = telemetry->scheduled_ns;
	due_ns = period_ns(telemetry, sample);
	if (settings->deadline_s > 0)
		due_ns = (uint64_t)llround(settings->deadline_s * NS_PER_S);
	else
		due_ns *= 2; /* a tick that is over when the next one should be */
	window.deadline_ts_ns = window.release_ts_ns + due_ns;
	window.deadline_missed = window.end_ts_ns > window.deadline_ts_ns;
	window.w = settings->w;
	window.h = settings->h;
	window.c = settings->c;
	window.fs_hz = settings->fs_hz;
	window.warmup = telemetry->ticks < settings->warmup;
	window.repeat = settings->repeat;
	window.dtype = settings->dtype;
	window.load_profile = settings->load_profile;
	window.energy_source = report->run->source;
	window.energy_kind = energy_kind_name(report->run->kind);
	window.energy_method = "resolved";
	return window;
}

static int add(struct telemetry *telemetry, const struct report *report, const char *plugin,
	       const struct figures *figures, struct errmsg *msg)
{
	struct telemetry_window window = window_of(telemetry, report);

	window.plugin = plugin;
	window.cpu_ns = figures->cpu_ns;
	window.energy_j = report->run->kind == ENERGY_NONE ? NAN : figures->joules;
	window.power_mw = telemetry_power_mw(&window);
	return telemetry_recorder_add(telemetry->recorder, &window, msg);
}

/* Of those with one name the others get their id behind it. */
static const char *plugin_of(const struct report *report, size_t index, char *room, size_t size)
{
	const struct entity *entity = report->entities[index];

	for (size_t i = 0; i < report->n_entities; i++) {
		if (i == index || strcmp(report->entities[i]->name, entity->name) != 0)
			continue;
		snprintf(room, size, "%s-%s", entity->name, entity->id);
		return room;
	}
	return entity->name;
}

static int add_windows(struct telemetry *telemetry, const struct report *report, struct errmsg *msg)
{
	const struct report_host *host = &report->host;
	const char *plugin = telemetry->settings.plugin;
	const struct figures all = {.cpu_ns = host->active_ns, .joules = host->joules};
	char room[512];
	int err = 0;

	if (!report->selective)
		return add(telemetry, report, plugin ? plugin : HOST_PLUGIN, &all, msg);
	for (size_t i = 0; i < report->n_entities && !err; i++)
		err = add(telemetry, report,
			  plugin && report->n_entities == 1
				  ? plugin
				  : plugin_of(report, i, room, sizeof(room)),
			  &report->entities[i]->tick, msg);
	return err;
}

static int report_telemetry(void *state, FILE *stream, const struct report *report)
{
	struct telemetry *telemetry = state;
	const struct sample *sample = report->sample;

	(void)stream;
	telemetry->realtime_ns = sample->realtime_ns;
	if (report->first) {
		telemetry->err = begin(telemetry, report, &telemetry->msg);
		return 0;
	}
	telemetry->err = add_windows(telemetry, report, &telemetry->msg);
	telemetry->last_ns = sample->monotonic_ns;
	/* A tick is never early: the timer's phase is that of the earliest. */
	telemetry->scheduled_ns += period_ns(telemetry, sample);
	if (telemetry->scheduled_ns > telemetry->last_ns)
		telemetry->scheduled_ns = telemetry->last_ns;
	telemetry->ticks++;
	return 0;
}

static int totals_telemetry(void *state, FILE *stream, const struct totals *totals)
{
	struct telemetry *telemetry = state;

	(void)stream;
	(void)totals;
	if (!telemetry->recorder)
		return 0;
	telemetry->facts.ended_ns = telemetry->realtime_ns;
	telemetry->err =
		telemetry_recorder_finish(telemetry->recorder, &telemetry->facts, &telemetry->msg);
	return 0;
}

const struct output_format output_telemetry = {
	.name = "telemetry",
	.help = "windows with energy, and a page that shows them, in DIR (docs/telemetry.md)",
	.needs_target = true,
	.keys = keys,
	.by = "tree",
	.check = check,
	.open_target = open_target,
	.open = open_telemetry,
	.report = report_telemetry,
	.totals = totals_telemetry,
	.close = close_telemetry,
};
