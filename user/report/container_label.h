/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_REPORT_CONTAINER_LABEL_H
#define ENERGYTRACE_REPORT_CONTAINER_LABEL_H

#include "base/hash.h"
#include "report/report.h"

/* What is known of a container, counted: all its processes share one. Once made it does not change. */
struct container_label {
	UT_hash_handle hh;
	uint64_t references;
	struct entity_container container; /* its texts are in `content` */
	size_t length;
	char content[];
};

struct container_labels {
	struct container_label *table;
	char *scratch; /* a content that is looked for */
	size_t room;
};

/* The label with one more reference, or NULL when memory is out. */
struct container_label *container_labels_take(struct container_labels *labels,
					      const struct sample_container *container);
struct container_label *container_label_reference(struct container_label *label);

/* Gives a reference back. Takes NULL. */
void container_labels_put(struct container_labels *labels, struct container_label *label);

/* All labels have been given back. */
void container_labels_done(struct container_labels *labels);

#endif
