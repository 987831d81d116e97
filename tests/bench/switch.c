// SPDX-License-Identifier: BSD-2-Clause
/*
 * What a switch costs with a program at it: by the kernel's own count of the program's time
 * (bpf_stats, which adds its two clock calls to every program alike), and as it is felt by two
 * processes that make each other switch.
 */
#include "bench.h"

#include "counters/counters.h"
#include "ledger/ledger_impl.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger.skel.h" /* the ledger's programs are told apart by it */
#include "switch.skel.h"

#define SWITCHES 200000
#define MAX_ROUNDS 99

enum contender {
	NONE,
	EMPTY,
	CLOCK,
	OURS,
	OURS_HASH,
	OURS_KTIME,
	OURS_1_COUNTER,
	OURS_2_COUNTERS,
	OURS_4_COUNTERS,
	N_CONTENDERS,
};

static const char *const names[N_CONTENDERS] = {
	[NONE] = "no program",
	[EMPTY] = "empty program (the floor)",
	[CLOCK] = "clock-only program",
	[OURS] = "ours",
	[OURS_HASH] = "ours, where task storage lacks",
	[OURS_KTIME] = "ours, where the rq clock lacks",
	[OURS_1_COUNTER] = "ours, with 1 software counter",
	[OURS_2_COUNTERS] = "ours, with 2",
	[OURS_4_COUNTERS] = "ours, with 4",
};

/* Of software: there on every machine, and alike. */
static const char *const counter_names[] = {"page-faults", "context-switches", "cpu-clock",
					    "task-clock"};

#define N_COUNTERS (sizeof(counter_names) / sizeof(counter_names[0]))

/* Runs of programs and the time they took. */
struct runs {
	uint64_t n, ns;
};

struct measure {
	double stats[MAX_ROUNDS];     /* ns a run of the switch program */
	double anchors[MAX_ROUNDS];   /* ns a switch, of the two that stand by */
	double ping_pong[MAX_ROUNDS]; /* ns a switch, stats off */
};

/* What is attached at present. */
struct attached {
	struct switch_bpf *bench;
	struct bpf_link *link;
	struct ledger *ledger;
	struct counters *counters; /* open all the time: what costs is the reading */
};

static void add_runs(const struct bpf_program *program, struct runs *runs)
{
	struct bpf_prog_info info = {};
	__u32 size = sizeof(info);

	if (bpf_program__fd(program) < 0 ||
	    bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size) != 0)
		return;
	runs->n += info.run_cnt;
	runs->ns += info.run_time_ns;
}

static void read_runs(const struct attached *attached, enum contender contender,
		      struct runs *at_switch, struct runs *anchors)
{
	*at_switch = *anchors = (struct runs){0};
	if (contender == EMPTY)
		add_runs(attached->bench->progs.bench_empty, at_switch);
	if (contender == CLOCK)
		add_runs(attached->bench->progs.bench_clock, at_switch);
	if (!attached->ledger)
		return;
	add_runs(attached->ledger->skeleton->progs.ledger_switch, at_switch);
	add_runs(attached->ledger->skeleton->progs.ledger_anchor_tick, anchors);
	add_runs(attached->ledger->skeleton->progs.ledger_anchor_idle, anchors);
}

static int ignore_entry(void *userdata, const struct ledger_entry *entry)
{
	(void)userdata;
	(void)entry;
	return 0;
}

static int ignore_span(void *userdata, const struct ledger_span *span)
{
	(void)userdata;
	(void)span;
	return 0;
}

/* Opens the ledger and closes one tick, as a run does at its start. */
static int start_ledger(const struct bench_options *options, enum contender contender,
			const struct counters *counters, struct ledger **ret)
{
	const struct ledger_visitor visitor = {.entry = ignore_entry, .span = ignore_span};
	struct ledger_counter read[N_COUNTERS];
	const struct ledger_options how = {
		.rows = LEDGER_DEFAULT_ROWS,
		.no_task_storage = contender == OURS_HASH,
		.no_rq_clock = contender == OURS_KTIME,
		.counters = read,
		.n_counters = contender == OURS_1_COUNTER    ? 1
			      : contender == OURS_2_COUNTERS ? 2
			      : contender == OURS_4_COUNTERS ? 4
							     : 0,
	};
	const struct counter *list;
	uint64_t losses[LOSS_N] = {};
	int err;

	if (counters_list(counters, &list) < how.n_counters)
		return -EOPNOTSUPP;
	for (size_t i = 0; i < how.n_counters; i++)
		read[i].fds = list[i].fds;
	err = bench_open_ledger(options, &how, ret);
	if (!err)
		err = ledger_mark(*ret);
	return err ? err : ledger_collect(*ret, &visitor, losses);
}

static int attach(const struct bench_options *options, enum contender contender,
		  struct attached *attached)
{
	struct bpf_program *program;

	if (contender == NONE)
		return 0;
	if (contender >= OURS)
		return start_ledger(options, contender, attached->counters, &attached->ledger);
	program = contender == EMPTY ? attached->bench->progs.bench_empty
				     : attached->bench->progs.bench_clock;
	attached->link = bpf_program__attach(program);
	return attached->link ? 0 : -errno;
}

static void detach(struct attached *attached)
{
	bpf_link__destroy(attached->link);
	ledger_close(attached->ledger);
	attached->link = NULL;
	attached->ledger = NULL;
}

