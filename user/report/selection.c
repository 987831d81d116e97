// SPDX-License-Identifier: BSD-2-Clause
#include "report/selection.h"

#include "base/grow.h"

#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static int by_pid(const void *a, const void *b)
{
	const struct selected *left = a, *right = b;

	return (left->pid > right->pid) - (left->pid < right->pid);
}

int selection_init(struct selection *selection, const struct reporter_options *options)
{
	memset(selection, 0, sizeof(*selection));
	/* Trees are of descendants. */
	selection->children = options->children || options->kind == ENTITY_TREE;
	selection->cgroups = options->cgroups;
	selection->n_cgroups = options->n_cgroups;
	selection->containers = options->containers;
	selection->n_containers = options->n_containers;
	if (options->n_pids == 0)
		return 0;
	selection->pids = calloc(options->n_pids, sizeof(*selection->pids));
	if (!selection->pids)
		return -ENOMEM;
	for (size_t i = 0; i < options->n_pids; i++)
		selection->pids[i].pid = options->pids[i];
	qsort(selection->pids, options->n_pids, sizeof(*selection->pids), by_pid);
	for (size_t i = 0; i < options->n_pids; i++) {
		if (selection->n_pids == 0 ||
		    selection->pids[selection->n_pids - 1].pid != selection->pids[i].pid)
			selection->pids[selection->n_pids++] = selection->pids[i];
	}
	return 0;
}

bool selection_is_empty(const struct selection *selection)
{
	return selection->n_pids == 0 && selection->n_cgroups == 0 && selection->n_containers == 0;
}

static int make_room(struct selection *selection, const struct sample *sample)
{
	size_t room;
	void *moved;

	if (sample->n_processes > selection->processes_room) {
		room = sample->n_processes + sample->n_processes / 2;
		moved = reallocarray(selection->of_process, room, sizeof(*selection->of_process));
		if (!moved)
			return -ENOMEM;
		selection->of_process = moved;
		moved = reallocarray(selection->by_birth, room, sizeof(*selection->by_birth));
		if (!moved)
			return -ENOMEM;
		selection->by_birth = moved;
		selection->processes_room = room;
	}
	if (sample->n_cgroups > selection->cgroups_room) {
		room = sample->n_cgroups + sample->n_cgroups / 2;
		moved = reallocarray(selection->of_cgroup, room, sizeof(*selection->of_cgroup));
		if (!moved)
			return -ENOMEM;
		selection->of_cgroup = moved;
		selection->cgroups_room = room;
	}
	return 0;
}

/* The pattern takes in the path itself and all below it. "/a/" is "/a"; "/" takes in everything. */
static bool matches(const char *pattern, const char *path)
{
	size_t length = strlen(pattern);
	char trimmed[PATH_MAX];

	while (length > 1 && pattern[length - 1] == '/')
		length--;
	if (length == 1 && pattern[0] == '/')
		return true;
	if (strncmp(pattern, path, length) == 0 && (path[length] == '/' || path[length] == '\0'))
		return true;
	/* The root has an empty name, which no star takes, as in a shell. */
	if (strcmp(path, "/") == 0 || length >= sizeof(trimmed))
		return false;
	memcpy(trimmed, pattern, length);
	trimmed[length] = '\0';
	return fnmatch(trimmed, path, FNM_PATHNAME | FNM_LEADING_DIR) == 0;
}

static bool takes_path(const struct selection *selection, const char *path)
{
	for (size_t i = 0; i < selection->n_cgroups; i++) {
		if (matches(selection->cgroups[i], path))
			return true;
	}
	return false;
}

bool selection_reaches(const struct selection *selection, const char *path)
{
	return selection->n_cgroups + selection->n_containers == 0 || takes_path(selection, path);
}

/* By name or label, by its id or enough of the beginning of that. */
static bool takes_container(const struct selection *selection,
			    const struct sample_container *container)
{
	for (size_t i = 0; i < selection->n_containers; i++) {
		const char *wanted = selection->containers[i];
		size_t length = strlen(wanted);

		if ((container->name && strcmp(container->name, wanted) == 0) ||
		    (container->label && strcmp(container->label, wanted) == 0) ||
		    strcmp(container->id, wanted) == 0 ||
		    (length >= SELECTION_ID_PREFIX_MIN &&
		     strncmp(container->id, wanted, length) == 0))
			return true;
	}
	return false;
}

static void decide_cgroups(struct selection *selection, const struct sample *sample)
{
	for (size_t i = 0; i < sample->n_cgroups; i++) {
		const struct sample_cgroup *cgroup = &sample->cgroups[i];

		selection->of_cgroup[i] =
			takes_path(selection, cgroup->path) ||
			(cgroup->container >= 0 &&
			 takes_container(selection, &sample->containers[cgroup->container]));
	}
}

static bool in_cgroup(const struct selection *selection, int32_t cgroup)
{
	return cgroup >= 0 && selection->of_cgroup[cgroup];
}

