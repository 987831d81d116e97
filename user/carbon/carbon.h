/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_CARBON_CARBON_H
#define ENERGYTRACE_CARBON_CARBON_H

#include "base/errmsg.h"

#include <stdio.h>

/*
 * The carbon intensity of the electricity, and what it is called in the outputs. Name and year of a
 * country's figure: country_find(code) of carbon/countries.h.
 */
struct carbon {
	char code[16];	      /* "GLOBAL", "CUSTOM" for a number, or a country's two letters */
	double grams_per_kwh; /* gCO2e per kWh */
};

#define CARBON_DEFAULT "GLOBAL"
#define CARBON_GLOBAL_G_PER_KWH 475.0 /* the JSONL format's default */
#define CARBON_MAX_G_PER_KWH 10000.0

/* To be said once where --carbon was not given. */
#define CARBON_DEFAULT_NOTICE                                                                 \
	"carbon at the world's average of 475 gCO2e/kWh: --carbon CODE takes your country's " \
	"(--carbon list)"

/*
 * Takes the argument of --carbon: GLOBAL, a country's ISO code of two or three letters or its
 * English name, upper and lower case alike, or a number in gCO2e/kWh. Returns 0, or -EINVAL or
 * -ERANGE with `msg` filled; *ret is untouched on failure.
 */
int carbon_parse(const char *text, struct carbon *ret, struct errmsg *msg);

/* What `--carbon list` prints: every country with its codes, year and figure, and whose they are. */
void carbon_print_list(FILE *file);

/* Joules to kWh, and to grams by the intensity. */
double carbon_kwh(double joules);
double carbon_grams(const struct carbon *carbon, double joules);

#endif
