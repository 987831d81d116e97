// SPDX-License-Identifier: BSD-2-Clause
/* What the programs tell through the ring buffer. */
#include "ledger/ledger_impl.h"

#include <bpf/libbpf.h>
#include <errno.h>

static int take_exec(const struct ledger_visitor *visitor, const struct ledger_event *event,
		     const char *text)
{
	const struct ledger_exec exec = {
		.pid = event->pid,
		.start_ns = event->id,
		.args = text,
		.length = event->length,
		.cut = event->cut,
	};

	return visitor->exec ? visitor->exec(visitor->userdata, &exec) : 0;
}

static int take_cgroup(const struct ledger_visitor *visitor, const struct ledger_event *event,
		       const char *text)
{
	const struct ledger_cgroup cgroup = {
		.change = event->kind == LEDGER_EVENT_CGROUP_MADE      ? LEDGER_CGROUP_MADE
			  : event->kind == LEDGER_EVENT_CGROUP_REMOVED ? LEDGER_CGROUP_REMOVED
								       : LEDGER_CGROUP_RENAMED,
		.version = (int)event->hierarchy,
		.id = event->id,
		.path = text,
		.length = event->length,
		.cut = event->cut,
	};

	return visitor->cgroup ? visitor->cgroup(visitor->userdata, &cgroup) : 0;
}

/* Called by libbpf for each event, with the visitor that is being told. */
static int take_event(void *userdata, void *data, size_t size)
{
	const struct ledger_visitor *visitor = ((struct ledger *)userdata)->visitor;
	const struct ledger_event *event = data;

	if (size < sizeof(*event) || event->length > size - sizeof(*event))
		return 0;
	switch (event->kind) {
	case LEDGER_EVENT_EXEC:
		return take_exec(visitor, event, (const char *)(event + 1));
	case LEDGER_EVENT_CGROUP_MADE:
	case LEDGER_EVENT_CGROUP_REMOVED:
	case LEDGER_EVENT_CGROUP_RENAMED:
		return take_cgroup(visitor, event, (const char *)(event + 1));
	default: /* rows wanted, a move: told by the waking itself */
		return 0;
	}
}

int ledger_open_events(struct ledger *ledger, int map_fd)
{
	ledger->events = ring_buffer__new(map_fd, take_event, ledger, NULL);
	return ledger->events ? 0 : -errno;
}

int ledger_fd(const struct ledger *ledger)
{
	return ledger->can_ask ? ring_buffer__epoll_fd(ledger->events) : -1;
}

int ledger_events(struct ledger *ledger, const struct ledger_visitor *visitor)
{
	int n;

	if (!ledger->events)
		return 0;
	ledger->visitor = visitor;
	n = ring_buffer__consume(ledger->events);
	ledger->visitor = NULL;
	ledger_follow_moves(ledger);
	return n < 0 ? n : 0;
}
