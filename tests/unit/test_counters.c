// SPDX-License-Identifier: BSD-2-Clause
/* Names of events, and the events themselves. Those of CPUs need libpfm4. */
#include "sysfs_tree.h"

#include "counters/counters.h"
#include "counters/event_names.h"

#include <stdlib.h>
#include <string.h>

#define PROCFS TESTS_DIR "/fixtures/procfs/"
#define MSR "bus/event_source/devices/msr/"

static int encode(const char *name, struct perf_event_attr *ret, struct errmsg *msg)
{
	memset(ret, 0, sizeof(*ret));
	memset(msg, 0, sizeof(*msg));
	return event_encode(name, ret, msg);
}

static void skip_without_libpfm(void)
{
	struct perf_event_attr attr;
	struct errmsg msg;

	if (encode("cycles", &attr, &msg) == -EOPNOTSUPP) {
		print_message("%s\n", msg.text);
		skip();
	}
}

static void test_software_events(void **state)
{
	struct perf_event_attr attr;
	struct errmsg msg;

	(void)state;
	assert_int_equal(encode("page-faults", &attr, &msg), 0);
	assert_int_equal(attr.type, PERF_TYPE_SOFTWARE);
	assert_int_equal(attr.config, PERF_COUNT_SW_PAGE_FAULTS);
	assert_int_equal(attr.size, sizeof(attr));
	assert_int_equal(encode("CPU-Clock", &attr, &msg), 0);
	assert_int_equal(attr.config, PERF_COUNT_SW_CPU_CLOCK);
}

static void test_generic_events_of_cpus(void **state)
{
	struct perf_event_attr attr;
	struct errmsg msg;

	(void)state;
	skip_without_libpfm();
	assert_int_equal(encode("instructions", &attr, &msg), 0);
	assert_int_equal(attr.type, PERF_TYPE_HARDWARE);
	assert_int_equal(attr.config, PERF_COUNT_HW_INSTRUCTIONS);
	assert_int_equal(attr.exclude_user, 0);
	assert_int_equal(attr.exclude_kernel, 0);
	assert_int_equal(encode("instructions:u", &attr, &msg), 0);
	assert_int_equal(attr.exclude_kernel, 1);
}

static void test_unknown_event_is_told_with_the_nearest(void **state)
{
	struct perf_event_attr attr;
	struct errmsg msg;

	(void)state;
	assert_int_equal(encode("pagefaults", &attr, &msg), -EINVAL);
	assert_string_equal(msg.text,
			    "no event is called 'pagefaults': did you mean 'page-faults'?");
	assert_int_equal(encode("aperv", &attr, &msg), -EINVAL);
	assert_string_equal(msg.text, "no event is called 'aperv': did you mean 'aperf'?");
	skip_without_libpfm();
	assert_int_equal(encode("CYCLES_NOT_IN_HALF", &attr, &msg), -EINVAL);
	assert_string_equal(
		msg.text,
		"no event is called 'CYCLES_NOT_IN_HALF': did you mean 'CYCLES_NOT_IN_HALT'?");
	assert_int_equal(encode("nothing-of-this-kind", &attr, &msg), -EINVAL);
	assert_string_equal(msg.text,
			    "no event is called 'nothing-of-this-kind': showevtinfo of libpfm4 "
			    "prints what there is");
}

/* Of a CPU that is not this one: known, but not here. */
static void test_event_of_another_cpu_is_not_unknown(void **state)
{
	/* No machine has both. */
	static const char *const names[] = {"RETIRED_OPS", "CPU_CLK_THREAD_UNHALTED:REF_P"};
	struct perf_event_attr attr;
	struct errmsg msg;
	int lacking = 0;

	(void)state;
	skip_without_libpfm();
	for (size_t i = 0; i < 2; i++) {
		int err = encode(names[i], &attr, &msg);

		assert_true(err == 0 || err == -ENOENT);
		lacking += err == -ENOENT;
	}
	assert_true(lacking > 0);
	assert_int_equal(encode("skl::INST_RETIRED:ANY", &attr, &msg) == -EINVAL, 0);
}

