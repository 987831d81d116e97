// SPDX-License-Identifier: BSD-2-Clause
#include "carbon/carbon.h"

#include "base/parse.h"

#include <errno.h>
#include <stdio.h>
#include <strings.h>

#define J_PER_KWH 3.6e6

static void carbon_set(struct carbon *carbon, const char *code, double grams_per_kwh)
{
	snprintf(carbon->code, sizeof(carbon->code), "%s", code);
	carbon->grams_per_kwh = grams_per_kwh;
}

int carbon_parse(const char *text, struct carbon *ret, struct errmsg *msg)
{
	double value;
	int err;

	if (strcasecmp(text, CARBON_DEFAULT) == 0) {
		carbon_set(ret, CARBON_DEFAULT, CARBON_GLOBAL_G_PER_KWH);
		return 0;
	}
	err = parse_double(text, 0, CARBON_MAX_G_PER_KWH, &value);
	if (err == -ERANGE)
		return errmsg_set(msg, err,
				  "--carbon takes 0 to %.0f gCO2e per kWh, \"%s\" is outside",
				  CARBON_MAX_G_PER_KWH, text);
	if (err)
		return errmsg_set(msg, err,
				  "--carbon takes " CARBON_DEFAULT
				  " or a number in gCO2e per kWh, not \"%s\"",
				  text);
	/* "-0" is in the range; without its sign it prints as people expect. */
	carbon_set(ret, "CUSTOM", value + 0.0);
	return 0;
}

double carbon_kwh(double joules)
{
	return joules / J_PER_KWH;
}

double carbon_grams(const struct carbon *carbon, double joules)
{
	return carbon_kwh(joules) * carbon->grams_per_kwh;
}
