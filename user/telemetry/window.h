/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_TELEMETRY_WINDOW_H
#define ENERGYTRACE_TELEMETRY_WINDOW_H

/*
 * One window of a telemetry run: a tick, or a call of a traced function. It is a line of the file;
 * the table of columns says what a line holds, in which order and under which names.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Texts are borrowed, NULL where there is none. Times are CLOCK_MONOTONIC, those of a device by its
 * own clock and 0 where there is no device. Joules and watts are NaN where nobody counted them.
 */
struct telemetry_window {
	const char *run_id; /* epoch milliseconds at the start of the run */
	const char *plugin; /* the kernel: what ran in the window */
	uint64_t window_index;
	uint64_t release_ts_ns, deadline_ts_ns; /* as scheduled */
	uint64_t start_ts_ns, end_ts_ns;	/* as it came */
	bool deadline_missed;			/* the end is after the deadline */
	uint32_t w, h, c; /* samples in a window, samples to the next, channels */
	double fs_hz;
	bool warmup; /* in no statistics */
	uint32_t repeat;
	uint64_t device_tin_ns, device_tstart_ns, device_tend_ns;
	uint64_t device_tfirst_tx_ns, device_tlast_tx_ns;
	const char *adapter_name;
	bool window_failed; /* no result came of it: in no statistics either */
	int32_t error_code;
	double energy_j;
	double power_mw;    /* telemetry_power_mw of the joules */
	uint64_t rss_bytes; /* at the end; 0: not known, as for the next two */
	const char *dtype;
	const char *load_profile;
	uint64_t state_bytes, workspace_bytes;
	uint64_t cpu_ns;	   /* on-CPU time in the window */
	const char *energy_source; /* powercap, perf, … */
	const char *energy_kind;   /* measured, estimated, simulated */
	const char *
		energy_method; /* resolved: readings of its own; shared: its part of a longer one */
	uint32_t tid;	       /* of a call; 0: the window is of no single thread */
};

enum telemetry_column_type {
	COLUMN_TEXT,
	COLUMN_U64,
	COLUMN_U32,
	COLUMN_I32,
	COLUMN_BOOL, /* 0 or 1 */
	COLUMN_DOUBLE,
};

struct telemetry_column {
	const char *name;
	const char *alias; /* what old files call it, or NULL */
	enum telemetry_column_type type;
	size_t offset;
	bool required; /* a line without it is broken */
};

#define TELEMETRY_COLUMNS 34

extern const struct telemetry_column telemetry_columns[TELEMETRY_COLUMNS];

/* The column with that name or alias, or TELEMETRY_COLUMNS. */
size_t telemetry_column_find(const char *name);

/* All that is not known: texts NULL, joules and watts NaN, the rest 0. */
void telemetry_window_clear(struct telemetry_window *window);

/*
 * The format's definition, energy_j × (Fs / H) × 1000: the joules over the period in which a window is
 * due. Without H or Fs: over the window's own time. NaN without joules or time.
 */
double telemetry_power_mw(const struct telemetry_window *window);

#endif
