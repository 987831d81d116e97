// SPDX-License-Identifier: BSD-2-Clause
#include "report/calls.h"

#include "base/grow.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

int calls_init(struct calls *calls, const struct run *run)
{
	return window_energy_new(run->update_ns, &calls->energy);
}

static int make_room(struct calls *calls, size_t n)
{
	struct window_thread_use *moved;

	if (n <= calls->uses_room)
		return 0;
	n += n / 2;
	moved = reallocarray(calls->uses, n, sizeof(*moved));
	if (!moved)
		return -ENOMEM;
	calls->uses = moved;
	calls->uses_room = n;
	return 0;
}

static int take_tick(struct calls *calls, const struct report *report, const struct roster *roster,
		     const struct attribution *attribution, uint64_t begin_ns)
{
	const struct sample *sample = report->sample;
	struct window_tick tick = {.begin_ns = begin_ns, .end_ns = sample->monotonic_ns};
	bool counted = report->run->kind != ENERGY_NONE;

	if (make_room(calls, sample->n_tasks) != 0)
		return -ENOMEM;
	for (size_t i = 0; i < sample->n_tasks; i++) {
		const struct sample_task *task = &sample->tasks[i];
		const struct sample_process *process = &sample->processes[task->process];

		if (!roster->of_task[i])
			continue;
		calls->uses[tick.n_uses++] = (struct window_thread_use){
			.tid = task->tid,
			.pid = process->pid,
			.start_ns = task->start_ns,
			.process_start_ns = process->start_ns,
			.cpu_ns = task->cpu_ns,
			.joules = counted ? attribution->task_j[i] : NAN,
			.ended = task->ended,
			.process_ended = process->ended,
		};
	}
	tick.uses = calls->uses;
	return window_energy_tick(calls->energy, &tick);
}

static int tell(void *userdata, const struct window *window, const struct window_cost *cost)
{
	struct calls *calls = userdata;
	struct report_call *moved;

	moved = grow_array(calls->told, calls->n_told, &calls->told_room, sizeof(*moved));
	if (!moved)
		return -ENOMEM;
	calls->told = moved;
	moved = &calls->told[calls->n_told++];
	*moved = (struct report_call){.window = *window, .cost = *cost};
	/* Of what was before the start mark nobody has read the joules. */
	if (window->end_ns <= calls->first_ns)
		moved->cost.joules = moved->cost.own_joules = NAN;
	return 0;
}

int calls_take(struct calls *calls, struct report *report, const struct roster *roster,
	       const struct attribution *attribution, uint64_t begin_ns)
{
	const struct sample *sample = report->sample;
	int err = 0;

	if (!calls->energy)
		return 0;
	calls->n_told = 0;
	if (report->first)
		calls->first_ns = sample->monotonic_ns;
	else
		err = take_tick(calls, report, roster, attribution, begin_ns);
	for (size_t i = 0; i < sample->n_windows && !err; i++)
		err = window_energy_add(calls->energy, &sample->windows[i]);
	if (!err)
		err = windows_attribute(calls->energy, false, tell, calls);
	/* Also after a failure: what was told of the tick before may have been moved. */
	report->calls = calls->told;
	report->n_calls = calls->n_told;
	report->n_call_processes = window_energy_processes(calls->energy, &report->call_processes,
							   &report->call_processes_gone);
	return err;
}

void calls_done(struct calls *calls)
{
	window_energy_free(calls->energy);
	free(calls->uses);
	free(calls->told);
	memset(calls, 0, sizeof(*calls));
}
