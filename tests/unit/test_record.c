// SPDX-License-Identifier: BSD-2-Clause
/* The recorded form of a run: its exact text, its round trip, and what is said of a bad one. */

#include "base/errmsg.h"
#include "sample/record.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The record that make_run, make_first and make_second stand for. */
#define FIRST_LINE "energytrace-record version=1\n"
#define RUN_LINE                                                                     \
	"run host=box version=0.1.0 user_hz=100 boot_realtime_ns=-7 source=powercap" \
	" kind=measured\n"
#define DOMAIN_LINES                                                       \
	"domain type=package name=package-0 node=intel-rapl:0 package=0\n" \
	"domain type=psys name=psys\n"
#define CPU_LINES                                    \
	"cpu id=0 package=0 die=0 core=0 domain=0\n" \
	"cpu id=2 package=1 die=0 core=-1\n"
#define SETTING_LINES "setting name=pid value=1,2\nsetting name=empty value=\n"
#define HEAD FIRST_LINE RUN_LINE DOMAIN_LINES CPU_LINES SETTING_LINES
#define TICK_0                                                                       \
	"tick seq=0 realtime_ns=1000 monotonic_ns=20 boottime_ns=30 interval_ns=0\n" \
	"energy domain=0 uj=0\n"                                                     \
	"energy domain=1 uj=0\n"                                                     \
	"end tick=0\n"
#define TICK_1                                                                                 \
	"tick seq=1 realtime_ns=1000001000 monotonic_ns=1000000020 boottime_ns=1500000030"     \
	" interval_ns=1000000000 suspended_ns=500000000 ledger_used=3 ledger_rows=65536\n"     \
	"span cpu=1 busy_ns=10 idle_ns=999999990\n"                                            \
	"span cpu=0 busy_ns=700 idle_ns=999999000 lost_ns=300\n"                               \
	"energy domain=0 uj=18446744073709551615 wraps=1 resets=2 gaps=3\n"                    \
	"energy domain=1 uj=42\n"                                                              \
	"cgroup ref=0 path=/user.slice/a%20b\n"                                                \
	"cgroup ref=1 path=/\n"                                                                \
	"process pid=10 ppid=1 start_ns=5 cgroup=0 comm=%25x=%0A\"%FF\n"                       \
	"process pid=4294967295 start_ns=6 ended=1 self=1 comm=\n"                             \
	"task process=0 tid=10 start_ns=5 domain=0 cgroup=0 cpu_ns=700 comm=abcdefghijklmno\n" \
	"task process=1 tid=11 start_ns=6 cgroup=1 cpu_ns=10 ended=1 comm=w\n"                 \
	"loss cause=ledger-full count=9\n"                                                     \
	"loss cause=program-skipped count=1\n"                                                 \
	"end tick=1\n"

static void make_run(struct run *run)
{
	static struct run_domain domains[] = {
		{.type = DOMAIN_PACKAGE,
		 .name = "package-0",
		 .node = "intel-rapl:0",
		 .package = 0,
		 .die = -1},
		{.type = DOMAIN_PSYS, .name = "psys", .package = -1, .die = -1},
	};
	static struct run_cpu cpus[] = {
		{.id = 0, .domain = 0},
		{.id = 2, .package = 1, .core = -1, .domain = SAMPLE_NO_DOMAIN},
	};

	*run = (struct run){
		.host = "box",
		.version = "0.1.0",
		.user_hz = 100,
		.boot_realtime_ns = -7,
		.source = "powercap",
		.kind = ENERGY_MEASURED,
		.domains = domains,
		.n_domains = 2,
		.cpus = cpus,
		.n_cpus = 2,
	};
}

/* The start mark, to which nobody has given energies. */
static void make_first(struct sample *sample)
{
	sample_reset(sample);
	sample->realtime_ns = 1000;
	sample->monotonic_ns = 20;
	sample->boottime_ns = 30;
}

