// SPDX-License-Identifier: BSD-2-Clause
#include "windows/energy.h"

#include "base/grow.h"
#include "base/hash.h"
#include "windows/history.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 64
#define KEPT_MAX 1000U

struct thread_key {
	uint64_t start_ns;
	uint64_t tid;
};

struct thread {
	struct thread_key key;
	struct thread_history history;
	uint64_t root_ns; /* of the windows that inner_j is of */
	double inner_j[DEPTH_MAX +
		       1]; /* by depth: windows that have ended, their outer one not yet */
	bool ended;
	UT_hash_handle hh;
};

/* Where a process stands among `processes`. */
struct place {
	struct process_key {
		uint64_t start_ns;
		uint64_t pid;
	} key;
	size_t index;
	bool ended;
	UT_hash_handle hh;
};

struct window_energy {
	uint64_t update_ns;
	uint64_t end_ns; /* of the last tick */
	struct thread *threads;
	struct window *pending;
	size_t n_pending, pending_room;
	struct window_process *processes;
	size_t n_processes, processes_room;
	struct place *places;
	struct process_key *ended; /* in the last tick */
	size_t n_ended, ended_room;
	struct window_gone gone;
	size_t n_kept; /* of `processes` those that have ended */
};

int window_energy_new(uint64_t update_ns, struct window_energy **ret)
{
	*ret = calloc(1, sizeof(**ret));
	if (!*ret)
		return -ENOMEM;
	(*ret)->update_ns = update_ns;
	return 0;
}

static struct thread *find_thread(struct window_energy *energy, uint32_t tid, uint64_t start_ns)
{
	const struct thread_key key = {.start_ns = start_ns, .tid = tid};
	struct thread *thread;

	HASH_FIND(hh, energy->threads, &key, sizeof(key), thread);
	return thread;
}

static struct thread *make_thread(struct window_energy *energy, uint32_t tid, uint64_t start_ns)
{
	struct thread *thread = find_thread(energy, tid, start_ns);

	if (thread)
		return thread;
	thread = calloc(1, sizeof(*thread));
	if (!thread)
		return NULL;
	thread->key = (struct thread_key){.start_ns = start_ns, .tid = tid};
	HASH_ADD(hh, energy->threads, key, sizeof(thread->key), thread);
	if (thread->hh.tbl)
		return thread;
	free(thread);
	return NULL;
}

static void drop_thread(struct window_energy *energy, struct thread *thread)
{
	HASH_DEL(energy->threads, thread);
	thread_history_done(&thread->history);
	free(thread);
}

static bool add_place(struct window_energy *energy, const struct process_key *key, size_t index)
{
	struct place *place = calloc(1, sizeof(*place));

	if (!place)
		return false;
	place->key = *key;
	place->index = index;
	HASH_ADD(hh, energy->places, key, sizeof(place->key), place);
	if (place->hh.tbl)
		return true;
	free(place);
	return false;
}

/* NULL when memory is out. */
static struct window_process *make_process(struct window_energy *energy, uint32_t pid,
					   uint64_t start_ns)
{
	const struct process_key key = {.start_ns = start_ns, .pid = pid};
	struct window_process *moved;
	struct place *place;

	HASH_FIND(hh, energy->places, &key, sizeof(key), place);
	if (place)
		return &energy->processes[place->index];
	moved = grow_array(energy->processes, energy->n_processes, &energy->processes_room,
			   sizeof(*moved));
	if (!moved)
		return NULL;
	energy->processes = moved;
	moved[energy->n_processes] = (struct window_process){.pid = pid, .start_ns = start_ns};
	if (!add_place(energy, &key, energy->n_processes))
		return NULL;
	return &moved[energy->n_processes++];
}

/* 0 or -ENOMEM. It may come several times for one, which does no harm. */
static int note_end(struct window_energy *energy, const struct window_process *process)
{
	struct process_key *moved =
		grow_array(energy->ended, energy->n_ended, &energy->ended_room, sizeof(*moved));

	if (!moved)
		return -ENOMEM;
	energy->ended = moved;
	moved[energy->n_ended++] =
		(struct process_key){.start_ns = process->start_ns, .pid = process->pid};
	return 0;
}

/* The last process takes the place of this one. */
static void drop_process(struct window_energy *energy, struct place *place)
{
	struct window_process *process = &energy->processes[place->index];
	const struct window_process *last = &energy->processes[--energy->n_processes];
	const struct process_key key = {.start_ns = last->start_ns, .pid = last->pid};
	struct place *moved;

	energy->gone.sum.joules += process->joules;
	energy->gone.sum.windows_joules += process->windows_joules;
	energy->gone.sum.rest_joules += process->rest_joules;
	energy->gone.sum.n_windows += process->n_windows;
	energy->gone.n_with_windows += process->n_windows > 0;
	HASH_FIND(hh, energy->places, &key, sizeof(key), moved);
	moved->index = place->index;
	*process = *last;
	HASH_DEL(energy->places, place);
	free(place);
}

