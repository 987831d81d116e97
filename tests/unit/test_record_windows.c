// SPDX-License-Identifier: BSD-2-Clause
/* Windows of calls, and what was resident, in a record: read, written again, what is wrong said. */
#include "record_fixture.h"

#define FUNCTION_LINES                                         \
	"function name=filter place=/opt/a%20b/libfilter.so\n" \
	"function name=app:begin:end place=\n"
#define CALLED_HEAD FIRST_LINE RUN_LINE DOMAIN_LINES CPU_LINES FUNCTION_LINES SETTING_LINES
#define ENERGY "energy domain=0 uj=1\nenergy domain=1 uj=42\n"
#define CALLS                                                                       \
	"calls function=0 begun=18446744073709551615 ended=7 dropped=6 abandoned=5" \
	" too_deep=4 unmatched=3 unresolved=2 unseen=1\n"                           \
	"calls function=1\n"
#define THREADS                                                \
	"thread tid=11 pid=10 start_ns=6 process_start_ns=5\n" \
	"thread tid=4294967295 pid=9 start_ns=18446744073709551615 process_start_ns=0\n"
/* One within another, one of another thread of which little is known, and all that a window can be. */
#define INNER                                                           \
	"window thread=0 function=1 begin_ns=1000 wall_ns=50 cpu_ns=40" \
	" outer_ns=100 depth=1 rss_bytes=4096 domain=0\n"
#define OUTER                                                                        \
	"window thread=0 function=0 begin_ns=900 wall_ns=300 cpu_ns=200 inner_ns=40" \
	" rss_bytes=8192 domain=0 domain_end=1\n"
#define UNRESOLVED "window thread=1 function=0 begin_ns=0 wall_ns=0 unresolved=1\n"
#define FULL                                                                   \
	"window thread=1 function=0 begin_ns=18446744073709551000 wall_ns=615" \
	" cpu_ns=18446744073709551615 inner_ns=18446744073709551615"           \
	" outer_ns=18446744073709551000 depth=64 rss_bytes=18446744073709551615 domain_end=0\n"
#define END "end tick=3\n"
#define WHOLE CALLED_HEAD TICK_0 PLAIN_TICK ENERGY CALLS THREADS INNER OUTER UNRESOLVED FULL END

static void test_written_again_it_is_the_same(void **state)
{
	char *copy = rewrite(WHOLE);

	(void)state;
	assert_string_equal(copy, WHOLE);
	free(copy);
}

static void read_one(const char *text, struct record_reader **ret_reader, struct sample *sample)
{
	FILE *stream;

	*ret_reader = open_record(text, &stream);
	assert_int_equal(record_read_sample(*ret_reader, sample, NULL), 1);
	fclose(stream);
}

static void assert_window(const struct window *actual, const struct window *expected)
{
	assert_int_equal(actual->function, expected->function);
	assert_int_equal(actual->tid, expected->tid);
	assert_int_equal(actual->pid, expected->pid);
	assert_int_equal(actual->start_ns, expected->start_ns);
	assert_int_equal(actual->process_start_ns, expected->process_start_ns);
	assert_int_equal(actual->begin_ns, expected->begin_ns);
	assert_int_equal(actual->end_ns, expected->end_ns);
	assert_int_equal(actual->cpu_ns, expected->cpu_ns);
	assert_int_equal(actual->own_ns, expected->own_ns);
	assert_int_equal(actual->root_ns, expected->root_ns);
	assert_int_equal(actual->depth, expected->depth);
	assert_int_equal(actual->unresolved, expected->unresolved);
	assert_int_equal(actual->rss_bytes, expected->rss_bytes);
	assert_int_equal(actual->domain_begin, expected->domain_begin);
	assert_int_equal(actual->domain_end, expected->domain_end);
}

