/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_CARBON_COUNTRIES_H
#define ENERGYTRACE_CARBON_COUNTRIES_H

#include <stddef.h>

/* The average carbon intensity of a country's electricity, life-cycle, in the year given. */
struct country {
	char code2[3];	  /* ISO 3166-1 alpha-2 */
	char code3[4];	  /* ISO 3166-1 alpha-3 */
	const char *name; /* English, ASCII */
	int year;
	double grams_per_kwh; /* gCO2e */
};

/* Sorted by code2. */
extern const struct country countries[];
extern const size_t n_countries;

/*
 * The country with that code of two or three letters or that whole name, upper and lower case alike;
 * "UK" is GB. NULL for anything else: also for GLOBAL and CUSTOM, so what struct carbon's `code`
 * holds can be asked.
 */
const struct country *country_find(const char *text);

#endif
