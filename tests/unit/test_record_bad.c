// SPDX-License-Identifier: BSD-2-Clause
/* What is said of a record that is broken, and what is read of it all the same. */

#include "record_fixture.h"

static void what_is_no_record_is_said_so(void **state)
{
	static const char binary[] = "\x7f"
				     "ELF\0\0\0\n";
	static const char with_nul[] = PLAIN "tick\0";
	struct outcome outcome;

	(void)state;
	assert_bad("", 0, -ENODATA, "x.rec: the file is empty");
	assert_bad("\n", 0, -EBADMSG, "x.rec: not an energytrace record");
	assert_bad("{\"a\":1}\n", 0, -EBADMSG, "x.rec: not an energytrace record");
	assert_bad("energytrace-rec", 0, -EBADMSG, "x.rec: not an energytrace record");
	assert_bad("energytrace-records version=1\n", 0, -EBADMSG,
		   "x.rec: not an energytrace record");
	outcome = read_all(binary, sizeof(binary));
	assert_string_equal(outcome.msg.text, "x.rec: not an energytrace record");
	outcome = read_all(with_nul, sizeof(with_nul) - 1);
	assert_string_equal(outcome.msg.text,
			    "x.rec: the record ends in the middle of its head (line 3)");
	assert_bad("energytrace-record version=0\n", 0, -EBADMSG,
		   "x.rec:1: energytrace-record: version=0 is out of range");
	assert_bad("energytrace-record version=2 x=y\nwhatever\n", 0, -EPROTONOSUPPORT,
		   "x.rec: a record of version 2, of which this energytrace knows only those up "
		   "to 1; use a newer one");
}

static void a_stream_that_fails_is_no_end(void **state)
{
	FILE *stream = fopen("/", "r");
	struct record_reader *reader;
	struct errmsg msg;

	(void)state;
	assert_non_null(stream);
	assert_int_equal(record_reader_new(stream, "/", &reader, &msg), -EISDIR);
	assert_string_equal(msg.text, "/: Is a directory");
	fclose(stream);
}

/* Cut after any byte, a record gives its whole ticks, and its end is an error but between them. */
static void a_cut_record_gives_its_whole_ticks(void **state)
{
	static const char whole[] = HEAD TICK_0 TICK_1;
	size_t head = strlen(HEAD), first = strlen(HEAD TICK_0);

	(void)state;
	for (size_t length = 1; length <= strlen(whole); length++) {
		struct outcome outcome = read_all(whole, length);
		bool line_end = whole[length - 1] == '\n';
		bool between =
			(line_end && length <= head && length >= strlen(FIRST_LINE RUN_LINE)) ||
			length == first || length == strlen(whole);

		assert_int_equal(outcome.err, between ? 0 : -EBADMSG);
		assert_int_equal(outcome.samples, (length >= first) + (length == strlen(whole)));
	}
	assert_bad(FIRST_LINE, 0, -EBADMSG,
		   "x.rec: the record ends in the middle of its head (line 1)");
	assert_bad(
		HEAD TICK_0 "tick seq=1 real", 1, -EBADMSG,
		"x.rec: the record ends in the middle of line 13; all ticks before it were read");
	assert_bad(PLAIN PLAIN_TICK, 0, -EBADMSG,
		   "x.rec: the record ends in the middle of tick 3 (line 3); all ticks before it "
		   "were read");
	assert_bad(HEAD TICK_0 PLAIN_TICK "span cpu=0 bu", 1, -EBADMSG,
		   "x.rec: the record ends in the middle of tick 3 (line 14); all ticks before it "
		   "were read");
}

struct bad_case {
	const char *line, *problem;
};

static void assert_each_bad(const char *before, unsigned int number, const struct bad_case *cases,
			    size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char text[4096], sentence[512];

		snprintf(text, sizeof(text), "%s%s\n", before, cases[i].line);
		snprintf(sentence, sizeof(sentence), "x.rec:%u: %s", number, cases[i].problem);
		assert_bad(text, 0, -EBADMSG, sentence);
	}
}

#define N(array) (sizeof(array) / sizeof(*(array)))

