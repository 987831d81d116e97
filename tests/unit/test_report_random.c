// SPDX-License-Identifier: BSD-2-Clause
/*
 * Random runs, and beside the reporter a second book-keeping that never forgets: every figure is
 * summed again from the whole history in every tick.
 */
#include "reporter_fixture.h"

#define IDS 40U
#define TICKS 120U

/* A process: its life in ticks, and what it used in each. */
struct life {
	uint32_t pid;
	uint64_t start_ns;
	uint32_t born, dies;
	bool selected;
	char comm[SAMPLE_COMM_LEN];
	uint64_t ns[TICKS + 1];
	double joules[TICKS + 1];
};

struct history {
	struct life lives[IDS];
	uint64_t active_ns[TICKS + 1];
	double host_j[TICKS + 1];
	uint32_t window;
};

static struct history history;
static uint64_t random_state;

static uint32_t below(uint32_t n)
{
	random_state = random_state * 6364136223846793005U + 1442695040888963407U;
	return (uint32_t)(random_state >> 33) % n;
}

static void make_lives(const uint32_t *pids, size_t n_pids)
{
	memset(&history, 0, sizeof(history));
	history.window = 1 + below(12);
	for (uint32_t i = 0; i < IDS; i++) {
		struct life *life = &history.lives[i];

		/* Eight pids, each used by five processes one after the other. */
		life->pid = 100 + i % 8;
		life->born = i / 8 * (TICKS / 5);
		life->dies = life->born + 1 + below(TICKS / 5 - 2);
		if (i % 8 == 7)
			life->dies = life->born + 1; /* a short one */
		life->start_ns = life->born == 0 ? i + 1 : (10 + life->born) * S - 5;
		snprintf(life->comm, sizeof(life->comm), "comm-%u", i % 3);
		for (size_t p = 0; p < n_pids; p++)
			life->selected = life->selected || (pids[p] == life->pid && i < 8);
	}
}

static void add_life(struct fixture *f, struct life *life, uint32_t t)
{
	if (t < life->born || t > life->dies || (life->dies != t && t > 0 && below(3) == 0))
		return;
	process(f, life->pid, life->start_ns, life->comm)->ended = t == life->dies;
	for (uint32_t n = t == 0 ? 0 : below(4); n > 0; n--) {
		uint64_t ns = below(20000000);

		ran(f, below(2), ns);
		life->ns[t] += ns;
	}
}

static struct life *life_of(uint32_t pid, uint64_t start_ns)
{
	for (uint32_t i = 0; i < IDS; i++) {
		if (history.lives[i].pid == pid && history.lives[i].start_ns == start_ns)
			return &history.lives[i];
	}
	fail();
	return NULL;
}

static void add_energy(struct fixture *f, uint32_t t)
{
	static const size_t packages[2] = {0, 2};

	for (uint32_t c = 0; c < 2; c++) {
		struct sample_cpu *cpu = &f->sample.cpus[c];
		uint64_t active;

		cpu->lost_ns = below(4) ? 0 : below(5000000);
		cpu->idle_ns -= cpu->lost_ns;
		active = cpu->busy_ns + cpu->lost_ns;
		history.active_ns[t] += active;
		f->sample.energy[packages[c]].uj = below(90000000);
		history.host_j[t] += (double)f->sample.energy[packages[c]].uj / 1e6;
		for (size_t i = 0; i < f->sample.n_tasks; i++) {
			const struct sample_task *task = &f->sample.tasks[i];
			const struct sample_process *p = &f->sample.processes[task->process];

			if (task->domain == (int32_t)packages[c] && active > 0)
				life_of(p->pid, p->start_ns)->joules[t] +=
					(double)f->sample.energy[packages[c]].uj / 1e6 *
					(double)task->cpu_ns / (double)active;
		}
	}
}

static uint64_t jiffies_between(const uint64_t *ns, uint32_t from, uint32_t to)
{
	unsigned __int128 before = 0, after;

	for (uint32_t t = 1; t <= from; t++)
		before += ns[t];
	after = before;
	for (uint32_t t = from + 1; t <= to; t++)
		after += ns[t];
	return (uint64_t)(after * 100 / S) - (uint64_t)(before * 100 / S);
}

