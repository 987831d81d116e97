// SPDX-License-Identifier: BSD-2-Clause
#include "entity/container_source.h"

#include <stdlib.h>
#include <string.h>

void container_facts_offer(struct container_facts *facts, enum container_fact fact,
			   const char *text)
{
	if (text && text[0] && !facts->text[fact])
		facts->text[fact] = strndup(text, CONTAINER_TEXT_MAX);
}

void container_facts_clear(struct container_facts *facts)
{
	for (size_t i = 0; i < N_CONTAINER_FACTS; i++)
		free(facts->text[i]);
	*facts = (struct container_facts){0};
}

void container_facts_offer_kubernetes(struct container_facts *facts, json_object *object)
{
	container_facts_offer(facts, CONTAINER_NAME,
			      container_json_text(object, "io.kubernetes.container.name"));
	container_facts_offer(facts, CONTAINER_POD,
			      container_json_text(object, "io.kubernetes.pod.name"));
	container_facts_offer(facts, CONTAINER_NAMESPACE,
			      container_json_text(object, "io.kubernetes.pod.namespace"));
	container_facts_offer(facts, CONTAINER_POD_UID,
			      container_json_text(object, "io.kubernetes.pod.uid"));
}

json_object *container_state_json(struct container_state *state, const char *path, int64_t owner)
{
	_cleanup_free_ char *text = NULL;
	json_object *value = NULL;
	size_t size;

	if (container_root_read(&state->root, path, owner, &text, &size) ||
	    container_json_parse(text, size, &value))
		return NULL;
	return value;
}

/* What the key on this line is given, its length in *ret_length; NULL: it is another's line. */
static const char *value_on_line(const char *line, const char *key, size_t *ret_length)
{
	size_t length = strlen(key);

	line += strspn(line, " \t");
	if (strncmp(line, key, length) != 0)
		return NULL;
	line += length;
	line += strspn(line, " \t");
	if (*line != ':' && *line != '=')
		return NULL;
	line++;
	line += strspn(line, " \t");
	length = strcspn(line, "\r\n");
	while (length > 0 && strchr(" \t", line[length - 1]))
		length--;
	if (length >= 2 && strchr("\"'", line[0]) && line[length - 1] == line[0]) {
		line++;
		length -= 2;
	}
	*ret_length = length;
	return line;
}

bool container_text_value(const char *text, const char *key, char *buffer, size_t size)
{
	for (const char *line = text; line; line = strchr(line, '\n')) {
		const char *value;
		size_t length;

		line += *line == '\n';
		value = value_on_line(line, key, &length);
		if (!value)
			continue;
		if (length >= size)
			return false;
		memcpy(buffer, value, length);
		buffer[length] = '\0';
		return true;
	}
	return false;
}

void container_offer_value(struct container_state *state, const char *file, const char *key,
			   enum container_fact fact, struct container_facts *facts)
{
	_cleanup_free_ char *text = NULL;
	char value[CONTAINER_TEXT_MAX + 1];
	size_t size;

	if (container_root_read(&state->root, file, CONTAINER_ANY_OWNER, &text, &size) == 0 &&
	    container_text_value(text, key, value, sizeof(value)))
		container_facts_offer(facts, fact, value);
}
