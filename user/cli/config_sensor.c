// SPDX-License-Identifier: BSD-2-Clause
/*
 * The words are those of the sensor's src/config_json.c: it takes them in any case, and takes an older name of
 * some.
 */
#include "cli/config_sensor.h"

#include "base/grow.h"
#include "base/nearest.h"
#include "base/parse.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MIN_FREQUENCY_MS 10
#define MAX_FREQUENCY_MS 3600000
#define WORDS_MAX 8

struct reading {
	const char *path; /* of the file */
	struct config_sensor *sensor;
	struct errmsg *msg;
};

struct word {
	const char *name, *alias;
	int (*take)(struct reading *reading, const char *name, json_object *value);
};

#define N_WORDS(words) (sizeof(words) / sizeof((words)[0]))

static bool is_word(const struct word *word, const char *key)
{
	return strcasecmp(word->name, key) == 0 ||
	       (word->alias && strcasecmp(word->alias, key) == 0);
}

static int unknown(const struct reading *reading, const char *what, const char *key,
		   const char *const *names, size_t n)
{
	const char *near = nearest_word(key, names, n);

	if (near)
		errmsg_set(reading->msg, -EINVAL, "%s: unknown %s \"%.100s\"; did you mean \"%s\"?",
			   reading->path, what, key, near);
	else
		errmsg_set(reading->msg, -EINVAL, "%s: unknown %s \"%.100s\"", reading->path, what,
			   key);
	return -EINVAL;
}

static int wrong(const struct reading *reading, const char *name, const char *wanted)
{
	errmsg_set(reading->msg, -EINVAL, "%s: \"%s\" has to be %s", reading->path, name, wanted);
	return -EINVAL;
}

/* Takes each of the object's words; `name` is its own. */
static int take_words(struct reading *reading, const char *name, json_object *object,
		      const struct word *words, size_t n)
{
	const char *names[WORDS_MAX];

	if (!json_object_is_type(object, json_type_object))
		return wrong(reading, name, "an object: {…}");
	for (size_t i = 0; i < n; i++)
		names[i] = words[i].name;
	json_object_object_foreach(object, key, value)
	{
		const struct word *word = words;
		int err;

		while (word < words + n && !is_word(word, key))
			word++;
		if (word == words + n)
			return unknown(reading, "word", key, names, n);
		err = word->take(reading, word->name, value);
		if (err)
			return err;
	}
	return 0;
}

/* A text that is not empty and has no NUL in it. */
static int take_text(const struct reading *reading, const char *name, json_object *value,
		     const char **ret)
{
	const char *text =
		json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;

	if (!text || !text[0] || strlen(text) != (size_t)json_object_get_string_len(value))
		return wrong(reading, name, "a text");
	*ret = text;
	return 0;
}

static int take_name(struct reading *reading, const char *name, json_object *value)
{
	return take_text(reading, name, value, &reading->sensor->name);
}

/* A flag in the documents, a level in the program. */
static int take_verbose(struct reading *reading, const char *name, json_object *value)
{
	if (!json_object_is_type(value, json_type_boolean) &&
	    !json_object_is_type(value, json_type_int))
		return wrong(reading, name, "true or false");
	reading->sensor->verbose = json_object_get_int64(value) > 0;
	return 0;
}

static int take_frequency(struct reading *reading, const char *name, json_object *value)
{
	int64_t ms = json_object_get_int64(value);

	if (!json_object_is_type(value, json_type_int) || ms < MIN_FREQUENCY_MS ||
	    ms > MAX_FREQUENCY_MS)
		return wrong(reading, name, "milliseconds from 10 to 3600000");
	reading->sensor->frequency_ms = (uint32_t)ms;
	return 0;
}

/* What is behind the prefix, if it is the first part of the path, or the path. */
static const char *behind(const char *path, const char *prefix)
{
	size_t length = strlen(prefix);

	return strncmp(path, prefix, length) == 0 && (!path[length] || path[length] == '/')
		       ? path + length
		       : path;
}

/*
 * Its documents know two mount points: /sys/fs/cgroup, and that of the v1 hierarchy perf_event below it. The paths
 * below them are those of the hierarchy that is accounted here.
 */
static int take_base(struct reading *reading, const char *name, json_object *value)
{
	static const char mount[] = "/sys/fs/cgroup";
	const char *path, *below;
	int err = take_text(reading, name, value, &path);

	if (err)
		return err;
	below = behind(path, mount);
	if (below == path)
		return wrong(reading, name, "a directory below /sys/fs/cgroup");
	below = behind(behind(below, "/perf_event"), "/unified");
	if (strcmp(below, "/") != 0 && below[0])
		reading->sensor->base = below;
	return 0;
}

static int take_directory(struct reading *reading, const char *name, json_object *value)
{
	return take_text(reading, name, value, &reading->sensor->directory);
}

static int take_host(struct reading *reading, const char *name, json_object *value)
{
	return take_text(reading, name, value, &reading->sensor->host);
}

/* A number, or digits: versions of the sensor differ. */
static int take_port(struct reading *reading, const char *name, json_object *value)
{
	bool is_number = json_object_is_type(value, json_type_int) ||
			 json_object_is_type(value, json_type_string);

	if (!is_number ||
	    parse_u32(json_object_get_string(value), 1, UINT16_MAX, &reading->sensor->port) != 0)
		return wrong(reading, name, "a number from 1 to 65535");
	return 0;
}

/* Was taken before all others, as it says which others there are. */
static int skip(struct reading *reading, const char *name, json_object *value)
{
	(void)reading;
	(void)name;
	(void)value;
	return 0;
}

