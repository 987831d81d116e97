// SPDX-License-Identifier: BSD-2-Clause
/*
 * From samples to reports. A tick first does all that can fail and then counts, so a tick that ran
 * out of memory has counted nothing and the totals of those before it stand.
 */
#include "report/jiffies.h"
#include "report/reporter_impl.h"
#include "report/retire.h"
#include "report/totals.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int reporter_new(const struct reporter_options *options, const struct run *run,
		 struct reporter **ret)
{
	struct reporter *reporter = calloc(1, sizeof(*reporter));

	if (!reporter)
		return -ENOMEM;
	assert(options->window > 0);
	entities_init(&reporter->entities, options->kind);
	roster_init(&reporter->roster, &reporter->entities);
	reporter->report.kind = options->kind;
	reporter->domains = calloc(run->n_domains + 1, sizeof(*reporter->domains));
	if (!reporter->domains || selection_init(&reporter->selection, options) < 0 ||
	    sliding_init(&reporter->sliding, options->window) < 0 ||
	    (options->calls && calls_init(&reporter->calls, run) < 0)) {
		reporter_free(reporter);
		return -ENOMEM;
	}
	reporter->run = run;
	reporter->carbon = options->carbon;
	reporter->model = options->model;
	reporter->report.run = run;
	reporter->report.carbon = &reporter->carbon;
	reporter->top = options->top;
	reporter->report.selective = !selection_is_empty(&reporter->selection) || options->top > 0;
	*ret = reporter;
	return 0;
}

/* Those whose end was in the last report. */
static void release_ended(struct reporter *reporter)
{
	const struct retirement retirement = {
		.entities = &reporter->entities,
		.selection = &reporter->selection,
		.ended = &reporter->ended,
	};

	retire_ended(&retirement, reporter->taken, reporter->roster.present,
		     reporter->roster.n_present);
	reporter->roster.n_present = 0;
}

/* What each entity, and the rest, used in this tick. */
static void spend(struct reporter *reporter, const struct sample *sample)
{
	struct roster *roster = &reporter->roster;
	struct figures *others = &reporter->report.host.others;
	struct figures *self = &reporter->report.host.self;

	*others = *self = (struct figures){0};
	for (size_t i = 0; i < sample->n_tasks; i++) {
		const struct sample_task *task = &sample->tasks[i];
		struct tracked *tracked = roster->of_task[i];
		struct figures *figures = tracked ? &tracked->entity.tick : others;

		figures->cpu_ns += task->cpu_ns;
		figures->joules += reporter->attribution.task_j[i];
		if (!sample->processes[task->process].self)
			continue;
		self->cpu_ns += task->cpu_ns;
		self->joules += reporter->attribution.task_j[i];
	}
	self->grams = carbon_grams(&reporter->carbon, self->joules);
	others->grams = carbon_grams(&reporter->carbon, others->joules);
	for (size_t i = 0; i < roster->n_present; i++) {
		struct figures *tick = &roster->present[i]->entity.tick;

		tick->grams = carbon_grams(&reporter->carbon, tick->joules);
	}
}

void reporter_add_figures(struct figures *sum, const struct figures *figures)
{
	sum->cpu_ns += figures->cpu_ns;
	sum->joules += figures->joules;
	sum->grams += figures->grams;
}

/* What each cgroup used with all below it. */
static void sum_subtrees(struct reporter *reporter)
{
	struct roster *roster = &reporter->roster;

	if (reporter->entities.kind != ENTITY_CGROUP)
		return;
	for (size_t i = 0; i < roster->n_present; i++) {
		const struct figures *tick = &roster->present[i]->entity.tick;

		for (struct tracked *at = roster->present[i]; at && tick->cpu_ns; at = at->parent)
			reporter_add_figures(&at->entity.subtree_tick, tick);
	}
}

static struct figures figures_of(const struct reporter *reporter, uint64_t cpu_ns, double joules)
{
	return (struct figures){cpu_ns, joules, carbon_grams(&reporter->carbon, joules)};
}

