// SPDX-License-Identifier: BSD-2-Clause
#include "output/powerapi_settings.h"

#include "base/nearest.h"
#include "base/parse.h"
#include "output/powerapi_hwpc.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUFFER_MIB 16U
#define BUFFER_MIB_MAX 4096U
#define SOCKET_PREFIX "tcp://"

const char *const powerapi_keys[] = {
	"reports", "sensor", "timestamp", "events", "base", "buffer", NULL,
};

/* The words between the plus signs of `text`, which is cut into them. Returns how many, or -E2BIG. */
static int split(char *text, const char **words, size_t max)
{
	size_t n = 0;

	for (char *word = text; word; n++) {
		char *plus = strchr(word, '+');

		if (n == max)
			return -E2BIG;
		words[n] = word;
		if (plus)
			*plus++ = '\0';
		word = plus;
	}
	return (int)n;
}

static int unknown_value(struct errmsg *msg, const char *key, const char *value,
			 const char *const *words, size_t n)
{
	const char *near = nearest_word(value, words, n);

	return errmsg_set(msg, -EINVAL, "powerapi has no %s=%s: did you mean %s=%s?", key, value,
			  key, near ? near : words[0]);
}

static int parse_place(const char *target, struct powerapi_settings *settings, struct errmsg *msg)
{
	const char *scheme = strstr(target, "://");
	size_t length = strlen(target);

	if (strncmp(target, SOCKET_PREFIX, strlen(SOCKET_PREFIX)) == 0) {
		settings->place = POWERAPI_SOCKET;
		return tcp_address_parse(target + strlen(SOCKET_PREFIX), &settings->address, msg);
	}
	/* A slip of the finger would be a file of that name. */
	if (scheme && scheme < strchr(target, '/'))
		return errmsg_set(msg, -EINVAL,
				  "powerapi can't reach '%s': it takes a FILE, a DIRECTORY/ or "
				  "tcp://HOST:PORT",
				  target);
	if (target[length - 1] == '/')
		settings->place = POWERAPI_DIRECTORY;
	return 0;
}

static int parse_report(const char *word, struct powerapi_settings *settings, struct errmsg *msg)
{
	static const char *const names[] = {"power", "procfs", "hwpc"};
	static const unsigned int flags[] = {POWERAPI_POWER, POWERAPI_PROCFS, POWERAPI_HWPC};

	for (size_t i = 0; i < 3; i++) {
		if (strcmp(names[i], word) != 0)
			continue;
		settings->reports |= flags[i];
		return 0;
	}
	return unknown_value(msg, "reports", word, names, 3);
}

static int parse_reports(const char *value, struct powerapi_settings *settings, struct errmsg *msg)
{
	char word[32];
	size_t length;
	int err;

	settings->reports = 0;
	settings->reports_given = true;
	for (const char *at = value;; at += length + 1) {
		length = strcspn(at, "+");
		snprintf(word, sizeof(word), "%.*s", (int)length, at);
		err = parse_report(word, settings, msg);
		if (err || !at[length])
			return err;
	}
}

static int parse_timestamp(const char *value, struct powerapi_settings *settings,
			   struct errmsg *msg)
{
	static const char *const names[] = {"iso", "ms"};

	for (size_t i = 0; i < 2; i++) {
		if (strcmp(names[i], value) != 0)
			continue;
		settings->timestamp_iso = i == 0;
		return 0;
	}
	return unknown_value(msg, "timestamp", value, names, 2);
}

/* Those of rapl are known; which others there are is for the counters to say. */
static int parse_events(const char *value, struct powerapi_settings *settings, struct errmsg *msg)
{
	int n;

	settings->events = strdup(value);
	if (!settings->events)
		return errmsg_set(msg, -ENOMEM, "out of memory");
	n = split(settings->events, settings->event, POWERAPI_EVENTS_MAX);
	if (n < 0)
		return errmsg_set(msg, -EINVAL, "events= takes up to %d names, with + between",
				  POWERAPI_EVENTS_MAX);
	settings->n_events = (size_t)n;
	for (int i = 0; i < n; i++) {
		const char *event = settings->event[i];

		if (!event[0])
			return errmsg_set(msg, -EINVAL, "events=%s has an empty name", value);
		if (strncmp(event, "RAPL_", 5) == 0 && !hwpc_rapl_is_event(event))
			return unknown_value(msg, "events", event, hwpc_rapl_events,
					     HWPC_RAPL_EVENTS);
	}
	return 0;
}

