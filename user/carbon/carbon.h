/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_CARBON_CARBON_H
#define ENERGYTRACE_CARBON_CARBON_H

#include "base/errmsg.h"

/* The carbon intensity of the electricity, and what it is called in the outputs. */
struct carbon {
	char code[16];	      /* "GLOBAL", "CUSTOM" for a number, or a country code */
	double grams_per_kwh; /* gCO2e per kWh */
};

#define CARBON_DEFAULT "GLOBAL"
#define CARBON_GLOBAL_G_PER_KWH 475.0 /* the JSONL format's default */
#define CARBON_MAX_G_PER_KWH 10000.0

/*
 * Takes the argument of --carbon: GLOBAL, or a number in gCO2e/kWh. Returns 0, or -EINVAL or
 * -ERANGE with `msg` filled; *ret is untouched on failure.
 */
int carbon_parse(const char *text, struct carbon *ret, struct errmsg *msg);

/* Joules to kWh, and to grams by the intensity. */
double carbon_kwh(double joules);
double carbon_grams(const struct carbon *carbon, double joules);

#endif
