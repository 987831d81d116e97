// SPDX-License-Identifier: BSD-2-Clause
/* Performance counters in a record: read, written again, and what is wrong said. */
#include "record_fixture.h"

#define COUNTER_LINES                                             \
	"counter name=CPU_CLK_THREAD_UNHALTED:REF_P group=core\n" \
	"counter name=page%20faults group=core\n"                 \
	"counter name=TSC group=msr\n"
#define COUNTED_HEAD FIRST_LINE RUN_LINE DOMAIN_LINES CPU_LINES COUNTER_LINES SETTING_LINES
#define SPANS                                       \
	"span cpu=1 busy_ns=10 idle_ns=999999990\n" \
	"span cpu=0 busy_ns=700 idle_ns=999999300\n"
#define ENERGY "energy domain=0 uj=1\nenergy domain=1 uj=42\n"
#define ROWS                                                                                \
	"process pid=10 ppid=1 start_ns=5 comm=a\n"                                         \
	"task process=0 tid=10 start_ns=5 domain=0 cpu_ns=700 comm=a\n"                     \
	"count task=0 counter=0 value=18446744073709551615 enabled_ns=700 running_ns=350\n" \
	"task process=0 tid=11 start_ns=6 cpu_ns=10 ended=1 comm=b\n"                       \
	"count task=1 counter=0 value=0 enabled_ns=10 running_ns=0\n"                       \
	"count task=1 counter=1 value=3 enabled_ns=10 running_ns=10\n"
#define CPU_COUNTS                                                     \
	"cpucount cpu=1 counter=2 value=7 enabled_ns=8 running_ns=9\n" \
	"cpucount cpu=0 counter=0 value=1 enabled_ns=2 running_ns=3\n" \
	"cpucount cpu=0 counter=2 value=4 enabled_ns=5 running_ns=6\n"
#define END "end tick=3\n"

static void test_written_again_it_is_the_same(void **state)
{
	static const char text[] = COUNTED_HEAD TICK_0 PLAIN_TICK SPANS CPU_COUNTS ENERGY ROWS END;
	char *copy = rewrite(text);

	(void)state;
	assert_string_equal(copy, text);
	free(copy);
}

static void test_counts_stand_beside_their_tasks_and_cpus(void **state)
{
	static const char text[] = COUNTED_HEAD PLAIN_TICK SPANS CPU_COUNTS ENERGY ROWS END;
	struct sample sample = {0};
	struct record_reader *reader;
	const struct run *run;
	FILE *stream;

	(void)state;
	reader = open_record(text, &stream);
	run = record_reader_run(reader);
	assert_int_equal(run->n_counters, 3);
	assert_string_equal(run->counters[1].name, "page faults");
	assert_int_equal(run->counters[1].group, COUNTER_CORE);
	assert_int_equal(run->counters[2].group, COUNTER_MSR);
	assert_int_equal(record_read_sample(reader, &sample, NULL), 1);
	assert_int_equal(sample.n_counts, 2 * 3);
	assert_true(sample.counts[0].value == UINT64_MAX);
	assert_int_equal(sample.counts[0].running_ns, 350);
	assert_int_equal(sample.counts[1].enabled_ns, 0); /* no line */
	assert_int_equal(sample.counts[3 + 0].enabled_ns, 10);
	assert_int_equal(sample.counts[3 + 1].value, 3);
	/* In the order of the spans, the second CPU's first. */
	assert_int_equal(sample.n_cpu_counts, 2 * 3);
	assert_int_equal(sample.cpus[0].cpu, 1);
	assert_int_equal(sample.cpu_counts[2].value, 7);
	assert_int_equal(sample.cpu_counts[3 + 0].running_ns, 3);
	assert_int_equal(sample.cpu_counts[3 + 2].enabled_ns, 5);
	assert_int_equal(record_read_sample(reader, &sample, NULL), 0);
	assert_int_equal(sample.n_counts, 0);
	sample_done(&sample);
	record_reader_free(reader);
	fclose(stream);
}

static void test_a_record_without_counters_has_none(void **state)
{
	struct sample sample = {0};
	struct record_reader *reader;
	FILE *stream;

	(void)state;
	reader = open_record(HEAD TICK_0 TICK_1, &stream);
	assert_int_equal(record_reader_run(reader)->n_counters, 0);
	while (record_read_sample(reader, &sample, NULL) > 0) {
		assert_int_equal(sample.n_counts, 0);
		assert_int_equal(sample.n_cpu_counts, 0);
	}
	sample_done(&sample);
	record_reader_free(reader);
	fclose(stream);
}

static void test_what_is_wrong_is_said(void **state)
{
	(void)state;
	assert_bad(COUNTED_HEAD PLAIN_TICK SPANS ENERGY ROWS
		   "count task=2 counter=0 value=1 enabled_ns=1 running_ns=1\n",
		   0, -EBADMSG, "x.rec:23: count: task=2, but this tick has 2 tasks so far");
	assert_bad(COUNTED_HEAD PLAIN_TICK SPANS ENERGY ROWS
		   "count task=1 counter=3 value=1 enabled_ns=1 running_ns=1\n",
		   0, -EBADMSG, "x.rec:23: count: counter=3, but there are 3 counters");
	assert_bad(COUNTED_HEAD PLAIN_TICK SPANS ENERGY ROWS
		   "count task=1 counter=1 value=1 enabled_ns=1 running_ns=1\n",
		   0, -EBADMSG, "x.rec:23: count: counter=1 is there twice");
	assert_bad(COUNTED_HEAD PLAIN_TICK
		   "cpucount cpu=0 counter=1 value=1 enabled_ns=1 running_ns=1\n",
		   0, -EBADMSG, "x.rec:13: cpucount: cpu=0 has no span in this tick so far");
	assert_bad(HEAD PLAIN_TICK ENERGY
		   "process pid=10 start_ns=5 comm=a\n"
		   "task process=0 tid=10 start_ns=5 cpu_ns=700 comm=a\n"
		   "count task=0 counter=0 value=1 enabled_ns=1 running_ns=1\n",
		   0, -EBADMSG, "x.rec:14: count: counter=0, but there are 0 counters");
	assert_bad(PLAIN "counter name=x group=uncore\n", 0, -EBADMSG,
		   "x.rec:3: counter: group=uncore is not a known word");
}

static void test_there_is_an_end_to_counters(void **state)
{
	char text[65 * 32 + 256] = PLAIN;

	(void)state;
	for (int i = 0; i < 65; i++)
		strcat(text, "counter name=x group=core\n");
	assert_bad(text, 0, -EBADMSG, "x.rec:67: counter: there are more than 64");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_written_again_it_is_the_same),
		cmocka_unit_test(test_counts_stand_beside_their_tasks_and_cpus),
		cmocka_unit_test(test_a_record_without_counters_has_none),
		cmocka_unit_test(test_what_is_wrong_is_said),
		cmocka_unit_test(test_there_is_an_end_to_counters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