static void test_msr_events_are_read_from_sysfs(void **state)
{
	struct sysfs_tree tree = tree_new();
	struct perf_event_attr attr = {};
	struct errmsg msg = {};

	(void)state;
	tree_put(&tree, MSR "type", "11");
	tree_put(&tree, MSR "events/aperf", "event=0x01");
	tree_put(&tree, MSR "events/mperf", "event=0x02,inv");
	assert_int_equal(event_encode_msr(tree.root, "APERF", &attr, &msg), 0);
	assert_int_equal(attr.type, 11);
	assert_int_equal(attr.config, 1);
	assert_int_equal(event_encode_msr(tree.root, "TSC", &attr, &msg), -ENOENT);
	assert_string_equal(msg.text, "this machine's msr PMU has no event 'TSC' (No such file or "
				      "directory)");
	assert_int_equal(event_encode_msr(tree.root, "mperf", &attr, &msg), -ENOENT);
	tree_put(&tree, MSR "type", "4294967296");
	assert_int_equal(event_encode_msr(tree.root, "aperf", &attr, &msg), -ENOENT);
	assert_int_equal(event_encode_msr(tree.root, "cycles", &attr, &msg), -EINVAL);
	tree_free(&tree);
}

static void test_default_names_by_vendor(void **state)
{
	const char *const *names = NULL;

	(void)state;
	assert_int_equal(counters_default_names(PROCFS "ice-lake", &names), 7);
	assert_string_equal(names[0], "CPU_CLK_THREAD_UNHALTED:REF_P");
	assert_string_equal(names[6], "MPERF");
	assert_int_equal(counters_default_names(PROCFS "genoa", &names), 6);
	assert_string_equal(names[0], "CYCLES_NOT_IN_HALT");
	assert_int_equal(counters_default_names(PROCFS "neoverse-n1", &names), 0);
	assert_int_equal(counters_default_names(PROCFS "no-such-tree", &names), 0);
}

static int open_names(const char *sysfs, const char *const *names, size_t n, struct counters **ret,
		      struct errmsg *msg)
{
	static const bool online[] = {true, false};
	const struct counters_options options = {
		.sysfs = sysfs, .names = names, .n_names = n, .n_cpus = 2, .online = online};

	memset(msg, 0, sizeof(*msg));
	*ret = NULL;
	return counters_open(&options, ret, msg);
}

static void test_wrong_lists_are_refused(void **state)
{
	static const char *const twice[] = {"page-faults", "cpu-clock", "PAGE-FAULTS"};
	static const char *const unknown[] = {"page-faults", "cpu-clokc"};
	static const char *const nine[] = {
		"cpu-clock",	    "task-clock",	"page-faults",
		"context-switches", "cpu-migrations",	"minor-faults",
		"major-faults",	    "alignment-faults", "emulation-faults",
	};
	char longest[80];
	const char *const too_long[] = {longest};
	struct counters *counters;
	struct errmsg msg;
	int err;

	(void)state;
	memset(longest, 'a', sizeof(longest));
	longest[64] = '\0';
	assert_int_equal(open_names("/sys", twice, 3, &counters, &msg), -EINVAL);
	assert_string_equal(msg.text, "event 'PAGE-FAULTS' is there twice");
	assert_int_equal(open_names("/sys", unknown, 2, &counters, &msg), -EINVAL);
	assert_string_equal(msg.text, "no event is called 'cpu-clokc': did you mean 'cpu-clock'?");
	assert_null(counters);
	assert_int_equal(open_names("/sys", too_long, 1, &counters, &msg), -EINVAL);
	err = open_names("/sys", nine, 9, &counters, &msg);
	if (!err) { /* not permitted: none was opened */
		assert_non_null(counters_complaint(counters));
		counters_close(counters);
		return;
	}
	assert_int_equal(err, -E2BIG);
	assert_string_equal(msg.text,
			    "event 'emulation-faults' is one more than the 8 that a switch reads");
}

