/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_CLI_CONFIG_H
#define ENERGYTRACE_CLI_CONFIG_H

#include "attribution/attribution.h"
#include "base/errmsg.h"
#include "carbon/carbon.h"
#include "cli/config_file.h"
#include "cli/run_config.h"
#include "output/output.h"
#include "telemetry/image.h"
#include "windows/request.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum command {
	COMMAND_TRACE,
	COMMAND_REPLAY,
	COMMAND_SOURCES,
	COMMAND_ANALYZE,
	COMMAND_HELP,
	COMMAND_VERSION,
	COMMAND_LIST_OUTPUTS, /* -o list */
	COMMAND_LIST_CARBON,  /* --carbon list */
};

/* What the command line asked for. Strings are the command line's own unless noted. */
struct config {
	enum command command;
	const char *file; /* of `replay`; the run of `analyze` */
	char **argv;	  /* of `-- COMMAND`, ended by NULL; NULL: no command */
	uint32_t repeat;  /* runs of it, 0: --repeat was not given */
	bool repeated;	  /* what there is to say was said by a run before */

	uint32_t *pids; /* owned */
	size_t n_pids;
	bool children;
	bool children_given; /* by the command line, not by a record */
	char **cgroups;	     /* owned array of owned paths or globs */
	size_t n_cgroups;
	const char **containers; /* owned array of names, or beginnings of ids */
	size_t n_containers;
	char **events; /* owned array of owned names of performance counters */
	size_t n_events;
	bool default_events; /* and those that the CPU has by default */
	enum entity_kind by;
	bool by_given;
	int cgroup_version; /* 1 or 2: only cgroups of that hierarchy; 0: as the machine has them */
	uint32_t top;	    /* 0: all */
	double interval_s;
	uint32_t window;
	uint64_t count;	   /* ticks, 0: no end */
	double duration_s; /* 0: no end */
	const char *source;
	const char *estimate; /* MIN:MAX, or NULL */
	const struct attribution_model *model;
	struct carbon carbon;
	bool carbon_given;
	const char **outputs; /* owned array of specs; empty: the table */
	size_t n_outputs;
	struct window_request *windows; /* owned */
	size_t n_windows;
	struct run_config run_config;
	bool run_config_given;
	double deadline_s;		     /* 0: not given */
	struct telemetry_settings telemetry; /* what it says, and --deadline */
	struct config_file config_file;	     /* one of the outputs may be its own */
	const char *sysfs, *procfs;
	uint32_t ledger_rows;
	bool no_task_storage, no_rq_clock, no_births;

	/* Of `analyze`. */
	const char *baseline; /* a run, or NULL */
	const char *plots;    /* NULL: the default ones */
	enum image_format image;

	/* What a replay needs to give the same bytes: owned array and owned strings. */
	struct output_setting *settings;
	size_t n_settings;
	bool taking_record; /* a setting of a record is being taken */
	bool from_record;   /* the selection came with the record: the command line's replaces it */
};

void config_init(struct config *config);
void config_done(struct config *config);

/* Notes what a replay needs to know; `value` is copied. 0 or -ENOMEM. */
int config_keep_setting(struct config *config, const char *name, const char *value);

/* Forgets all settings with that name. */
void config_drop_settings(struct config *config, const char *name);

#endif
