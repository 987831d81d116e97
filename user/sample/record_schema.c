// SPDX-License-Identifier: BSD-2-Clause
#include "sample/record_schema.h"

#include "sample/record.h"

#include <errno.h>
#include <string.h>

#define KEY_AS(name_, type_, object, member, ...)                                     \
	{                                                                             \
		.name = (name_), .type = (type_), .offset = offsetof(object, member), \
		.size = sizeof(((object *)NULL)->member), ##__VA_ARGS__               \
	}
#define KEY(type_, object, member, ...) KEY_AS(#member, type_, object, member, ##__VA_ARGS__)
#define OR_ELSE(value) .optional = true, .otherwise = (value)

static const struct record_key first_keys[] = {
	KEY(KEY_U32, struct record_first, version, .min = 1),
};

static const struct record_key run_keys[] = {
	KEY(KEY_TEXT, struct run, host),
	KEY(KEY_TEXT, struct run, version),
	/* Jiffies are made with it: neither it nor the nanoseconds of a jiffy may be 0. */
	KEY(KEY_U32, struct run, user_hz, .min = 1, .max = 1000000000),
	KEY(KEY_I64, struct run, boot_realtime_ns),
	KEY(KEY_TEXT, struct run, source),
	KEY(KEY_ENERGY_KIND, struct run, kind),
	KEY(KEY_U64, struct run, update_ns, OR_ELSE(0)),
	KEY(KEY_TEXT, struct run, os, OR_ELSE(0)),
	KEY(KEY_TEXT, struct run, cpu_model, OR_ELSE(0)),
	KEY(KEY_U64, struct run, ram_mib, OR_ELSE(0)),
	KEY(KEY_U64, struct run, tick_ns, OR_ELSE(0)),
};

static const struct record_key setting_keys[] = {
	KEY(KEY_STRING, struct record_setting, name),
	KEY(KEY_STRING, struct record_setting, value),
};

static const struct record_key domain_keys[] = {
	KEY(KEY_DOMAIN_TYPE, struct run_domain, type),
	KEY(KEY_TEXT, struct run_domain, name),
	KEY(KEY_TEXT, struct run_domain, node, OR_ELSE(0)),
	KEY(KEY_I32, struct run_domain, package, OR_ELSE(-1)),
	KEY(KEY_I32, struct run_domain, die, OR_ELSE(-1)),
};

static const struct record_key cpu_keys[] = {
	KEY(KEY_U32, struct run_cpu, id),
	KEY(KEY_I32, struct run_cpu, package),
	KEY(KEY_I32, struct run_cpu, die),
	KEY(KEY_I32, struct run_cpu, core),
	KEY(KEY_I32, struct run_cpu, domain, OR_ELSE(SAMPLE_NO_DOMAIN)),
};

static const struct record_key counter_keys[] = {
	KEY(KEY_TEXT, struct run_counter, name),
	KEY(KEY_COUNTER_GROUP, struct run_counter, group),
};

static const struct record_key function_keys[] = {
	KEY(KEY_STRING, struct run_function, name),
	KEY(KEY_STRING, struct run_function, place),
};

static const struct record_key tick_keys[] = {
	KEY(KEY_U64, struct sample, seq),
	KEY(KEY_I64, struct sample, realtime_ns),
	KEY(KEY_U64, struct sample, monotonic_ns),
	KEY(KEY_U64, struct sample, boottime_ns),
	KEY(KEY_U64, struct sample, interval_ns),
	KEY(KEY_U64, struct sample, suspended_ns, OR_ELSE(0)),
	KEY(KEY_U32, struct sample, ledger_used, OR_ELSE(0)),
	KEY(KEY_U32, struct sample, ledger_rows, OR_ELSE(0)),
};

static const struct record_key span_keys[] = {
	KEY(KEY_U32, struct sample_cpu, cpu),
	KEY(KEY_U64, struct sample_cpu, busy_ns),
	KEY(KEY_U64, struct sample_cpu, idle_ns),
	KEY(KEY_U64, struct sample_cpu, lost_ns, OR_ELSE(0)),
};

static const struct record_key energy_keys[] = {
	KEY(KEY_U32, struct record_energy, domain),
	KEY_AS("uj", KEY_U64, struct record_energy, used.uj),
	KEY_AS("wraps", KEY_U32, struct record_energy, used.wraps, OR_ELSE(0)),
	KEY_AS("resets", KEY_U32, struct record_energy, used.resets, OR_ELSE(0)),
	KEY_AS("gaps", KEY_U32, struct record_energy, used.gaps, OR_ELSE(0)),
};

