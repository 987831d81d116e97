// SPDX-License-Identifier: BSD-2-Clause
#include "telemetry/series.h"

#include "base/grow.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MW_PER_W 1e3

int telemetry_series_new(const char *name, struct telemetry_series **ret)
{
	struct telemetry_series *series = calloc(1, sizeof(*series));

	if (!series)
		return -ENOMEM;
	series->name = strdup(name);
	if (!series->name) {
		free(series);
		return -ENOMEM;
	}
	*ret = series;
	return 0;
}

void telemetry_series_free(struct telemetry_series *series)
{
	if (!series)
		return;
	free(series->run_id.text);
	free(series->adapter.text);
	free(series->dtype.text);
	free(series->load_profile.text);
	free(series->energy_source.text);
	free(series->energy_kind.text);
	free(series->points);
	free(series->name);
	free(series);
}

static int take_label(struct telemetry_label *label, const char *text)
{
	if (!text || !text[0])
		return 0;
	if (label->text) {
		label->mixed = label->mixed || strcmp(label->text, text) != 0;
		return 0;
	}
	label->text = strdup(text);
	return label->text ? 0 : -ENOMEM;
}

static int take_labels(struct telemetry_series *series, const struct telemetry_window *window)
{
	int err = take_label(&series->run_id, window->run_id);

	if (!err)
		err = take_label(&series->adapter, window->adapter_name);
	if (!err)
		err = take_label(&series->dtype, window->dtype);
	if (!err)
		err = take_label(&series->load_profile, window->load_profile);
	return err;
}

/* Whose the joules are is said by those windows that have some. */
static int take_energy_labels(struct telemetry_series *series,
			      const struct telemetry_window *window)
{
	int err;

	if (!isfinite(window->energy_j))
		return 0;
	err = take_label(&series->energy_source, window->energy_source);
	if (!err)
		err = take_label(&series->energy_kind,
				 window->energy_kind ? window->energy_kind : "of unknown kind");
	if (window->energy_method && strcmp(window->energy_method, "shared") == 0)
		series->n_shared++;
	return err;
}

static bool is_first(const struct telemetry_series *series)
{
	return series->n + series->n_warmup + series->n_failed == 0;
}

static void take_shape(struct telemetry_series *series, const struct telemetry_window *window)
{
	series->w = window->w;
	series->h = window->h;
	series->c = window->c;
	series->fs_hz = window->fs_hz;
	series->state_bytes = window->state_bytes;
	series->workspace_bytes = window->workspace_bytes;
}

/* A file without watts gets those that follow from its joules. */
static double power_w(const struct telemetry_window *window)
{
	double power_mw = window->power_mw;

	if (!isfinite(power_mw))
		power_mw = telemetry_power_mw(window);
	return power_mw / MW_PER_W;
}

int telemetry_series_add(struct telemetry_series *series, const struct telemetry_window *window)
{
	struct telemetry_point *points;
	int err;

	if (is_first(series))
		take_shape(series, window);
	if (window->rss_bytes > series->rss_bytes)
		series->rss_bytes = window->rss_bytes;
	err = take_labels(series, window);
	if (err)
		return err;
	if (window->warmup || window->window_failed) {
		*(window->warmup ? &series->n_warmup : &series->n_failed) += 1;
		return 0;
	}
	err = take_energy_labels(series, window);
	if (err)
		return err;
	points = grow_array(series->points, series->n, &series->room, sizeof(*points));
	if (!points)
		return -ENOMEM;
	series->points = points;
	series->cpu_ns += window->cpu_ns;
	points[series->n++] = (struct telemetry_point){
		.release_ns = window->release_ts_ns,
		.deadline_ns = window->deadline_ts_ns,
		.start_ns = window->start_ts_ns,
		.end_ns = window->end_ts_ns,
		.energy_j = window->energy_j,
		.power_w = power_w(window),
		.repeat = window->repeat,
		.missed = window->deadline_missed,
	};
	return 0;
}