/* One contender's turn: with stats, then without. */
static int take_turn(const struct attached *attached, enum contender contender, unsigned int cpu,
		     struct measure *measure, unsigned int round)
{
	struct runs before, after, anchors_before, anchors_after;
	int stats = bpf_enable_stats(BPF_STATS_RUN_TIME);
	double felt;

	if (stats < 0)
		return -errno;
	read_runs(attached, contender, &before, &anchors_before);
	felt = ping_pong(cpu, SWITCHES);
	read_runs(attached, contender, &after, &anchors_after);
	close(stats);
	if (after.n > before.n) {
		double n = (double)(after.n - before.n);

		measure->stats[round] = (double)(after.ns - before.ns) / n;
		measure->anchors[round] = (double)(anchors_after.ns - anchors_before.ns) / n;
	}
	if (felt > 0)
		felt = ping_pong(cpu, SWITCHES);
	measure->ping_pong[round] = felt;
	return felt > 0 ? 0 : -EIO;
}

static int play(const struct bench_options *options, struct attached *attached, unsigned int cpu,
		struct measure *measures)
{
	int err = 0;

	for (unsigned int round = 0; round < options->rounds && !err; round++) {
		for (enum contender i = NONE; i < N_CONTENDERS && !err; i++) {
			err = attach(options, i, attached);
			if (!err)
				err = take_turn(attached, i, cpu, &measures[i], round);
			detach(attached);
		}
	}
	return err;
}

/* By bpf_stats, of sorted rounds: what others do on the machine shows in the medians. */
static void print_ratio(const char *what, const struct measure *measures, enum contender peer,
			unsigned int rounds, double goal)
{
	const double *ours = measures[OURS].stats, *theirs = measures[peer].stats;

	printf("  %-32s %6.2f x (%.2f x)   goal at most %.2f x\n", what,
	       ours[rounds / 2] / theirs[rounds / 2], ours[0] / theirs[0], goal);
}

static void print(struct measure *measures, unsigned int rounds, unsigned int cpu)
{
	double stats[N_CONTENDERS] = {}, felt[N_CONTENDERS];

	printf("Cost per switch, CPU %u, medians (and least) of %u rounds of %u switches, ns\n",
	       cpu, rounds, SWITCHES);
	printf("  %-32s %-18s %s\n", "", "by bpf_stats", "a switch of the ping-pong");
	for (enum contender i = NONE; i < N_CONTENDERS; i++) {
		struct measure *measure = &measures[i];

		stats[i] = bench_median(measure->stats, rounds);
		felt[i] = bench_median(measure->ping_pong, rounds);
		printf("  %-32s ", names[i]);
		if (i == NONE)
			printf("%-18s ", "-");
		else
			printf("%6.1f (%.1f)%*s", stats[i], measure->stats[0], 5, "");
		printf("%7.1f (%.1f)\n", felt[i], measure->ping_pong[0]);
	}
	printf("  %-32s %6.1f             a switch; attached only where the kernel hides tasks\n",
	       "its two anchor programs", bench_median(measures[OURS].anchors, rounds));
	print_ratio("ours / empty, by bpf_stats", measures, EMPTY, rounds, 1.75);
	print_ratio("ours / clock-only, by bpf_stats", measures, CLOCK, rounds, 0.70);
	printf("  %-32s %6.2f x (%.2f x)   empty / none: %.2f x (%.2f x)\n",
	       "ours / none, by ping-pong", felt[OURS] / felt[NONE],
	       measures[OURS].ping_pong[0] / measures[NONE].ping_pong[0], felt[EMPTY] / felt[NONE],
	       measures[EMPTY].ping_pong[0] / measures[NONE].ping_pong[0]);
}

/* The last CPU there is: the first has more to do. */
static unsigned int quiet_cpu(const struct bench_options *options)
{
	unsigned int last = 0;

	for (unsigned int id = 0; id < options->n_cpus; id++) {
		if (options->online[id])
			last = id;
	}
	return last;
}

static int open_counters(const struct bench_options *options, struct counters **ret)
{
	const struct counters_options wanted = {
		.sysfs = "/sys",
		.names = counter_names,
		.n_names = N_COUNTERS,
		.n_cpus = options->n_cpus,
		.online = options->online,
	};
	struct errmsg msg = {};
	int err = counters_open(&wanted, ret, &msg);

	if (err)
		fprintf(stderr, "bench: %s\n", msg.text);
	return err;
}

int bench_switch(struct bench_options *options)
{
	struct measure *measures = calloc(N_CONTENDERS, sizeof(*measures));
	unsigned int cpu = quiet_cpu(options);
	struct attached attached = {};
	int err = measures ? 0 : -ENOMEM;

	if (options->rounds > MAX_ROUNDS)
		options->rounds = MAX_ROUNDS;
	attached.bench = switch_bpf__open();
	if (!attached.bench)
		err = -errno;
	if (!err)
		err = bpf_map__set_max_entries(attached.bench->maps.stamps, options->n_cpus);
	if (!err)
		err = switch_bpf__load(attached.bench);
	if (!err)
		err = open_counters(options, &attached.counters);
	if (!err)
		err = play(options, &attached, cpu, measures);
	if (!err) {
		print(measures, options->rounds, cpu);
		options->ns_a_switch = bench_median(measures[OURS].stats, options->rounds);
	} else {
		fprintf(stderr, "bench: the switch: %s\n", strerror(-err));
	}
	switch_bpf__destroy(attached.bench);
	counters_close(attached.counters);
	free(measures);
	return err;
}
