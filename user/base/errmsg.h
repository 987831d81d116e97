/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_BASE_ERRMSG_H
#define ENERGYTRACE_BASE_ERRMSG_H

/*
 * The one sentence that goes with a negative errno: what failed, on what, what to do. Library code
 * fills it and never prints; the command line prints it once. No trailing newline or full stop.
 */
struct errmsg {
	char text[512];
};

/*
 * Writes the sentence and returns `err` (a negative errno), so that a failing path is one line:
 * `return errmsg_set(msg, -ENOENT, "no powercap zones under %s", root);`. `msg` may be NULL.
 */
__attribute__((format(printf, 3, 4))) int errmsg_set(struct errmsg *msg, int err,
						     const char *format, ...);

#endif
