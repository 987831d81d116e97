/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RAPLSIM_OPTIONS_H
#define RAPLSIM_OPTIONS_H

/* The command line. */

#include "base/errmsg.h"
#include "raplsim/fault.h"
#include "raplsim/package.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define OPTIONS_MAX_PACKAGES 16
#define OPTIONS_MAX_FAULTS 64

struct options {
	const char *dir;
	char **command; /* NULL without one */
	struct package packages[OPTIONS_MAX_PACKAGES];
	size_t n_packages;
	struct fault faults[OPTIONS_MAX_FAULTS];
	size_t n_faults;
	double psys_watts; /* or PACKAGE_NO_WATTS */
	double period_s;
	double duration_s; /* 0: until a signal, or the command's end */
	bool mmio, once, summary, rm, help;
};

/* Reads argv, which has to outlive the options. Returns 0 or -EINVAL with `msg` filled. */
int options_parse(int argc, char **argv, struct options *ret, struct errmsg *msg);

void options_help(FILE *file);

#endif
