// SPDX-License-Identifier: BSD-2-Clause
/* A run that is written, cut off, and read again. */
#include "telemetry_fixture.h"

#include "telemetry/recorder.h"
#include "telemetry/report.h"
#include "telemetry/run.h"
#include "telemetry/rundir.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define STARTED_NS (INT64_C(1768213218428) * 1000000)

static void make_facts(struct telemetry_facts *facts)
{
	telemetry_facts_clear(facts);
	snprintf(facts->run_id, sizeof(facts->run_id), "1768213218428");
	snprintf(facts->program, sizeof(facts->program), "energytrace 0.1.0");
	snprintf(facts->host.hostname, sizeof(facts->host.hostname), "box");
	snprintf(facts->host.os, sizeof(facts->host.os), "Linux 6.18");
	snprintf(facts->host.cpu, sizeof(facts->host.cpu), "A \"CPU\"");
	facts->host.cpus = 2;
	facts->host.ram_mb = 2048;
	facts->started_ns = STARTED_NS;
	snprintf(facts->energy_source, sizeof(facts->energy_source), "powercap");
	snprintf(facts->energy_kind, sizeof(facts->energy_kind), "measured");
	snprintf(facts->carbon_code, sizeof(facts->carbon_code), "DE");
	facts->carbon_g_per_kwh = 344;
}

static struct telemetry_recorder *open_recorder(const char *dir, enum telemetry_format format)
{
	struct telemetry_recorder *recorder;
	struct telemetry_facts facts;
	struct errmsg msg;

	make_facts(&facts);
	if (telemetry_recorder_new(dir, NULL, format, &facts, &recorder, &msg) != 0)
		fail_msg("%s", msg.text);
	return recorder;
}

static void add(struct telemetry_recorder *recorder, const char *plugin, uint64_t index)
{
	struct telemetry_window window = window_of(index, (index + 1) * MS);
	struct errmsg msg;

	window.plugin = plugin;
	give_energy(&window, 0.5, "powercap", "measured");
	if (telemetry_recorder_add(recorder, &window, &msg) != 0)
		fail_msg("%s", msg.text);
}

static struct telemetry_run *load(const char *path)
{
	struct telemetry_run *run;
	struct errmsg msg;

	if (telemetry_run_load(path, &run, &msg) != 0)
		fail_msg("%s", msg.text);
	return run;
}

static size_t count_lines(const char *path)
{
	char *text = read_whole(path);
	size_t n = 0;

	for (const char *at = text; *at; at++)
		n += *at == '\n';
	free(text);
	return n;
}

static void test_a_run_from_start_to_end(void **state)
{
	struct telemetry_recorder *recorder = open_recorder(*state, TELEMETRY_NDJSON);
	const char *path = path_of("%s", telemetry_recorder_path(recorder));
	struct telemetry_facts facts;
	struct telemetry_run *run;
	struct errmsg msg;
	char *text;

	assert_has(path, "/run-2026-01-12-001");
	for (uint64_t i = 0; i < 6; i++) {
		add(recorder, "fir", i);
		add(recorder, "std::sort<int>()", i);
		assert_int_equal(telemetry_recorder_flush(recorder, &msg), 0);
	}
	/* At every tick the files are whole. */
	assert_int_equal(count_lines(path_of("%s/kernel-data/fir/telemetry.ndjson", path)), 6);
	assert_int_equal(access(path_of("%s/kernel-data/fir/report.html", path), F_OK), -1);
	add(recorder, "fir", 6);
	make_facts(&facts);
	facts.ended_ns = STARTED_NS + 1000000000;
	facts.n_abandoned = 3;
	snprintf(facts.run_id, sizeof(facts.run_id), "another");
	if (telemetry_recorder_finish(recorder, &facts, &msg) != 0)
		fail_msg("%s", msg.text);
	telemetry_recorder_free(recorder);

	run = load(path);
	assert_int_equal(run->n_series, 2);
	assert_string_equal(run->series[0]->name, "fir");
	assert_int_equal(run->series[0]->n, 7);
	assert_string_equal(run->series[1]->name, "std::sort<int>()");
	assert_string_equal(run->files[1].path,
			    "kernel-data/std::sort%3Cint%3E%28%29/telemetry.ndjson");
	assert_string_equal(run->facts.run, "run-2026-01-12-001");
	assert_string_equal(run->facts.run_id, "1768213218428");
	assert_int_equal(run->facts.ended_ns, STARTED_NS + 1000000000);
	assert_int_equal(run->facts.n_abandoned, 3);
	assert_int_equal(run->facts.n_dropped, 0);
	telemetry_run_free(run);
	text = read_whole(path_of("%s/kernel-data/std::sort%%3Cint%%3E%%28%%29/report.html", path));
	assert_has(text, "Kernel <code>std::sort&lt;int&gt;()</code>");
	free(text);
}

