// SPDX-License-Identifier: BSD-2-Clause
#include "cli/wait.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum {
	SLOT_SIGNAL,
	SLOT_TICK,
	SLOT_POLL,
	OWN_SLOTS, /* made and closed here */
	FIXED_SLOTS = OWN_SLOTS + WAITER_MAX_WAKES
};

struct waiter {
	struct pollfd *slots; /* the fixed ones, then a pidfd for each process that lives */
	size_t n_slots, n_alive;
	uint64_t interval_ns, poll_interval_ns;
	bool pass_signals;
	int signal; /* to be passed on */

	/* As they were before, for what is started after this run. */
	bool changed_signals;
	sigset_t old_mask;
	struct sigaction old_pipe;
};

static struct timespec to_timespec(uint64_t ns)
{
	return (struct timespec){.tv_sec = (time_t)(ns / 1000000000U),
				 .tv_nsec = (long)(ns % 1000000000U)};
}

/* A periodic timer from now on; the kernel keeps its phase. */
static int arm(int fd, uint64_t period_ns)
{
	struct itimerspec spec = {.it_interval = to_timespec(period_ns),
				  .it_value = to_timespec(period_ns)};

	return timerfd_settime(fd, 0, &spec, NULL) == 0 ? 0 : -errno;
}

static int open_signals(struct waiter *waiter)
{
	const struct sigaction ignore = {.sa_handler = SIG_IGN};
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	if (waiter->pass_signals) {
		sigaddset(&set, SIGQUIT);
		sigaddset(&set, SIGUSR1);
		sigaddset(&set, SIGUSR2);
	}
	if (sigprocmask(SIG_BLOCK, &set, &waiter->old_mask) != 0)
		return -errno;
	sigaction(SIGPIPE, &ignore, &waiter->old_pipe);
	waiter->changed_signals = true;
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void watch(struct waiter *waiter, size_t slot, int fd)
{
	waiter->slots[slot] = (struct pollfd){.fd = fd, .events = POLLIN};
}

/* Kernels before 5.3 have no pidfds: the ledger still tells of the end, at the next tick. */
static void watch_pids(struct waiter *waiter, const struct waiter_options *options)
{
	for (size_t i = 0; i < options->n_pids; i++) {
		int fd = (int)syscall(SYS_pidfd_open, options->pids[i], 0);

		watch(waiter, waiter->n_slots, fd);
		if (fd >= 0 || errno != ESRCH)
			waiter->n_alive++;
		waiter->n_slots++;
	}
}

int waiter_new(const struct waiter_options *options, struct waiter **ret, struct errmsg *msg)
{
	struct waiter *waiter = calloc(1, sizeof(*waiter));

	if (waiter)
		waiter->slots = calloc(FIXED_SLOTS + options->n_pids, sizeof(*waiter->slots));
	if (!waiter || !waiter->slots) {
		free(waiter);
		return errmsg_set(msg, -ENOMEM, "out of memory");
	}
	waiter->interval_ns = options->interval_ns;
	waiter->pass_signals = options->pass_signals;
	if (options->poll_interval_ns < options->interval_ns)
		waiter->poll_interval_ns = options->poll_interval_ns;
	watch(waiter, SLOT_SIGNAL, open_signals(waiter));
	watch(waiter, SLOT_TICK, timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
	watch(waiter, SLOT_POLL, timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
	for (size_t i = OWN_SLOTS; i < FIXED_SLOTS; i++)
		watch(waiter, i, -1);
	waiter->n_slots = FIXED_SLOTS;
	for (size_t i = 0; i < OWN_SLOTS; i++) {
		if (waiter->slots[i].fd < 0) {
			waiter_free(waiter);
			return errmsg_set(msg, -EMFILE, "cannot make the timers of the tick");
		}
	}
	watch_pids(waiter, options);
	*ret = waiter;
	return 0;
}

void waiter_watch(struct waiter *waiter, int fd)
{
	size_t slot = OWN_SLOTS;

	while (slot < FIXED_SLOTS && waiter->slots[slot].fd >= 0)
		slot++;
	if (slot < FIXED_SLOTS)
		watch(waiter, slot, fd);
}

int waiter_start(struct waiter *waiter)
{
	int err = arm(waiter->slots[SLOT_TICK].fd, waiter->interval_ns);

	if (!err && waiter->poll_interval_ns)
		err = arm(waiter->slots[SLOT_POLL].fd, waiter->poll_interval_ns);
	return err;
}

/*
 * With a command, what would end the run is the command's. A terminal's ^C went to the command by
 * itself, being in the same process group.
 */
static int take_signals(struct waiter *waiter)
{
	struct signalfd_siginfo info;
	int events = 0;

	while (read(waiter->slots[SLOT_SIGNAL].fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGHUP) {
			events |= WAIT_HUP;
		} else if (!waiter->pass_signals) {
			events |= WAIT_STOP;
		} else if (info.ssi_code != SI_KERNEL) {
			waiter->signal = (int)info.ssi_signo;
			return events | WAIT_PASS;
		}
	}
	return events;
}

int waiter_signal(const struct waiter *waiter)
{
	return waiter->signal;
}

static int take_timer(int fd, int event)
{
	uint64_t expirations;

	return read(fd, &expirations, sizeof(expirations)) == (ssize_t)sizeof(expirations) ? event
											   : 0;
}

/* A pidfd is readable once its process has exited: it is not waited for again. */
static int take_ends(struct waiter *waiter)
{
	size_t before = waiter->n_alive;

	for (size_t i = FIXED_SLOTS; i < waiter->n_slots; i++) {
		if (!waiter->slots[i].revents)
			continue;
		close(waiter->slots[i].fd);
		waiter->slots[i].fd = -1;
		waiter->n_alive--;
	}
	return before && !waiter->n_alive ? WAIT_ENDED : 0;
}

int waiter_next(struct waiter *waiter)
{
	int events = 0;

	while (!events) {
		if (poll(waiter->slots, waiter->n_slots, -1) < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		if (waiter->slots[SLOT_SIGNAL].revents)
			events |= take_signals(waiter);
		if (waiter->slots[SLOT_TICK].revents)
			events |= take_timer(waiter->slots[SLOT_TICK].fd, WAIT_TICK);
		if (waiter->slots[SLOT_POLL].revents)
			events |= take_timer(waiter->slots[SLOT_POLL].fd, WAIT_POLL);
		for (size_t i = OWN_SLOTS; i < FIXED_SLOTS; i++)
			events |= waiter->slots[i].revents ? WAIT_WAKE : 0;
		events |= take_ends(waiter);
	}
	return events;
}

void waiter_free(struct waiter *waiter)
{
	if (!waiter)
		return;
	for (size_t i = 0; i < waiter->n_slots; i++) {
		if ((i < OWN_SLOTS || i >= FIXED_SLOTS) && waiter->slots[i].fd >= 0)
			close(waiter->slots[i].fd);
	}
	if (waiter->changed_signals) {
		sigaction(SIGPIPE, &waiter->old_pipe, NULL);
		sigprocmask(SIG_SETMASK, &waiter->old_mask, NULL);
	}
	free(waiter->slots);
	free(waiter);
}
