// SPDX-License-Identifier: BSD-2-Clause
#include "counters/event_names.h"

#include "base/cleanup.h"
#include "base/fileio.h"
#include "base/nearest.h"
#include "counters/pfm.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* perf_event_open(2); the names are those of perf(1). */
static const struct {
	const char *name;
	__u64 config;
} software[] = {
	{"cpu-clock", PERF_COUNT_SW_CPU_CLOCK},
	{"task-clock", PERF_COUNT_SW_TASK_CLOCK},
	{"page-faults", PERF_COUNT_SW_PAGE_FAULTS},
	{"context-switches", PERF_COUNT_SW_CONTEXT_SWITCHES},
	{"cpu-migrations", PERF_COUNT_SW_CPU_MIGRATIONS},
	{"minor-faults", PERF_COUNT_SW_PAGE_FAULTS_MIN},
	{"major-faults", PERF_COUNT_SW_PAGE_FAULTS_MAJ},
	{"alignment-faults", PERF_COUNT_SW_ALIGNMENT_FAULTS},
	{"emulation-faults", PERF_COUNT_SW_EMULATION_FAULTS},
};

#define N_SOFTWARE (sizeof(software) / sizeof(software[0]))

static const char *const msr_events[] = {"tsc", "aperf", "mperf"};

static bool encode_software(const char *name, struct perf_event_attr *ret)
{
	for (size_t i = 0; i < N_SOFTWARE; i++) {
		if (strcasecmp(name, software[i].name) != 0)
			continue;
		ret->size = sizeof(*ret);
		ret->type = PERF_TYPE_SOFTWARE;
		ret->config = software[i].config;
		return true;
	}
	return false;
}

/* The nearest of the names known here, else of all that libpfm knows, or NULL. */
static const char *nearest_of_all(struct pfm *pfm, const char *name)
{
	const char *known[N_SOFTWARE + 3];
	const char *nearest;

	for (size_t i = 0; i < N_SOFTWARE; i++)
		known[i] = software[i].name;
	memcpy(known + N_SOFTWARE, msr_events, sizeof(msr_events));
	nearest = nearest_word(name, known, N_SOFTWARE + 3);
	return nearest || !pfm ? nearest : pfm_nearest_event(pfm, name);
}

static int unknown_event(struct pfm *pfm, const char *name, struct errmsg *msg)
{
	const char *nearest = nearest_of_all(pfm, name);

	if (nearest)
		return errmsg_set(msg, -EINVAL, "no event is called '%s': did you mean '%s'?", name,
				  nearest);
	return errmsg_set(msg, -EINVAL,
			  "no event is called '%s': showevtinfo of libpfm4 prints what there is",
			  name);
}

int event_encode(const char *name, struct perf_event_attr *ret, struct errmsg *msg)
{
	_cleanup_(pfm_closep) struct pfm *pfm = NULL;
	const char *why;
	int err;

	if (encode_software(name, ret))
		return 0;
	err = pfm_open(&pfm);
	if (err && nearest_of_all(NULL, name))
		return unknown_event(NULL, name, msg);
	if (err)
		return errmsg_set(msg, -EOPNOTSUPP,
				  "the names of events such as '%s' need libpfm4: install it",
				  name);
	err = pfm_encode(pfm, name, ret, &why);
	if (!err)
		return 0;
	if (err != -ENOENT)
		return errmsg_set(msg, -EINVAL, "event '%s': %s", name, why);
	if (pfm_knows_event(pfm, name))
		return errmsg_set(msg, -ENOENT, "this machine's CPUs have no event '%s'", name);
	return unknown_event(pfm, name, msg);
}

/* "event=0x01", the one word that the msr PMU's events have (arch/x86/events/msr.c). */
static int read_config(int directory, const char *event, __u64 *ret)
{
	static const char prefix[] = "event=0x";
	char path[32], text[64], *digits = text + sizeof(prefix) - 1, *rest;
	unsigned long long config;
	int err;

	snprintf(path, sizeof(path), "events/%s", event);
	err = fileio_read_text(directory, path, text, sizeof(text));
	if (err)
		return err;
	if (strncmp(text, prefix, sizeof(prefix) - 1) != 0 || !isxdigit((unsigned char)*digits))
		return -EINVAL;
	errno = 0;
	config = strtoull(digits, &rest, 16);
	if (errno || *rest)
		return -EINVAL;
	*ret = config;
	return 0;
}

static int read_msr_event(const char *sysfs, const char *event, struct perf_event_attr *ret)
{
	_cleanup_close_ int directory = -1;
	char path[4096];
	uint64_t type;
	__u64 config;
	int err;

	snprintf(path, sizeof(path), "%s/bus/event_source/devices/msr", sysfs);
	directory = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0)
		return -errno;
	err = fileio_read_u64(directory, "type", &type);
	if (!err)
		err = read_config(directory, event, &config);
	if (!err && type > UINT32_MAX)
		err = -ERANGE;
	if (err)
		return err;
	ret->size = sizeof(*ret);
	ret->type = (__u32)type;
	ret->config = config;
	return 0;
}

int event_encode_msr(const char *sysfs, const char *name, struct perf_event_attr *ret,
		     struct errmsg *msg)
{
	for (size_t i = 0; i < sizeof(msr_events) / sizeof(msr_events[0]); i++) {
		int err;

		if (strcasecmp(name, msr_events[i]) != 0)
			continue;
		err = read_msr_event(sysfs, msr_events[i], ret);
		if (!err)
			return 0;
		return errmsg_set(msg, -ENOENT, "this machine's msr PMU has no event '%s' (%s)",
				  name, strerror(-err));
	}
	return -EINVAL;
}