static void test_a_csv_has_its_head_once(void **state)
{
	struct telemetry_recorder *recorder = open_recorder(*state, TELEMETRY_CSV);
	const char *path =
		path_of("%s/kernel-data/fir/telemetry.csv", telemetry_recorder_path(recorder));
	struct telemetry_run *run;
	struct errmsg msg;
	char *text;

	for (uint64_t i = 0; i < 3; i++) {
		add(recorder, "fir", i);
		assert_int_equal(telemetry_recorder_flush(recorder, &msg), 0);
		assert_int_equal(telemetry_recorder_flush(recorder, &msg), 0);
	}
	text = read_whole(path);
	assert_memory_equal(text, "run_id,plugin,", strlen("run_id,plugin,"));
	assert_null(strstr(text + 1, "run_id"));
	free(text);
	assert_int_equal(count_lines(path), 4);
	run = load(telemetry_recorder_path(recorder));
	assert_int_equal(run->series[0]->n, 3);
	telemetry_run_free(run);
	telemetry_recorder_free(recorder);
}

/* Killed: no finish. What was flushed is there, says that it has no end, and can get its report. */
static void test_a_run_that_was_cut_off(void **state)
{
	struct telemetry_recorder *recorder = open_recorder(*state, TELEMETRY_NDJSON);
	const char *path = path_of("%s", telemetry_recorder_path(recorder));
	struct telemetry_run *run;
	struct errmsg msg;
	FILE *file;
	char *text;

	add(recorder, "fir", 0);
	add(recorder, "fir", 1);
	assert_int_equal(telemetry_recorder_flush(recorder, &msg), 0);
	add(recorder, "fir", 2); /* was not to be */
	telemetry_recorder_free(recorder);
	file = fopen(path_of("%s/kernel-data/fir/telemetry.ndjson", path), "a");
	fputs("{\"run_id\":\"17682", file); /* as a full disk or a crash may leave it */
	fclose(file);
	run = load(path);
	assert_int_equal(run->series[0]->n, 2);
	assert_int_equal(run->n_broken, 1);
	assert_int_equal(run->files[0].reading.problems[0].line, 3);
	assert_int_equal(run->facts.started_ns, STARTED_NS);
	assert_int_equal(run->facts.ended_ns, 0);
	telemetry_run_free(run);
	assert_int_equal(telemetry_report_write(path, &msg), 0);
	text = read_whole(path_of("%s/kernel-data/fir/report.html", path));
	assert_has(text, "The run was not ended");
	assert_has(text, "kernel-data/fir/telemetry.ndjson:3</code>: byte 17");
	free(text);
}

static void test_a_run_without_windows(void **state)
{
	struct telemetry_recorder *recorder = open_recorder(*state, TELEMETRY_NDJSON);
	struct telemetry_facts facts;
	struct errmsg msg;

	make_facts(&facts);
	assert_int_equal(telemetry_recorder_flush(recorder, &msg), 0);
	assert_int_equal(telemetry_recorder_finish(recorder, &facts, &msg), 0);
	assert_int_equal(access(path_of("%s/run.json", telemetry_recorder_path(recorder)), F_OK),
			 0);
	telemetry_recorder_free(recorder);
	telemetry_recorder_free(NULL);
}

static void test_a_window_of_no_kernel(void **state)
{
	struct telemetry_recorder *recorder = open_recorder(*state, TELEMETRY_NDJSON);
	struct telemetry_window window = window_of(0, 1);
	struct errmsg msg;

	window.plugin = "";
	assert_int_equal(telemetry_recorder_add(recorder, &window, &msg), -EINVAL);
	window.plugin = NULL;
	assert_int_equal(telemetry_recorder_add(recorder, &window, &msg), -EINVAL);
	telemetry_recorder_free(recorder);
}

