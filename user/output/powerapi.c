// SPDX-License-Identifier: BSD-2-Clause
/*
 * The format `powerapi`: PowerReports, ProcfsReports and HWPCReports for the programs of the PowerAPI toolkit.
 */
#include "base/cleanup.h"
#include "output/csv.h"
#include "output/formats.h"
#include "output/powerapi_report.h"
#include "output/powerapi_time.h"
#include "output/target_file.h"
#include "output/target_tcp.h"

#include <errno.h>
#include <string.h>

struct powerapi {
	const struct run *run;
	struct powerapi_settings settings;
	struct powerapi_targets targets;
	struct powerapi_tables tables; /* of a directory */
	struct powerapi_clock clock;
	struct hwpc hwpc;
	bool told_joules, told_events;
	char told[512];
};

double powerapi_watts(const struct powerapi_tick *tick, double joules)
{
	return joules * 1e9 / (double)tick->report->sample->interval_ns;
}

double powerapi_percent(const struct powerapi_tick *tick, uint64_t cpu_ns)
{
	return (double)cpu_ns * 100 / (double)tick->report->sample->interval_ns;
}

bool powerapi_has_joules(const struct powerapi_tick *tick)
{
	return tick->report->run->kind != ENERGY_NONE;
}

static int check(const struct output_spec *spec, struct errmsg *msg)
{
	_cleanup_(powerapi_settings_done) struct powerapi_settings settings = {0};

	return powerapi_settings_parse(spec, &settings, msg);
}

/*
 * Those of rapl are no counters of the run's. Reading counters at each switch has its cost: without events= that is
 * for those who ask for HWPCReports by name.
 */
static int counters(const struct output_spec *spec, output_take_counter take, void *userdata)
{
	_cleanup_(powerapi_settings_done) struct powerapi_settings settings = {0};
	int err = powerapi_settings_parse(spec, &settings, NULL);

	if (err || !(settings.reports & POWERAPI_HWPC))
		return err;
	if (settings.n_events == 0)
		return settings.reports_given ? take(userdata, NULL) : 0;
	for (size_t i = 0; i < settings.n_events && !err; i++) {
		if (!hwpc_rapl_is_event(settings.event[i]))
			err = take(userdata, settings.event[i]);
	}
	return err;
}

static int open_target(const struct output_options *options, struct target **ret,
		       struct errmsg *msg)
{
	_cleanup_(powerapi_settings_done) struct powerapi_settings settings = {0};
	int err = powerapi_settings_parse(options->spec, &settings, msg);

	if (err)
		return err;
	switch (settings.place) {
	case POWERAPI_DIRECTORY:
		return csv_open(options->spec->target, ret, msg);
	case POWERAPI_SOCKET:
		return target_tcp_open(&settings.address, settings.buffer_bytes, options->replayed,
				       ret, msg);
	case POWERAPI_FILE:
		break;
	}
	return target_file_open(options->spec->target, ret, msg);
}

static void close_powerapi(void *state)
{
	struct powerapi *powerapi = state;

	if (!powerapi)
		return;
	hwpc_close(&powerapi->hwpc);
	powerapi_targets_done(&powerapi->targets);
	powerapi_settings_done(&powerapi->settings);
	free(powerapi);
}

static int prepare(struct powerapi *powerapi, const struct output_options *options,
		   struct errmsg *msg)
{
	struct powerapi_settings *settings = &powerapi->settings;
	int err = powerapi_settings_parse(options->spec, settings, msg);

	if (err)
		return err;
	powerapi->run = options->run;
	if (settings->reports & POWERAPI_HWPC) {
		const struct hwpc_events events = {settings->event, settings->n_events};

		err = hwpc_open(options->run, &events, &powerapi->hwpc);
	}
	if (err)
		return errmsg_set(msg, err, "out of memory");
	if (settings->place != POWERAPI_DIRECTORY)
		return 0;
	return powerapi_open_tables(options->target, settings, options->run, &powerapi->hwpc,
				    &powerapi->tables, msg);
}

static int open_powerapi(FILE *stream, const struct output_options *options, void **ret,
			 struct errmsg *msg)
{
	struct powerapi *powerapi = calloc(1, sizeof(*powerapi));
	int err;

	(void)stream;
	if (!powerapi)
		return errmsg_set(msg, -ENOMEM, "out of memory");
	err = prepare(powerapi, options, msg);
	if (err) {
		close_powerapi(powerapi);
		return err;
	}
	*ret = powerapi;
	return 0;
}

static int report_powerapi(void *state, FILE *stream, const struct report *report)
{
	struct powerapi *powerapi = state;
	const struct powerapi_settings *settings = &powerapi->settings;
	char timestamp[POWERAPI_ISO_SIZE];
	const struct powerapi_tick tick = {
		.report = report,
		.settings = settings,
		.targets = &powerapi->targets,
		.hwpc = &powerapi->hwpc,
		.sensor = settings->sensor ? settings->sensor : report->run->host,
		.timestamp = timestamp,
	};
	int err;

	/* The start mark is the end of no measurement. */
	if (report->first || report->sample->interval_ns == 0)
		return 0;
	err = powerapi_targets_take(&powerapi->targets, report, settings->base);
	if (err)
		return err;
	if (settings->timestamp_iso)
		powerapi_iso(report->sample->realtime_ns, timestamp);
	else
		snprintf(timestamp, sizeof(timestamp), "%lld",
			 (long long)powerapi_ms(&powerapi->clock, report->sample->realtime_ns));
	if (settings->place == POWERAPI_DIRECTORY)
		powerapi_put_rows(&tick, &powerapi->tables);
	else
		powerapi_put_json(&tick, stream);
	return 0;
}

/* The events that were asked for and are not there, in one sentence; NULL: none. */
static const char *missing_events(struct powerapi *powerapi)
{
	const struct powerapi_settings *settings = &powerapi->settings;
	size_t used = 0;

	for (size_t i = 0; i < settings->n_events; i++) {
		if (hwpc_has_event(&powerapi->hwpc, settings->event[i]))
			continue;
		if (used < sizeof(powerapi->told))
			used += (size_t)snprintf(
				powerapi->told + used, sizeof(powerapi->told) - used, "%s%s",
				used ? ", " : "powerapi: nothing here counts ", settings->event[i]);
	}
	return used ? powerapi->told : NULL;
}

static const char *complaint(void *state)
{
	struct powerapi *powerapi = state;
	const struct powerapi_settings *settings = &powerapi->settings;

	if (!powerapi->told_joules && powerapi->run->kind == ENERGY_NONE) {
		powerapi->told_joules = true;
		if (settings->reports != POWERAPI_PROCFS)
			return "powerapi: without an energy source there are no PowerReports and no "
			       "RAPL counters";
	}
	if (!powerapi->told_events) {
		powerapi->told_events = true;
		return missing_events(powerapi);
	}
	return NULL;
}

const struct output_format output_powerapi = {
	.name = "powerapi",
	.help = "reports for PowerAPI: a FILE, DIR/ (CSV) or tcp://HOST:PORT (docs/powerapi.md)",
	.needs_target = true,
	.keys = powerapi_keys,
	.by = "cgroup",
	.check = check,
	.counters = counters,
	.open_target = open_target,
	.open = open_powerapi,
	.report = report_powerapi,
	.complaint = complaint,
	.close = close_powerapi,
};