static const char *const type_names[] = {
	[CONFIG_SENSOR_NULL] = "null",
	[CONFIG_SENSOR_CSV] = "csv",
	[CONFIG_SENSOR_SOCKET] = "socket",
};

static int take_type(struct reading *reading, json_object *output)
{
	const char *type = NULL;
	int err = -EINVAL;

	json_object_object_foreach(output, key, value)
	{
		if (strcasecmp(key, "type") == 0)
			err = take_text(reading, "type", value, &type);
	}
	if (err)
		return errmsg_set(reading->msg, -EINVAL,
				  "%s: \"output\" needs a \"type\": \"socket\" or \"csv\"",
				  reading->path);
	for (size_t i = 0; i < N_WORDS(type_names); i++) {
		if (strcasecmp(type_names[i], type) != 0)
			continue;
		reading->sensor->type = (enum config_sensor_type)i;
		return 0;
	}
	return unknown(reading, "output type", type, type_names, N_WORDS(type_names));
}

static int take_output(struct reading *reading, const char *name, json_object *value)
{
	static const struct word csv_words[] = {{"type", NULL, skip},
						{"directory", "outdir", take_directory}};
	static const struct word socket_words[] = {
		{"type", NULL, skip}, {"uri", "host", take_host}, {"port", NULL, take_port}};
	static const struct word null_words[] = {{"type", NULL, skip}};
	struct config_sensor *sensor = reading->sensor;
	int err;

	sensor->has_output = true;
	if (!json_object_is_type(value, json_type_object))
		return wrong(reading, name, "an object: {…}");
	err = take_type(reading, value);
	if (err)
		return err;
	switch (sensor->type) {
	case CONFIG_SENSOR_CSV:
		err = take_words(reading, name, value, csv_words, N_WORDS(csv_words));
		if (!err && !sensor->directory)
			err = wrong(reading, name, "given a \"directory\" with the type csv");
		break;
	case CONFIG_SENSOR_SOCKET:
		err = take_words(reading, name, value, socket_words, N_WORDS(socket_words));
		if (!err && (!sensor->host || !sensor->port))
			err = wrong(reading, name,
				    "given a \"uri\" and a \"port\" with the type socket");
		break;
	case CONFIG_SENSOR_NULL:
		err = take_words(reading, name, value, null_words, N_WORDS(null_words));
		break;
	}
	return err;
}

static int take_events(struct reading *reading, const char *name, json_object *value)
{
	struct config_sensor *sensor = reading->sensor;

	if (!json_object_is_type(value, json_type_array))
		return wrong(reading, name, "a list of names: […]");
	for (size_t i = 0; i < json_object_array_length(value); i++) {
		const char *event;
		void *moved;
		int err = take_text(reading, name, json_object_array_get_idx(value, i), &event);

		if (err)
			return err;
		moved = grow_array(sensor->events, sensor->n_events, &sensor->events_room,
				   sizeof(*sensor->events));
		if (!moved)
			return errmsg_set(reading->msg, -ENOMEM, "out of memory");
		sensor->events = moved;
		sensor->events[sensor->n_events++] = event;
	}
	return 0;
}

/* Which CPUs a group is read on follows from the group here: rapl on one for each socket, others on all. */
static int take_mode(struct reading *reading, const char *name, json_object *value)
{
	static const char *const modes[] = {"MONITOR_ALL_CPU_PER_SOCKET",
					    "MONITOR_ONE_CPU_PER_SOCKET", "ALL_CPU_PER_SOCKET",
					    "ONE_CPU_PER_SOCKET"};
	const char *mode;
	int err = take_text(reading, name, value, &mode);

	if (err)
		return err;
	for (size_t i = 0; i < N_WORDS(modes); i++) {
		if (strcasecmp(modes[i], mode) == 0)
			return 0;
	}
	return unknown(reading, name, mode, modes, N_WORDS(modes));
}

static int take_group(struct reading *reading, const char *name, json_object *value)
{
	static const struct word words[] = {{"events", NULL, take_events},
					    {"monitoring_type", "mode", take_mode}};

	return take_words(reading, name, value, words, N_WORDS(words));
}

static int take_groups(struct reading *reading, const char *name, json_object *value)
{
	static const struct word words[] = {
		{"rapl", NULL, take_group}, {"msr", NULL, take_group}, {"core", NULL, take_group}};

	return take_words(reading, name, value, words, N_WORDS(words));
}

int config_sensor_read(const char *path, json_object *root, struct config_sensor *ret,
		       struct errmsg *msg)
{
	static const struct word words[] = {
		{"name", "sensor-name", take_name},
		{"verbose", NULL, take_verbose},
		{"frequency", NULL, take_frequency},
		{"cgroup_basepath", "cgroup-basepath", take_base},
		{"output", "storage", take_output},
		{"system", "global", take_groups},
		{"container", "cgroups", take_groups},
	};
	struct config_sensor sensor = {0};
	struct reading reading = {path, &sensor, msg};
	int err;

	_Static_assert(N_WORDS(words) <= WORDS_MAX, "room for all words");
	err = take_words(&reading, "configuration", root, words, N_WORDS(words));
	if (!err && !sensor.has_output)
		err = errmsg_set(msg, -EINVAL, "%s has no \"output\"", path);
	if (err) {
		config_sensor_done(&sensor);
		return err;
	}
	*ret = sensor;
	return 0;
}

void config_sensor_done(struct config_sensor *sensor)
{
	free(sensor->events);
	*sensor = (struct config_sensor){0};
}