int window_energy_tick(struct window_energy *energy, const struct window_tick *tick)
{
	for (size_t i = 0; i < tick->n_uses; i++) {
		const struct window_thread_use *use = &tick->uses[i];
		struct thread *thread = make_thread(energy, use->tid, use->start_ns);
		struct window_process *process =
			make_process(energy, use->pid, use->process_start_ns);
		const struct thread_tick part = {.begin_ns = tick->begin_ns,
						 .end_ns = tick->end_ns,
						 .cpu_ns = use->cpu_ns,
						 .joules = use->joules};

		if (!thread || !process || thread_history_add(&thread->history, &part) != 0)
			return -ENOMEM;
		process->joules += use->joules;
		process->rest_joules = process->joules - process->windows_joules;
		thread->ended |= use->ended;
		if (use->process_ended && note_end(energy, process) != 0)
			return -ENOMEM;
	}
	energy->end_ns = tick->end_ns;
	return 0;
}

int window_energy_add(struct window_energy *energy, const struct window *window)
{
	struct window *moved = grow_array(energy->pending, energy->n_pending, &energy->pending_room,
					  sizeof(*moved));

	if (!moved)
		return -ENOMEM;
	energy->pending = moved;
	moved[energy->n_pending++] = *window;
	return 0;
}

/*
 * The joules of the windows within this one, which are told before it. Deeper ones than the next may be
 * among them, where the window between was abandoned.
 */
static double take_inner(struct thread *thread, const struct window *window)
{
	double joules = 0;

	if (thread->root_ns != window->root_ns) {
		memset(thread->inner_j, 0, sizeof(thread->inner_j));
		thread->root_ns = window->root_ns;
	}
	for (uint32_t depth = window->depth + 1; depth <= DEPTH_MAX; depth++) {
		joules += thread->inner_j[depth];
		thread->inner_j[depth] = 0;
	}
	return joules;
}

static int charge(struct window_energy *energy, const struct window *window,
		  struct window_cost *ret)
{
	struct thread *thread = find_thread(energy, window->tid, window->start_ns);
	struct window_process *process =
		make_process(energy, window->pid, window->process_start_ns);
	struct window_cost cost = {.joules = NAN, .own_joules = NAN};
	uint64_t covered_ns = 0;
	double inner;

	*ret = cost;
	if (!process)
		return -ENOMEM;
	process->n_windows++;
	if (!thread)
		return 0;
	inner = take_inner(thread, window);
	cost.own_joules = window->unresolved ? 0
					     : thread_history_take(&thread->history,
								   window->begin_ns, window->end_ns,
								   window->own_ns, &covered_ns);
	cost.joules = inner + cost.own_joules;
	cost.resolved = covered_ns > 0 && covered_ns >= energy->update_ns;
	if (window->depth <= DEPTH_MAX)
		thread->inner_j[window->depth] += cost.joules;
	process->windows_joules += cost.own_joules;
	process->rest_joules = process->joules - process->windows_joules;
	if (!window->unresolved)
		*ret = cost;
	return 0;
}

/* Their last tick was known when the windows were told. */
static void forget_ended(struct window_energy *energy)
{
	struct thread *thread, *next;

	HASH_ITER(hh, energy->threads, thread, next) {
		if (thread->ended)
			drop_thread(energy, thread);
	}
	for (size_t i = 0; i < energy->n_ended; i++) {
		struct place *place;

		HASH_FIND(hh, energy->places, &energy->ended[i], sizeof(*energy->ended), place);
		if (!place || place->ended)
			continue;
		place->ended = true;
		if (energy->processes[place->index].n_windows > 0 && energy->n_kept < KEPT_MAX)
			energy->n_kept++;
		else
			drop_process(energy, place);
	}
	energy->n_ended = 0;
}

int windows_attribute(struct window_energy *energy, bool all,
		      int (*each)(void *userdata, const struct window *window,
				  const struct window_cost *cost),
		      void *userdata)
{
	size_t kept = 0;
	int err = 0;

	for (size_t i = 0; i < energy->n_pending && !err; i++) {
		const struct window *window = &energy->pending[i];
		struct window_cost cost;

		if (window->end_ns > energy->end_ns && !all) {
			energy->pending[kept++] = *window;
			continue;
		}
		err = charge(energy, window, &cost);
		if (!err)
			err = each(userdata, window, &cost);
	}
	energy->n_pending = kept;
	forget_ended(energy);
	return err;
}

size_t window_energy_processes(const struct window_energy *energy,
			       const struct window_process **ret, struct window_gone *ret_gone)
{
	*ret = energy->processes;
	*ret_gone = energy->gone;
	return energy->n_processes;
}

void window_energy_free(struct window_energy *energy)
{
	struct place *place, *next_place;
	struct thread *thread, *next;

	if (!energy)
		return;
	HASH_ITER(hh, energy->threads, thread, next) {
		drop_thread(energy, thread);
	}
	HASH_ITER(hh, energy->places, place, next_place) {
		HASH_DEL(energy->places, place);
		free(place);
	}
	free(energy->pending);
	free(energy->processes);
	free(energy->ended);
	free(energy);
}