/* A limit on the size of files is as good as a full disk. */
static void limit_files(rlim_t size)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = size;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void test_a_full_disk(void **state)
{
	for (unsigned int format = 0; format < 2; format++) {
		struct telemetry_recorder *recorder =
			open_recorder(*state, (enum telemetry_format)format);
		const char *path = path_of("%s", telemetry_recorder_path(recorder));
		struct telemetry_facts facts;
		struct telemetry_run *run;
		struct errmsg msg;
		int err, ended;

		make_facts(&facts);
		signal(SIGXFSZ, SIG_IGN);
		limit_files(500);
		for (uint64_t i = 0; i < 4; i++)
			add(recorder, "fir", i);
		err = telemetry_recorder_flush(recorder, &msg); /* some of it fits */
		add(recorder, "fir", 4);
		limit_files(RLIM_INFINITY);
		ended = telemetry_recorder_finish(recorder, &facts, &msg);
		telemetry_recorder_free(recorder);
		assert_int_equal(err, -EFBIG);
		assert_int_equal(ended, 0);
		run = load(path);
		/* Whole lines, with a head, and the loss is told. */
		assert_int_equal(run->n_broken, 0);
		assert_string_equal(run->files[0].error, "");
		assert_int_equal(run->series[0]->n, 1);
		assert_int_equal(run->facts.n_dropped, 4);
		telemetry_run_free(run);
	}
}

static void test_many_windows_do_not_wait_for_the_tick(void **state)
{
	struct telemetry_recorder *recorder = open_recorder(*state, TELEMETRY_NDJSON);
	const char *path =
		path_of("%s/kernel-data/fir/telemetry.ndjson", telemetry_recorder_path(recorder));
	struct stat status;

	for (uint64_t i = 0; i < 3000; i++)
		add(recorder, "fir", i);
	assert_int_equal(stat(path, &status), 0);
	assert_in_range(status.st_size, 1 << 20, 2 << 20);
	telemetry_recorder_free(recorder);
}

static void test_facts_read_back(void **state)
{
	static const struct telemetry_setting settings[] = {{"interval", "0.1"}, {"pid", "1,2"}};
	struct telemetry_facts facts, again;
	struct memory memory;
	struct errmsg msg;

	(void)state;
	make_facts(&facts);
	snprintf(facts.run, sizeof(facts.run), "run \\ 1");
	facts.ended_ns = INT64_MAX;
	facts.n_dropped = 12;
	facts.settings = settings;
	facts.n_settings = 2;
	memory_open(&memory);
	telemetry_facts_write(memory.stream, &facts);
	assert_has(memory_text(&memory), "\"startedAt\":\"2026-01-12T10:20:18.428Z\","
					 "\"startedNs\":\"1768213218428000000\"");
	assert_has(memory.text, "\"settings\":[{\"name\":\"interval\",\"value\":\"0.1\"},");
	assert_has(memory.text,
		   "{\"name\":\"percentile\",\"value\":\"linear interpolation, type 7");
	if (telemetry_facts_read(memory.text, memory.size, &again, &msg) != 0)
		fail_msg("%s", msg.text);
	memory_close(&memory);
	again.settings = settings;
	again.n_settings = 2;
	assert_memory_equal(&facts, &again, sizeof(facts));
}

static void test_facts_of_others(void **state)
{
	char other[] = "{\"run\":7,\"host\":{\"cpus\":\"many\",\"os\":null,\"ramMb\":64},"
		       "\"startedNs\":12,\"carbon\":{\"gramsPerKwh\":-1},\"deep\":{\"run\":\"x\"}}";
	char broken[] = "{\"run\":\"a\",}";
	struct telemetry_facts facts;
	struct errmsg msg;

	(void)state;
	assert_int_equal(telemetry_facts_read(other, strlen(other), &facts, &msg), 0);
	assert_string_equal(facts.run, "");
	assert_int_equal(facts.host.cpus, 0);
	assert_int_equal(facts.host.ram_mb, 64);
	assert_int_equal(facts.started_ns, 0);
	assert_true(isnan(facts.carbon_g_per_kwh));
	assert_int_equal(telemetry_facts_read(broken, strlen(broken), &facts, &msg), -EBADMSG);
	assert_string_equal(msg.text, "byte 12: expected a string");
}

