// SPDX-License-Identifier: BSD-2-Clause
/* A tick as a window: of each entity that is listed where something was asked for, else of the whole machine. */
#include "output/telemetry_impl.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define HOST_PLUGIN "host"
#define NS_PER_S 1e9

/* How long a tick should be. */
static uint64_t period_ns(const struct telemetry *telemetry, const struct sample *sample)
{
	return telemetry->run->tick_ns ? telemetry->run->tick_ns : sample->interval_ns;
}

static bool is_warmup(const struct telemetry *telemetry)
{
	const struct telemetry_settings *settings = &telemetry->keys.settings;

	return telemetry->ticks < settings->warmup ||
	       (double)(telemetry->last_ns - telemetry->first_ns) < settings->warmup_s * NS_PER_S;
}

/* What is the same for all windows of a tick, but for their shape. */
static void set_times(const struct telemetry *telemetry, const struct sample *sample,
		      struct telemetry_window *window)
{
	double deadline_s = telemetry->keys.settings.deadline_s;
	/* A tick that is over when the next one should be. */
	uint64_t due_ns = 2 * period_ns(telemetry, sample);

	if (deadline_s > 0)
		due_ns = (uint64_t)llround(deadline_s * NS_PER_S);
	window->window_index = telemetry->ticks;
	window->start_ts_ns = telemetry->last_ns;
	window->end_ts_ns = sample->monotonic_ns;
	window->release_ts_ns = telemetry->scheduled_ns;
	window->deadline_ts_ns = window->release_ts_ns + due_ns;
	window->deadline_missed = window->end_ts_ns > window->deadline_ts_ns;
	window->warmup = is_warmup(telemetry);
	window->energy_method = "resolved";
}

static int add(struct telemetry *telemetry, const struct report *report, const char *plugin,
	       const struct figures *figures, uint64_t rss_bytes, struct errmsg *msg)
{
	struct telemetry_shape shape = telemetry_shape_of(&telemetry->keys, plugin);
	struct telemetry_window window = telemetry_window_of(telemetry, report, &shape);

	set_times(telemetry, report->sample, &window);
	window.plugin = plugin;
	window.cpu_ns = figures->cpu_ns;
	window.rss_bytes = rss_bytes;
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
	const char *plugin = telemetry->keys.settings.plugin;
	const struct figures all = {.cpu_ns = host->active_ns, .joules = host->joules};
	char room[512];
	int err = 0;

	if (!report->selective)
		return add(telemetry, report, plugin ? plugin : HOST_PLUGIN, &all, 0, msg);
	for (size_t i = 0; i < report->n_entities && !err; i++)
		err = add(telemetry, report,
			  plugin && report->n_entities == 1
				  ? plugin
				  : plugin_of(report, i, room, sizeof(room)),
			  &report->entities[i]->tick, report->entities[i]->rss_bytes, msg);
	return err;
}

int telemetry_add_ticks(struct telemetry *telemetry, const struct report *report,
			struct errmsg *msg)
{
	const struct sample *sample = report->sample;
	int err = add_windows(telemetry, report, msg);

	/* A tick is never early: the timer's phase is that of the earliest. */
	telemetry->scheduled_ns += period_ns(telemetry, sample);
	if (telemetry->scheduled_ns > sample->monotonic_ns)
		telemetry->scheduled_ns = sample->monotonic_ns;
	return err;
}