static void a_bad_line_of_the_head_is_named(void **state)
{
	static const struct bad_case cases[] = {
		{"run", "run: is there twice"},
		{"domain type=gpu name=x", "domain: type=gpu is not a known word"},
		{"domain type=dram", "domain: name= is missing"},
		{"domain type=dram name=01234567890123456789012345678901",
		 "domain: name= is longer than 31 bytes"},
		{"cpu id=0 package=0 die=0", "cpu: core= is missing"},
		{"cpu id=0 package=0 die=0 core=0 domain=0",
		 "cpu: domain=0, but there are 0 domains"},
		{"cpu id=0 package=2147483648 die=0 core=0",
		 "cpu: package=2147483648 is out of range"},
		{"setting name=a value=%00", "setting: value= has a bad percent-encoding"},
		{"setting name=a value=%4", "setting: value= has a bad percent-encoding"},
		{"setting name=a value=%", "setting: value= has a bad percent-encoding"},
		{"energytrace-record version=1",
		 "energytrace-record: a second record begins; a file holds one"},
		{"span cpu=0 busy_ns=1 idle_ns=1", "span: is not in a tick"},
		{"cgroup ref=0 path=/", "cgroup: is not in a tick"},
		{"container ref=0 runtime=a id=b path=/c", "container: is not in a tick"},
		{"user ref=0 uid=0", "user: is not in a tick"},
		{"removed cgroup=0", "removed: is not in a tick"},
		{"end tick=0", "end: is not in a tick"},
	};

	(void)state;
	assert_each_bad(PLAIN, 3, cases, N(cases));
	assert_bad(FIRST_LINE PLAIN_TICK, 0, -EBADMSG, "x.rec:2: tick: comes before the run line");
	assert_bad(FIRST_LINE "run host=h version=v user_hz=0 boot_realtime_ns=0 source=none "
			      "kind=none\n",
		   0, -EBADMSG, "x.rec:2: run: user_hz=0 is out of range");
	assert_bad(PLAIN "cpu id=4 package=0 die=0 core=0\ncpu id=7 package=0 die=0 core=0\n"
			 "cpu id=4 package=0 die=0 core=1\n",
		   0, -EBADMSG, "x.rec: cpu: id=4 is there twice");
}

static const struct bad_case bad_ticks[] = {
	{"tick seq=4", "tick: begins before the last one has ended"},
	{"run", "run: is not in the head, before the first tick"},
	{"setting name=a value=b", "setting: is not in the head, before the first tick"},
	{"span cpu=2 busy_ns=0 idle_ns=0", "span: cpu=2, but there are 2 cpus"},
	{"span cpu=0 busy_ns= idle_ns=0", "span: busy_ns= is not a number"},
	{"span cpu=0 busy_ns=-1 idle_ns=0", "span: busy_ns=-1 is not a number"},
	{"span cpu=0 busy_ns=1.5 idle_ns=0", "span: busy_ns=1.5 is not a number"},
	{"span cpu=0 busy_ns=0x1 idle_ns=0", "span: busy_ns=0x1 is not a number"},
	{"span cpu=0 busy_ns=18446744073709551616 idle_ns=0",
	 "span: busy_ns=18446744073709551616 is out of range"},
	{"span cpu=0 busy_ns=1 busy_ns=1 idle_ns=0", "span: busy_ns= is there twice"},
	{"span cpu=0 busy_ns", "span: \"busy_ns\" is not key=value"},
	{"span cpu=0 =1", "span: \"=1\" is not key=value"},
	{"span cpu=0 busy_ns=1\tidle_ns=0", "span: holds the byte 0x09"},
	{"energy domain=2 uj=0", "energy: domain=2, but there are 2 domains"},
	{"energy domain=1 uj=0", "energy: domain=1 where domain=0 is next"},
	{"cgroup ref=1 path=/", "cgroup: ref=1, but the next new one is 0"},
	{"cgroup ref=0 container=0 path=/", "cgroup: container=0 is not defined"},
	{"cgroup ref=0 container=-2 path=/", "cgroup: container=-2 is not defined"},
	{"cgroup ref=-1 path=/", "cgroup: ref=-1 is not a number"},
	{"container ref=1 runtime=a id=b path=/c", "container: ref=1, but the next new one is 0"},
	{"container ref=0 runtime=a id=b", "container: path= is missing"},
	{"container ref=0 runtime=a id=b path=%0", "container: path= has a bad percent-encoding"},
	{"user ref=1 uid=0", "user: ref=1, but the next new one is 0"},
	{"user ref=0 uid=4294967296", "user: uid=4294967296 is out of range"},
	{"user ref=0 name=root", "user: uid= is missing"},
	{"removed", "removed: cgroup= is missing"},
	{"removed cgroup=0", "removed: cgroup=0 is not defined"},
	{"removed cgroup=-1", "removed: cgroup=-1 is not defined"},
	{"process pid=1 start_ns=1 cgroup=0 comm=x", "process: cgroup=0 is not defined"},
	{"process pid=1 start_ns=1 user=0 comm=x", "process: user=0 is not defined"},
	{"process pid=1 start_ns=1 user=-2 comm=x", "process: user=-2 is not defined"},
	{"process pid=1 start_ns=1 kernel=yes comm=x", "process: kernel=yes is not a number"},
	{"process pid=1 start_ns=1 cgroup=-2 comm=x", "process: cgroup=-2 is not defined"},
	{"process pid=1 start_ns=1 comm=0123456789abcdef",
	 "process: comm= is longer than 15 bytes"},
	{"process pid=1 start_ns=1 ended=2 comm=x", "process: ended=2 is out of range"},
	{"process pid=4294967296 start_ns=1 comm=x", "process: pid=4294967296 is out of range"},
	{"process pid=1 start_ns=1 comm=\xc3\xa9", "process: holds the byte 0xc3"},
	{"task process=0 tid=1 start_ns=1 cpu_ns=1 comm=x",
	 "task: process=0, but this tick has 0 processes so far"},
	{"loss cause=theft count=1", "loss: cause=theft is not a known word"},
	{"loss cause=hash-full count=0", "loss: count=0 is out of range"},
	{"end tick=4", "end: tick=4, but tick 3 is open"},
	{"end tick=3", "end: tick 3 has the energy of 0 domains of 2"},
	{"end tick=000000000000000000000000000000000000000003x",
	 "end: tick=0000000000000000000000000000000000000000... is not a number"},
};

