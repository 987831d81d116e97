// SPDX-License-Identifier: BSD-2-Clause
#include "report/roster.h"

#include "base/grow.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What one call of roster_take works with. */
struct taking {
	struct roster *roster;
	const struct roster_context *context;
	const struct sample *sample;
	struct subject_context subjects;
	bool all; /* nothing was asked for */
};

void roster_init(struct roster *roster, struct entities *entities)
{
	memset(roster, 0, sizeof(*roster));
	roster->names.texts = &entities->texts;
	roster->names.containers = &entities->containers;
}

static int make_room(struct roster *roster, const struct sample *sample)
{
	size_t room;
	void *moved;

	if (sample->n_processes > roster->processes_room) {
		room = sample->n_processes + sample->n_processes / 2;
		moved = reallocarray(roster->of_process, room, sizeof(struct tracked *));
		if (!moved)
			return -ENOMEM;
		roster->of_process = moved;
		roster->processes_room = room;
	}
	if (sample->n_tasks > roster->tasks_room) {
		room = sample->n_tasks + sample->n_tasks / 2;
		moved = reallocarray(roster->of_task, room, sizeof(struct tracked *));
		if (!moved)
			return -ENOMEM;
		roster->of_task = moved;
		roster->tasks_room = room;
	}
	return 0;
}

/* The sample holds something of the entity: it is present. 0 or -ENOMEM. */
static int attend(const struct taking *taking, struct tracked *tracked)
{
	struct roster *roster = taking->roster;
	struct tracked **moved;

	if (tracked->seen == taking->context->tick)
		return 0;
	moved = grow_array(roster->present, roster->n_present, &roster->present_room,
			   sizeof(struct tracked *));
	if (!moved)
		return -ENOMEM;
	roster->present = moved;
	roster->present[roster->n_present++] = tracked;
	tracked->seen = taking->context->tick;
	tracked->entity.tick = (struct figures){0};
	tracked->entity.subtree_tick = (struct figures){0};
	return 0;
}

/* The cgroup stands below that of the path from now on, which is made if it is new. */
static int stand_below(const struct taking *taking, struct tracked *tracked, const char *path)
{
	struct tracked *parent;
	int err;

	err = subject_take_path(&taking->subjects, path, &parent);
	if (!err && !taking->all)
		err = selection_enroll(taking->context->selection, parent);
	if (err)
		return err;
	tracked->parent = parent;
	parent->children++;
	return 0;
}

/* Nothing is above the root, or above what was asked for. */
static int take_parent(const struct taking *taking, struct tracked *tracked)
{
	const char *path = tracked->entity.id, *slash = strrchr(path, '/');
	char *above;
	int err = 0;

	if (tracked->parent || !slash || !slash[1])
		return 0;
	above = strndup(path, slash == path ? 1 : (size_t)(slash - path));
	if (!above)
		return -ENOMEM;
	if (selection_reaches(taking->context->selection, above))
		err = stand_below(taking, tracked, above);
	free(above);
	return err;
}

/* All that is above a cgroup has a part in what it does. */
static int attend_parents(const struct taking *taking, struct tracked *tracked)
{
	int err = 0;

	while (!tracked->entity.group) {
		err = take_parent(taking, tracked);
		tracked = tracked->parent;
		if (err || !tracked || tracked->seen == taking->context->tick)
			break;
		err = attend(taking, tracked);
		if (err)
			break;
	}
	return err;
}

/*
 * The other threads of a process stand below its leader, which ends with the process: one that has
 * called exec lives on as the leader, and nothing else tells of its end under its own number.
 */
static int take_leader(const struct taking *taking, uint32_t process, struct tracked *tracked)
{
	struct tracked *leader;
	int err;

	if (tracked->parent)
		return 0;
	leader = subject_peek(&taking->subjects, process, NULL);
	if (leader == tracked)
		return 0;
	err = leader ? 0 : subject_take(&taking->subjects, process, NULL, &leader);
	if (!err && !taking->all)
		err = selection_enroll(taking->context->selection, leader);
	if (err)
		return err;
	tracked->parent = leader;
	leader->children++;
	return 0;
}

