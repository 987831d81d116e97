// SPDX-License-Identifier: BSD-2-Clause
#include "report/texts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct text *text_reference(struct text *text)
{
	text->references++;
	return text;
}

struct text *texts_take(struct texts *texts, const char *text)
{
	size_t length = strlen(text);
	struct text *made;

	HASH_FIND(hh, texts->table, text, length, made);
	if (made)
		return text_reference(made);
	made = calloc(1, sizeof(*made) + length + 1);
	if (!made)
		return NULL;
	memcpy(made->text, text, length + 1);
	HASH_ADD_KEYPTR(hh, texts->table, made->text, length, made);
	if (!made->hh.tbl) {
		free(made);
		return NULL;
	}
	return text_reference(made);
}

void texts_put(struct texts *texts, struct text *text)
{
	if (!text || --text->references > 0)
		return;
	HASH_DEL(texts->table, text);
	free(text);
}

int texts_set(struct texts *texts, struct text **slot, const char *text)
{
	struct text *made = NULL;

	if (*slot && text && strcmp((*slot)->text, text) == 0)
		return 0;
	if (text) {
		made = texts_take(texts, text);
		if (!made)
			return -ENOMEM;
	}
	texts_put(texts, *slot);
	*slot = made;
	return 0;
}