static int parse_base(const char *value, struct powerapi_settings *settings, struct errmsg *msg)
{
	size_t length = strlen(value);

	if (value[0] != '/' || (length > 1 && value[length - 1] == '/'))
		return errmsg_set(msg, -EINVAL,
				  "base=%s: it is the path of a cgroup, as /kubepods.slice", value);
	settings->base = length > 1 ? value : NULL;
	return 0;
}

static int parse_buffer(const char *value, struct powerapi_settings *settings, struct errmsg *msg)
{
	uint32_t mib;

	if (settings->place != POWERAPI_SOCKET)
		return errmsg_set(msg, -EINVAL, "buffer= goes with tcp://HOST:PORT");
	if (parse_u32(value, 1, BUFFER_MIB_MAX, &mib) != 0)
		return errmsg_set(msg, -EINVAL, "buffer=%s: it is a number of MiB from 1 to %u",
				  value, BUFFER_MIB_MAX);
	settings->buffer_bytes = (size_t)mib << 20;
	return 0;
}

static int parse_key(const struct output_key *key, struct powerapi_settings *settings,
		     struct errmsg *msg)
{
	if (strcmp(key->name, "reports") == 0)
		return parse_reports(key->value, settings, msg);
	if (strcmp(key->name, "timestamp") == 0)
		return parse_timestamp(key->value, settings, msg);
	if (strcmp(key->name, "events") == 0)
		return parse_events(key->value, settings, msg);
	if (strcmp(key->name, "base") == 0)
		return parse_base(key->value, settings, msg);
	if (strcmp(key->name, "buffer") == 0)
		return parse_buffer(key->value, settings, msg);
	if (strcmp(key->name, "sensor") == 0) {
		if (!key->value[0])
			return errmsg_set(msg, -EINVAL, "sensor= needs a name");
		settings->sensor = key->value;
	}
	return 0;
}

/* What does not go together. */
static int check_together(const struct powerapi_settings *settings, struct errmsg *msg)
{
	if (settings->n_events && !(settings->reports & POWERAPI_HWPC))
		return errmsg_set(msg, -EINVAL, "events= goes with reports=hwpc");
	if (settings->place == POWERAPI_DIRECTORY && settings->reports_given &&
	    (settings->reports & POWERAPI_PROCFS))
		return errmsg_set(msg, -EINVAL,
				  "reports=procfs has no CSV form: write it to a FILE or to "
				  "tcp://HOST:PORT");
	return 0;
}

int powerapi_settings_parse(const struct output_spec *spec, struct powerapi_settings *ret,
			    struct errmsg *msg)
{
	struct powerapi_settings settings = {
		.reports = POWERAPI_POWER | POWERAPI_PROCFS | POWERAPI_HWPC,
		.buffer_bytes = (size_t)BUFFER_MIB << 20,
	};
	int err = parse_place(spec->target, &settings, msg);

	settings.timestamp_iso = settings.place == POWERAPI_FILE;
	for (size_t i = 0; i < spec->n_keys && !err; i++)
		err = parse_key(&spec->keys[i], &settings, msg);
	if (!err)
		err = check_together(&settings, msg);
	if (err) {
		powerapi_settings_done(&settings);
		return err;
	}
	if (settings.place == POWERAPI_DIRECTORY)
		settings.reports &= ~(unsigned int)POWERAPI_PROCFS;
	*ret = settings;
	return 0;
}

void powerapi_settings_done(struct powerapi_settings *settings)
{
	free(settings->events);
	*settings = (struct powerapi_settings){0};
}