/* What is not there is said once, and the rest goes on; a CPU that is off line has no event. */
static void test_what_lacks_is_a_complaint(void **state)
{
	static const char *const names[] = {"TSC", "page-faults", "APERF"};
	struct sysfs_tree tree = tree_new();
	const struct counter *list;
	struct counters *counters;
	struct errmsg msg;
	size_t n;

	(void)state;
	assert_int_equal(open_names(tree.root, names, 3, &counters, &msg), 0);
	n = counters_list(counters, &list);
	if (n == 0) {
		print_message("%s\n", counters_complaint(counters));
		counters_close(counters);
		tree_free(&tree);
		skip();
	}
	assert_int_equal(n, 1);
	assert_int_equal(counters_n_core(counters), 1);
	assert_string_equal(list[0].is.name, "page-faults");
	assert_true(list[0].fds[0] >= 0);
	assert_int_equal(list[0].fds[1], -1);
	assert_non_null(strstr(counters_complaint(counters), "'TSC'"));
	assert_non_null(strstr(counters_complaint(counters), "'APERF'"));
	assert_null(counters_complaint(counters));
	/* CPU 1 does not come: it is said once that CPU 0 went, each time that it is back it has events. */
	assert_false(counters_set_online(counters, 0, false));
	assert_string_equal(counters_complaint(counters),
			    "CPU 0 has gone offline, and its counters with it");
	assert_true(counters_set_online(counters, 0, true));
	assert_false(counters_set_online(counters, 0, true));
	assert_true(list[0].fds[0] >= 0);
	assert_false(counters_set_online(counters, 0, false));
	assert_null(counters_complaint(counters));
	counters_close(counters);
	tree_free(&tree);
}

/* A counter of group msr by the files of a tree, which say that it is the kernel's CPU clock. */
static void test_group_msr_is_read_by_difference(void **state)
{
	static const char *const names[] = {"TSC"};
	struct sysfs_tree tree = tree_new();
	struct sample_count first, second, none;
	const struct counter *list;
	struct counters *counters;
	struct errmsg msg;

	(void)state;
	tree_put(&tree, MSR "type", "1");		/* PERF_TYPE_SOFTWARE */
	tree_put(&tree, MSR "events/tsc", "event=0x0"); /* PERF_COUNT_SW_CPU_CLOCK */
	assert_int_equal(open_names(tree.root, names, 1, &counters, &msg), 0);
	if (counters_list(counters, &list) == 0) {
		print_message("%s\n", counters_complaint(counters));
		counters_close(counters);
		tree_free(&tree);
		skip();
	}
	assert_int_equal(list[0].is.group, COUNTER_MSR);
	assert_int_equal(counters_n_core(counters), 0);
	counters_read(counters, 0, 0, &first);
	counters_read(counters, 0, 0, &second);
	counters_read(counters, 0, 1, &none);
	/* Of the time between the two alone. */
	assert_in_range(second.value, 1, 1000000000);
	assert_in_range(second.enabled_ns, 1, 1000000000);
	assert_true(second.running_ns <= second.enabled_ns);
	assert_int_equal(none.enabled_ns, 0);
	counters_close(counters);
	tree_free(&tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_software_events),
		cmocka_unit_test(test_generic_events_of_cpus),
		cmocka_unit_test(test_unknown_event_is_told_with_the_nearest),
		cmocka_unit_test(test_event_of_another_cpu_is_not_unknown),
		cmocka_unit_test(test_msr_events_are_read_from_sysfs),
		cmocka_unit_test(test_default_names_by_vendor),
		cmocka_unit_test(test_wrong_lists_are_refused),
		cmocka_unit_test(test_what_lacks_is_a_complaint),
		cmocka_unit_test(test_group_msr_is_read_by_difference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