/* Finds or makes the entity of the task, or of the process alone. 0 or -ENOMEM. */
static int take(const struct taking *taking, uint32_t process, const struct sample_task *task,
		struct tracked **ret)
{
	int err;

	err = subject_take(&taking->subjects, process, task, ret);
	if (!err && !taking->all)
		err = selection_enroll(taking->context->selection, *ret);
	if (!err)
		err = attend(taking, *ret);
	if (!err && taking->context->entities->kind == ENTITY_CGROUP)
		err = attend_parents(taking, *ret);
	if (!err && taking->context->entities->kind == ENTITY_THREAD)
		err = take_leader(taking, process, *ret);
	return err;
}

/* Whatever it was, if it is kept: this was the last of it. */
static int end(const struct taking *taking, struct tracked *tracked)
{
	if (!tracked)
		return 0;
	tracked->entity.ended = true;
	return attend(taking, tracked);
}

/*
 * Of the start mark, where all that exist stand, only this program itself is kept if nothing was asked
 * for.
 */
static bool begins_unasked(const struct taking *taking, const struct sample_process *process)
{
	return taking->all && taking->context->tick == 1 && !process->self;
}

/* The kept process, or NULL in *ret for one that was not asked for. */
static int take_process(const struct taking *taking, uint32_t index, struct tracked **ret)
{
	const struct sample_process *process = &taking->sample->processes[index];

	*ret = NULL;
	if (begins_unasked(taking, process))
		return 0;
	if (taking->all || taking->context->selection->of_process[index] != CHOSEN_NOT)
		return take(taking, index, NULL, ret);
	/* It has left the cgroups that were asked for, but may end in this tick. */
	*ret = subject_peek(&taking->subjects, index, NULL);
	if (!*ret)
		return 0;
	(*ret)->entity.ended = process->ended;
	return attend(taking, *ret);
}

static int take_processes(const struct taking *taking)
{
	struct roster *roster = taking->roster;
	int err = 0;

	for (uint32_t i = 0; i < taking->sample->n_processes && !err; i++)
		err = take_process(taking, i, &roster->of_process[i]);
	for (size_t i = 0; i < taking->sample->n_tasks && !err; i++) {
		const struct sample_task *task = &taking->sample->tasks[i];

		assert(task->process < taking->sample->n_processes);
		roster->of_task[i] = roster->of_process[task->process];
		if (!taking->all && !selection_takes(taking->context->selection, task))
			roster->of_task[i] = NULL;
	}
	return err;
}

/* It has something in a cgroup that is there: so it is itself, and all above it, whatever was removed. */
static void note_living(const struct taking *taking, int32_t cgroup, struct tracked *tracked)
{
	if (taking->context->entities->kind < ENTITY_CGROUP || cgroup < 0 ||
	    taking->sample->cgroups[cgroup].removed)
		return;
	for (; tracked && tracked->living != taking->context->tick; tracked = tracked->parent) {
		tracked->living = taking->context->tick;
		tracked->entity.ended = false;
	}
}

/*
 * What is asked for is there although it does not run, of threads the leaders; and this program begins
 * what is not asked for.
 */
static int take_silent(const struct taking *taking, uint32_t index)
{
	const struct sample_process *process = &taking->sample->processes[index];
	struct tracked *tracked;
	int err;

	if (taking->all ? !process->self || taking->context->tick > 1
			: !selection_takes_process(taking->context->selection, process, index))
		return 0;
	err = take(taking, index, NULL, &tracked);
	if (!err)
		note_living(taking, process->cgroup, tracked);
	return err;
}

static int take_task(const struct taking *taking, const struct sample_task *task,
		     struct tracked **ret)
{
	int err;