static void test_what_is_no_run(void **state)
{
	const char *dir = *state;
	struct telemetry_recorder *recorder;
	struct telemetry_run *run;
	struct errmsg msg;

	assert_int_equal(telemetry_run_load(path_of("%s/nothing", dir), &run, &msg), -ENOENT);
	assert_has(msg.text, "nothing: No such file or directory");
	assert_int_equal(telemetry_run_load(dir, &run, &msg), -ENOENT);
	assert_has(msg.text, "there is no telemetry in ");
	write_whole(path_of("%s/file", dir), "");
	assert_int_equal(telemetry_run_load(path_of("%s/file", dir), &run, &msg), -ENOTDIR);
	/* The folder of all runs is named for one of them. */
	recorder = open_recorder(dir, TELEMETRY_NDJSON);
	telemetry_recorder_free(recorder);
	assert_int_equal(telemetry_run_load(dir, &run, &msg), -ENOENT);
	assert_has(msg.text, "holds runs: name one of them, such as ");
	assert_has(msg.text, "/run-2026-01-12-001");
}

/* As the harness has them: no run.json, a folder that is none of ours, CSV beside, names by the lines. */
static void test_a_run_of_the_harness(void **state)
{
	const char *dir = path_of("%s/2025-11-04", (const char *)*state);
	struct telemetry_run *run;

	assert_int_equal(mkdir(dir, 0755), 0);
	assert_int_equal(mkdir(path_of("%s/kernel-data", dir), 0755), 0);
	assert_int_equal(mkdir(path_of("%s/kernel-data/car", dir), 0755), 0);
	assert_int_equal(mkdir(path_of("%s/kernel-data/empty", dir), 0755), 0);
	assert_int_equal(mkdir(path_of("%s/kernel-data/bad", dir), 0755), 0);
	write_whole(path_of("%s/kernel-data/bad/telemetry.csv", dir), "no,windows,here\n1,2,3\n");
	write_whole(path_of("%s/kernel-data/car/telemetry.csv", dir), "not read\n");
	write_whole(
		path_of("%s/kernel-data/car/telemetry.ndjson", dir),
		"{\"_type\":\"system_info\",\"os\":\"Darwin 23\",\"cpu\":\"Apple M1\"}\n"
		"{\"plugin\":\"car@f32\",\"window_index\":0,\"release_ts_ns\":1,"
		"\"deadline_ts_ns\":2,\"start_ts_ns\":1,\"end_ts_ns\":2,\"deadline_missed\":0}\n");
	run = load(path_of("%s/", dir));
	assert_string_equal(run->facts.run, "2025-11-04");
	assert_string_equal(run->facts.host.cpu, "Apple M1");
	assert_int_equal(run->n_files, 2);
	assert_string_equal(run->files[0].error, "line 1: the header has no plugin");
	assert_string_equal(run->files[1].path, "kernel-data/car/telemetry.ndjson");
	assert_ptr_equal(run->files[1].series, run->series[0]);
	assert_int_equal(run->n_series, 1);
	assert_non_null(telemetry_run_find(run, "car@f32"));
	assert_null(telemetry_run_find(run, "car"));
	telemetry_run_free(run);
	telemetry_run_free(NULL);
}

static void test_windows_in_the_run_itself(void **state)
{
	const char *dir = *state;
	struct telemetry_run *run;
	struct errmsg msg;

	write_whole(path_of("%s/telemetry.csv", dir),
		    "plugin,window_index,release_ts_ns,deadline_ts_ns,start_ts_ns,end_ts_ns,"
		    "deadline_missed\nb,0,1,2,1,2,0\na,0,1,2,1,2,0\nb,1,1,2,1,2,0\n");
	run = load(dir);
	assert_int_equal(run->n_series, 2);
	assert_string_equal(run->series[0]->name, "b");
	assert_int_equal(run->series[0]->n, 2);
	assert_string_equal(run->files[0].folder, "");
	telemetry_run_free(run);
	assert_int_equal(telemetry_report_write(dir, &msg), 0);
	assert_int_equal(access(path_of("%s/report.html", dir), F_OK), 0);
}

#define folder_test(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		folder_test(test_a_run_from_start_to_end),
		folder_test(test_a_csv_has_its_head_once),
		folder_test(test_a_run_that_was_cut_off),
		folder_test(test_a_run_without_windows),
		folder_test(test_a_window_of_no_kernel),
		folder_test(test_a_full_disk),
		folder_test(test_many_windows_do_not_wait_for_the_tick),
		cmocka_unit_test(test_facts_read_back),
		cmocka_unit_test(test_facts_of_others),
		folder_test(test_what_is_no_run),
		folder_test(test_a_run_of_the_harness),
		folder_test(test_windows_in_the_run_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
