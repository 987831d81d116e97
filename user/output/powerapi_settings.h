/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_OUTPUT_POWERAPI_SETTINGS_H
#define ENERGYTRACE_OUTPUT_POWERAPI_SETTINGS_H

/* What `-o powerapi:TARGET[,KEY=VALUE…]` asks for. */

#include "base/errmsg.h"
#include "output/spec.h"
#include "output/tcp_address.h"

#include <stdbool.h>
#include <stddef.h>

#define POWERAPI_EVENTS_MAX 32

enum powerapi_place {
	POWERAPI_FILE,	    /* JSON, a report a line */
	POWERAPI_DIRECTORY, /* CSV: its name ends in a slash */
	POWERAPI_SOCKET,    /* tcp://HOST:PORT, as a file */
};

enum powerapi_report {
	POWERAPI_POWER = 1,
	POWERAPI_PROCFS = 2,
	POWERAPI_HWPC = 4,
};

struct powerapi_settings {
	enum powerapi_place place;
	struct tcp_address address; /* of the socket */
	unsigned int reports;	    /* a set of enum powerapi_report */
	bool reports_given;
	bool timestamp_iso;  /* else epoch milliseconds */
	size_t buffer_bytes; /* of the socket */
	const char *sensor;  /* NULL: the host's name */
	const char *base;    /* cgroup that targets are named from; NULL: the root */
	char *events;	     /* owned; what the next points into */
	const char *event[POWERAPI_EVENTS_MAX];
	size_t n_events; /* 0: all that there are */
};

extern const char *const powerapi_keys[]; /* ended by NULL */

/* Texts are those of the spec but for the owned. 0, -ENOMEM, or -EINVAL with `msg` filled. */
int powerapi_settings_parse(const struct output_spec *spec, struct powerapi_settings *ret,
			    struct errmsg *msg);

/* Takes a zeroed one. */
void powerapi_settings_done(struct powerapi_settings *settings);

#endif