	assert(task->process < taking->sample->n_processes);
	*ret = NULL;
	if (taking->all || selection_takes(taking->context->selection, task)) {
		err = take(taking, task->process, task, ret);
		if (!err)
			note_living(taking, task->cgroup, *ret);
		return err;
	}
	/* It has left the cgroups that were asked for, but may end in this tick. */
	if (taking->context->entities->kind == ENTITY_THREAD && task->ended)
		return end(taking, subject_peek(&taking->subjects, task->process, task));
	return 0;
}

/* Trees and leaders end with a process, whether that has run in this tick or not. */
static int end_with_process(const struct taking *taking, uint32_t index)
{
	const struct lineage_tree *tree;

	if (taking->context->entities->kind == ENTITY_THREAD &&
	    taking->sample->processes[index].ended)
		return end(taking, subject_peek(&taking->subjects, index, NULL));
	if (taking->context->entities->kind != ENTITY_TREE)
		return 0;
	tree = taking->roster->lineage.of_process[index];
	if (tree->alive > 0 || tree->kernel)
		return 0;
	return end(taking, subject_peek(&taking->subjects, index, NULL));
}

static int take_removed(const struct taking *taking)
{
	int err = 0;

	for (size_t i = 0; i < taking->sample->n_cgroups && !err; i++) {
		struct tracked *tracked;

		if (!taking->sample->cgroups[i].removed)
			continue;
		tracked = subject_of_removed(&taking->subjects, (int32_t)i);
		/* One of the same path may have come after it. */
		if (tracked && tracked->living != taking->context->tick)
			err = end(taking, tracked);
	}
	return err;
}

static int take_others(const struct taking *taking)
{
	struct roster *roster = taking->roster;
	int err = 0;

	for (uint32_t i = 0; i < taking->sample->n_processes && !err; i++)
		err = take_silent(taking, i);
	for (size_t i = 0; i < taking->sample->n_tasks && !err; i++)
		err = take_task(taking, &taking->sample->tasks[i], &roster->of_task[i]);
	for (uint32_t i = 0; i < taking->sample->n_processes && !err; i++)
		err = end_with_process(taking, i);
	return err ? err : take_removed(taking);
}

static bool was_asked_for(void *userdata, const struct sample_process *process)
{
	return selection_has_pid(userdata, process);
}

static int prepare(const struct taking *taking)
{
	struct selection *selection = taking->context->selection;
	struct roster *roster = taking->roster;
	int err;

	err = make_room(roster, taking->sample);
	if (!err && !taking->all)
		err = selection_decide(selection, taking->sample, taking->context->begin_ns);
	if (!err && taking->context->entities->kind == ENTITY_TREE) {
		lineage_trim(&roster->lineage, taking->sample->boottime_ns);
		err = lineage_take(&roster->lineage, taking->sample, was_asked_for, selection);
	}
	return err;
}

int roster_take(struct roster *roster, const struct roster_context *context,
		const struct sample *sample)
{
	const struct taking taking = {
		.roster = roster,
		.context = context,
		.sample = sample,
		.subjects = {.entities = context->entities,
			     .names = &roster->names,
			     .lineage = &roster->lineage,
			     .sample = sample,
			     .tick = context->tick},
		.all = selection_is_empty(context->selection),
	};
	int err;

	roster->n_present = 0;
	err = prepare(&taking);
	if (!err)
		err = names_begin(&roster->names, sample);
	if (err)
		return err;
	err = context->entities->kind == ENTITY_PROCESS ? take_processes(&taking)
							: take_others(&taking);
	names_end(&roster->names);
	return err;
}

void roster_done(struct roster *roster)
{
	lineage_done(&roster->lineage);
	names_done(&roster->names);
	free(roster->of_task);
	free(roster->of_process);
	free(roster->present);
	memset(roster, 0, sizeof(*roster));
}
