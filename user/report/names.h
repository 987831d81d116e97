/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_REPORT_NAMES_H
#define ENERGYTRACE_REPORT_NAMES_H

#include "report/entities.h"

/* A cgroup of the sample: the texts and the label are NULL where it has none. */
struct cgroup_names {
	bool made;
	struct text *path;
	struct text *unit;	/* "ssh.service" */
	struct text *unit_path; /* "/system.slice/ssh.service" */
	struct container_label *container;
};

/*
 * What the current sample's cgroups and users are called, each worked out once a tick, when it is
 * first asked for, however many tasks have it.
 */
struct names {
	struct texts *texts;
	struct container_labels *containers;
	const struct sample *sample;
	struct cgroup_names *cgroups; /* by index in sample.cgroups */
	size_t cgroups_room;
	struct text **users; /* by index in sample.users */
	size_t users_room;
};

/* For this sample, until names_end. 0 or -ENOMEM. */
int names_begin(struct names *names, const struct sample *sample);

/* The names of sample.cgroups[index], good until names_end. NULL when memory is out. */
const struct cgroup_names *names_cgroup(struct names *names, int32_t index);

/* The name of sample.users[index], or its uid as text. NULL when memory is out. */
struct text *names_user(struct names *names, int32_t index);

/* Gives back what was asked for. */
void names_end(struct names *names);

/* Takes a zeroed one. */
void names_done(struct names *names);

#endif
