/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_TELEMETRY_SERIES_H
#define ENERGYTRACE_TELEMETRY_SERIES_H

/* The windows of one kernel, as little of each as the statistics need, in the order of the file. */

#include "telemetry/window.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One that counts: neither warm-up nor failed. */
struct telemetry_point {
	uint64_t release_ns, deadline_ns, start_ns, end_ns;
	double energy_j, power_w; /* NaN: not counted */
	uint32_t repeat;
	bool missed;
};

/* What the windows say: the first text, and whether others followed. */
struct telemetry_label {
	char *text; /* NULL: nothing was said */
	bool mixed;
};

struct telemetry_series {
	char *name; /* of the kernel */
	struct telemetry_point *points;
	size_t n, room;
	size_t n_warmup, n_failed;

	/* Of the first window. */
	uint32_t w, h, c;
	double fs_hz;
	uint64_t state_bytes, workspace_bytes;

	uint64_t rss_bytes; /* the greatest */
	uint64_t cpu_ns;    /* the sum, of the points */
	size_t n_shared;    /* points whose joules are a share of a longer reading */
	struct telemetry_label run_id, adapter, dtype, load_profile, energy_source, energy_kind;
};

/* 0 or -ENOMEM. */
int telemetry_series_new(const char *name, struct telemetry_series **ret);
int telemetry_series_add(struct telemetry_series *series, const struct telemetry_window *window);

/* Takes NULL. */
void telemetry_series_free(struct telemetry_series *series);

/* end - start. */
static inline double telemetry_latency_ns(const struct telemetry_point *point)
{
	return (double)(point->end_ns - point->start_ns);
}

#endif
