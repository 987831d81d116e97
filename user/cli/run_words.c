// SPDX-License-Identifier: BSD-2-Clause
#include "cli/run_words.h"

#include "base/cleanup.h"
#include "base/nearest.h"
#include "base/parse.h"

#include <errno.h>
#include <string.h>

size_t run_word_line(const yaml_node_t *node)
{
	return node->start_mark.line + 1;
}

/* The library knows the line of all but bytes that are no text: of these it has the offset. */
static size_t problem_line(const yaml_parser_t *parser, const char *text, size_t size)
{
	size_t line = 1;

	if (parser->error != YAML_READER_ERROR)
		return parser->problem_mark.line + 1;
	for (size_t i = 0; i < size && i < parser->problem_offset; i++)
		line += text[i] == '\n';
	return line;
}

static int set_problem(const yaml_parser_t *parser, const char *path, const char *text, size_t size,
		       struct errmsg *msg)
{
	if (parser->error == YAML_MEMORY_ERROR || !parser->problem)
		return errmsg_set(msg, -ENOMEM, "out of memory");
	return errmsg_set(msg, -EINVAL, "%s: line %zu: no YAML: %s%s%s", path,
			  problem_line(parser, text, size), parser->context ? parser->context : "",
			  parser->context ? ": " : "", parser->problem);
}

int run_words_load(const char *path, const char *text, size_t size, yaml_document_t *ret,
		   struct errmsg *msg)
{
	_cleanup_(yaml_parser_delete) yaml_parser_t parser = {0};
	_cleanup_(yaml_document_delete) yaml_document_t document = {0}, next = {0};
	const yaml_node_t *more;

	if (!yaml_parser_initialize(&parser))
		return errmsg_set(msg, -ENOMEM, "out of memory");
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, size);
	if (!yaml_parser_load(&parser, &document))
		return set_problem(&parser, path, text, size, msg);
	if (yaml_document_get_root_node(&document)) {
		if (!yaml_parser_load(&parser, &next))
			return set_problem(&parser, path, text, size, msg);
		more = yaml_document_get_root_node(&next);
		if (more)
			return errmsg_set(msg, -EINVAL, "%s: line %zu: a second document", path,
					  run_word_line(more));
	}
	*ret = document;
	document = (yaml_document_t){0};
	return 0;
}

const char *run_word_scalar(const yaml_node_t *node)
{
	const char *text = (const char *)node->data.scalar.value;

	if (node->type != YAML_SCALAR_NODE || strlen(text) != node->data.scalar.length)
		return NULL;
	return text;
}

bool run_word_is_nothing(const yaml_node_t *node)
{
	static const char *const nothing[] = {"", "~", "null", "Null", "NULL"};
	const char *text = run_word_scalar(node);

	if (!text || node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return false;
	for (size_t i = 0; i < sizeof(nothing) / sizeof(*nothing); i++) {
		if (strcmp(text, nothing[i]) == 0)
			return true;
	}
	return false;
}

int run_word_wrong(const struct run_reading *reading, const yaml_node_t *node, const char *name,
		   const char *wanted)
{
	errmsg_set(reading->msg, -EINVAL, "%s: line %zu: \"%s\" has to be %s", reading->path,
		   run_word_line(node), name, wanted);
	return -EINVAL;
}

int run_word_unknown(const struct run_reading *reading, const yaml_node_t *node, const char *what,
		     const char *const *names, size_t n)
{
	const char *text = run_word_scalar(node);
	const char *near = text ? nearest_word(text, names, n) : NULL;

	if (near)
		errmsg_set(reading->msg, -EINVAL,
			   "%s: line %zu: unknown %s \"%.100s\"; did you mean \"%s\"?",
			   reading->path, run_word_line(node), what, text, near);
	else if (text)
		errmsg_set(reading->msg, -EINVAL, "%s: line %zu: unknown %s \"%.100s\"",
			   reading->path, run_word_line(node), what, text);
	else
		errmsg_set(reading->msg, -EINVAL, "%s: line %zu: this is no %s", reading->path,
			   run_word_line(node), what);
	return -EINVAL;
}

/* The key's place in the table, or that of the end. */
static size_t place_of(const struct run_word *words, const yaml_node_t *key)
{
	const char *text = run_word_scalar(key);
	size_t i = 0;

	while (words[i].name && (!text || strcmp(words[i].name, text) != 0))
		i++;
	return i;
}

/* What each word of the table stands for, NULL where it is not there. */
static int find_values(const struct run_reading *reading, const yaml_node_t *mapping,
		       const struct run_word *words, yaml_node_t *ret[RUN_WORDS_MAX])
{
	const char *names[RUN_WORDS_MAX];
	size_t n = 0;

	for (; words[n].name; n++)
		names[n] = words[n].name;
	for (const yaml_node_pair_t *pair = mapping->data.mapping.pairs.start;
	     pair < mapping->data.mapping.pairs.top; pair++) {
		const yaml_node_t *key = yaml_document_get_node(reading->document, pair->key);
		size_t place = place_of(words, key);

		if (place == n)
			return run_word_unknown(reading, key, "word", names, n);
		if (ret[place])
			return errmsg_set(reading->msg, -EINVAL,
					  "%s: line %zu: \"%s\" is there twice", reading->path,
					  run_word_line(key), names[place]);
		ret[place] = yaml_document_get_node(reading->document, pair->value);
	}
	return 0;
}

int run_words_take(const struct run_reading *reading, const yaml_node_t *mapping,
		   const struct run_word *words, void *into)
{
	yaml_node_t *values[RUN_WORDS_MAX] = {NULL};
	int err;

	if (mapping->type != YAML_MAPPING_NODE)
		return errmsg_set(
			reading->msg, -EINVAL,
			"%s: line %zu: words with values have to be here: \"word: value\"",
			reading->path, run_word_line(mapping));
	err = find_values(reading, mapping, words, values);
	for (const struct run_word *word = words; word->name && !err; word++) {
		yaml_node_t *value = values[word - words];

		if (value && word->take && !run_word_is_nothing(value))
			err = word->take(reading, word, value, into);
	}
	return err;
}

int run_word_section(const struct run_reading *reading, const struct run_word *word,
		     yaml_node_t *value, void *into)
{
	return run_words_take(reading, value, word->within, into);
}

int run_word_text(const struct run_reading *reading, const struct run_word *word,
		  yaml_node_t *value, void *into)
{
	const char **member = (const char **)(void *)((char *)into + word->at);
	const char *text = run_word_scalar(value);
	char *copy;

	if (!text || !text[0])
		return run_word_wrong(reading, value, word->name, "a text");
	copy = arena_copy(reading->texts, text);
	if (!copy)
		return errmsg_set(reading->msg, -ENOMEM, "out of memory");
	*member = copy;
	return 0;
}

int run_word_count(const struct run_reading *reading, const struct run_word *word,
		   yaml_node_t *value, void *into)
{
	uint32_t *member = (uint32_t *)(void *)((char *)into + word->at);
	const char *text = run_word_scalar(value);

	if (!text || parse_u32(text, 1, UINT32_MAX, member) != 0)
		return run_word_wrong(reading, value, word->name,
				      "a whole number from 1 to 4294967295");
	return 0;
}

int run_word_number(const struct run_reading *reading, const struct run_word *word,
		    yaml_node_t *value, void *into)
{
	double *member = (double *)(void *)((char *)into + word->at);
	const char *text = run_word_scalar(value);
	double number;

	if (!text || parse_double(text, word->least, word->most, &number) != 0)
		return run_word_wrong(reading, value, word->name, word->wanted);
	*member = number * word->unit;
	return 0;
}
