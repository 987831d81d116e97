// SPDX-License-Identifier: BSD-2-Clause
#include "carbon/carbon.h"

#include "base/nearest.h"
#include "base/parse.h"
#include "carbon/countries.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define J_PER_KWH 3.6e6

/* What all of them take, in the words of the sentences below. */
#define TAKES "--carbon takes " CARBON_DEFAULT ", a country's code or a number in gCO2e per kWh"

static void carbon_set(struct carbon *carbon, const char *code, double grams_per_kwh)
{
	snprintf(carbon->code, sizeof(carbon->code), "%s", code);
	carbon->grams_per_kwh = grams_per_kwh;
}

/* Letters, and what else stands in the names of countries. */
static bool is_word(const char *text)
{
	return text[0] != '\0' &&
	       text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ '-")] ==
		       '\0';
}

/* What was probably meant by a word that is nothing: a word country_find knows, GLOBAL, or NULL. */
static const char *nearest(const char *text)
{
	const char **words = calloc(3 * n_countries + 1, sizeof(*words));
	const char *near;
	size_t n = 0;

	if (!words)
		return NULL;
	words[n++] = CARBON_DEFAULT;
	/* Names first: among the codes, one letter replaced leads anywhere. */
	for (size_t i = 0; i < n_countries; i++)
		words[n++] = countries[i].name;
	for (size_t i = 0; i < n_countries; i++)
		words[n++] = countries[i].code3;
	for (size_t i = 0; i < n_countries; i++)
		words[n++] = countries[i].code2;
	near = nearest_word(text, words, n);
	free(words);
	return near;
}

static int unknown_word(const char *text, struct errmsg *msg)
{
	const char *near = nearest(text);
	const struct country *country = near ? country_find(near) : NULL;

	if (country)
		return errmsg_set(msg, -EINVAL,
				  "--carbon knows no country \"%.64s\"; did you mean %s (%s)? "
				  "--carbon list prints them all",
				  text, country->code2, country->name);
	if (near)
		return errmsg_set(msg, -EINVAL,
				  "--carbon knows no country \"%.64s\"; did you mean %s? "
				  "--carbon list prints them all",
				  text, near);
	return errmsg_set(msg, -EINVAL,
			  "--carbon knows no country \"%.64s\"; --carbon list prints them all",
			  text);
}

int carbon_parse(const char *text, struct carbon *ret, struct errmsg *msg)
{
	const struct country *country = country_find(text);
	double value;
	int err;

	if (strcasecmp(text, CARBON_DEFAULT) == 0) {
		carbon_set(ret, CARBON_DEFAULT, CARBON_GLOBAL_G_PER_KWH);
		return 0;
	}
	if (country) {
		carbon_set(ret, country->code2, country->grams_per_kwh);
		return 0;
	}
	err = parse_double(text, 0, CARBON_MAX_G_PER_KWH, &value);
	if (err == -ERANGE)
		return errmsg_set(msg, err,
				  "--carbon takes 0 to %.0f gCO2e per kWh, \"%.64s\" is outside",
				  CARBON_MAX_G_PER_KWH, text);
	if (err && is_word(text))
		return unknown_word(text, msg);
	if (err)
		return errmsg_set(msg, err, TAKES ", not \"%.64s\"", text);
	/* "-0" is in the range; without its sign it prints as people expect. */
	carbon_set(ret, "CUSTOM", value + 0.0);
	return 0;
}

void carbon_print_list(FILE *file)
{
	fprintf(file,
		"gCO2e per kWh of electricity, life-cycle, the average of the year given.\n"
		"Figures: Our World in Data / Ember, CC BY 4.0. " CARBON_DEFAULT
		", the default, is %.0f.\n\n"
		"code       year     g/kWh  name\n",
		CARBON_GLOBAL_G_PER_KWH);
	for (size_t i = 0; i < n_countries; i++) {
		const struct country *country = &countries[i];

		fprintf(file, "%-2s  %-3s    %4d  %8.3f  %s\n", country->code2, country->code3,
			country->year, country->grams_per_kwh, country->name);
	}
}

double carbon_kwh(double joules)
{
	return joules / J_PER_KWH;
}

double carbon_grams(const struct carbon *carbon, double joules)
{
	return carbon_kwh(joules) * carbon->grams_per_kwh;
}
