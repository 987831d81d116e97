/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_WINDOWS_REQUEST_H
#define ENERGYTRACE_WINDOWS_REQUEST_H

/* What --window-of and --window-usdt ask for. */

#include "base/errmsg.h"

#include <stdbool.h>

struct window_request {
	bool markers;	/* else a function */
	char *place;	/* the binary, or the markers' provider */
	char *function; /* or the begin marker: also what windows are named by */
	char *end;	/* marker; NULL of a function */
};

/*
 * BINARY:FUNCTION, where BINARY is a path or the name of a shared library, and may hold colons itself.
 * 0, -EINVAL or -ENOMEM with `msg` filled; window_request_done frees what it holds.
 */
int window_request_function(const char *text, struct window_request *ret, struct errmsg *msg);

/* PROVIDER:BEGIN:END, two different markers. */
int window_request_markers(const char *text, struct window_request *ret, struct errmsg *msg);

/* Takes a zeroed one. */
void window_request_done(struct window_request *request);

#endif