static void check_entity(const struct entity *entity, uint32_t t)
{
	const struct life *life = life_of(entity->pid, entity->start_ns);
	uint32_t from = t > history.window ? t - history.window : 0;
	uint64_t total_ns = 0, window_ns = 0, active_ns = 0;
	double total_j = 0, window_j = 0;

	for (uint32_t i = 1; i <= t; i++) {
		total_ns += life->ns[i];
		total_j += life->joules[i];
		if (i <= from)
			continue;
		window_ns += life->ns[i];
		active_ns += history.active_ns[i];
		window_j += history.host_j[i];
	}
	assert_string_equal(entity->comm, life->comm);
	assert_int_equal(entity->ended, t == life->dies);
	assert_figures(&entity->tick, life->ns[t], life->joules[t]);
	assert_figures(&entity->total, total_ns, total_j);
	assert_int_equal(entity->window_ns, window_ns);
	assert_int_equal(entity->window_jiffies, jiffies_between(life->ns, from, t));
	assert_near(entity->window_share, active_ns ? (double)window_ns / (double)active_ns : 0);
	assert_near(entity->window_joules,
		    active_ns ? window_j * (double)window_ns / (double)active_ns : 0);
}

/* Who has to be in the report, and the sums of what is and is not. */
static void check_report(const struct fixture *f, uint32_t t)
{
	const struct report *report = f->report;
	double joules = report->host.idle.joules + report->host.unattributed.joules +
			report->host.others.joules;
	uint64_t ns = report->host.idle.cpu_ns + report->host.unattributed.cpu_ns +
		      report->host.others.cpu_ns;
	size_t wanted = 0;

	for (uint32_t i = 0; i < IDS; i++) {
		const struct life *life = &history.lives[i];

		if (report->selective)
			wanted += life->selected && t <= life->dies;
		else
			wanted += life->ns[t] > 0;
	}
	for (size_t i = 0; i < report->n_entities; i++) {
		const struct entity *entity = report->entities[i];

		check_entity(entity, t);
		ns += entity->tick.cpu_ns;
		joules += entity->tick.joules;
		if (i > 0)
			assert_true(report->entities[i - 1]->pid < entity->pid ||
				    (report->entities[i - 1]->pid == entity->pid &&
				     report->entities[i - 1]->start_ns < entity->start_ns));
		if (!report->selective && entity->tick.cpu_ns == 0 && t > 0) {
			assert_true(entity->ended);
			wanted++;
		}
	}
	/* All that exist stand in the start mark; without a selection none of them is listed. */
	assert_int_equal(report->n_entities, t == 0 && !report->selective ? 0 : wanted);
	assert_int_equal(ns, t == 0 ? 0 : 2 * S);
	assert_int_equal(report->host.span_ns, ns);
	assert_near(joules, history.host_j[t]);
	assert_int_equal(report->host.active_ns, history.active_ns[t]);
	assert_int_equal(report->host.active_jiffies,
			 t == 0 ? 0 : jiffies_between(history.active_ns, t - 1, t));
	assert_int_equal(report->host.window_samples, t < history.window ? t : history.window);
	assert_int_equal(
		report->host.window_active_jiffies,
		jiffies_between(history.active_ns, t > history.window ? t - history.window : 0, t));
}

static void check_totals(const struct fixture *f)
{
	struct totals totals;
	uint64_t counted = 0;

	assert_int_equal(reporter_totals(f->reporter, &totals), 0);
	for (size_t i = 0; i < totals.n_lines; i++) {
		struct figures sum = {0};
		uint64_t count = 0;

		for (uint32_t l = 0; l < IDS; l++) {
			const struct life *life = &history.lives[l];

			if ((totals.selective && !life->selected) ||
			    strcmp(life->comm, totals.lines[i].name) != 0)
				continue;
			count++;
			for (uint32_t t = 1; t <= TICKS; t++) {
				sum.cpu_ns += life->ns[t];
				sum.joules += life->joules[t];
			}
		}
		assert_int_equal(totals.lines[i].count, count);
		assert_int_equal(totals.lines[i].pid != 0, count == 1);
		assert_figures(&totals.lines[i].figures, sum.cpu_ns, sum.joules);
		counted += count;
	}
	if (!totals.selective)
		assert_int_equal(counted, IDS);
	totals_done(&totals);
}

static void run_once(const uint32_t *pids, size_t n_pids)
{
	struct fixture f;

	make_lives(pids, n_pids);
	begin(&f, history.window, pids, n_pids);
	for (uint32_t t = 0; t <= TICKS; t++) {
		next(&f);
		for (uint32_t i = 0; i < IDS; i++)
			add_life(&f, &history.lives[(i * 7) % IDS], t);
		if (t > 0)
			add_energy(&f, t);
		tick(&f);
		check_report(&f, t);
	}
	check_totals(&f);
	assert_int_equal(reporter_all_ended(f.reporter), n_pids > 0);
	end(&f);
}

static void test_every_process(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 40; seed++) {
		random_state = seed;
		run_once(NULL, 0);
	}
}

static void test_selected_processes(void **state)
{
	(void)state;
	for (uint64_t seed = 100; seed < 140; seed++) {
		random_state = seed;
		run_once((const uint32_t[]){105, 107, 102}, 3);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_process),
		cmocka_unit_test(test_selected_processes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