static void a_bad_line_of_a_tick_is_named(void **state)
{
	(void)state;
	assert_each_bad(HEAD PLAIN_TICK, 10, bad_ticks, N(bad_ticks));
	assert_bad(HEAD PLAIN_TICK "span cpu=0 busy_ns=1 idle_ns=1\n"
				   "span cpu=0 busy_ns=1 idle_ns=1\n",
		   0, -EBADMSG, "x.rec:11: span: cpu=0 is there twice in this tick");
	assert_bad(HEAD PLAIN_TICK "loss cause=hash-full count=1\nloss cause=hash-full count=1\n",
		   0, -EBADMSG, "x.rec:11: loss: cause=hash-full is there twice in this tick");
	assert_bad(HEAD PLAIN_TICK "process pid=1 start_ns=1 comm=x\n"
				   "task process=0 tid=1 start_ns=1 domain=2 cpu_ns=1 comm=x\n",
		   0, -EBADMSG, "x.rec:11: task: domain=2, but there are 2 domains");
	assert_bad(HEAD PLAIN_TICK "process pid=1 start_ns=1 comm=x\n"
				   "task process=0 tid=1 start_ns=1 user=0 cpu_ns=1 comm=x\n",
		   0, -EBADMSG, "x.rec:11: task: user=0 is not defined");
}

static void ticks_before_a_bad_line_are_read(void **state)
{
	static const char nul[] = PLAIN "a\0b\n";
	struct outcome outcome = read_all(nul, sizeof(nul) - 1);

	(void)state;
	assert_string_equal(outcome.msg.text, "x.rec:3: the line holds a NUL byte");
	assert_bad(HEAD TICK_0 "process pid=1 start_ns=1 comm=x\n", 1, -EBADMSG,
		   "x.rec:13: process: is not in a tick");
	assert_bad(HEAD TICK_0 TICK_1 FIRST_LINE, 2, -EBADMSG,
		   "x.rec:27: energytrace-record: a second record begins; a file holds one");
}

/* A number in the file decides no allocation: neither of these takes memory to speak of. */
static void huge_numbers_allocate_nothing(void **state)
{
	(void)state;
	assert_bad(PLAIN PLAIN_TICK "cgroup ref=4294967295 path=/\n", 0, -EBADMSG,
		   "x.rec:4: cgroup: ref=4294967295, but the next new one is 0");
	assert_bad(PLAIN PLAIN_TICK "user ref=4294967295 uid=0\n", 0, -EBADMSG,
		   "x.rec:4: user: ref=4294967295, but the next new one is 0");
	assert_bad(PLAIN PLAIN_TICK "removed cgroup=2147483647\n", 0, -EBADMSG,
		   "x.rec:4: removed: cgroup=2147483647 is not defined");
	assert_bad(PLAIN PLAIN_TICK "span cpu=4294967295 busy_ns=0 idle_ns=0\n", 0, -EBADMSG,
		   "x.rec:4: span: cpu=4294967295, but there are 0 cpus");
	assert_bad(PLAIN "cpu id=4294967295 package=0 die=0 core=0\n" PLAIN_TICK "end tick=3\n", 1,
		   0, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_record_is_said_so),
		cmocka_unit_test(a_stream_that_fails_is_no_end),
		cmocka_unit_test(a_cut_record_gives_its_whole_ticks),
		cmocka_unit_test(a_bad_line_of_the_head_is_named),
		cmocka_unit_test(a_bad_line_of_a_tick_is_named),
		cmocka_unit_test(ticks_before_a_bad_line_are_read),
		cmocka_unit_test(huge_numbers_allocate_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
