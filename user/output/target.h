/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_OUTPUT_TARGET_H
#define ENERGYTRACE_OUTPUT_TARGET_H

/*
 * Where the bytes of an output go: a file, a directory of tables, a connection. A target takes a tick in
 * one piece or not at all. A format that says nothing else gets a file; another one opens its own.
 */

#include "base/errmsg.h"

#include <stddef.h>

struct target;

/* All but `send` and `close` may be NULL. */
struct target_ops {
	/*
	 * Takes what the format has written of a tick: these bytes, and what it has put into streams of
	 * the target's own. Returns 0 or a negative errno with `msg` filled; then nothing of it is kept.
	 */
	int (*send)(struct target *target, const char *bytes, size_t size, struct errmsg *msg);

	/* Drops what the format has put into streams of the target's own. */
	void (*discard)(struct target *target);

	/*
	 * After a rotation of its files. Puts a new target in the place of this one, which the format
	 * has to begin anew, or NULL: this one goes on. On failure, with `msg` filled, it goes on too.
	 */
	int (*reopen)(struct target *target, struct target **ret, struct errmsg *msg);

	/* Between the ticks: when wake_fd is readable, `wake` has something to do. It never blocks. */
	int (*wake_fd)(const struct target *target);
	void (*wake)(struct target *target);

	/* The run is over: waits, for a bounded time, until what was taken is where it should go. */
	void (*finish)(struct target *target);

	/* As output_complaint. */
	const char *(*complaint)(struct target *target);

	/* Returns 0 or the negative errno of the close. */
	int (*close)(struct target *target);
};

/* What each target begins with. */
struct target {
	const struct target_ops *ops;
	int fd; /* what may be a terminal, or -1 */
};

#endif