static void make_second(struct sample *sample)
{
	sample_reset(sample);
	sample->seq = 1;
	sample->realtime_ns = 1000001000;
	sample->monotonic_ns = 1000000020;
	sample->boottime_ns = 1500000030;
	sample->interval_ns = 1000000000;
	sample->suspended_ns = 500000000;
	sample->ledger_used = 3;
	sample->ledger_rows = 65536;
	*sample_add_cpu(sample) =
		(struct sample_cpu){.cpu = 1, .busy_ns = 10, .idle_ns = 999999990};
	*sample_add_cpu(sample) =
		(struct sample_cpu){.cpu = 0, .busy_ns = 700, .idle_ns = 999999000, .lost_ns = 300};
	*sample_add_energy(sample) =
		(struct sample_energy){.uj = UINT64_MAX, .wraps = 1, .resets = 2, .gaps = 3};
	*sample_add_energy(sample) = (struct sample_energy){.uj = 42};
	/* In no order of use, one of them unused. */
	sample_add_cgroup(sample, "/");
	sample_add_cgroup(sample, "/unused");
	sample_add_cgroup(sample, "/user.slice/a b");
	*sample_add_process(sample) = (struct sample_process){
		.pid = 10, .ppid = 1, .start_ns = 5, .cgroup = 2, .comm = "%x=\n\"\xff"};
	*sample_add_process(sample) = (struct sample_process){
		.pid = UINT32_MAX, .start_ns = 6, .cgroup = -1, .ended = true, .self = true};
	*sample_add_task(sample) = (struct sample_task){.process = 0,
							.tid = 10,
							.start_ns = 5,
							.domain = 0,
							.cgroup = 2,
							.cpu_ns = 700,
							.comm = "abcdefghijklmno"};
	*sample_add_task(sample) = (struct sample_task){.process = 1,
							.tid = 11,
							.start_ns = 6,
							.domain = SAMPLE_NO_DOMAIN,
							.cgroup = 0,
							.cpu_ns = 10,
							.ended = true,
							.comm = "w"};
	sample->losses[LOSS_LEDGER_FULL] = 9;
	sample->losses[LOSS_PROGRAM_SKIPPED] = 1;
}

static FILE *open_text(const char *text, size_t length)
{
	FILE *stream = tmpfile();

	assert_non_null(stream);
	assert_int_equal(fwrite(text, 1, length, stream), length);
	rewind(stream);
	return stream;
}

static struct record_reader *open_record(const char *text, FILE **ret_stream)
{
	struct record_reader *reader = NULL;
	struct errmsg msg = {""};

	*ret_stream = open_text(text, strlen(text));
	if (record_reader_new(*ret_stream, "x.rec", &reader, &msg) != 0)
		fail_msg("%s", msg.text);
	return reader;
}

/* What a record says when it is read to its end. */
struct outcome {
	int err;
	int samples;
	struct errmsg msg;
};

static struct outcome read_all(const char *text, size_t length)
{
	struct outcome outcome = {.err = 1};
	struct record_reader *reader = NULL;
	struct sample sample = {0};
	FILE *stream = open_text(text, length);
	int got;

	outcome.err = record_reader_new(stream, "x.rec", &reader, &outcome.msg);
	if (outcome.err == 0) {
		while ((got = record_read_sample(reader, &sample, &outcome.msg)) > 0)
			outcome.samples++;
		outcome.err = got;
		/* The end stays the end, an error stays the error. */
		assert_int_equal(record_read_sample(reader, &sample, NULL), got);
		assert_int_equal(sample.n_tasks, 0);
	} else {
		assert_null(reader);
	}
	sample_done(&sample);
	record_reader_free(reader);
	fclose(stream);
	return outcome;
}

static void assert_bad(const char *text, int samples, int err, const char *sentence)
{
	struct outcome outcome = read_all(text, strlen(text));

	assert_string_equal(outcome.msg.text, sentence);
	assert_int_equal(outcome.err, err);
	assert_int_equal(outcome.samples, samples);
}

