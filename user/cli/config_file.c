// SPDX-License-Identifier: BSD-2-Clause
#include "cli/config_file.h"

#include "base/cleanup.h"
#include "cli/config_sensor.h"
#include "output/output.h"
#include "output/spec.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#define MAX_SIZE (1 << 20)
#define MAX_DEPTH 8 /* the sensor's own is 4 deep */
#define MAX_TARGET 4096

static void cleanup_json(json_object **value)
{
	json_object_put(*value); /* takes NULL */
}

static void cleanup_tokener(json_tokener **tokener)
{
	if (*tokener)
		json_tokener_free(*tokener);
}

static int parse_json(const char *path, const char *text, size_t size, json_object **ret,
		      struct errmsg *msg)
{
	_cleanup_(cleanup_tokener) json_tokener *tokener = json_tokener_new_ex(MAX_DEPTH);
	_cleanup_(cleanup_json) json_object *value = NULL;
	enum json_tokener_error err;
	size_t end;

	if (!tokener)
		return errmsg_set(msg, -ENOMEM, "out of memory");
	while (size > 0 && strchr(" \t\r\n", text[size - 1]))
		size--;
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	value = json_tokener_parse_ex(tokener, text, (int)size);
	err = json_tokener_get_error(tokener);
	end = json_tokener_get_parse_end(tokener);
	if (err == json_tokener_continue)
		return errmsg_set(msg, -EINVAL, "%s is no JSON: it ends too early", path);
	if (err != json_tokener_success || end < size)
		return errmsg_set(msg, -EINVAL, "%s is no JSON: %s at byte %zu", path,
				  err ? json_tokener_error_desc(err) : "there is more", end);
	if (!json_object_is_type(value, json_type_object))
		return errmsg_set(msg, -EINVAL, "%s is no configuration: it has to be {…}", path);
	*ret = TAKE_PTR(value);
	return 0;
}

static int add_option(struct config_file *file, const char *name, char *value, struct errmsg *msg)
{
	if (!value)
		return errmsg_set(msg, -ENOMEM, "out of memory");
	file->options[file->n_options++] = (struct config_file_option){name, value};
	return 0;
}

/* The target, as -o has it. */
static int target_of(const struct config_sensor *sensor, char target[MAX_TARGET])
{
	bool colons = sensor->host && strchr(sensor->host, ':');
	int length = 0;

	switch (sensor->type) {
	case CONFIG_SENSOR_CSV:
		length = snprintf(target, MAX_TARGET, "%s/", sensor->directory);
		break;
	case CONFIG_SENSOR_SOCKET:
		length = snprintf(target, MAX_TARGET, "tcp://%s%s%s:%u", colons ? "[" : "",
				  sensor->host, colons ? "]" : "", sensor->port);
		break;
	case CONFIG_SENSOR_NULL:
		length = snprintf(target, MAX_TARGET, "/dev/null");
		break;
	}
	return length < MAX_TARGET ? 0 : -ENAMETOOLONG;
}

static int put_events(FILE *stream, const struct config_sensor *sensor)
{
	for (size_t i = 0; i < sensor->n_events; i++) {
		if (strchr(sensor->events[i], '+') || !output_spec_can_hold(sensor->events[i]))
			return -EINVAL;
		fprintf(stream, "%s%s", i ? "+" : ",events=", sensor->events[i]);
	}
	return 0;
}

/* "powerapi:TARGET,reports=hwpc,…": the reports that the sensor sends, and no others that its readers don't know. */
static char *output_of(const struct config_sensor *sensor, const char *path, struct errmsg *msg)
{
	char *text = NULL, target[MAX_TARGET];
	size_t size;
	FILE *stream;
	int err = target_of(sensor, target);

	if (err || !output_spec_can_hold(target) ||
	    (sensor->name && !output_spec_can_hold(sensor->name))) {
		errmsg_set(msg, -EINVAL, "%s: its name or its output can't be written as -o", path);
		return NULL;
	}
	stream = open_memstream(&text, &size);
	if (!stream) {
		errmsg_set(msg, -ENOMEM, "out of memory");
		return NULL;
	}
	fprintf(stream, "powerapi:%s,reports=hwpc", target);
	if (sensor->name)
		fprintf(stream, ",sensor=%s", sensor->name);
	if (sensor->base)
		fprintf(stream, ",base=%s", sensor->base);
	err = put_events(stream, sensor);
	if (fclose(stream) != 0 || err) {
		errmsg_set(msg, err, "%s: an event's name can't be written as -o", path);
		free(text);
		return NULL;
	}
	return text;
}

static int make_options(const struct config_sensor *sensor, const char *path,
			struct config_file *file, struct errmsg *msg)
{
	struct errmsg why = {""};
	char *text = NULL;
	int err = 0;

	if (sensor->frequency_ms && asprintf(&text, "%u.%03u", sensor->frequency_ms / 1000,
					     sensor->frequency_ms % 1000) < 0)
		text = NULL;
	if (sensor->frequency_ms)
		err = add_option(file, "interval", text, msg);
	if (!err && sensor->verbose)
		file->options[file->n_options++] = (struct config_file_option){"verbose", NULL};
	if (err)
		return err;
	text = output_of(sensor, path, msg);
	if (!text)
		return -EINVAL;
	err = add_option(file, "output", text, msg);
	if (!err && output_check(text, &why) != 0)
		return errmsg_set(msg, -EINVAL, "%s: %s", path, why.text);
	return err;
}

int config_file_parse(const char *path, const char *text, size_t size, struct config_file *ret,
		      struct errmsg *msg)
{
	_cleanup_(cleanup_json) json_object *root = NULL;
	struct config_sensor sensor = {0};
	struct config_file file = {0};
	int err = parse_json(path, text, size, &root, msg);

	if (!err)
		err = config_sensor_read(path, root, &sensor, msg);
	if (!err)
		err = make_options(&sensor, path, &file, msg);
	config_sensor_done(&sensor);
	if (err) {
		config_file_done(&file);
		return err;
	}
	*ret = file;
	return 0;
}

/* The whole file, if it is none of more than MAX_SIZE bytes, which no one has written by hand. */
static int read_file(const char *path, char **ret, size_t *ret_size, struct errmsg *msg)
{
	_cleanup_free_ char *text = NULL;
	_cleanup_close_ int fd = -1;
	size_t used = 0;
	ssize_t n;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errmsg_set(msg, -errno, "can't open %s: %s", path, strerror(errno));
	text = malloc(MAX_SIZE + 1);
	if (!text)
		return errmsg_set(msg, -ENOMEM, "out of memory");
	while ((n = read(fd, text + used, MAX_SIZE + 1 - used)) > 0)
		used += (size_t)n;
	if (n < 0)
		return errmsg_set(msg, -errno, "can't read %s: %s", path, strerror(errno));
	if (used > MAX_SIZE)
		return errmsg_set(msg, -EFBIG, "%s is too big for a configuration", path);
	*ret = TAKE_PTR(text);
	*ret_size = used;
	return 0;
}

int config_file_read(const char *path, struct config_file *ret, struct errmsg *msg)
{
	_cleanup_free_ char *text = NULL;
	size_t size = 0;
	int err = read_file(path, &text, &size, msg);

	return err ? err : config_file_parse(path, text, size, ret, msg);
}

void config_file_done(struct config_file *file)
{
	for (size_t i = 0; i < file->n_options; i++)
		free(file->options[i].value);
	*file = (struct config_file){0};
}
