// SPDX-License-Identifier: BSD-2-Clause
#include "report/roster.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int make_room(struct roster *roster, const struct sample *sample)
{
	size_t room = sample->n_processes + sample->n_processes / 2;
	void *moved;

	if (sample->n_processes > roster->room) {
		moved = reallocarray(roster->of_process, room, sizeof(struct tracked *));
		if (!moved)
			return -ENOMEM;
		roster->of_process = moved;
		moved = reallocarray(roster->present, room, sizeof(struct tracked *));
		if (!moved)
			return -ENOMEM;
		roster->present = moved;
		roster->room = room;
	}
	if (sample->n_cgroups > roster->cgroups_room) {
		room = sample->n_cgroups + sample->n_cgroups / 2;
		moved = reallocarray(roster->cgroups, room, sizeof(struct path *));
		if (!moved)
			return -ENOMEM;
		roster->cgroups = moved;
		roster->cgroups_room = room;
	}
	return 0;
}

/* The path of a cgroup of the sample; the roster has a reference to it. NULL: memory is out. */
static struct path *cgroup_path(struct roster *roster, struct entities *entities,
				const struct sample *sample, int32_t cgroup)
{
	struct path **path = &roster->cgroups[cgroup];

	if (!*path)
		*path = paths_take(&entities->paths, sample->cgroups[cgroup]);
	return *path;
}

static int update(struct roster *roster, struct entities *entities, const struct sample *sample,
		  const struct sample_process *process, struct tracked *tracked)
{
	struct entity *entity = &tracked->entity;
	struct path *path = NULL;

	if (process->cgroup >= 0) {
		assert((size_t)process->cgroup < sample->n_cgroups);
		path = cgroup_path(roster, entities, sample, process->cgroup);
		if (!path)
			return -ENOMEM;
	}
	if (path != tracked->cgroup)
		entities_set_cgroup(entities, tracked, path ? path_reference(path) : NULL);
	entity->ppid = process->ppid;
	memcpy(entity->comm, process->comm, sizeof(entity->comm));
	entity->comm[sizeof(entity->comm) - 1] = '\0';
	entity->self = process->self;
	entity->ended = process->ended;
	return 0;
}

/*
 * The kept process, or NULL in *ret for one that was not asked for. Of the start mark, where all that
 * exist stand, only this program itself is kept if nothing was.
 */
static int keep(const struct roster_context *context, const struct sample *sample, size_t index,
		struct tracked **ret)
{
	const struct sample_process *process = &sample->processes[index];
	bool all = selection_is_empty(context->selection);

	*ret = NULL;
	if (all && context->tick == 1 && !process->self)
		return 0;
	if (!all && context->selection->of_process[index] == CHOSEN_NOT) {
		/* It has left the cgroups that were asked for, but may end in this tick. */
		*ret = entities_peek(context->entities, process->pid, process->start_ns);
		return 0;
	}
	*ret = entities_get(context->entities, process->pid, process->start_ns);
	if (!*ret)
		return -ENOMEM;
	return all ? 0 : selection_enroll(context->selection, *ret);
}

static int take_all(struct roster *roster, const struct roster_context *context,
		    const struct sample *sample)
{
	for (size_t i = 0; i < sample->n_processes; i++) {
		struct tracked *tracked;
		int err;

		err = keep(context, sample, i, &tracked);
		if (err)
			return err;
		roster->of_process[i] = tracked;
		if (!tracked)
			continue;
		if (tracked->seen != context->tick) {
			tracked->seen = context->tick;
			tracked->entity.tick = (struct figures){0};
			roster->present[roster->n_present++] = tracked;
		}
		err = update(roster, context->entities, sample, &sample->processes[i], tracked);
		if (err)
			return err;
	}
	return 0;
}

int roster_take(struct roster *roster, const struct roster_context *context,
		const struct sample *sample)
{
	int err;

	roster->n_present = 0;
	err = make_room(roster, sample);
	if (!err && !selection_is_empty(context->selection))
		err = selection_decide(context->selection, sample, context->begin_ns);
	if (err)
		return err;
	for (size_t i = 0; i < sample->n_cgroups; i++)
		roster->cgroups[i] = NULL;
	err = take_all(roster, context, sample);
	for (size_t i = 0; i < sample->n_cgroups; i++)
		paths_put(&context->entities->paths, roster->cgroups[i]);
	return err;
}

void roster_done(struct roster *roster)
{
	free(roster->of_process);
	free(roster->present);
	free(roster->cgroups);
	memset(roster, 0, sizeof(*roster));
}
