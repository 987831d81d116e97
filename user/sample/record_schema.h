/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_SAMPLE_RECORD_SCHEMA_H
#define ENERGYTRACE_SAMPLE_RECORD_SCHEMA_H

/*
 * The kinds of line that a record has, and the keys of each: one table, from which lines are written
 * and parsed. Only user/sample/record_*.c use this.
 */

#include "sample/sample.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* With the structure that a line of the kind is written from and parsed into. */
enum record_kind {
	RECORD_FIRST,	  /* struct record_first */
	RECORD_RUN,	  /* struct run: all but the arrays */
	RECORD_SETTING,	  /* struct record_setting */
	RECORD_DOMAIN,	  /* struct run_domain */
	RECORD_CPU,	  /* struct run_cpu */
	RECORD_COUNTER,	  /* struct run_counter */
	RECORD_FUNCTION,  /* struct run_function */
	RECORD_TICK,	  /* struct sample: all but the arrays */
	RECORD_SPAN,	  /* struct sample_cpu */
	RECORD_ENERGY,	  /* struct record_energy */
	RECORD_CONTAINER, /* struct record_container */
	RECORD_CGROUP,	  /* struct record_cgroup, its container a `ref` of the file */
	RECORD_USER,	  /* struct record_user */
	RECORD_REMOVED,	  /* struct record_removed, the same */
	RECORD_PROCESS,	  /* struct sample_process, its cgroup and its user a `ref` of the file */
	RECORD_TASK,	  /* struct sample_task, the same */
	RECORD_COUNT,	  /* struct record_count */
	RECORD_CPU_COUNT, /* struct record_count */
	RECORD_CALLS,	  /* struct record_calls */
	RECORD_THREAD,	  /* struct record_thread */
	RECORD_WINDOW,	  /* struct record_window */
	RECORD_LOSS,	  /* struct record_loss */
	RECORD_END,	  /* struct record_end */
	RECORD_N_KINDS,
};

struct record_first {
	uint32_t version;
};

struct record_energy {
	uint32_t domain;
	struct sample_energy used;
};

struct record_container {
	uint32_t ref;
	struct sample_container container;
};

struct record_cgroup {
	uint32_t ref;
	struct sample_cgroup cgroup;
};

struct record_user {
	uint32_t ref;
	struct sample_user user;
};

struct record_removed {
	int32_t cgroup;
};

/* `of`: a task, or a CPU of the run. */
struct record_count {
	uint32_t of;
	uint32_t counter;
	struct sample_count count;
};

struct record_calls {
	uint32_t function;
	struct window_totals totals;
};

/* Whose calls the windows of a tick are. */
struct record_thread {
	uint32_t tid, pid;
	uint64_t start_ns, process_start_ns;
};

#define RECORD_DEPTH_MAX 64
#define RECORD_SAME_DOMAIN (-2)

/*
 * Of the times only the begin is one: the others are told by what they are apart from another, which is
 * short, and most often 0.
 */
struct record_window {
	uint32_t thread; /* of this tick */
	uint32_t function;
	uint64_t begin_ns;
	uint64_t wall_ns;  /* from the begin to the end */
	uint64_t cpu_ns;   /* as in struct window */
	uint64_t inner_ns; /* the part of it that is not the window's own */
	uint64_t outer_ns; /* from the begin of the outermost one to that of this one */
	uint32_t depth;
	bool unresolved;
	uint64_t rss_bytes;
	int32_t domain;	    /* at the begin */
	int32_t domain_end; /* or RECORD_SAME_DOMAIN */
};

struct record_loss {
	enum sample_loss cause;
	uint64_t count;
};

struct record_end {
	uint64_t tick;
};

enum record_key_type {
	KEY_U32,
	KEY_U64,
	KEY_I32,
	KEY_I64,
	KEY_BOOL,
	KEY_TEXT,   /* char array */
	KEY_STRING, /* char pointer */
	KEY_DOMAIN_TYPE,
	KEY_ENERGY_KIND,
	KEY_LOSS,
	KEY_COUNTER_GROUP,
};

struct record_key {
	const char *name;
	enum record_key_type type;
	size_t offset, size; /* of the member */
	bool optional;	     /* left out where the value is `otherwise`, NULL or an empty array */
	int64_t otherwise;
	uint64_t min, max; /* of unsigned numbers; max 0: as much as the member holds */
};

/* Their members are read and written as one type. */
_Static_assert(sizeof(enum domain_type) == sizeof(unsigned int) &&
		       sizeof(enum energy_kind) == sizeof(unsigned int) &&
		       sizeof(enum sample_loss) == sizeof(unsigned int) &&
		       sizeof(enum counter_group) == sizeof(unsigned int),
	       "the words of a record are read as unsigned int");

struct record_line {
	const char *name;
	const struct record_key *keys;
	size_t n_keys;
};

extern const struct record_line record_lines[RECORD_N_KINDS];

/* The first word of a line of the kind. */
const char *record_kind_name(enum record_kind kind);

/*
 * The kind of a line (NUL-terminated, without its newline) and where its keys begin. -ENOENT when
 * the kind is not known.
 */
int record_kind_of(char *line, enum record_kind *ret, char **ret_keys);

#endif
