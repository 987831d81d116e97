// SPDX-License-Identifier: BSD-2-Clause
#include "telemetry/window.h"

#include <math.h>
#include <string.h>

#define MW_PER_W 1e3
#define NS_PER_S 1e9

#define COLUMN(name_, type_, member)                                \
	{                                                           \
		.name = (name_), .type = (type_),                   \
		.offset = offsetof(struct telemetry_window, member) \
	}
#define REQUIRED(name_, type_, member)                                                \
	{                                                                             \
		.name = (name_), .type = (type_),                                     \
		.offset = offsetof(struct telemetry_window, member), .required = true \
	}

/*
 * Old files of the harness that the format comes from lack all from energy_j on, and older ones
 * the device and error columns as well.
 */
const struct telemetry_column telemetry_columns[TELEMETRY_COLUMNS] = {
	COLUMN("run_id", COLUMN_TEXT, run_id),
	{.name = "plugin",
	 .alias = "plugin_name",
	 .type = COLUMN_TEXT,
	 .offset = offsetof(struct telemetry_window, plugin),
	 .required = true},
	REQUIRED("window_index", COLUMN_U64, window_index),
	REQUIRED("release_ts_ns", COLUMN_U64, release_ts_ns),
	REQUIRED("deadline_ts_ns", COLUMN_U64, deadline_ts_ns),
	REQUIRED("start_ts_ns", COLUMN_U64, start_ts_ns),
	REQUIRED("end_ts_ns", COLUMN_U64, end_ts_ns),
	REQUIRED("deadline_missed", COLUMN_BOOL, deadline_missed),
	COLUMN("W", COLUMN_U32, w),
	COLUMN("H", COLUMN_U32, h),
	COLUMN("C", COLUMN_U32, c),
	COLUMN("Fs", COLUMN_DOUBLE, fs_hz),
	COLUMN("warmup", COLUMN_BOOL, warmup),
	COLUMN("repeat", COLUMN_U32, repeat),
	COLUMN("device_tin_ns", COLUMN_U64, device_tin_ns),
	COLUMN("device_tstart_ns", COLUMN_U64, device_tstart_ns),
	COLUMN("device_tend_ns", COLUMN_U64, device_tend_ns),
	COLUMN("device_tfirst_tx_ns", COLUMN_U64, device_tfirst_tx_ns),
	COLUMN("device_tlast_tx_ns", COLUMN_U64, device_tlast_tx_ns),
	COLUMN("adapter_name", COLUMN_TEXT, adapter_name),
	COLUMN("window_failed", COLUMN_BOOL, window_failed),
	COLUMN("error_code", COLUMN_I32, error_code),
	COLUMN("energy_j", COLUMN_DOUBLE, energy_j),
	COLUMN("power_mw", COLUMN_DOUBLE, power_mw),
	COLUMN("rss_bytes", COLUMN_U64, rss_bytes),
	COLUMN("dtype", COLUMN_TEXT, dtype),
	COLUMN("load_profile", COLUMN_TEXT, load_profile),
	COLUMN("state_bytes", COLUMN_U64, state_bytes),
	COLUMN("workspace_bytes", COLUMN_U64, workspace_bytes),
	COLUMN("cpu_ns", COLUMN_U64, cpu_ns),
	COLUMN("energy_source", COLUMN_TEXT, energy_source),
	COLUMN("energy_kind", COLUMN_TEXT, energy_kind),
	COLUMN("energy_method", COLUMN_TEXT, energy_method),
	COLUMN("tid", COLUMN_U32, tid),
};

size_t telemetry_column_find(const char *name)
{
	size_t i = 0;

	while (i < TELEMETRY_COLUMNS && strcmp(telemetry_columns[i].name, name) != 0 &&
	       (!telemetry_columns[i].alias || strcmp(telemetry_columns[i].alias, name) != 0))
		i++;
	return i;
}

void telemetry_window_clear(struct telemetry_window *window)
{
	*window = (struct telemetry_window){.energy_j = NAN, .power_mw = NAN};
}

double telemetry_power_mw(const struct telemetry_window *window)
{
	double period_s;

	if (window->h > 0 && window->fs_hz > 0)
		period_s = window->h / window->fs_hz;
	else if (window->end_ts_ns > window->start_ts_ns)
		period_s = (double)(window->end_ts_ns - window->start_ts_ns) / NS_PER_S;
	else
		return NAN;
	return window->energy_j / period_s * MW_PER_W;
}
