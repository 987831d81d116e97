// SPDX-License-Identifier: BSD-2-Clause
/*
 * The format `telemetry`: a run of windows in a folder, and the page that shows it. A window is a tick, or
 * where the run has functions, a call of one. docs/telemetry.md.
 */
#include "output/formats.h"
#include "output/spec.h"
#include "output/target.h"
#include "output/telemetry_impl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int check(const struct output_spec *spec, struct errmsg *msg)
{
	struct telemetry_keys keys;

	return telemetry_keys_parse(spec, NULL, &keys, msg);
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
	telemetry_calls_done(telemetry);
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
	err = telemetry_keys_parse(options->spec, options->telemetry, &telemetry->keys, msg);
	if (!err && options->run->n_functions && telemetry_calls_begin(telemetry) != 0)
		err = errmsg_set(msg, -ENOMEM, "out of memory");
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
	const struct telemetry_keys *keys = &telemetry->keys;

	telemetry->first_ns = telemetry->last_ns = report->sample->monotonic_ns;
	telemetry->scheduled_ns = telemetry->first_ns;
	snprintf(telemetry->run_id, sizeof(telemetry->run_id), "%lld",
		 (long long)(report->sample->realtime_ns / 1000000));
	describe_facts(telemetry, report);
	return telemetry_recorder_new(telemetry->options->spec->target, keys->run,
				      keys->settings.format, &telemetry->facts,
				      &telemetry->recorder, msg);
}

struct telemetry_window telemetry_window_of(const struct telemetry *telemetry,
					    const struct report *report,
					    const struct telemetry_shape *shape)
{
	const struct telemetry_settings *settings = &telemetry->keys.settings;
	struct telemetry_window window;

	telemetry_window_clear(&window);
	window.run_id = telemetry->run_id;
	window.w = shape->w;
	window.h = shape->h;
	window.c = shape->c;
	window.fs_hz = shape->fs_hz;
	window.dtype = shape->dtype;
	window.repeat = settings->repeat;
	window.load_profile = settings->load_profile;
	window.energy_source = report->run->source;
	window.energy_kind = energy_kind_name(report->run->kind);
	return window;
}

static int report_telemetry(void *state, FILE *stream, const struct report *report)
{
	struct telemetry *telemetry = state;
	const struct sample *sample = report->sample;

	(void)stream;
	telemetry->realtime_ns = sample->realtime_ns;
	telemetry->report = report;
	if (report->first)
		telemetry->err = begin(telemetry, report, &telemetry->msg);
	if (telemetry->err)
		return 0;
	if (telemetry->functions)
		telemetry->err = telemetry_add_calls(telemetry, report, &telemetry->msg);
	else if (!report->first)
		telemetry->err = telemetry_add_ticks(telemetry, report, &telemetry->msg);
	telemetry->last_ns = sample->monotonic_ns;
	telemetry->ticks += !report->first;
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
	telemetry_calls_facts(telemetry);
	telemetry->finished = true;
	telemetry->err =
		telemetry_recorder_finish(telemetry->recorder, &telemetry->facts, &telemetry->msg);
	return 0;
}

/* Only at the end: the name of the run's folder is its own choice. */
static const char *complaint_of(void *state)
{
	struct telemetry *telemetry = state;

	if (!telemetry->finished)
		return NULL;
	if (!telemetry->told_path) {
		telemetry->told_path = true;
		snprintf(telemetry->complaint, sizeof(telemetry->complaint),
			 "the run's windows and report are in %.900s",
			 telemetry_recorder_path(telemetry->recorder));
		return telemetry->complaint;
	}
	return telemetry_calls_complaint(telemetry);
}

const struct output_format output_telemetry = {
	.name = "telemetry",
	.help = "windows with energy, and a page that shows them, in DIR (docs/telemetry.md)",
	.needs_target = true,
	.needs_folder = true,
	.keys = telemetry_key_names,
	.by = "tree",
	.calls = true,
	.check = check,
	.open_target = open_target,
	.open = open_telemetry,
	.report = report_telemetry,
	.totals = totals_telemetry,
	.complaint = complaint_of,
	.close = close_telemetry,
};
