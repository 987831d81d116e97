/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_WINDOWS_LOCATE_H
#define ENERGYTRACE_WINDOWS_LOCATE_H

/* From what is asked for to the places in files where probes are to be set. */

#include "base/errmsg.h"
#include "windows/request.h"
#include "windows/window.h"

#include <stddef.h>
#include <stdint.h>

/* Where the requests are to be met. With a pid its files are searched, else the program's. */
struct window_target {
	uint32_t pid;	     /* 0: none */
	const char *program; /* path of the command's file, or NULL */
	const char *procfs;  /* "/proc" */
	const char *cache;   /* "/etc/ld.so.cache" */
};

struct window_probes {
	struct window_probe *at;
	size_t n, room;
	struct probed_file *files; /* what the probes' paths are kept in */
	size_t n_files, files_room;
};

/*
 * Adds the probes of a request, as function number `function`; a place that is there already (found by way
 * of another process) is not added again. 0 or a negative errno with a `msg` that says what is
 * there instead: -ENOENT, -ENOEXEC, -EOPNOTSUPP, …
 */
int windows_locate(const struct window_request *request, uint32_t function,
		   const struct window_target *target, struct window_probes *probes,
		   struct errmsg *msg);

/* Takes a zeroed one. */
void window_probes_done(struct window_probes *probes);

#endif
