// SPDX-License-Identifier: BSD-2-Clause
#include "report/container_label.h"

#include <stdlib.h>
#include <string.h>

#define N_TEXTS 8

/* In the content each text that is there stands behind this, with its NUL; one that is not is a NUL. */
#define PRESENT '='

static void texts_of(const struct sample_container *container, const char *ret[N_TEXTS])
{
	const char *const texts[N_TEXTS] = {
		container->runtime, container->id,    container->path, container->label,
		container->name,    container->image, container->pod,  container->pod_namespace,
	};

	memcpy(ret, texts, sizeof(texts));
}

/* Writes the content into labels->scratch; returns its length, 0 when memory is out. */
static size_t write_content(struct container_labels *labels,
			    const struct sample_container *container)
{
	const char *texts[N_TEXTS];
	size_t length = 0, used = 0;

	texts_of(container, texts);
	for (size_t i = 0; i < N_TEXTS; i++)
		length += texts[i] ? strlen(texts[i]) + 2 : 1;
	if (length > labels->room) {
		char *moved = realloc(labels->scratch, length * 2);

		if (!moved)
			return 0;
		labels->scratch = moved;
		labels->room = length * 2;
	}
	for (size_t i = 0; i < N_TEXTS; i++) {
		if (texts[i])
			labels->scratch[used++] = PRESENT;
		memcpy(labels->scratch + used, texts[i] ? texts[i] : "",
		       texts[i] ? strlen(texts[i]) + 1 : 1);
		used += texts[i] ? strlen(texts[i]) + 1 : 1;
	}
	return length;
}

/* Points the texts of the container into the content. */
static void read_content(struct container_label *label)
{
	const char **const texts[N_TEXTS] = {
		&label->container.runtime, &label->container.id,
		&label->container.path,	   &label->container.label,
		&label->container.name,	   &label->container.image,
		&label->container.pod,	   &label->container.pod_namespace,
	};
	const char *at = label->content;

	for (size_t i = 0; i < N_TEXTS; i++) {
		*texts[i] = *at == PRESENT ? at + 1 : NULL;
		at += strlen(at) + 1;
	}
}

struct container_label *container_label_reference(struct container_label *label)
{
	label->references++;
	return label;
}

struct container_label *container_labels_take(struct container_labels *labels,
					      const struct sample_container *container)
{
	size_t length = write_content(labels, container);
	struct container_label *label;

	if (!length)
		return NULL;
	HASH_FIND(hh, labels->table, labels->scratch, length, label);
	if (label)
		return container_label_reference(label);
	label = calloc(1, sizeof(*label) + length);
	if (!label)
		return NULL;
	label->length = length;
	memcpy(label->content, labels->scratch, length);
	read_content(label);
	HASH_ADD_KEYPTR(hh, labels->table, label->content, length, label);
	if (!label->hh.tbl) {
		free(label);
		return NULL;
	}
	return container_label_reference(label);
}

void container_labels_put(struct container_labels *labels, struct container_label *label)
{
	if (!label || --label->references > 0)
		return;
	HASH_DEL(labels->table, label);
	free(label);
}

void container_labels_done(struct container_labels *labels)
{
	free(labels->scratch);
	labels->scratch = NULL;
	labels->room = 0;
}
