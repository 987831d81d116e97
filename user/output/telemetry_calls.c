// SPDX-License-Identifier: BSD-2-Clause
/* Calls as windows. */
#include "output/telemetry_impl.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define NS_PER_S 1e9

int telemetry_calls_begin(struct telemetry *telemetry)
{
	const struct telemetry_settings *settings = &telemetry->keys.settings;
	uint64_t deadline_ns = (uint64_t)llround(settings->deadline_s * NS_PER_S);
	size_t n = telemetry->run->n_functions;
	int err = 0;

	telemetry->functions = calloc(n, sizeof(*telemetry->functions));
	telemetry->facts_functions = calloc(n, sizeof(*telemetry->facts_functions));
	if (!telemetry->functions || !telemetry->facts_functions)
		return -ENOMEM;
	for (size_t i = 0; i < n && !err; i++) {
		struct telemetry_function *function = &telemetry->functions[i];

		function->plugin = telemetry->run->functions[i].name;
		if (settings->plugin && n == 1)
			function->plugin = settings->plugin;
		function->shape = telemetry_shape_of(&telemetry->keys, function->plugin);
		err = window_schedule_new(
			windows_period_ns(function->shape.h, function->shape.fs_hz), deadline_ns,
			&function->schedule);
	}
	return err;
}

static bool is_warmup(const struct telemetry *telemetry, const struct telemetry_function *function,
		      const struct window *call)
{
	const struct telemetry_settings *settings = &telemetry->keys.settings;

	return function->n < settings->warmup ||
	       (double)call->begin_ns < (double)telemetry->first_ns + settings->warmup_s * NS_PER_S;
}

static int add(struct telemetry *telemetry, const struct report *report,
	       const struct report_call *call, struct errmsg *msg)
{
	struct telemetry_function *function = &telemetry->functions[call->window.function];
	struct telemetry_window window = telemetry_window_of(telemetry, report, &function->shape);
	struct window_timing timing;

	if (windows_schedule(function->schedule, &call->window, &timing) != 0)
		return errmsg_set(msg, -ENOMEM, "out of memory for the schedule of calls");
	window.plugin = function->plugin;
	window.warmup = is_warmup(telemetry, function, &call->window);
	window.window_index = function->n++;
	window.start_ts_ns = call->window.begin_ns;
	window.end_ts_ns = call->window.end_ns;
	window.release_ts_ns = timing.release_ns;
	window.deadline_ts_ns = timing.deadline_ns;
	window.deadline_missed = timing.missed;
	window.cpu_ns = call->window.cpu_ns;
	window.rss_bytes = call->window.rss_bytes;
	window.tid = call->window.tid;
	window.energy_j = call->cost.joules;
	window.power_mw = telemetry_power_mw(&window);
	if (!isnan(call->cost.joules))
		window.energy_method = call->cost.resolved ? "resolved" : "shared";
	return telemetry_recorder_add(telemetry->recorder, &window, msg);
}

int telemetry_add_calls(struct telemetry *telemetry, const struct report *report,
			struct errmsg *msg)
{
	const struct sample *sample = report->sample;
	int err = 0;

	for (size_t i = 0; i < sample->n_window_totals; i++)
		telemetry->facts_functions[i].totals = sample->window_totals[i];
	for (size_t i = 0; i < report->n_calls && !err; i++)
		err = add(telemetry, report, &report->calls[i], msg);
	return err;
}

void telemetry_calls_facts(struct telemetry *telemetry)
{
	struct telemetry_facts *facts = &telemetry->facts;

	if (!telemetry->functions)
		return;
	facts->functions = telemetry->facts_functions;
	facts->n_functions = telemetry->run->n_functions;
	facts->n_abandoned = facts->n_dropped = 0;
	for (size_t i = 0; i < facts->n_functions; i++) {
		struct telemetry_facts_function *function = &telemetry->facts_functions[i];

		function->name = telemetry->functions[i].plugin;
		function->place = telemetry->run->functions[i].place;
		function->told = telemetry->functions[i].n;
		facts->n_abandoned += function->totals.abandoned;
		facts->n_dropped += function->totals.dropped;
	}
	if (!telemetry->report)
		return;
	facts->processes = telemetry->report->call_processes;
	facts->n_processes = telemetry->report->n_call_processes;
	facts->processes_gone = telemetry->report->call_processes_gone;
}

const char *telemetry_calls_complaint(struct telemetry *telemetry)
{
	while (telemetry->told_functions < telemetry->facts.n_functions) {
		const struct telemetry_facts_function *function =
			&telemetry->facts_functions[telemetry->told_functions++];
		const struct window_totals *totals = &function->totals;

		if (totals->dropped)
			snprintf(telemetry->complaint, sizeof(telemetry->complaint),
				 "%.500s: %" PRIu64 " of %" PRIu64
				 " calls found no room and have no window",
				 function->name, totals->dropped, totals->begun);
		else if (!function->told && !totals->begun)
			snprintf(telemetry->complaint, sizeof(telemetry->complaint),
				 "%.500s was not called while it was traced: it has no windows",
				 function->name);
		else if (!function->told)
			snprintf(telemetry->complaint, sizeof(telemetry->complaint),
				 "%.500s has no windows: of %" PRIu64 " calls %" PRIu64
				 " were left without returning, %" PRIu64 " had not ended",
				 function->name, totals->begun, totals->abandoned,
				 telemetry_open_calls(function));
		else
			continue;
		return telemetry->complaint;
	}
	return NULL;
}

void telemetry_calls_done(struct telemetry *telemetry)
{
	for (size_t i = 0; telemetry->functions && i < telemetry->run->n_functions; i++)
		window_schedule_free(telemetry->functions[i].schedule);
	free(telemetry->functions);
	free(telemetry->facts_functions);
}