static const struct record_key container_keys[] = {
	KEY(KEY_U32, struct record_container, ref),
	KEY_AS("runtime", KEY_STRING, struct record_container, container.runtime),
	KEY_AS("id", KEY_STRING, struct record_container, container.id),
	KEY_AS("path", KEY_STRING, struct record_container, container.path),
	KEY_AS("label", KEY_STRING, struct record_container, container.label, OR_ELSE(0)),
	KEY_AS("name", KEY_STRING, struct record_container, container.name, OR_ELSE(0)),
	KEY_AS("image", KEY_STRING, struct record_container, container.image, OR_ELSE(0)),
	KEY_AS("pod", KEY_STRING, struct record_container, container.pod, OR_ELSE(0)),
	KEY_AS("namespace", KEY_STRING, struct record_container, container.pod_namespace,
	       OR_ELSE(0)),
};

static const struct record_key cgroup_keys[] = {
	KEY(KEY_U32, struct record_cgroup, ref),
	KEY_AS("container", KEY_I32, struct record_cgroup, cgroup.container,
	       OR_ELSE(SAMPLE_UNKNOWN)),
	KEY_AS("path", KEY_STRING, struct record_cgroup, cgroup.path),
};

static const struct record_key user_keys[] = {
	KEY(KEY_U32, struct record_user, ref),
	KEY_AS("uid", KEY_U32, struct record_user, user.uid),
	KEY_AS("name", KEY_STRING, struct record_user, user.name, OR_ELSE(0)),
};

static const struct record_key removed_keys[] = {
	KEY(KEY_I32, struct record_removed, cgroup),
};

static const struct record_key process_keys[] = {
	KEY(KEY_U32, struct sample_process, pid),
	KEY(KEY_U32, struct sample_process, ppid, OR_ELSE(0)),
	KEY(KEY_U64, struct sample_process, start_ns),
	KEY(KEY_I32, struct sample_process, cgroup, OR_ELSE(SAMPLE_UNKNOWN)),
	KEY(KEY_I32, struct sample_process, user, OR_ELSE(SAMPLE_UNKNOWN)),
	KEY(KEY_BOOL, struct sample_process, kernel, OR_ELSE(0)),
	KEY(KEY_BOOL, struct sample_process, ended, OR_ELSE(0)),
	KEY(KEY_BOOL, struct sample_process, self, OR_ELSE(0)),
	KEY(KEY_U64, struct sample_process, rss_bytes, OR_ELSE(0)),
	KEY(KEY_TEXT, struct sample_process, comm),
	KEY(KEY_STRING, struct sample_process, cmdline, OR_ELSE(0)),
};

static const struct record_key task_keys[] = {
	KEY(KEY_U32, struct sample_task, process),
	KEY(KEY_U32, struct sample_task, tid),
	KEY(KEY_U64, struct sample_task, start_ns),
	KEY(KEY_I32, struct sample_task, domain, OR_ELSE(SAMPLE_NO_DOMAIN)),
	KEY(KEY_I32, struct sample_task, cgroup, OR_ELSE(SAMPLE_UNKNOWN)),
	KEY(KEY_I32, struct sample_task, user, OR_ELSE(SAMPLE_UNKNOWN)),
	KEY(KEY_U64, struct sample_task, cpu_ns),
	KEY(KEY_BOOL, struct sample_task, ended, OR_ELSE(0)),
	KEY(KEY_TEXT, struct sample_task, comm),
};

#define COUNT_KEYS(of_)                                                                            \
	KEY_AS(of_, KEY_U32, struct record_count, of), KEY(KEY_U32, struct record_count, counter), \
		KEY_AS("value", KEY_U64, struct record_count, count.value),                        \
		KEY_AS("enabled_ns", KEY_U64, struct record_count, count.enabled_ns),              \
		KEY_AS("running_ns", KEY_U64, struct record_count, count.running_ns)

static const struct record_key count_keys[] = {COUNT_KEYS("task")};
static const struct record_key cpu_count_keys[] = {COUNT_KEYS("cpu")};

static const struct record_key calls_keys[] = {
	KEY(KEY_U32, struct record_calls, function),
	KEY_AS("begun", KEY_U64, struct record_calls, totals.begun, OR_ELSE(0)),
	KEY_AS("ended", KEY_U64, struct record_calls, totals.ended, OR_ELSE(0)),
	KEY_AS("dropped", KEY_U64, struct record_calls, totals.dropped, OR_ELSE(0)),
	KEY_AS("abandoned", KEY_U64, struct record_calls, totals.abandoned, OR_ELSE(0)),
	KEY_AS("too_deep", KEY_U64, struct record_calls, totals.too_deep, OR_ELSE(0)),
	KEY_AS("unmatched", KEY_U64, struct record_calls, totals.unmatched, OR_ELSE(0)),
	KEY_AS("unresolved", KEY_U64, struct record_calls, totals.unresolved, OR_ELSE(0)),
	KEY_AS("unseen", KEY_U64, struct record_calls, totals.unseen, OR_ELSE(0)),
};

