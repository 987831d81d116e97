// SPDX-License-Identifier: BSD-2-Clause
#include "raplsim/feed.h"

#include "raplsim/command.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>

#define NS_PER_S 1000000000ULL

/* /proc/stat counts in 10 ms: a tenth of a second has ten steps. */
#define LOAD_PERIOD_NS (NS_PER_S / 10)

struct run {
	struct feed *feed;
	uint64_t zero_ns; /* CLOCK_MONOTONIC of time 0 */
	uint64_t period_ns;
	uint64_t end_ns;  /* UINT64_MAX for none */
	uint64_t load_ns; /* when the load was last read */
	pid_t command;	  /* 0 for none */
	bool told;	  /* the command was asked to end */
	bool ended;
	int status;
};

static uint64_t clock_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

static void fill_signals(sigset_t *ret)
{
	sigemptyset(ret);
	sigaddset(ret, SIGINT);
	sigaddset(ret, SIGTERM);
	sigaddset(ret, SIGHUP);
	sigaddset(ret, SIGUSR1);
	sigaddset(ret, SIGUSR2);
	sigaddset(ret, SIGCHLD);
}

void feed_block(sigset_t *ret_mask)
{
	sigset_t set;

	/* A blocked signal waits for sigtimedwait unless it is ignored, as a parent may have it. */
	signal(SIGCHLD, SIG_DFL);
	fill_signals(&set);
	sigaddset(&set, SIGPIPE); /* a reader of "ready" that goes does not end the run */
	sigprocmask(SIG_BLOCK, &set, ret_mask);
}

static void follow_load(struct run *run, uint64_t now_ns)
{
	struct zones *zones = run->feed->zones;
	struct power *power;
	double busy;

	if (!run->feed->load || now_ns - run->load_ns < LOAD_PERIOD_NS)
		return;
	run->load_ns = now_ns;
	if (load_sample(run->feed->load) != 0)
		return;
	for (size_t i = 0; i < zones->n_powers; i++) {
		power = &zones->powers[i];
		if (!power->follows_load)
			continue;
		busy = load_busy(run->feed->load, power->package, power->die);
		if (busy >= 0)
			power_set_load(power, now_ns, busy);
	}
}

static int change(struct feed *feed, uint64_t now_ns, struct errmsg *msg)
{
	fault_apply(feed->options->faults, feed->options->n_faults, feed->zones, now_ns);
	return tree_update(feed->tree, feed->zones, now_ns, msg);
}

int feed_begin(struct feed *feed, struct errmsg *msg)
{
	return change(feed, 0, msg);
}

static int tick(struct run *run, uint64_t now_ns, struct errmsg *msg)
{
	struct options *options = run->feed->options;
	int err;

	/* Before the load: the power up to now is that of the last sample. */
	err = change(run->feed, now_ns, msg);
	if (err)
		return err;
	/* The standard output of a command is its own. */
	if (!run->command)
		fault_announce(options->faults, options->n_faults, stdout);
	follow_load(run, now_ns);
	return 0;
}

/* The next period that is not over yet, or what comes before it: the missed ones are skipped. */
static uint64_t next_deadline(const struct run *run, uint64_t now_ns)
{
	uint64_t next = (now_ns / run->period_ns + 1) * run->period_ns;
	uint64_t fault_ns = fault_next_ns(run->feed->options->faults, run->feed->options->n_faults);

	if (fault_ns < next)
		next = fault_ns;
	return run->end_ns < next ? run->end_ns : next;
}

static void end_by_signal(struct run *run, const siginfo_t *info)
{
	if (!run->command) {
		run->ended = true;
		return;
	}
	/* What a terminal sends, the command has from it already (si_code: sigaction(2)). */
	if (info->si_code <= 0)
		kill(run->command, info->si_signo);
}

static void take_signal(struct run *run, const siginfo_t *info)
{
	struct options *options = run->feed->options;

	switch (info->si_signo) {
	case SIGCHLD:
		if (run->command && command_ended(run->command, &run->status))
			run->ended = true;
		break;
	case SIGUSR1:
	case SIGUSR2:
		fault_signal(options->faults, options->n_faults, info->si_signo,
			     clock_ns() - run->zero_ns);
		break;
	default:
		end_by_signal(run, info);
	}
}

/* Until the deadline or a signal; both are looked at by one call, so none is missed in between. */
static void wait_until(struct run *run, uint64_t deadline_ns)
{
	uint64_t now_ns = clock_ns() - run->zero_ns;
	uint64_t left_ns = deadline_ns > now_ns ? deadline_ns - now_ns : 0;
	struct timespec left = {
		.tv_sec = (time_t)(left_ns / NS_PER_S),
		.tv_nsec = (long)(left_ns % NS_PER_S),
	};
	siginfo_t info;
	sigset_t set;

	fill_signals(&set);
	if (sigtimedwait(&set, &info, &left) > 0)
		take_signal(run, &info);
}

/* The end of --duration: that of the run, or of the command, which is asked to. */
static void end_by_time(struct run *run)
{
	if (!run->command) {
		run->ended = true;
		return;
	}
	if (!run->told)
		kill(run->command, SIGTERM);
	run->told = true;
	run->end_ns = UINT64_MAX;
}

static int loop(struct run *run, uint64_t *ret_end_ns, struct errmsg *msg)
{
	uint64_t now_ns;
	int err;

	for (;;) {
		now_ns = clock_ns() - run->zero_ns;
		if (now_ns >= run->end_ns) {
			/* Not a moment longer, so that joules are watts × duration. */
			now_ns = run->command ? now_ns : run->end_ns;
			end_by_time(run);
		}
		err = tick(run, now_ns, msg);
		if (err)
			return err;
		if (run->ended) {
			*ret_end_ns = now_ns;
			return 0;
		}
		wait_until(run, next_deadline(run, now_ns));
	}
}

int feed_run(struct feed *feed, const sigset_t *mask, int *ret_status, uint64_t *ret_end_ns,
	     struct errmsg *msg)
{
	struct options *options = feed->options;
	struct run run = {
		.feed = feed,
		.zero_ns = clock_ns(),
		.period_ns = (uint64_t)(options->period_s * 1e9 + 0.5),
		.end_ns = UINT64_MAX,
	};
	int err;

	if (options->duration_s > 0)
		run.end_ns = (uint64_t)(options->duration_s * 1e9 + 0.5);
	if (options->command) {
		err = command_start(options->command, tree_path(feed->tree), mask, &run.command,
				    msg);
		if (err)
			return err;
	} else {
		printf("ready %s\n", options->dir);
		fflush(stdout);
	}
	err = loop(&run, ret_end_ns, msg);
	if (err && run.command && !run.ended) {
		kill(run.command, SIGTERM);
		command_wait(run.command);
	}
	*ret_status = run.status;
	return err;
}