/* The host's figures of this tick. */
static void measure_host(struct reporter *reporter, const struct sample *sample)
{
	const struct attribution *attribution = &reporter->attribution;
	struct report_host *host = &reporter->report.host;
	uint32_t user_hz = reporter->run->user_hz;
	uint64_t busy_ns = 0, idle_ns = 0, lost_ns = 0;

	for (size_t i = 0; i < sample->n_cpus; i++) {
		busy_ns += sample->cpus[i].busy_ns;
		idle_ns += sample->cpus[i].idle_ns;
		lost_ns += sample->cpus[i].lost_ns;
	}
	host->active_ns = busy_ns + lost_ns;
	host->idle_ns = idle_ns;
	host->span_ns = host->active_ns + idle_ns;
	host->active_jiffies = jiffies_next(host->active_ns, user_hz, &reporter->active_rest);
	host->idle_jiffies = jiffies_next(idle_ns, user_hz, &reporter->idle_rest);
	host->joules = attribution->host_j;
	host->idle = figures_of(reporter, idle_ns, attribution->idle_j);
	host->unattributed = figures_of(reporter, lost_ns, attribution->unattributed_j);
}

static void add_totals(struct reporter *reporter)
{
	struct report_host *host = &reporter->report.host;
	struct figures all = figures_of(reporter, host->span_ns, host->joules);

	running_add(&reporter->total, &all);
	running_add(&reporter->total_idle, &host->idle);
	running_add(&reporter->total_unattributed, &host->unattributed);
	running_add(&reporter->total_others, &host->others);
	running_add(&reporter->total_self, &host->self);
	host->total = running_get(&reporter->total);
	host->total_idle = running_get(&reporter->total_idle);
	host->total_unattributed = running_get(&reporter->total_unattributed);
	host->total_others = running_get(&reporter->total_others);
	host->total_self = running_get(&reporter->total_self);
	host->window_samples = reporter->sliding.held;
	host->window_active_ns = reporter->sliding.active_ns;
	host->window_active_jiffies = reporter->sliding.active_jiffies;
	host->window_joules = sliding_joules(&reporter->sliding);
	for (size_t i = 0; i < reporter->roster.n_present; i++) {
		struct tracked *tracked = reporter->roster.present[i];

		running_add(&tracked->total, &tracked->entity.tick);
		tracked->entity.total = running_get(&tracked->total);
		running_add(&tracked->subtree_total, &tracked->entity.subtree_tick);
		tracked->entity.subtree_total = running_get(&tracked->subtree_total);
	}
}

/* The joules of each domain, and those that went to who is kept. */
static void add_domains(struct reporter *reporter, const struct sample *sample)
{
	for (size_t i = 0; i < sample->n_energy; i++)
		sum_add(&reporter->domains[i].host, (double)sample->energy[i].uj / 1e6);
	for (size_t i = 0; i < sample->n_tasks; i++) {
		const struct sample_task *task = &sample->tasks[i];

		if (task->domain >= 0 && reporter->roster.of_task[i])
			sum_add(&reporter->domains[task->domain].listed,
				reporter->attribution.task_j[i]);
	}
}

/* Counts one tick in. Returns 0, or -ENOMEM with no total changed. */
static int count_tick(struct reporter *reporter, const struct sample *sample)
{
	uint64_t active_rest = reporter->active_rest, idle_rest = reporter->idle_rest;
	struct report_host *host = &reporter->report.host;
	int err;

	err = counts_spend(&reporter->counts, reporter->run, sample, &reporter->roster);
	if (err)
		return err;
	spend(reporter, sample);
	sum_subtrees(reporter);
	measure_host(reporter, sample);
	err = sliding_push(&reporter->sliding, &reporter->entities,
			   &(struct sliding_entry){
				   .active_ns = host->active_ns,
				   .active_jiffies = host->active_jiffies,
				   .joules = host->joules,
				   .present = reporter->roster.present,
				   .n_present = reporter->roster.n_present,
			   });
	if (err) {
		reporter->active_rest = active_rest;
		reporter->idle_rest = idle_rest;
		return err;
	}
	add_totals(reporter);
	add_domains(reporter, sample);
	reporter->ticks++;
	return 0;
}

