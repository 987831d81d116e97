// SPDX-License-Identifier: BSD-2-Clause
/* The recorded form of a run: its exact text, its round trip, and what is said of a bad one. */

#include "record_fixture.h"

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
		.update_ns = 976562,
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

static void add_cgroup(struct sample *sample, const char *path)
{
	const struct sample_cgroup cgroup = {.path = path, .container = SAMPLE_UNKNOWN};

	assert_true(sample_add_cgroup(sample, &cgroup) >= 0);
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
	add_cgroup(sample, "/");
	add_cgroup(sample, "/unused");
	add_cgroup(sample, "/user.slice/a b");
	*sample_add_process(sample) = (struct sample_process){.pid = 10,
							      .ppid = 1,
							      .start_ns = 5,
							      .cgroup = 2,
							      .user = SAMPLE_UNKNOWN,
							      .comm = "%x=\n\"\xff"};
	*sample_add_process(sample) = (struct sample_process){.pid = UINT32_MAX,
							      .start_ns = 6,
							      .cgroup = SAMPLE_UNKNOWN,
							      .user = SAMPLE_UNKNOWN,
							      .ended = true,
							      .self = true};
	*sample_add_task(sample) = (struct sample_task){.process = 0,
							.tid = 10,
							.start_ns = 5,
							.domain = 0,
							.cgroup = 2,
							.user = SAMPLE_UNKNOWN,
							.cpu_ns = 700,
							.comm = "abcdefghijklmno"};
	*sample_add_task(sample) = (struct sample_task){.process = 1,
							.tid = 11,
							.start_ns = 6,
							.domain = SAMPLE_NO_DOMAIN,
							.cgroup = 0,
							.user = SAMPLE_UNKNOWN,
							.cpu_ns = 10,
							.ended = true,
							.comm = "w"};
	sample->losses[LOSS_LEDGER_FULL] = 9;
	sample->losses[LOSS_PROGRAM_SKIPPED] = 1;
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
	assert_int_equal(run->update_ns, 976562);
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
	assert_string_equal(sample->cgroups[0].path, "/user.slice/a b");
	assert_string_equal(sample->cgroups[1].path, "/");
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

/* An index of one of `n`, or SAMPLE_UNKNOWN. */
static int32_t hard_index(unsigned int *seed, size_t n)
{
	return (int32_t)(hard_number(seed) % (n + 1)) - 1;
}

/* Of any bytes; NULL or empty now and then. */
static const char *hard_text(unsigned int *seed, char room[static 64])
{
	size_t length = hard_number(seed) % 64;

	for (size_t i = 0; i < length; i++)
		room[i] = (char)(hard_number(seed) % 255 + 1);
	room[length] = '\0';
	return hard_number(seed) % 5 ? room : NULL;
}

static void add_hard_names(struct sample *sample, unsigned int *seed)
{
	char room[7][64];

	for (int i = 0; i < 5; i++) {
		const struct sample_container container = {
			.runtime = hard_number(seed) % 2 ? "docker" : "",
			.id = hard_text(seed, room[0]) ? room[0] : "id",
			.path = hard_text(seed, room[1]) ? room[1] : "/",
			.name = hard_text(seed, room[2]),
			.image = hard_text(seed, room[3]),
			.pod = hard_text(seed, room[4]),
			.pod_namespace = hard_text(seed, room[5]),
		};
		const struct sample_user user = {.uid = (uint32_t)hard_number(seed),
						 .name = hard_text(seed, room[6])};

		assert_true(sample_add_container(sample, &container) >= 0);
		assert_true(sample_add_user(sample, &user) >= 0);
	}
	for (int i = 0; i < 14; i++) {
		struct sample_cgroup cgroup = {.path = room[0],
					       .container = hard_index(seed, 5),
					       .removed = hard_number(seed) & 1};

		snprintf(room[0], sizeof(room[0]), "/c%u%c", *seed >> 30, 1 + i * 18);
		/* Half of them twice, now and then removed and made again. */
		for (int twice = 0; twice <= (i & 1); twice++) {
			assert_true(sample_add_cgroup(sample, &cgroup) >= 0);
			cgroup.removed = hard_number(seed) & 1;
		}
	}
}

static void make_hard(struct sample *sample, unsigned int *seed, int n_rows)
{
	char room[64];

	sample_reset(sample);
	sample->seq = hard_number(seed);
	sample->realtime_ns = (int64_t)hard_number(seed);
	sample->interval_ns = hard_number(seed);
	add_hard_names(sample, seed);
	for (int i = 0; i < n_rows; i++) {
		struct sample_process *process = sample_add_process(sample);
		struct sample_task *task = sample_add_task(sample);
		const char *cmdline = hard_text(seed, room);

		process->pid = (uint32_t)hard_number(seed);
		process->start_ns = hard_number(seed);
		process->cgroup = hard_index(seed, sample->n_cgroups);
		process->user = hard_index(seed, sample->n_users);
		process->kernel = hard_number(seed) & 1;
		process->self = hard_number(seed) & 1;
		assert_int_equal(sample_copy_text(sample, cmdline, &process->cmdline), 0);
		for (int c = 0; c < SAMPLE_COMM_LEN - 1; c++)
			process->comm[c] = (char)(hard_number(seed) % 255 + 1);
		task->process = (uint32_t)i;
		task->cpu_ns = hard_number(seed);
		task->domain = hard_index(seed, 2);
		task->cgroup = hard_index(seed, sample->n_cgroups);
		task->user = hard_index(seed, sample->n_users);
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
		add_cgroup(&sample, tick ? "/b" : "/a");
		add_cgroup(&sample, tick ? "/a" : "/c");
		for (int32_t i = 0; i < 2; i++)
			*sample_add_process(&sample) =
				(struct sample_process){.cgroup = i, .user = SAMPLE_UNKNOWN};
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
	assert_string_equal(sample.cgroups[sample.processes[0].cgroup].path, "/a");
	assert_string_equal(sample.cgroups[sample.processes[1].cgroup].path, "/b");
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