static void known_samples_have_this_exact_text(void **state)
{
	struct record_writer *writer;
	struct sample sample = {0};
	struct run run;
	char *text;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	(void)state;
	make_run(&run);
	assert_int_equal(record_writer_new(stream, &run, &writer), 0);
	record_write_setting(writer, "pid", "1,2");
	record_write_setting(writer, "empty", "");
	make_first(&sample);
	assert_int_equal(record_write_sample(writer, &sample), 0);
	make_second(&sample);
	assert_int_equal(record_write_sample(writer, &sample), 0);
	record_writer_free(writer);
	fclose(stream);
	assert_string_equal(text, HEAD TICK_0 TICK_1);
	sample_done(&sample);
	free(text);
}

static void the_head_is_read_back(void **state)
{
	const struct record_setting *settings;
	struct record_reader *reader;
	const struct run *run;
	FILE *stream;

	(void)state;
	reader = open_record(HEAD, &stream);
	run = record_reader_run(reader);
	assert_string_equal(run->host, "box");
	assert_string_equal(run->version, "0.1.0");
	assert_int_equal(run->user_hz, 100);
	assert_true(run->boot_realtime_ns == -7);
	assert_string_equal(run->source, "powercap");
	assert_int_equal(run->kind, ENERGY_MEASURED);
	assert_int_equal(run->n_domains, 2);
	assert_int_equal(run->domains[0].type, DOMAIN_PACKAGE);
	assert_string_equal(run->domains[0].name, "package-0");
	assert_string_equal(run->domains[0].node, "intel-rapl:0");
	assert_int_equal(run->domains[0].package, 0);
	assert_int_equal(run->domains[0].die, -1);
	assert_int_equal(run->domains[1].type, DOMAIN_PSYS);
	assert_string_equal(run->domains[1].node, "");
	assert_int_equal(run->domains[1].package, -1);
	assert_int_equal(run->n_cpus, 2);
	assert_int_equal(run->cpus[0].domain, 0);
	assert_int_equal(run->cpus[1].id, 2);
	assert_int_equal(run->cpus[1].package, 1);
	assert_int_equal(run->cpus[1].die, 0);
	assert_int_equal(run->cpus[1].core, -1);
	assert_int_equal(run->cpus[1].domain, SAMPLE_NO_DOMAIN);
	assert_int_equal(record_reader_settings(reader, &settings), 2);
	assert_string_equal(settings[0].name, "pid");
	assert_string_equal(settings[0].value, "1,2");
	assert_string_equal(settings[1].name, "empty");
	assert_string_equal(settings[1].value, "");
	record_reader_free(reader);
	fclose(stream);
}

static void assert_second(const struct sample *sample)
{
	assert_int_equal(sample->seq, 1);
	assert_true(sample->realtime_ns == 1000001000);
	assert_int_equal(sample->boottime_ns, 1500000030);
	assert_int_equal(sample->interval_ns, 1000000000);
	assert_int_equal(sample->suspended_ns, 500000000);
	assert_int_equal(sample->ledger_used, 3);
	assert_int_equal(sample->ledger_rows, 65536);
	assert_int_equal(sample->n_cpus, 2);
	assert_int_equal(sample->cpus[0].cpu, 1);
	assert_int_equal(sample->cpus[0].lost_ns, 0);
	assert_int_equal(sample->cpus[1].busy_ns, 700);
	assert_int_equal(sample->cpus[1].idle_ns, 999999000);
	assert_int_equal(sample->cpus[1].lost_ns, 300);
	assert_int_equal(sample->n_energy, 2);
	assert_true(sample->energy[0].uj == UINT64_MAX);
	assert_int_equal(sample->energy[0].wraps, 1);
	assert_int_equal(sample->energy[0].resets, 2);
	assert_int_equal(sample->energy[0].gaps, 3);
	assert_int_equal(sample->losses[LOSS_LEDGER_FULL], 9);
	assert_int_equal(sample->losses[LOSS_HASH_FULL], 0);
	assert_int_equal(sample->losses[LOSS_PROGRAM_SKIPPED], 1);
}

