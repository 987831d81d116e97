// SPDX-License-Identifier: BSD-2-Clause
#include "raplsim/fault.h"

#include "base/parse.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#define MAX_SECONDS 1e7

static const char *const kinds[ZONE_FAULTS] = {
	[ZONE_FAULT_RESET] = "reset",
	[ZONE_FAULT_STUCK] = "stuck",
	[ZONE_FAULT_EIO] = "eio",
	[ZONE_FAULT_REMOVED] = "removed",
	[ZONE_FAULT_UNREADABLE] = "unreadable",
};

static int parse_moment(const char *text, struct fault_moment *ret)
{
	double seconds;
	int err;

	*ret = (struct fault_moment){.ns = FAULT_NEVER};
	if (strcmp(text, "usr1") == 0 || strcmp(text, "usr2") == 0) {
		ret->signal = text[3] == '1' ? SIGUSR1 : SIGUSR2;
		return 0;
	}
	err = parse_double(text, 0, MAX_SECONDS, &seconds);
	if (!err)
		ret->ns = (uint64_t)(seconds * 1e9 + 0.5);
	return err;
}

static int parse_kind(const char *text, enum zone_fault *ret)
{
	for (unsigned int i = 0; i < ZONE_FAULTS; i++) {
		if (strcmp(text, kinds[i]) != 0)
			continue;
		*ret = (enum zone_fault)i;
		return 0;
	}
	return -EINVAL;
}

static int parse_span(char *text, struct fault *fault)
{
	char *dash = strchr(text, '-');

	fault->to = (struct fault_moment){.ns = FAULT_NEVER};
	if (dash)
		*dash = '\0';
	if (parse_moment(text, &fault->from) != 0)
		return -EINVAL;
	if (!dash)
		return 0;
	if (parse_moment(dash + 1, &fault->to) != 0)
		return -EINVAL;
	if (fault->from.signal || fault->to.signal)
		return 0;
	return fault->to.ns > fault->from.ns ? 0 : -EINVAL;
}

int fault_parse(const char *text, struct fault *ret, struct errmsg *msg)
{
	struct fault fault = {.text = text};
	char buffer[128] = "";
	char *zone, *kind;

	if (strlen(text) < sizeof(buffer))
		snprintf(buffer, sizeof(buffer), "%s", text);
	/* The kind is behind the last colon, as a node's name has colons too. */
	zone = strchr(buffer, ':');
	kind = strrchr(buffer, ':');
	if (!zone || zone == kind || (size_t)(kind - zone) > sizeof(fault.zone))
		return errmsg_set(msg, -EINVAL,
				  "the fault '%s' is not FROM[-TO]:ZONE:KIND, such as 2-4:dram:eio",
				  text);
	*zone++ = '\0';
	*kind++ = '\0';
	snprintf(fault.zone, sizeof(fault.zone), "%s", zone);
	if (parse_span(buffer, &fault) != 0)
		return errmsg_set(
			msg, -EINVAL,
			"the time of the fault '%s' is not FROM or FROM-TO in rising seconds, "
			"usr1 or usr2",
			text);
	if (parse_kind(kind, &fault.kind) != 0)
		return errmsg_set(msg, -EINVAL,
				  "'%s' is no fault (reset, stuck, eio, removed, unreadable)",
				  kind);
	if (fault.kind == ZONE_FAULT_RESET && (fault.to.ns != FAULT_NEVER || fault.to.signal))
		return errmsg_set(msg, -EINVAL, "a reset is a moment: '%s' has an end", text);
	*ret = fault;
	return 0;
}

static int is_about(const struct fault *fault, const struct zone *zone)
{
	return strcmp(fault->zone, zone->name) == 0 || strcmp(fault->zone, zone->node) == 0;
}

int fault_check(const struct fault *faults, size_t n_faults, const struct zones *zones,
		struct errmsg *msg)
{
	size_t z;

	for (size_t i = 0; i < n_faults; i++) {
		for (z = 0; z < zones->n_zones; z++)
			if (is_about(&faults[i], &zones->zones[z]))
				break;
		if (z == zones->n_zones)
			return errmsg_set(msg, -EINVAL,
					  "the fault '%s' is about a zone that is not in the tree",
					  faults[i].text);
	}
	return 0;
}

static int signal_moment(struct fault_moment *moment, int signal, uint64_t now_ns)
{
	if (moment->signal != signal || moment->ns != FAULT_NEVER)
		return 0;
	moment->ns = now_ns;
	return 1;
}

void fault_signal(struct fault *faults, size_t n_faults, int signal, uint64_t now_ns)
{
	/* One signal is one moment of a fault: with usr1-usr1 the second one ends it. */
	for (size_t i = 0; i < n_faults; i++)
		if (!signal_moment(&faults[i].from, signal, now_ns) &&
		    faults[i].from.ns != FAULT_NEVER)
			signal_moment(&faults[i].to, signal, now_ns);
}

static void switch_zones(const struct fault *fault, struct zones *zones, int on)
{
	struct zone *zone;

	for (size_t z = 0; z < zones->n_zones; z++) {
		zone = &zones->zones[z];
		if (!is_about(fault, zone))
			continue;
		if (fault->kind == ZONE_FAULT_RESET)
			zone_reset(zone, fault->from.ns);
		else if (on)
			zone->faults[fault->kind]++;
		else
			zone->faults[fault->kind]--;
	}
}

static void step(struct fault *fault, struct zones *zones, uint64_t now_ns)
{
	if (fault->state == FAULT_WAITING && fault->from.ns <= now_ns) {
		switch_zones(fault, zones, 1);
		fault->news = "begin";
		fault->state = fault->kind == ZONE_FAULT_RESET ? FAULT_OVER : FAULT_ACTIVE;
	}
	if (fault->state == FAULT_ACTIVE && fault->to.ns <= now_ns) {
		switch_zones(fault, zones, 0);
		fault->news = "end";
		fault->state = FAULT_OVER;
	}
}

void fault_apply(struct fault *faults, size_t n_faults, struct zones *zones, uint64_t now_ns)
{
	for (size_t i = 0; i < n_faults; i++)
		step(&faults[i], zones, now_ns);
}

uint64_t fault_next_ns(const struct fault *faults, size_t n_faults)
{
	uint64_t next = FAULT_NEVER, ns;

	for (size_t i = 0; i < n_faults; i++) {
		if (faults[i].state == FAULT_OVER)
			continue;
		ns = faults[i].state == FAULT_WAITING ? faults[i].from.ns : faults[i].to.ns;
		if (ns < next)
			next = ns;
	}
	return next;
}

void fault_announce(struct fault *faults, size_t n_faults, FILE *file)
{
	for (size_t i = 0; i < n_faults; i++) {
		if (!faults[i].news)
			continue;
		fprintf(file, "%s %s\n", faults[i].news, faults[i].text);
		fflush(file);
		faults[i].news = NULL;
	}
}
