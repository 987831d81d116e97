// SPDX-License-Identifier: BSD-2-Clause
#include "raplsim/package.h"

#include "base/parse.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define MAX_JOULES 1e12
#define MAX_SECONDS 1e7

enum key_kind {
	KEY_WATTS,
	KEY_RANGE,
	KEY_START,
	KEY_CPUS,
	KEY_DIES,
	KEY_MIRROR,
	KEY_AT,
};

struct key {
	const char *name;
	enum key_kind kind;
	size_t offset; /* KEY_WATTS: where in struct package */
};

static const struct key keys[] = {
	{"at", KEY_AT, 0},
	{"busy", KEY_WATTS, offsetof(struct package, busy_watts)},
	{"core", KEY_WATTS, offsetof(struct package, core_watts)},
	{"cpus", KEY_CPUS, 0},
	{"dies", KEY_DIES, 0},
	{"dram", KEY_WATTS, offsetof(struct package, dram_watts)},
	{"mirror", KEY_MIRROR, 0},
	{"range", KEY_RANGE, 0},
	{"start", KEY_START, 0},
	{"uncore", KEY_WATTS, offsetof(struct package, uncore_watts)},
};

void package_init(struct package *package, double watts)
{
	*package = (struct package){
		.steps = {{.at_ns = 0, .watts = watts}},
		.n_steps = 1,
		.busy_watts = PACKAGE_NO_WATTS,
		.core_watts = PACKAGE_NO_WATTS,
		.uncore_watts = PACKAGE_NO_WATTS,
		.dram_watts = PACKAGE_NO_WATTS,
		.range_uj = PACKAGE_RANGE_UJ,
	};
}

static int parse_watts(const char *text, double *ret, struct errmsg *msg)
{
	int err = parse_double(text, 0, PACKAGE_MAX_WATTS, ret);

	return err ? errmsg_set(msg, -EINVAL, "'%s' is not a number of watts from 0 to %.0f", text,
				PACKAGE_MAX_WATTS)
		   : 0;
}

static int parse_joules(const char *text, uint64_t *ret_uj, struct errmsg *msg)
{
	double joules;

	if (parse_double(text, 1e-6, MAX_JOULES, &joules) != 0)
		return errmsg_set(msg, -EINVAL, "'%s' is not a number of joules from 1e-6 to %g",
				  text, MAX_JOULES);
	*ret_uj = (uint64_t)(joules * 1e6 + 0.5);
	return 0;
}

/* "SECONDS:WATTS" */
static int parse_step(char *text, struct package *package, struct errmsg *msg)
{
	struct power_step *step = &package->steps[package->n_steps];
	char *colon = strchr(text, ':');
	double seconds;

	if (package->n_steps == POWER_MAX_STEPS)
		return errmsg_set(msg, -EINVAL, "more than %d steps in at=", POWER_MAX_STEPS - 1);
	if (!colon)
		return errmsg_set(msg, -EINVAL, "at=%s is not SECONDS:WATTS", text);
	*colon = '\0';
	if (parse_double(text, 0, MAX_SECONDS, &seconds) != 0)
		return errmsg_set(msg, -EINVAL, "'%s' is not a number of seconds", text);
	step->at_ns = (uint64_t)(seconds * 1e9 + 0.5);
	if (step->at_ns <= step[-1].at_ns)
		return errmsg_set(msg, -EINVAL, "the times of at= have to rise, and %s does not",
				  text);
	if (parse_watts(colon + 1, &step->watts, msg) != 0)
		return -EINVAL;
	package->n_steps++;
	return 0;
}

static int parse_steps(char *text, struct package *package, struct errmsg *msg)
{
	char *comma;
	int err;

	do {
		comma = strchr(text, ',');
		if (comma)
			*comma = '\0';
		err = parse_step(text, package, msg);
		if (comma)
			text = comma + 1;
	} while (!err && comma);
	return err;
}

static int set_key(struct package *package, const struct key *key, char *value, struct errmsg *msg)
{
	void *watts;

	switch (key->kind) {
	case KEY_WATTS:
		watts = (char *)package + key->offset;
		return parse_watts(value, watts, msg);
	case KEY_RANGE:
		return parse_joules(value, &package->range_uj, msg);
	case KEY_START:
		package->has_start = true;
		package->start_uj = 0;
		return strcmp(value, "0") == 0 ? 0 : parse_joules(value, &package->start_uj, msg);
	case KEY_CPUS:
		if (value[0] == '\0' || strlen(value) >= sizeof(package->cpus))
			return errmsg_set(msg, -EINVAL, "cpus= needs a list of CPUs such as 0-3,8");
		snprintf(package->cpus, sizeof(package->cpus), "%s", value);
		return 0;
	case KEY_DIES:
		if (parse_u32(value, 1, PACKAGE_MAX_DIES, &package->dies) != 0)
			return errmsg_set(msg, -EINVAL, "dies=%s is not from 1 to %d", value,
					  PACKAGE_MAX_DIES);
		return 0;
	case KEY_MIRROR:
		package->mirror = true;
		return 0;
	case KEY_AT:
		return parse_steps(value, package, msg);
	}
	return -EINVAL;
}

static int parse_key(char *field, struct package *package, struct errmsg *msg)
{
	char *value = strchr(field, '=');
	char known[128] = "";
	size_t used = 0;

	if (value)
		*value++ = '\0';
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		used += (size_t)snprintf(known + used, sizeof(known) - used, "%s%s",
					 i > 0 ? ", " : "", keys[i].name);
		if (strcmp(field, keys[i].name) != 0)
			continue;
		if ((keys[i].kind == KEY_MIRROR) != !value)
			return errmsg_set(msg, -EINVAL, "the key '%s' %s a value", field,
					  value ? "takes no" : "needs");
		return set_key(package, &keys[i], value, msg);
	}
	return errmsg_set(msg, -EINVAL, "a package has no key '%s' (%s)", field, known);
}

/* Cuts off the first field. A comma before a digit is inside the value of cpus= or at=. */
static char *next_field(char **rest)
{
	char *field = *rest;
	char *comma;

	if (!field)
		return NULL;
	comma = strchr(field, ',');
	while (comma && isdigit((unsigned char)comma[1]))
		comma = strchr(comma + 1, ',');
	*rest = comma ? comma + 1 : NULL;
	if (comma)
		*comma = '\0';
	return field;
}

int package_parse(const char *text, struct package *ret, struct errmsg *msg)
{
	char buffer[4096];
	char *rest = buffer;
	double watts;

	if ((size_t)snprintf(buffer, sizeof(buffer), "%s", text) >= sizeof(buffer))
		return errmsg_set(msg, -EINVAL, "a --package is longer than %zu characters",
				  sizeof(buffer) - 1);
	if (parse_watts(next_field(&rest), &watts, msg) != 0)
		return -EINVAL;
	package_init(ret, watts);
	for (char *field; (field = next_field(&rest)) != NULL;)
		if (parse_key(field, ret, msg) != 0)
			return -EINVAL;
	if (ret->busy_watts >= 0 && ret->n_steps > 1)
		return errmsg_set(
			msg, -EINVAL,
			"at= and busy= exclude each other: watts follow the time or the load");
	if (ret->has_start && ret->start_uj > ret->range_uj)
		return errmsg_set(msg, -EINVAL, "start= is beyond the counter's range");
	if (ret->mirror && ret->dies == 0)
		return errmsg_set(msg, -EINVAL, "mirror is about dies: it needs dies=N");
	return 0;
}