static void assert_second_rows(const struct sample *sample)
{
	/* In the order of first use, whatever it was when it was measured. */
	assert_int_equal(sample->n_cgroups, 2);
	assert_string_equal(sample->cgroups[0], "/user.slice/a b");
	assert_string_equal(sample->cgroups[1], "/");
	assert_int_equal(sample->n_processes, 2);
	assert_int_equal(sample->processes[0].pid, 10);
	assert_int_equal(sample->processes[0].ppid, 1);
	assert_int_equal(sample->processes[0].start_ns, 5);
	assert_int_equal(sample->processes[0].cgroup, 0);
	assert_false(sample->processes[0].ended);
	assert_string_equal(sample->processes[0].comm, "%x=\n\"\xff");
	assert_int_equal(sample->processes[1].pid, UINT32_MAX);
	assert_int_equal(sample->processes[1].ppid, 0);
	assert_int_equal(sample->processes[1].cgroup, -1);
	assert_true(sample->processes[1].ended);
	assert_true(sample->processes[1].self);
	assert_string_equal(sample->processes[1].comm, "");
	assert_int_equal(sample->n_tasks, 2);
	assert_int_equal(sample->tasks[0].domain, 0);
	assert_int_equal(sample->tasks[0].cpu_ns, 700);
	assert_string_equal(sample->tasks[0].comm, "abcdefghijklmno");
	assert_int_equal(sample->tasks[1].process, 1);
	assert_int_equal(sample->tasks[1].tid, 11);
	assert_int_equal(sample->tasks[1].start_ns, 6);
	assert_int_equal(sample->tasks[1].domain, SAMPLE_NO_DOMAIN);
	assert_int_equal(sample->tasks[1].cgroup, 1);
	assert_true(sample->tasks[1].ended);
}

static void samples_are_read_back(void **state)
{
	struct sample sample = {0};
	struct record_reader *reader;
	FILE *stream;

	(void)state;
	reader = open_record(HEAD TICK_0 TICK_1, &stream);
	assert_int_equal(record_read_sample(reader, &sample, NULL), 1);
	assert_int_equal(sample.seq, 0);
	assert_int_equal(sample.n_cpus, 0);
	assert_int_equal(sample.n_energy, 2); /* also where the writer was given none */
	assert_int_equal(record_read_sample(reader, &sample, NULL), 1);
	assert_second(&sample);
	assert_second_rows(&sample);
	assert_int_equal(record_read_sample(reader, &sample, NULL), 0);
	sample_done(&sample);
	record_reader_free(reader);
	fclose(stream);
}

/* Reads a record and writes what was read; the caller frees the text. */
static char *rewrite(const char *text)
{
	const struct record_setting *settings;
	struct sample sample = {0};
	struct record_reader *reader;
	struct record_writer *writer;
	FILE *in, *out;
	char *copy;
	size_t size, n;
	int got;

	reader = open_record(text, &in);
	out = open_memstream(&copy, &size);
	assert_int_equal(record_writer_new(out, record_reader_run(reader), &writer), 0);
	n = record_reader_settings(reader, &settings);
	for (size_t i = 0; i < n; i++)
		record_write_setting(writer, settings[i].name, settings[i].value);
	while ((got = record_read_sample(reader, &sample, NULL)) > 0)
		assert_int_equal(record_write_sample(writer, &sample), 0);
	assert_int_equal(got, 0);
	record_writer_free(writer);
	record_reader_free(reader);
	sample_done(&sample);
	fclose(in);
	fclose(out);
	return copy;
}

static void a_record_that_is_read_and_written_is_the_same(void **state)
{
	char *copy = rewrite(HEAD TICK_0 TICK_1);

	(void)state;
	assert_string_equal(copy, HEAD TICK_0 TICK_1);
	free(copy);
}

/* Fills the numbers of a sample with what is hard: the ends of ranges and what lies between. */
static uint64_t hard_number(unsigned int *seed)
{
	*seed = *seed * 1103515245U + 12345U;
	switch (*seed >> 16 & 3) {
	case 0:
		return 0;
	case 1:
		return UINT64_MAX;
	case 2:
		return *seed >> 20;
	default:
		return (uint64_t)*seed << 30;
	}
}

