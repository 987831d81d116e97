// SPDX-License-Identifier: BSD-2-Clause
/* What a row costs at the tick, by how many there are and what became of their tasks. */
#include "bench.h"
#include "fake_ledger.h"
#include "line.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TICK_NS 1000000000U
#define N_TICKS 15
#define WARM_UP 4 /* buffers grow, pages are met for the first time */

enum life {
	RUNNING,   /* all live and ran in the tick */
	SLEEPING,  /* all live and none ran */
	SHORT_RUN, /* all were born, ran and died within the tick */
	N_LIVES,
};

static const char *const lives[N_LIVES] = {"live, ran", "live, slept", "born and dead"};

/* Dead ones are freed a tick after they were read: room for three ticks, half of it given out. */
static uint32_t rows_for(enum life life, uint32_t n)
{
	uint32_t wanted = life == SHORT_RUN ? n * 6 : n * 2 + 1024;

	return wanted < LEDGER_DEFAULT_ROWS ? LEDGER_DEFAULT_ROWS : wanted;
}

/* What the kernel did in a tick. Returns 0, or -ENOSPC when rows ran out. */
static int play_tick(struct fake_ledger *fake, enum life life, uint32_t n)
{
	uint32_t wanted = life == SHORT_RUN || fake->births == 0 ? n : 0;

	if (fake_born(fake, wanted) != wanted)
		return -ENOSPC;
	/* What sleeps has run once. */
	if (life != SLEEPING || wanted)
		fake_run(fake, 10000);
	if (life == SHORT_RUN)
		fake_die(fake);
	fake_pass(fake, TICK_NS);
	return 0;
}

static int count_entry(void *userdata, const struct ledger_entry *entry)
{
	uint64_t *sum = userdata;

	*sum += entry->cpu_ns;
	return 0;
}

static int count_span(void *userdata, const struct ledger_span *span)
{
	(void)userdata;
	(void)span;
	return 0;
}

/* ledger_mark and ledger_collect alone. */
static int time_ledger(const struct bench_options *options, enum life life, uint32_t n,
		       double *ret_ns)
{
	struct ledger_options wanted = {
		.rows = rows_for(life, n),
		.n_cpus = options->n_cpus,
		.online = options->online,
		.domains = options->domains,
	};
	uint64_t losses[LOSS_N] = {}, sum = 0, start;
	const struct ledger_visitor visitor = {
		.entry = count_entry, .span = count_span, .userdata = &sum};
	struct fake_ledger fake = {};
	struct ledger *ledger = NULL;
	struct errmsg msg = {};
	double ns[N_TICKS];
	int err;

	fake_ledger_next(&fake);
	err = ledger_open(&wanted, &ledger, &msg);
	for (unsigned int tick = 0; tick < N_TICKS && !err; tick++) {
		err = play_tick(&fake, life, n);
		if (err)
			break;
		start = bench_cpu_ns();
		err = ledger_mark(ledger);
		if (!err)
			err = ledger_collect(ledger, &visitor, losses);
		ns[tick] = (double)(bench_cpu_ns() - start) / n;
	}
	if (!err)
		*ret_ns = bench_median(ns + WARM_UP, N_TICKS - WARM_UP);
	ledger_close(ledger);
	fake_done(&fake);
	return err;
}

struct stages {
	double collector[N_TICKS], reporter[N_TICKS], output[N_TICKS], all[N_TICKS];
};

/* One tick of all of it, with the figures put into `stages`. */
static int time_tick(struct line *line, uint32_t n, unsigned int tick, struct stages *stages,
		     struct errmsg *msg)
{
	struct line_times times;
	int err;

	err = line_tick(line, &times, msg);
	if (err)
		return err;
	if (times.n_lines != 0 && times.n_lines != n)
		return errmsg_set(msg, -EIO, "%zu lines, not %u", times.n_lines, n);
	stages->collector[tick] = (double)times.collector_ns / n;
	stages->reporter[tick] = (double)times.reporter_ns / n;
	stages->output[tick] = (double)times.output_ns / n;
	stages->all[tick] = (double)(times.collector_ns + times.reporter_ns + times.output_ns) / n;
	return 0;
}

/* From the mark to what is written. */
static int time_line(enum life life, uint32_t n, const char *spec, const char *file,
		     struct stages *stages)
{
	struct fake_ledger fake = {};
	struct errmsg msg = {};
	struct line line = {};
	int err;

	fake_ledger_next(&fake);
	err = line_open(&line, rows_for(life, n), spec, &msg);
	if (!err)
		err = line_tick(&line, NULL, &msg); /* the start mark */
	for (unsigned int tick = 0; tick < N_TICKS && !err; tick++) {
		if (file && truncate(file, 0) != 0)
			err = -errno;
		if (!err)
			err = play_tick(&fake, life, n);
		if (!err)
			err = time_tick(&line, n, tick, stages, &msg);
	}
	if (err)
		fprintf(stderr, "bench: the tick: %s\n", msg.text[0] ? msg.text : strerror(-err));
	line_close(&line);
	fake_done(&fake);
	return err;
}

static double middle(double *values)
{
	return bench_median(values + WARM_UP, N_TICKS - WARM_UP);
}

static int print_row(const struct bench_options *options, enum life life, uint32_t n)
{
	struct stages null = {}, file = {};
	double ledger = 0, least;
	char spec[4096];
	int err;

	snprintf(spec, sizeof(spec), "jsonl:%s", options->target);
	err = time_ledger(options, life, n, &ledger);
	if (!err)
		err = time_line(life, n, "jsonl:/dev/null", NULL, &null);
	if (!err)
		err = time_line(life, n, spec, options->target, &file);
	unlink(options->target);
	if (err)
		return err;
	least = middle(null.all); /* sorts */
	printf("  %-14s %6u %8.1f %10.1f %8.1f %8.1f %8.1f (%.0f) %8.1f\n", lives[life], n, ledger,
	       middle(null.collector), middle(null.reporter), middle(null.output), least,
	       null.all[WARM_UP], middle(file.all));
	return 0;
}

int bench_tick(struct bench_options *options)
{
	static const uint32_t sizes[] = {1000, 10000, 50000};
	int err = 0;

	printf("Cost per tick, ns a row, rows played by the benchmark: medians (and least) of %u "
	       "ticks\n",
	       N_TICKS - WARM_UP);
	printf("  goals: the ledger alone at most 20, all up to written JSONL at most 1000\n");
	printf("  %-14s %6s %8s %10s %8s %8s %8s %14s\n", "tasks", "rows", "ledger", "collector",
	       "reporter", "jsonl", "all", "all, to a file");
	for (enum life life = RUNNING; life < N_LIVES; life++) {
		for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]) && !err; i++)
			err = print_row(options, life, sizes[i]);
	}
	return err;
}
