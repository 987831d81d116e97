/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_TELEMETRY_ANALYZE_H
#define ENERGYTRACE_TELEMETRY_ANALYZE_H

/*
 * `energytrace analyze`: RUN/analysis/ with the figures and SUMMARY.md, or, against a baseline,
 * COMPARISON.md and its figure. What is there of an analysis before is written anew; the run's own
 * files are left as they are, and get the report.html that they may lack.
 */

#include "base/errmsg.h"
#include "telemetry/image.h"

#include <stddef.h>
#include <stdio.h>

/* All words: "latency", "deadline", "cdf", "throughput", "energy", "power", "kernels", "all". */
#define ANALYZE_PLOTS_DEFAULT "latency,deadline,cdf,throughput,energy,power"

struct analyze_options {
	const char *run;
	const char *baseline; /* NULL: none */
	const char *plots;    /* words with commas between; NULL: the default */
	enum image_format format;

	/* Where the Markdown goes too, as it was written. NULL: nowhere. */
	FILE *out;

	/* Told what the user should know, a sentence at a time: lines that are no windows. May be NULL. */
	void (*note)(void *userdata, const char *text);
	void *userdata;
};

/* Whether all words of a list of plots are known: 0, or -EINVAL with the nearest in `msg`. */
int analyze_check_plots(const char *plots, struct errmsg *msg);

/*
 * 0 or a negative errno with `msg` filled: -EINVAL for an unknown plot; -ENOENT for what is no run;
 * -EOPNOTSUPP for a format that can't be had here.
 */
int telemetry_analyze(const struct analyze_options *options, struct errmsg *msg);

#endif
