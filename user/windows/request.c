// SPDX-License-Identifier: BSD-2-Clause
#include "windows/request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int fill(struct window_request *ret, bool markers, char *place, char *function, char *end,
		struct errmsg *msg)
{
	*ret = (struct window_request){
		.markers = markers, .place = place, .function = function, .end = end};
	if (place && function && (end || !markers))
		return 0;
	window_request_done(ret);
	return errmsg_set(msg, -ENOMEM, "out of memory");
}

int window_request_function(const char *text, struct window_request *ret, struct errmsg *msg)
{
	const char *colon = strrchr(text, ':');

	if (!colon || colon == text || !colon[1])
		return errmsg_set(msg, -EINVAL,
				  "\"%.200s\" is not BINARY:FUNCTION, a path or the name of a "
				  "shared library and a function of it (libc.so.6:qsort)",
				  text);
	return fill(ret, false, strndup(text, (size_t)(colon - text)), strdup(colon + 1), NULL,
		    msg);
}

int window_request_markers(const char *text, struct window_request *ret, struct errmsg *msg)
{
	const char *first = strchr(text, ':'), *second = first ? strchr(first + 1, ':') : NULL;

	if (!second || first == text || second == first + 1 || !second[1] ||
	    strchr(second + 1, ':'))
		return errmsg_set(msg, -EINVAL,
				  "\"%.200s\" is not PROVIDER:BEGIN:END, two markers (USDT) of one "
				  "provider (node:gc__start:gc__done)",
				  text);
	if (strlen(second + 1) == (size_t)(second - first - 1) &&
	    strncmp(first + 1, second + 1, (size_t)(second - first - 1)) == 0)
		return errmsg_set(msg, -EINVAL,
				  "\"%.200s\" begins and ends with the same marker: two different "
				  "ones are needed",
				  text);
	return fill(ret, true, strndup(text, (size_t)(first - text)),
		    strndup(first + 1, (size_t)(second - first - 1)), strdup(second + 1), msg);
}

void window_request_done(struct window_request *request)
{
	free(request->place);
	free(request->function);
	free(request->end);
	*request = (struct window_request){0};
}
