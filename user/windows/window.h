/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_WINDOWS_WINDOW_H
#define ENERGYTRACE_WINDOWS_WINDOW_H

/* Where windows of calls begin and end, and what is measured of one. */

#include <stdbool.h>
#include <stdint.h>

enum window_probe_kind {
	WINDOW_CALL,  /* a function: its entry and its return */
	WINDOW_BEGIN, /* a marker of a pair */
	WINDOW_END,
};

/* One place in a file. */
struct window_probe {
	enum window_probe_kind kind;
	uint32_t function; /* index of what was asked for; a pair of markers is one function */
	const char
		*path;	 /* of the file; a marker may be in several, and at several places of one */
	uint64_t offset; /* in the file */
	uint64_t semaphore; /* offset of the counter that switches a marker on, 0: it has none */
};

/* One call that came to its end. Times are CLOCK_MONOTONIC. */
struct window {
	uint32_t function;
	uint32_t tid, pid;		     /* as in ledger_entry */
	uint64_t start_ns, process_start_ns; /* CLOCK_BOOTTIME; with tid and pid the identities */
	uint64_t begin_ns, end_ns;
	uint64_t cpu_ns; /* on-CPU time of the thread in between, that of windows within included */
	uint64_t own_ns; /* without that of windows within */
	uint64_t
		root_ns; /* begin of the outermost open window of the thread; its own if that is this */
	uint32_t depth;	 /* open windows of the thread around it */
	bool unresolved; /* the on-CPU times are not known (and 0) */
	uint64_t
		rss_bytes; /* of the process at the end, by the kernel's approximate counts; 0: unknown */
	int domain_begin, domain_end; /* energy domains of the CPUs, SAMPLE_NO_DOMAIN: none */
};

/* What has become of the windows of one function. */
struct window_totals {
	uint64_t begun;
	uint64_t ended;	  /* and told, or still to be */
	uint64_t dropped; /* ended, but there was no room to tell of it */
	uint64_t
		abandoned; /* left by longjmp, an exception, exit, exec, or a begin marker met again */
	uint64_t too_deep; /* nested too deep to be windows: part of the one around them */

	uint64_t unmatched; /* ends of what was not seen to begin (a fork's child returning, too) */
	uint64_t unresolved; /* of those that ended: on-CPU time not known */
	uint64_t unseen;     /* begins that no memory could be had for */
};

#endif