static void test_windows_have_their_thread_and_times(void **state)
{
	static const struct window expected[] = {
		{.function = 1,
		 .tid = 11,
		 .pid = 10,
		 .start_ns = 6,
		 .process_start_ns = 5,
		 .begin_ns = 1000,
		 .end_ns = 1050,
		 .cpu_ns = 40,
		 .own_ns = 40,
		 .root_ns = 900,
		 .depth = 1,
		 .rss_bytes = 4096},
		{.function = 0,
		 .tid = 11,
		 .pid = 10,
		 .start_ns = 6,
		 .process_start_ns = 5,
		 .begin_ns = 900,
		 .end_ns = 1200,
		 .cpu_ns = 200,
		 .own_ns = 160,
		 .root_ns = 900,
		 .rss_bytes = 8192,
		 .domain_end = 1},
		{.tid = UINT32_MAX,
		 .pid = 9,
		 .start_ns = UINT64_MAX,
		 .unresolved = true,
		 .domain_begin = SAMPLE_NO_DOMAIN,
		 .domain_end = SAMPLE_NO_DOMAIN},
		{.tid = UINT32_MAX,
		 .pid = 9,
		 .start_ns = UINT64_MAX,
		 .begin_ns = UINT64_MAX - 615,
		 .end_ns = UINT64_MAX,
		 .cpu_ns = UINT64_MAX,
		 .depth = 64,
		 .rss_bytes = UINT64_MAX,
		 .domain_begin = SAMPLE_NO_DOMAIN},
	};
	struct record_reader *reader;
	struct sample sample = {0};

	(void)state;
	read_one(CALLED_HEAD PLAIN_TICK ENERGY CALLS THREADS INNER OUTER UNRESOLVED FULL END,
		 &reader, &sample);
	assert_int_equal(sample.n_windows, 4);
	for (size_t i = 0; i < 4; i++)
		assert_window(&sample.windows[i], &expected[i]);
	sample_done(&sample);
	record_reader_free(reader);
}

static void test_functions_and_totals_are_read(void **state)
{
	struct record_reader *reader;
	struct sample sample = {0};
	const struct run *run;

	(void)state;
	read_one(CALLED_HEAD PLAIN_TICK ENERGY CALLS END, &reader, &sample);
	run = record_reader_run(reader);
	assert_int_equal(run->n_functions, 2);
	assert_string_equal(run->functions[0].name, "filter");
	assert_string_equal(run->functions[0].place, "/opt/a b/libfilter.so");
	assert_string_equal(run->functions[1].name, "app:begin:end");
	assert_string_equal(run->functions[1].place, "");
	assert_int_equal(sample.n_window_totals, 2);
	assert_true(sample.window_totals[0].begun == UINT64_MAX);
	assert_int_equal(sample.window_totals[0].ended, 7);
	assert_int_equal(sample.window_totals[0].dropped, 6);
	assert_int_equal(sample.window_totals[0].abandoned, 5);
	assert_int_equal(sample.window_totals[0].too_deep, 4);
	assert_int_equal(sample.window_totals[0].unmatched, 3);
	assert_int_equal(sample.window_totals[0].unresolved, 2);
	assert_int_equal(sample.window_totals[0].unseen, 1);
	assert_int_equal(sample.window_totals[1].begun, 0);
	assert_int_equal(sample.n_windows, 0);
	sample_done(&sample);
	record_reader_free(reader);
}

static void test_threads_are_of_their_tick_alone(void **state)
{
	(void)state;
	assert_bad(CALLED_HEAD PLAIN_TICK ENERGY THREADS INNER END PLAIN_TICK ENERGY INNER, 1,
		   -EBADMSG, "x.rec:21: window: thread=0, but this tick has 0 threads so far");
}

/* As they stand in the windows, whose order is kept. */
static void test_a_thread_is_written_once_a_tick(void **state)
{
	static const char text[] = PLAIN "function name=f place=p\n" PLAIN_TICK
					 "thread tid=1 pid=1 start_ns=1 process_start_ns=1\n"
					 "thread tid=1 pid=1 start_ns=2 process_start_ns=1\n"
					 "window thread=0 function=0 begin_ns=1 wall_ns=1\n"
					 "window thread=1 function=0 begin_ns=2 wall_ns=1\n"
					 "window thread=0 function=0 begin_ns=3 wall_ns=1\n" END;
	static const char again[] = PLAIN "function name=f place=p\n" PLAIN_TICK
					  "thread tid=1 pid=1 start_ns=1 process_start_ns=1\n"
					  "thread tid=2 pid=1 start_ns=1 process_start_ns=1\n"
					  "thread tid=1 pid=1 start_ns=1 process_start_ns=1\n"
					  "window thread=0 function=0 begin_ns=1 wall_ns=1\n"
					  "window thread=2 function=0 begin_ns=2 wall_ns=1\n" END;
	char *copy = rewrite(text);

	(void)state;
	assert_string_equal(copy, text);
	free(copy);
	copy = rewrite(again);
	assert_string_equal(copy, PLAIN "function name=f place=p\n" PLAIN_TICK
					"thread tid=1 pid=1 start_ns=1 process_start_ns=1\n"
					"window thread=0 function=0 begin_ns=1 wall_ns=1\n"
					"window thread=0 function=0 begin_ns=2 wall_ns=1\n" END);
	free(copy);
}

