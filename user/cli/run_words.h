/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_CLI_RUN_WORDS_H
#define ENERGYTRACE_CLI_RUN_WORDS_H

/* YAML by tables: which words a mapping may have, what each is taken for, and where that goes. */

#include "base/arena.h"
#include "base/errmsg.h"

#include <stdbool.h>
#include <stddef.h>
#include <yaml.h>

#define RUN_WORDS_MAX 24 /* in a table; one without a name is its end */

struct run_reading {
	const char *path; /* what the sentences call the file */
	yaml_document_t *document;
	struct arena *texts; /* takes the copies */
	struct errmsg *msg;
};

/* Each `take` gets what the word stands for, never nothing, and the structure that the table fills. */
struct run_word {
	const char *name;
	/* NULL: a word that is known, and says nothing here; what it stands for is not looked at. */
	int (*take)(const struct run_reading *reading, const struct run_word *word,
		    yaml_node_t *value, void *into);
	size_t at;		       /* the offset of its member in the structure */
	const struct run_word *within; /* of run_word_section: its words */
	double least, most, unit;      /* of run_word_number; the member gets value × unit */
	const char *wanted;	       /* … and what it has to be */
};

/*
 * The one document of the text, as a tree: what is no YAML, and what there is more of, is -EINVAL with `msg`
 * filled. No root: it is empty. The caller gives it to yaml_document_delete.
 */
int run_words_load(const char *path, const char *text, size_t size, yaml_document_t *ret,
		   struct errmsg *msg);

/*
 * Takes the words of a mapping, in the order of the table: where two of them fill the same member the later one
 * in the table stands. -EINVAL for what is no mapping, for words that are in no table, and for one that is
 * there twice.
 */
int run_words_take(const struct run_reading *reading, const yaml_node_t *mapping,
		   const struct run_word *words, void *into);

int run_word_section(const struct run_reading *reading, const struct run_word *word,
		     yaml_node_t *value, void *into);
/* A const char *: a text that is not empty. */
int run_word_text(const struct run_reading *reading, const struct run_word *word,
		  yaml_node_t *value, void *into);
/* A uint32_t, from 1. */
int run_word_count(const struct run_reading *reading, const struct run_word *word,
		   yaml_node_t *value, void *into);
/* A double. */
int run_word_number(const struct run_reading *reading, const struct run_word *word,
		    yaml_node_t *value, void *into);

/* The text of a scalar, which lasts as the document does; NULL: it is none, or has a NUL in it. */
const char *run_word_scalar(const yaml_node_t *node);

/* Empty, `~` or `null`. */
bool run_word_is_nothing(const yaml_node_t *node);

/* Both return -EINVAL. */
int run_word_wrong(const struct run_reading *reading, const yaml_node_t *node, const char *name,
		   const char *wanted);
int run_word_unknown(const struct run_reading *reading, const yaml_node_t *node, const char *what,
		     const char *const *names, size_t n);

/* Counted from 1, as editors do. */
size_t run_word_line(const yaml_node_t *node);

#endif