static bool asked_by_pid(struct selection *selection, const struct sample_process *process,
			 uint64_t begin_ns)
{
	struct selected key = {.pid = process->pid}, *selected;

	if (selection->n_pids == 0)
		return false;
	selected = bsearch(&key, selection->pids, selection->n_pids, sizeof(key), by_pid);
	if (!selected)
		return false;
	if (!selected->bound && process->start_ns <= begin_ns) {
		selected->bound = true;
		selected->start_ns = process->start_ns;
	}
	if (!selected->bound || selected->start_ns != process->start_ns)
		return false;
	selected->ended |= process->ended;
	return true;
}

static int decide_family(struct selection *selection, const struct sample *sample)
{
	family_sort_by_birth(sample, selection->by_birth);
	for (size_t i = 0; i < sample->n_processes; i++) {
		uint32_t index = selection->by_birth[i];
		const struct sample_process *process = &sample->processes[index];
		enum chosen *chosen = &selection->of_process[index];

		if (family_has(&selection->family, process->pid, process->start_ns)) {
			*chosen = CHOSEN_WHOLE;
			continue;
		}
		if (*chosen != CHOSEN_WHOLE &&
		    !family_has_child(&selection->family, process->ppid, process->start_ns)) {
			family_succeed(&selection->family, process->pid, process->start_ns);
			continue;
		}
		*chosen = CHOSEN_WHOLE;
		if (family_add(&selection->family, process->pid, process->start_ns) != 0)
			return -ENOMEM;
	}
	for (size_t i = 0; i < sample->n_processes; i++) {
		const struct sample_process *process = &sample->processes[i];

		if (process->ended)
			family_end(&selection->family, process->pid, process->start_ns,
				   sample->boottime_ns);
	}
	family_trim(&selection->family, sample->boottime_ns);
	return 0;
}

int selection_decide(struct selection *selection, const struct sample *sample, uint64_t begin_ns)
{
	int err;

	err = make_room(selection, sample);
	if (err)
		return err;
	decide_cgroups(selection, sample);
	for (size_t i = 0; i < sample->n_processes; i++) {
		const struct sample_process *process = &sample->processes[i];

		selection->of_process[i] = CHOSEN_NOT;
		if (asked_by_pid(selection, process, begin_ns))
			selection->of_process[i] = CHOSEN_WHOLE;
		else if (in_cgroup(selection, process->cgroup))
			selection->of_process[i] = CHOSEN_IN_CGROUP;
	}
	for (size_t i = 0; i < sample->n_tasks; i++) {
		const struct sample_task *task = &sample->tasks[i];

		if (in_cgroup(selection, task->cgroup) &&
		    selection->of_process[task->process] == CHOSEN_NOT)
			selection->of_process[task->process] = CHOSEN_IN_CGROUP;
	}
	return selection->children ? decide_family(selection, sample) : 0;
}

bool selection_takes(const struct selection *selection, const struct sample_task *task)
{
	switch (selection->of_process[task->process]) {
	case CHOSEN_WHOLE:
		return true;
	case CHOSEN_IN_CGROUP:
		return in_cgroup(selection, task->cgroup);
	case CHOSEN_NOT:
		break;
	}
	return false;
}

bool selection_takes_process(const struct selection *selection,
			     const struct sample_process *process, size_t index)
{
	return selection->of_process[index] == CHOSEN_WHOLE ||
	       in_cgroup(selection, process->cgroup);
}

bool selection_has_pid(const struct selection *selection, const struct sample_process *process)
{
	const struct selected key = {.pid = process->pid}, *selected;

	if (selection->n_pids == 0)
		return false;
	selected = bsearch(&key, selection->pids, selection->n_pids, sizeof(key), by_pid);
	return selected && selected->bound && selected->start_ns == process->start_ns;
}

int selection_enroll(struct selection *selection, struct tracked *tracked)
{
	struct tracked **moved;

	if (tracked->entity.selected)
		return 0;
	moved = grow_array(selection->members, selection->n_members, &selection->members_room,
			   sizeof(struct tracked *));
	if (!moved)
		return -ENOMEM;
	selection->members = moved;
	tracked->entity.selected = true;
	tracked->member = selection->n_members;
	selection->members[selection->n_members++] = tracked;
	return 0;
}

void selection_forget(struct selection *selection, const struct tracked *tracked)
{
	struct tracked *last;

	if (!tracked->entity.selected)
		return;
	last = selection->members[--selection->n_members];
	selection->members[tracked->member] = last;
	last->member = tracked->member;
}

bool selection_pids_ended(const struct selection *selection)
{
	for (size_t i = 0; i < selection->n_pids; i++) {
		if (!selection->pids[i].ended)
			return false;
	}
	return selection->n_pids > 0;
}

bool selection_all_ended(const struct selection *selection)
{
	return selection_pids_ended(selection) && selection->n_cgroups == 0 &&
	       selection->n_containers == 0 && selection->family.alive == 0;
}

void selection_done(struct selection *selection)
{
	free(selection->pids);
	free(selection->of_process);
	free(selection->of_cgroup);
	free(selection->by_birth);
	free(selection->members);
	family_done(&selection->family);
	memset(selection, 0, sizeof(*selection));
}