static void test_the_domain_of_both_ends_is_written_once(void **state)
{
	char *copy = rewrite(CALLED_HEAD PLAIN_TICK ENERGY THREADS
			     "window thread=0 function=0 begin_ns=1 wall_ns=1 domain=1"
			     " domain_end=1\n"
			     "window thread=0 function=0 begin_ns=1 wall_ns=1 domain_end=-1\n"
			     "window thread=0 function=0 begin_ns=1 wall_ns=1 domain=1"
			     " domain_end=-1\n" END);

	(void)state;
	assert_string_equal(strstr(copy, "window"),
			    "window thread=0 function=0 begin_ns=1 wall_ns=1 domain=1\n"
			    "window thread=0 function=0 begin_ns=1 wall_ns=1\n"
			    "window thread=0 function=0 begin_ns=1 wall_ns=1 domain=1"
			    " domain_end=-1\n" END);
	free(copy);
}

static void test_totals_may_be_missing(void **state)
{
	struct record_reader *reader;
	struct sample sample = {0};

	(void)state;
	read_one(CALLED_HEAD PLAIN_TICK ENERGY THREADS INNER END, &reader, &sample);
	assert_int_equal(sample.n_window_totals, 0);
	assert_int_equal(sample.n_windows, 1);
	sample_done(&sample);
	record_reader_free(reader);
}

static void test_a_record_without_functions_has_none(void **state)
{
	struct record_reader *reader;
	struct sample sample = {0};

	(void)state;
	read_one(HEAD TICK_1, &reader, &sample);
	assert_int_equal(record_reader_run(reader)->n_functions, 0);
	assert_int_equal(sample.n_windows, 0);
	assert_int_equal(sample.n_window_totals, 0);
	assert_int_equal(sample.n_processes, 2);
	assert_int_equal(sample.processes[0].rss_bytes, 0);
	sample_done(&sample);
	record_reader_free(reader);
}

static void test_resident_memory_is_there_where_it_is_known(void **state)
{
	static const char text[] = PLAIN PLAIN_TICK
		"process pid=1 start_ns=1 rss_bytes=18446744073709551615 comm=a\n"
		"process pid=2 start_ns=1 comm=b\n" END;
	struct record_reader *reader;
	struct sample sample = {0};
	char *copy = rewrite(text);

	(void)state;
	assert_string_equal(copy, text);
	free(copy);
	read_one(text, &reader, &sample);
	assert_true(sample.processes[0].rss_bytes == UINT64_MAX);
	assert_int_equal(sample.processes[1].rss_bytes, 0);
	sample_done(&sample);
	record_reader_free(reader);
}

static void test_what_is_wrong_with_totals_is_said(void **state)
{
	(void)state;
	assert_bad(CALLED_HEAD PLAIN_TICK ENERGY "calls function=2\n", 0, -EBADMSG,
		   "x.rec:14: calls: function=2, but there are 2 functions");
	assert_bad(HEAD PLAIN_TICK ENERGY "calls function=0\n", 0, -EBADMSG,
		   "x.rec:12: calls: function=0, but there are 0 functions");
	assert_bad(CALLED_HEAD PLAIN_TICK ENERGY "calls function=1\n", 0, -EBADMSG,
		   "x.rec:14: calls: function=1 where function=0 is next");
	assert_bad(CALLED_HEAD PLAIN_TICK ENERGY CALLS "calls function=1\n", 0, -EBADMSG,
		   "x.rec:16: calls: function=1 where function=2 is next");
	assert_bad(CALLED_HEAD PLAIN_TICK ENERGY "calls function=0\n" END, 0, -EBADMSG,
		   "x.rec:15: end: tick 3 has the calls of 1 functions of 2");
	assert_bad(CALLED_HEAD PLAIN_TICK "calls function=0 begun=-1\n", 0, -EBADMSG,
		   "x.rec:12: calls: begun=-1 is not a number");
	assert_bad(CALLED_HEAD CALLS, 0, -EBADMSG, "x.rec:11: calls: is not in a tick");
}

