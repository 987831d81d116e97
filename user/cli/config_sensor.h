/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_CLI_CONFIG_SENSOR_H
#define ENERGYTRACE_CLI_CONFIG_SENSOR_H

/* What a configuration of hwpc-sensor says, word by word. */

#include "base/errmsg.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum config_sensor_type {
	CONFIG_SENSOR_NULL, /* the reports go nowhere */
	CONFIG_SENSOR_CSV,
	CONFIG_SENSOR_SOCKET,
};

/* Texts are those of the JSON, and none is empty; NULL: not said. */
struct config_sensor {
	const char *name;
	const char *base; /* cgroup, without the mount point; NULL: the root */
	bool verbose;
	uint32_t frequency_ms; /* 0: not said */
	bool has_output;
	enum config_sensor_type type;
	const char *directory, *host;
	uint32_t port;
	const char **events; /* of all groups; owned array */
	size_t n_events, events_room;
};

/* The texts last as the JSON does. Returns 0, -ENOMEM, or -EINVAL with `msg` filled. */
int config_sensor_read(const char *path, json_object *root, struct config_sensor *ret,
		       struct errmsg *msg);

/* Takes a zeroed one. */
void config_sensor_done(struct config_sensor *sensor);

#endif