static const struct record_key thread_keys[] = {
	KEY(KEY_U32, struct record_thread, tid),
	KEY(KEY_U32, struct record_thread, pid),
	KEY(KEY_U64, struct record_thread, start_ns),
	KEY(KEY_U64, struct record_thread, process_start_ns),
};

static const struct record_key window_keys[] = {
	KEY(KEY_U32, struct record_window, thread),
	KEY(KEY_U32, struct record_window, function),
	KEY(KEY_U64, struct record_window, begin_ns),
	KEY(KEY_U64, struct record_window, wall_ns),
	KEY(KEY_U64, struct record_window, cpu_ns, OR_ELSE(0)),
	KEY(KEY_U64, struct record_window, inner_ns, OR_ELSE(0)),
	KEY(KEY_U64, struct record_window, outer_ns, OR_ELSE(0)),
	KEY(KEY_U32, struct record_window, depth, OR_ELSE(0), .max = RECORD_DEPTH_MAX),
	KEY(KEY_BOOL, struct record_window, unresolved, OR_ELSE(0)),
	KEY(KEY_U64, struct record_window, rss_bytes, OR_ELSE(0)),
	KEY(KEY_I32, struct record_window, domain, OR_ELSE(SAMPLE_NO_DOMAIN)),
	KEY(KEY_I32, struct record_window, domain_end, OR_ELSE(RECORD_SAME_DOMAIN)),
};

static const struct record_key loss_keys[] = {
	KEY(KEY_LOSS, struct record_loss, cause),
	KEY(KEY_U64, struct record_loss, count, .min = 1),
};

static const struct record_key end_keys[] = {
	KEY(KEY_U64, struct record_end, tick),
};

#define LINE_TYPE(name_, keys_)                                                              \
	{                                                                                    \
		.name = (name_), .keys = (keys_), .n_keys = sizeof(keys_) / sizeof(*(keys_)) \
	}

const struct record_line record_lines[RECORD_N_KINDS] = {
	[RECORD_FIRST] = LINE_TYPE("energytrace-record", first_keys),
	[RECORD_RUN] = LINE_TYPE("run", run_keys),
	[RECORD_SETTING] = LINE_TYPE("setting", setting_keys),
	[RECORD_DOMAIN] = LINE_TYPE("domain", domain_keys),
	[RECORD_CPU] = LINE_TYPE("cpu", cpu_keys),
	[RECORD_COUNTER] = LINE_TYPE("counter", counter_keys),
	[RECORD_FUNCTION] = LINE_TYPE("function", function_keys),
	[RECORD_TICK] = LINE_TYPE("tick", tick_keys),
	[RECORD_SPAN] = LINE_TYPE("span", span_keys),
	[RECORD_ENERGY] = LINE_TYPE("energy", energy_keys),
	[RECORD_CONTAINER] = LINE_TYPE("container", container_keys),
	[RECORD_CGROUP] = LINE_TYPE("cgroup", cgroup_keys),
	[RECORD_USER] = LINE_TYPE("user", user_keys),
	[RECORD_REMOVED] = LINE_TYPE("removed", removed_keys),
	[RECORD_PROCESS] = LINE_TYPE("process", process_keys),
	[RECORD_TASK] = LINE_TYPE("task", task_keys),
	[RECORD_COUNT] = LINE_TYPE("count", count_keys),
	[RECORD_CPU_COUNT] = LINE_TYPE("cpucount", cpu_count_keys),
	[RECORD_CALLS] = LINE_TYPE("calls", calls_keys),
	[RECORD_THREAD] = LINE_TYPE("thread", thread_keys),
	[RECORD_WINDOW] = LINE_TYPE("window", window_keys),
	[RECORD_LOSS] = LINE_TYPE("loss", loss_keys),
	[RECORD_END] = LINE_TYPE("end", end_keys),
};

const char *record_kind_name(enum record_kind kind)
{
	return record_lines[kind].name;
}

int record_kind_of(char *line, enum record_kind *ret, char **ret_keys)
{
	size_t length = strcspn(line, " ");

	for (int i = 0; i < RECORD_N_KINDS; i++) {
		const char *name = record_lines[i].name;

		if (strncmp(line, name, length) == 0 && name[length] == '\0') {
			*ret = (enum record_kind)i;
			*ret_keys = line + length;
			return 0;
		}
	}
	return -ENOENT;
}