#define WINDOW "window thread=0 function=0 begin_ns=5 wall_ns=2 "

static void assert_bad_window(const char *line, const char *sentence)
{
	char text[2048];

	snprintf(text, sizeof(text), "%s%s\n", CALLED_HEAD PLAIN_TICK THREADS, line);
	assert_bad(text, 0, -EBADMSG, sentence);
}

static void test_what_is_wrong_with_a_window_is_said(void **state)
{
	(void)state;
	assert_bad_window("window thread=2 function=0 begin_ns=5 wall_ns=2",
			  "x.rec:14: window: thread=2, but this tick has 2 threads so far");
	assert_bad_window("window thread=0 function=2 begin_ns=5 wall_ns=2",
			  "x.rec:14: window: function=2, but there are 2 functions");
	assert_bad_window(WINDOW "domain=2", "x.rec:14: window: domain=2, but there are 2 domains");
	assert_bad_window(WINDOW "domain=-2",
			  "x.rec:14: window: domain=-2, but there are 2 domains");
	assert_bad_window(WINDOW "domain_end=2",
			  "x.rec:14: window: domain_end=2, but there are 2 domains");
	assert_bad_window(WINDOW "domain_end=-3",
			  "x.rec:14: window: domain_end=-3, but there are 2 domains");
	assert_bad_window(WINDOW "cpu_ns=2 inner_ns=3",
			  "x.rec:14: window: inner_ns=3 is more than cpu_ns=2");
	assert_bad_window(WINDOW "cpu_ns=2 unresolved=1",
			  "x.rec:14: window: is unresolved, and yet cpu_ns=2");
	assert_bad_window(WINDOW "outer_ns=6", "x.rec:14: window: outer_ns=6 is before time 0");
	assert_bad_window("window thread=0 function=0 begin_ns=5 wall_ns=18446744073709551611",
			  "x.rec:14: window: wall_ns=18446744073709551611 has no end in 64 bits");
	assert_bad_window(WINDOW "depth=65", "x.rec:14: window: depth=65 is out of range");
	assert_bad_window("window thread=0 function=0 begin_ns=5",
			  "x.rec:14: window: wall_ns= is missing");
	assert_bad_window("thread tid=1 pid=1 start_ns=1",
			  "x.rec:14: thread: process_start_ns= is missing");
	assert_bad(CALLED_HEAD PLAIN_TICK ENERGY END THREADS, 1, -EBADMSG,
		   "x.rec:15: thread: is not in a tick");
}

static void test_functions_are_in_the_head_and_few(void **state)
{
	char text[65 * 32 + 256] = PLAIN;

	(void)state;
	assert_bad(PLAIN PLAIN_TICK "function name=f place=p\n", 0, -EBADMSG,
		   "x.rec:4: function: is not in the head, before the first tick");
	assert_bad(PLAIN "function name=f\n", 0, -EBADMSG, "x.rec:3: function: place= is missing");
	assert_bad(PLAIN "function name= place=p\n", 0, -EBADMSG,
		   "x.rec:3: function: name= is empty");
	for (int i = 0; i < 65; i++)
		strcat(text, "function name=x place=y\n");
	assert_bad(text, 0, -EBADMSG, "x.rec:67: function: there are more than 64");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_written_again_it_is_the_same),
		cmocka_unit_test(test_windows_have_their_thread_and_times),
		cmocka_unit_test(test_functions_and_totals_are_read),
		cmocka_unit_test(test_threads_are_of_their_tick_alone),
		cmocka_unit_test(test_a_thread_is_written_once_a_tick),
		cmocka_unit_test(test_the_domain_of_both_ends_is_written_once),
		cmocka_unit_test(test_totals_may_be_missing),
		cmocka_unit_test(test_a_record_without_functions_has_none),
		cmocka_unit_test(test_resident_memory_is_there_where_it_is_known),
		cmocka_unit_test(test_what_is_wrong_with_totals_is_said),
		cmocka_unit_test(test_what_is_wrong_with_a_window_is_said),
		cmocka_unit_test(test_functions_are_in_the_head_and_few),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
