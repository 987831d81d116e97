/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_TELEMETRY_FACTS_H
#define ENERGYTRACE_TELEMETRY_FACTS_H

/* What holds for a whole run, in the file run.json beside its windows. */

#include "base/errmsg.h"
#include "telemetry/read.h"
#include "windows/energy.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* An option of the run, as it was given: "interval" "0.1". */
struct telemetry_setting {
	const char *name;
	const char *value;
};

/* A function whose calls are windows, or a pair of markers. Texts are borrowed. */
struct telemetry_facts_function {
	const char *name, *place;
	struct window_totals totals;
	uint64_t told; /* windows in the files, or dropped there */
};

/* Calls that had not ended, or only after the last tick. */
uint64_t telemetry_open_calls(const struct telemetry_facts_function *function);

/* Texts that are empty and numbers that are 0 are not known, but for the intensity, which is NaN. */
struct telemetry_facts {
	char run[256];	  /* the name of its folder */
	char run_id[32];  /* as in its windows */
	char program[64]; /* "energytrace 0.1.0" */
	struct telemetry_host host;
	int64_t started_ns, ended_ns; /* CLOCK_REALTIME; no end: it was cut off, or runs still */
	char energy_source[32];
	char energy_kind[16]; /* measured, estimated, simulated, none */
	char carbon_code[16];
	double carbon_g_per_kwh;
	uint64_t n_abandoned; /* calls that did not come to an end */
	uint64_t n_dropped;   /* windows that there was no room for */

	/* Written, and not read back. Borrowed. */
	const struct telemetry_setting *settings;
	size_t n_settings;
	const struct telemetry_facts_function *functions;
	size_t n_functions;
	const struct window_process *processes; /* of the calls */
	size_t n_processes;
	struct window_gone processes_gone;
};

void telemetry_facts_clear(struct telemetry_facts *facts);

/* Errors of the stream are the caller's to find. */
void telemetry_facts_write(FILE *stream, const struct telemetry_facts *facts);

/*
 * Reads what telemetry_facts_write wrote; what another program's run.json has under these keys is
 * taken as far as it fits. `text` is taken apart. 0 or -EBADMSG with `msg` filled.
 */
int telemetry_facts_read(char *text, size_t length, struct telemetry_facts *ret,
			 struct errmsg *msg);

#endif
