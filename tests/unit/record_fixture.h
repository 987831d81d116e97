/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_TESTS_UNIT_RECORD_FIXTURE_H
#define ENERGYTRACE_TESTS_UNIT_RECORD_FIXTURE_H

/* Records as texts: to be read, and to be written again. */

#include "base/errmsg.h"
#include "sample/record.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* After what it needs. */
#include <cmocka.h>

/* The record that make_run, make_first and make_second stand for. */
#define FIRST_LINE "energytrace-record version=1\n"
#define RUN_LINE                                                                     \
	"run host=box version=0.1.0 user_hz=100 boot_realtime_ns=-7 source=powercap" \
	" kind=measured update_ns=976562\n"
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

#define PLAIN \
	FIRST_LINE "run host=h version=v user_hz=100 boot_realtime_ns=0 source=none kind=none\n"
#define PLAIN_TICK "tick seq=3 realtime_ns=0 monotonic_ns=0 boottime_ns=0 interval_ns=0\n"

static inline FILE *open_text(const char *text, size_t length)
{
	FILE *stream = tmpfile();

	assert_non_null(stream);
	assert_int_equal(fwrite(text, 1, length, stream), length);
	rewind(stream);
	return stream;
}

static inline struct record_reader *open_record(const char *text, FILE **ret_stream)
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

static inline struct outcome read_all(const char *text, size_t length)
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

static inline void assert_bad(const char *text, int samples, int err, const char *sentence)
{
	struct outcome outcome = read_all(text, strlen(text));

	assert_string_equal(outcome.msg.text, sentence);
	assert_int_equal(outcome.err, err);
	assert_int_equal(outcome.samples, samples);
}

/* Reads a record and writes what was read; the caller frees the text. */
static inline char *rewrite(const char *text)
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

#endif