static void make_hard(struct sample *sample, unsigned int *seed, int n_rows)
{
	sample_reset(sample);
	sample->seq = hard_number(seed);
	sample->realtime_ns = (int64_t)hard_number(seed);
	sample->interval_ns = hard_number(seed);
	for (int i = 0; i < 7; i++) {
		char path[64];

		snprintf(path, sizeof(path), "/c%u%c", *seed >> 28, 1 + i * 40);
		sample_add_cgroup(sample, path);
	}
	for (int i = 0; i < n_rows; i++) {
		struct sample_process *process = sample_add_process(sample);
		struct sample_task *task = sample_add_task(sample);

		process->pid = (uint32_t)hard_number(seed);
		process->start_ns = hard_number(seed);
		process->cgroup = (int32_t)(hard_number(seed) % 8) - 1;
		process->self = hard_number(seed) & 1;
		for (int c = 0; c < SAMPLE_COMM_LEN - 1; c++)
			process->comm[c] = (char)(hard_number(seed) % 255 + 1);
		task->process = (uint32_t)i;
		task->cpu_ns = hard_number(seed);
		task->domain = (int32_t)(hard_number(seed) % 3) - 1;
		task->cgroup = (int32_t)(hard_number(seed) % 8) - 1;
		task->ended = hard_number(seed) & 1;
		task->comm[0] = (char)hard_number(seed);
	}
}

static void hard_samples_survive_a_round_trip(void **state)
{
	unsigned int seed = 1;
	struct record_writer *writer;
	struct sample sample = {0};
	struct run run;
	char *text, *copy;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	(void)state;
	make_run(&run);
	assert_int_equal(record_writer_new(stream, &run, &writer), 0);
	for (int tick = 0; tick < 50; tick++) {
		make_hard(&sample, &seed, tick);
		assert_int_equal(record_write_sample(writer, &sample), 0);
	}
	record_writer_free(writer);
	fclose(stream);
	copy = rewrite(text);
	assert_string_equal(copy, text);
	sample_done(&sample);
	free(text);
	free(copy);
}

/* A cgroup is defined once in a file: in the tick that first needs it, under the next number. */
static void the_dictionary_covers_the_whole_file(void **state)
{
	struct record_writer *writer;
	struct sample sample = {0};
	struct run run = {.user_hz = 100};
	char *text;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	(void)state;
	assert_int_equal(record_writer_new(stream, &run, &writer), 0);
	for (uint64_t tick = 0; tick < 2; tick++) {
		sample_reset(&sample);
		sample.seq = tick;
		sample_add_cgroup(&sample, tick ? "/b" : "/a");
		sample_add_cgroup(&sample, tick ? "/a" : "/c");
		for (int32_t i = 0; i < 2; i++)
			*sample_add_process(&sample) = (struct sample_process){.cgroup = i};
		assert_int_equal(record_write_sample(writer, &sample), 0);
	}
	record_writer_free(writer);
	fclose(stream);
	assert_non_null(strstr(text, "\ncgroup ref=0 path=/a\ncgroup ref=1 path=/c\n"
				     "process pid=0 start_ns=0 cgroup=0 comm=\n"
				     "process pid=0 start_ns=0 cgroup=1 comm=\nend tick=0\n"));
	assert_non_null(strstr(text, "\ncgroup ref=2 path=/b\n"
				     "process pid=0 start_ns=0 cgroup=2 comm=\n"
				     "process pid=0 start_ns=0 cgroup=0 comm=\nend tick=1\n"));
	sample_done(&sample);
	free(text);
}

#define PLAIN \
	FIRST_LINE "run host=h version=v user_hz=100 boot_realtime_ns=0 source=none kind=none\n"
#define PLAIN_TICK "tick seq=3 realtime_ns=0 monotonic_ns=0 boottime_ns=0 interval_ns=0\n"

