// SPDX-License-Identifier: BSD-2-Clause
/* Who is in a tick's report, and in which order. */
#include "report/jiffies.h"
#include "report/reporter_impl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Puts the entity in the report, with what its window comes to. */
static void list(struct reporter *reporter, struct tracked *tracked)
{
	const struct report_host *host = &reporter->report.host;
	struct entity *entity = &tracked->entity;
	uint32_t user_hz = reporter->run->user_hz;
	double share = 0;

	/* Jiffies of the sums, not a sum of jiffies: what runs 1 ms a tick is not to show 0. */
	entity->window_jiffies = jiffies_of(entity->total.cpu_ns, user_hz) -
				 jiffies_of(entity->total.cpu_ns - entity->window_ns, user_hz);
	if (host->window_active_ns > 0)
		share = (double)entity->window_ns / (double)host->window_active_ns;
	entity->window_share = share < 1 ? share : 1;
	entity->window_joules = host->window_joules * entity->window_share;
	entity->window_grams = carbon_grams(&reporter->carbon, entity->window_joules);
	tracked->listed = true;
	reporter->listed[reporter->report.n_entities++] = entity;
}

static void list_selected(struct reporter *reporter)
{
	for (size_t i = 0; i < reporter->selection.n_members; i++) {
		struct tracked *tracked = reporter->selection.members[i];

		if (tracked->seen != reporter->taken) {
			tracked->entity.tick = (struct figures){0};
			tracked->entity.subtree_tick = (struct figures){0};
			tracked->entity.counts = tracked->entity.domain_counts = NULL;
		}
		list(reporter, tracked);
	}
}

static int compare(uint64_t left, uint64_t right)
{
	return (left > right) - (left < right);
}

/* Numbers as numbers: threads, processes and trees by pid, tid and start, users by uid. */
static int by_id(const void *a, const void *b)
{
	const struct entity *left = *(struct entity *const *)a;
	const struct entity *right = *(struct entity *const *)b;
	int order;

	if (left->group != right->group)
		return left->group ? 1 : -1;
	if (left->kind == ENTITY_USER && !left->group && strlen(left->id) != strlen(right->id))
		return compare(strlen(left->id), strlen(right->id));
	if (left->kind > ENTITY_TREE || left->group)
		return strcmp(left->id, right->id);
	order = compare(left->pid, right->pid);
	if (!order)
		order = compare(left->tid, right->tid);
	return order ? order : compare(left->start_ns, right->start_ns);
}

/* All that ran; at the start mark all that is kept; and the end of one that has been listed. */
static void list_present(struct reporter *reporter)
{
	for (size_t i = 0; i < reporter->roster.n_present; i++) {
		struct tracked *tracked = reporter->roster.present[i];

		if (reporter->report.first || tracked->entity.tick.cpu_ns > 0 ||
		    tracked->entity.subtree_tick.cpu_ns > 0 ||
		    (tracked->entity.ended && tracked->listed))
			list(reporter, tracked);
	}
}

static int by_joules(const void *a, const void *b)
{
	const struct figures *left = &(*(struct entity *const *)a)->tick;
	const struct figures *right = &(*(struct entity *const *)b)->tick;

	if (left->joules != right->joules)
		return left->joules > right->joules ? -1 : 1;
	if (left->cpu_ns != right->cpu_ns)
		return left->cpu_ns > right->cpu_ns ? -1 : 1;
	return by_id(a, b);
}

/* --top: what the rest used goes to the others. */
static void cut_to_top(struct reporter *reporter)
{
	struct figures *others = &reporter->report.host.others;
	struct report *report = &reporter->report;

	if (reporter->top == 0 || report->n_entities <= reporter->top)
		return;
	qsort(reporter->listed, report->n_entities, sizeof(struct entity *), by_joules);
	for (size_t i = reporter->top; i < report->n_entities; i++) {
		reporter_add_figures(others, &reporter->listed[i]->tick);
		reporter_add_figures(&report->host.total_others, &reporter->listed[i]->total);
	}
	report->n_entities = reporter->top;
}

void reporter_list(struct reporter *reporter)
{
	if (selection_is_empty(&reporter->selection))
		list_present(reporter);
	else
		list_selected(reporter);
	cut_to_top(reporter);
	if (reporter->report.n_entities > 1)
		qsort(reporter->listed, reporter->report.n_entities, sizeof(struct entity *),
		      by_id);
}

int reporter_make_listed_room(struct reporter *reporter)
{
	size_t room = reporter->roster.n_present + reporter->selection.n_members;
	struct entity **moved;

	if (room <= reporter->listed_room)
		return 0;
	room += room / 2;
	moved = reallocarray(reporter->listed, room, sizeof(struct entity *));
	if (!moved)
		return -ENOMEM;
	reporter->listed = moved;
	reporter->listed_room = room;
	return 0;
}
