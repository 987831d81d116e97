/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_REPORT_SUBJECT_H
#define ENERGYTRACE_REPORT_SUBJECT_H

#include "report/entities.h"
#include "report/lineage.h"
#include "report/names.h"

/* From a process or a task of the sample to the entity that it belongs to, by the kind of the run. */
struct subject_context {
	struct entities *entities;
	struct names *names;	       /* begun */
	const struct lineage *lineage; /* taken, if the kind is ENTITY_TREE */
	const struct sample *sample;
	uint64_t tick;
};

/*
 * The entity of the task, or of the process alone where `task` is NULL (of threads its leader), with what
 * the sample tells of it. NULL in *ret when memory is out: -ENOMEM.
 */
int subject_take(const struct subject_context *context, uint32_t process,
		 const struct sample_task *task, struct tracked **ret);

/* The same if it is kept, told nothing; or NULL. For threads, processes and trees. */
struct tracked *subject_peek(const struct subject_context *context, uint32_t process,
			     const struct sample_task *task);

/* The entity of a cgroup's path, of which the sample may hold nothing. 0 or -ENOMEM. */
int subject_take_path(const struct subject_context *context, const char *path,
		      struct tracked **ret);

/* The entity that a removed cgroup is, if it is one and kept; or NULL. */
struct tracked *subject_of_removed(const struct subject_context *context, int32_t cgroup);

#endif
