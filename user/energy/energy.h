/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_ENERGY_ENERGY_H
#define ENERGYTRACE_ENERGY_ENERGY_H

/*
 * Where joules come from. A source is one file with one `const struct energy_source`, and one line
 * in the table of energy.c.
 */

#include "base/errmsg.h"
#include "sample/sample.h"
#include "topology/topology.h"

#include <stddef.h>
#include <stdint.h>

struct energy; /* an open source */

struct energy_options {
	const char *sysfs;		 /* root, "/sys" unless --sysfs */
	const char *procfs;		 /* root, "/proc" unless --procfs */
	const struct topology *topology; /* outlives the source */
	const char *estimate;		 /* the text of --estimate, or NULL */
	const char *why_not_measured;	 /* set by energy_open for what `auto` falls back to */
};

#define ENERGY_ESTIMATE_MAX_WATTS 1000

/*
 * Takes the argument of --estimate: "MIN:MAX", watts per logical CPU at rest and at work, with 0 <=
 * MIN <= MAX <= 1000. Returns 0, or -EINVAL or -ERANGE with `msg` filled and nothing else touched.
 */
int energy_parse_estimate(const char *text, double *ret_min, double *ret_max, struct errmsg *msg);

/* The outcome of a probe, for `energytrace sources`. */
enum energy_state {
	ENERGY_USABLE,
	ENERGY_DENIED,	/* there, but this user may not read it */
	ENERGY_MISSING, /* not on this machine */
	ENERGY_BROKEN,	/* there and readable, but it does not count, or reading fails */
};

struct energy_probe {
	enum energy_state state;
	char text[512]; /* one clear sentence: what was found, or what is missing and what to do */
};

struct energy_source {
	const char *name; /* the word of --source */
	const char *help; /* one line for --help and `sources` */

	/*
	 * How often its counters move: what a tick reads may be short of, or hold, so much of the time
	 * beside it. 0: they follow time, or CPU time, itself.
	 */
	uint64_t update_ns;

	/* Looks without opening for good; always fills *ret. */
	void (*probe)(const struct energy_options *options, struct energy_probe *ret);

	/*
	 * Opens the source. Returns 0 or a negative errno with `msg` filled: -EACCES when
	 * permission is what lacks, -ENOENT when the machine has no such thing.
	 */
	int (*open)(const struct energy_options *options, void **ret, struct errmsg *msg);

	/* The domains, in the order of all readings, and what kind of joules they give. */
	size_t (*domains)(const void *state, const struct run_domain **ret);
	enum energy_kind (*kind)(const void *state);

	/*
	 * Reads every counter at `now_ns` (CLOCK_MONOTONIC) and adds what was used since the last
	 * read to totals[i] (an array of as many as there are domains): uj, wraps, resets, gaps.
	 * The first read only primes the counters. A counter that can't be read is a gap, never an
	 * error: its joules come with the next read that works.
	 */
	void (*read)(void *state, uint64_t now_ns, struct sample_energy *totals);

	/*
	 * Only of a source that computes joules from CPU time: adds those of the tick to
	 * sample->energy, which is in the order of the domains. NULL in all others.
	 */
	void (*estimate)(void *state, const struct run *run, struct sample *sample);

	/*
	 * The longest time in ns that may pass between two reads so that no wrap is missed;
	 * UINT64_MAX where none can be.
	 */
	uint64_t (*max_read_interval_ns)(const void *state);

	/*
	 * A sentence to be said once about a counter that stopped working or never moved, or NULL.
	 * Each is returned once.
	 */
	const char *(*complaint)(void *state);

	void (*close)(void *state); /* takes NULL */
};

/* The table, ended by NULL: in the order that `auto` tries them. */
extern const struct energy_source *const energy_sources[];

/* The source with that name, or NULL. */
const struct energy_source *energy_source_find(const char *name);

/*
 * Opens the source called `name`; "auto" takes the first of the table whose probe finds it usable:
 * never `none`, and `estimate` only when nothing measures, with the reason as its first complaint.
 * Returns 0, -EINVAL for an unknown name, or the errno of open, with `msg` filled.
 */
int energy_open(const char *name, const struct energy_options *options, struct energy **ret,
		struct errmsg *msg);

const struct energy_source *energy_source(const struct energy *energy);
size_t energy_domains(const struct energy *energy, const struct run_domain **ret);
enum energy_kind energy_kind(const struct energy *energy);

/*
 * The domain of a CPU: the index of the package-type domain that counts its package, or its die
 * where the source counts by die; SAMPLE_NO_DOMAIN where none does.
 */
int energy_domain_of(const struct energy *energy, const struct topology_cpu *cpu);

/* Reads now, adding to what energy_take will return. To be called within max_read_interval. */
void energy_poll(struct energy *energy, uint64_t now_ns);

/* Polls, then appends one sample_energy a domain to the sample and starts anew. 0 or -ENOMEM. */
int energy_take(struct energy *energy, uint64_t now_ns, struct sample *sample);

/* Completes a sample that has its energy (energy_take) and its CPUs: an estimate needs both. */
void energy_estimate(struct energy *energy, const struct run *run, struct sample *sample);

uint64_t energy_max_read_interval_ns(const struct energy *energy);
const char *energy_complaint(struct energy *energy);
void energy_close(struct energy *energy);

#endif