static void count_losses(struct reporter *reporter, const struct sample *sample)
{
	for (size_t i = 0; i < LOSS_N; i++)
		reporter->losses[i] += sample->losses[i];
	for (size_t i = 0; i < sample->n_energy; i++) {
		reporter->wraps += sample->energy[i].wraps;
		reporter->resets += sample->energy[i].resets;
		reporter->gaps += sample->energy[i].gaps;
	}
}

/* All that can fail before a tick is counted. */
static int prepare(struct reporter *reporter, const struct sample *sample)
{
	int err;

	err = roster_take(&reporter->roster,
			  &(struct roster_context){
				  .entities = &reporter->entities,
				  .selection = &reporter->selection,
				  .begin_ns = reporter->begin_ns,
				  .tick = reporter->taken,
			  },
			  sample);
	if (err)
		return err;
	err = reporter_make_listed_room(reporter);
	if (err)
		return err;
	err = reporter->model->attribute(reporter->run, sample, &reporter->attribution);
	if (err)
		return err;
	return calls_take(&reporter->calls, &reporter->report, &reporter->roster,
			  &reporter->attribution, reporter->last_ns);
}

int reporter_tick(struct reporter *reporter, const struct sample *sample, const struct report **ret)
{
	struct report *report = &reporter->report;
	int err;

	release_ended(reporter);
	if (reporter->taken++ == 0) {
		reporter->begin_ns = sample->boottime_ns;
		reporter->first_ns = sample->monotonic_ns;
	}
	report->first = reporter->taken == 1;
	report->sample = sample;
	report->n_entities = 0;
	err = prepare(reporter, sample);
	if (!err && !report->first)
		err = count_tick(reporter, sample);
	if (err)
		return err;
	reporter->last_ns = sample->monotonic_ns;
	count_losses(reporter, sample);
	reporter_list(reporter);
	report->entities = reporter->listed;
	*ret = report;
	return 0;
}

bool reporter_all_ended(const struct reporter *reporter)
{
	return selection_all_ended(&reporter->selection);
}

bool reporter_pids_ended(const struct reporter *reporter)
{
	return selection_pids_ended(&reporter->selection);
}

int reporter_totals(const struct reporter *reporter, struct totals *ret)
{
	struct totals totals = {
		.run = reporter->run,
		.carbon = &reporter->carbon,
		.kind = reporter->entities.kind,
		.selective = !selection_is_empty(&reporter->selection),
		.elapsed_ns = reporter->last_ns - reporter->first_ns,
		.ticks = reporter->ticks,
		.host = reporter->report.host,
		.wraps = reporter->wraps,
		.resets = reporter->resets,
		.gaps = reporter->gaps,
	};
	int err;

	/* Without what --top put there for the last tick: the lines have all. */
	totals.host.total_others = running_get(&reporter->total_others);
	memcpy(totals.losses, reporter->losses, sizeof(totals.losses));
	err = totals_lines(&reporter->entities, &reporter->ended, &totals.lines, &totals.n_lines);
	if (err)
		return err;
	totals.domains = calloc(reporter->run->n_domains + 1, sizeof(*totals.domains));
	if (!totals.domains) {
		totals_done(&totals);
		return -ENOMEM;
	}
	for (size_t i = 0; i < reporter->run->n_domains; i++) {
		totals.domains[i].host = sum_get(&reporter->domains[i].host);
		totals.domains[i].listed = sum_get(&reporter->domains[i].listed);
	}
	*ret = totals;
	return 0;
}

void reporter_free(struct reporter *reporter)
{
	if (!reporter)
		return;
	roster_done(&reporter->roster);
	entities_done(&reporter->entities);
	selection_done(&reporter->selection);
	ended_done(&reporter->ended);
	sliding_done(&reporter->sliding);
	attribution_done(&reporter->attribution);
	counts_done(&reporter->counts);
	calls_done(&reporter->calls);
	free(reporter->listed);
	free(reporter->domains);
	free(reporter);
}