static void a_cgroup_may_be_defined_anew(void **state)
{
	struct sample sample = {0};
	struct record_reader *reader;
	FILE *stream;

	(void)state;
	reader = open_record(PLAIN PLAIN_TICK "cgroup ref=0 path=/a\n"
					      "process pid=1 start_ns=1 cgroup=0 comm=x\n"
					      "cgroup ref=0 path=/b\n"
					      "process pid=2 start_ns=1 cgroup=0 comm=x\n"
					      "end tick=3\n",
			     &stream);
	assert_int_equal(record_read_sample(reader, &sample, NULL), 1);
	assert_string_equal(sample.cgroups[sample.processes[0].cgroup], "/a");
	assert_string_equal(sample.cgroups[sample.processes[1].cgroup], "/b");
	sample_done(&sample);
	record_reader_free(reader);
	fclose(stream);
}

static void unknown_kinds_and_keys_are_skipped(void **state)
{
	static const char text[] =
		"energytrace-record version=1 made=by-hand\n"
		"# a comment, with any bytes: \xc3\xa9\t%\n"
		"\n"
		"run host=h kind=none later=1 later=2 source=none boot_realtime_ns=0"
		"  user_hz=100 version=v \n"
		"gpu index=0 model=x\n" PLAIN_TICK "weather sunny\n"
		"process pid=1 start_ns=2 comm=x nice=%zz\n"
		"end tick=3\n";
	struct outcome outcome = read_all(text, strlen(text));

	(void)state;
	assert_string_equal(outcome.msg.text, "");
	assert_int_equal(outcome.err, 0);
	assert_int_equal(outcome.samples, 1);
}

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

static void a_bad_line_of_a_tick_is_named(void **state)
{
	static const struct bad_case cases[] = {
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
		{"process pid=1 start_ns=1 cgroup=0 comm=x", "process: cgroup=0 is not defined"},
		{"process pid=1 start_ns=1 cgroup=-2 comm=x", "process: cgroup=-2 is not defined"},
		{"process pid=1 start_ns=1 comm=0123456789abcdef",
		 "process: comm= is longer than 15 bytes"},
		{"process pid=1 start_ns=1 ended=2 comm=x", "process: ended=2 is out of range"},
		{"process pid=4294967296 start_ns=1 comm=x",
		 "process: pid=4294967296 is out of range"},
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

	(void)state;
	assert_each_bad(HEAD PLAIN_TICK, 10, cases, N(cases));
	assert_bad(HEAD PLAIN_TICK "span cpu=0 busy_ns=1 idle_ns=1\n"
				   "span cpu=0 busy_ns=1 idle_ns=1\n",
		   0, -EBADMSG, "x.rec:11: span: cpu=0 is there twice in this tick");
	assert_bad(HEAD PLAIN_TICK "loss cause=hash-full count=1\nloss cause=hash-full count=1\n",
		   0, -EBADMSG, "x.rec:11: loss: cause=hash-full is there twice in this tick");
	assert_bad(HEAD PLAIN_TICK "process pid=1 start_ns=1 comm=x\n"
				   "task process=0 tid=1 start_ns=1 domain=2 cpu_ns=1 comm=x\n",
		   0, -EBADMSG, "x.rec:11: task: domain=2, but there are 2 domains");
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
	assert_bad(PLAIN PLAIN_TICK "span cpu=4294967295 busy_ns=0 idle_ns=0\n", 0, -EBADMSG,
		   "x.rec:4: span: cpu=4294967295, but there are 0 cpus");
	assert_bad(PLAIN "cpu id=4294967295 package=0 die=0 core=0\n" PLAIN_TICK "end tick=3\n", 1,
		   0, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_samples_have_this_exact_text),
		cmocka_unit_test(the_head_is_read_back),
		cmocka_unit_test(samples_are_read_back),
		cmocka_unit_test(a_record_that_is_read_and_written_is_the_same),
		cmocka_unit_test(hard_samples_survive_a_round_trip),
		cmocka_unit_test(the_dictionary_covers_the_whole_file),
		cmocka_unit_test(a_cgroup_may_be_defined_anew),
		cmocka_unit_test(unknown_kinds_and_keys_are_skipped),
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
