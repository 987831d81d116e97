// SPDX-License-Identifier: BSD-2-Clause
/* The lines of a record that name things: containers, cgroups, users, and the end of cgroups. */

#include "record_fixture.h"

#define END_TICK "end tick=3\n"

/* A writer into memory, and the sample that it is given next. */
struct writing {
	struct record_writer *writer;
	struct sample sample;
	char *text;
	size_t size;
	FILE *stream;
	uint64_t ticks;
};

static void begin_writing(struct writing *writing)
{
	static const struct run run = {.user_hz = 100, .host = "h", .version = "v"};

	memset(writing, 0, sizeof(*writing));
	writing->stream = open_memstream(&writing->text, &writing->size);
	assert_int_equal(record_writer_new(writing->stream, &run, &writing->writer), 0);
}

static void write_tick(struct writing *writing)
{
	writing->sample.seq = writing->ticks++;
	assert_int_equal(record_write_sample(writing->writer, &writing->sample), 0);
	sample_reset(&writing->sample);
}

static void end_writing(struct writing *writing)
{
	record_writer_free(writing->writer);
	fclose(writing->stream);
	sample_done(&writing->sample);
}

/* What was written is read and written again as the same. */
static void assert_stable(const char *text)
{
	char *copy = rewrite(text);

	assert_string_equal(copy, text);
	free(copy);
}

static int32_t put_cgroup(struct sample *sample, const char *path, int32_t container, bool removed)
{
	const struct sample_cgroup cgroup = {path, container, removed};

	return sample_add_cgroup(sample, &cgroup);
}

static struct sample_process *put_process(struct sample *sample, uint32_t pid, int32_t cgroup,
					  int32_t user)
{
	struct sample_process *process = sample_add_process(sample);

	*process = (struct sample_process){.pid = pid, .cgroup = cgroup, .user = user};
	return process;
}

static void put_task(struct sample *sample, uint32_t tid, int32_t cgroup, int32_t user)
{
	*sample_add_task(sample) = (struct sample_task){
		.process = (uint32_t)sample->n_processes - 1,
		.tid = tid,
		.domain = SAMPLE_NO_DOMAIN,
		.cgroup = cgroup,
		.user = user,
	};
}

static const struct sample_container whole = {
	.runtime = "docker",
	.id = "4f1c",
	.path = "/docker/4f1c",
	.label = "prod/front/web 1",
	.name = "web 1",
	.image = "nginx:1.25",
	.pod = "front",
	.pod_namespace = "prod",
};
static const struct sample_container bare = {.runtime = "nspawn", .id = "m", .path = "/m"};

/* What each comes to is in the test's text: first use decides the order, not the sample's. */
static void make_names(struct sample *sample)
{
	struct sample_process *process;

	assert_int_equal(sample_add_container(sample, &bare), 0);
	assert_int_equal(sample_add_container(sample, &whole), 1);
	assert_int_equal(sample_add_user(sample, &(struct sample_user){.uid = 0, .name = "root"}),
			 0);
	assert_int_equal(sample_add_user(sample, &(struct sample_user){.uid = 100999}), 1);
	put_cgroup(sample, "/m/a", 0, false);
	put_cgroup(sample, "/docker/4f1c", 1, false);
	put_cgroup(sample, "/docker/4f1c/sub", 1, true);
	put_cgroup(sample, "/unused", SAMPLE_UNKNOWN, false);
	put_cgroup(sample, "/gone", SAMPLE_UNKNOWN, true);
	process = put_process(sample, 7, 1, 1);
	process->cmdline = "nginx -g daemon%off;";
	put_task(sample, 8, 2, 0);
	put_process(sample, 2, 0, SAMPLE_UNKNOWN)->kernel = true;
	put_task(sample, 2, 0, SAMPLE_UNKNOWN);
}

static void names_have_this_exact_text(void **state)
{
	struct writing writing;

	(void)state;
	begin_writing(&writing);
	make_names(&writing.sample);
	write_tick(&writing);
	make_names(&writing.sample); /* all are known by now */
	write_tick(&writing);
	end_writing(&writing);
	assert_non_null(strstr(
		writing.text,
		"\ncontainer ref=0 runtime=docker id=4f1c path=/docker/4f1c label=prod/front/web%201"
		" name=web%201 image=nginx:1.25 pod=front namespace=prod\n"
		"cgroup ref=0 container=0 path=/docker/4f1c\n"
		"user ref=0 uid=100999\n"
		"container ref=1 runtime=nspawn id=m path=/m\n"
		"cgroup ref=1 container=1 path=/m/a\n"
		"cgroup ref=2 container=0 path=/docker/4f1c/sub\n"
		"user ref=1 uid=0 name=root\n"
		"cgroup ref=3 path=/gone\n"
		"process pid=7 start_ns=0 cgroup=0 user=0 comm= cmdline=nginx%20-g%20daemon%25off;\n"
		"process pid=2 start_ns=0 cgroup=1 kernel=1 comm=\n"
		"task process=0 tid=8 start_ns=0 cgroup=2 user=1 cpu_ns=0 comm=\n"
		"task process=1 tid=2 start_ns=0 cgroup=1 cpu_ns=0 comm=\n"
		"removed cgroup=2\n"
		"removed cgroup=3\n"
		"end tick=0\n"
		"tick seq=1 realtime_ns=0 monotonic_ns=0 boottime_ns=0 interval_ns=0\n"
		"process pid=7 "));
	assert_stable(writing.text);
	free(writing.text);
}

static void assert_whole(const struct sample_container *container)
{
	assert_string_equal(container->runtime, "docker");
	assert_string_equal(container->id, "4f1c");
	assert_string_equal(container->path, "/docker/4f1c");
	assert_string_equal(container->label, "prod/front/web 1");
	assert_string_equal(container->name, "web 1");
	assert_string_equal(container->image, "nginx:1.25");
	assert_string_equal(container->pod, "front");
	assert_string_equal(container->pod_namespace, "prod");
}

static void names_are_read_back(void **state)
{
	struct sample sample = {0};
	struct record_reader *reader;
	struct writing writing;
	FILE *stream;

	(void)state;
	begin_writing(&writing);
	make_names(&writing.sample);
	write_tick(&writing);
	end_writing(&writing);
	reader = open_record(writing.text, &stream);
	assert_int_equal(record_read_sample(reader, &sample, NULL), 1);
	assert_int_equal(sample.n_containers, 2);
	assert_whole(&sample.containers[0]);
	assert_string_equal(sample.containers[1].runtime, "nspawn");
	assert_null(sample.containers[1].label);
	assert_null(sample.containers[1].name);
	assert_null(sample.containers[1].image);
	assert_null(sample.containers[1].pod);
	assert_null(sample.containers[1].pod_namespace);
	assert_int_equal(sample.n_cgroups, 4);
	assert_int_equal(sample.cgroups[0].container, 0);
	assert_false(sample.cgroups[0].removed);
	assert_int_equal(sample.cgroups[sample.tasks[0].cgroup].container, 0);
	assert_true(sample.cgroups[sample.tasks[0].cgroup].removed);
	assert_int_equal(sample.cgroups[sample.processes[1].cgroup].container, 1);
	assert_string_equal(sample.cgroups[3].path, "/gone");
	assert_int_equal(sample.cgroups[3].container, SAMPLE_UNKNOWN);
	assert_true(sample.cgroups[3].removed);
	assert_int_equal(sample.n_users, 2);
	assert_int_equal(sample.users[sample.processes[0].user].uid, 100999);
	assert_null(sample.users[sample.processes[0].user].name);
	assert_string_equal(sample.users[sample.tasks[0].user].name, "root");
	assert_int_equal(sample.processes[1].user, SAMPLE_UNKNOWN);
	assert_int_equal(sample.tasks[1].user, SAMPLE_UNKNOWN);
	assert_string_equal(sample.processes[0].cmdline, "nginx -g daemon%off;");
	assert_null(sample.processes[1].cmdline);
	assert_false(sample.processes[0].kernel);
	assert_true(sample.processes[1].kernel);
	sample_done(&sample);
	record_reader_free(reader);
	fclose(stream);
	free(writing.text);
}

/* What is not known is not what is known to be empty: a replay would tell the two apart. */
static void empty_is_not_missing(void **state)
{
	struct sample_container empty = {.runtime = "", .id = "", .path = "", .name = ""};
	struct sample sample = {0};
	struct record_reader *reader;
	struct writing writing;
	FILE *stream;

	(void)state;
	begin_writing(&writing);
	for (int i = 0; i < 2; i++) {
		put_cgroup(&writing.sample, "/", sample_add_container(&writing.sample, &empty),
			   false);
		sample_add_user(&writing.sample,
				&(struct sample_user){.uid = 5, .name = i ? NULL : ""});
		put_process(&writing.sample, 1, i, i)->cmdline = i ? NULL : "";
		empty.name = NULL;
	}
	write_tick(&writing);
	end_writing(&writing);
	assert_stable(writing.text);
	reader = open_record(writing.text, &stream);
	assert_int_equal(record_read_sample(reader, &sample, NULL), 1);
	assert_int_equal(sample.n_containers, 2);
	assert_int_equal(sample.n_users, 2);
	assert_string_equal(sample.containers[0].name, "");
	assert_null(sample.containers[1].name);
	assert_string_equal(sample.users[0].name, "");
	assert_null(sample.users[1].name);
	assert_string_equal(sample.processes[0].cmdline, "");
	assert_null(sample.processes[1].cmdline);
	sample_done(&sample);
	record_reader_free(reader);
	fclose(stream);
	free(writing.text);
}

/* The name of a container is often known some ticks after its first process. */
static void a_late_name_is_another_number(void **state)
{
	struct sample_container container = {.runtime = "podman", .id = "9a", .path = "/9a"};
	struct writing writing;

	(void)state;
	begin_writing(&writing);
	for (int tick = 0; tick < 3; tick++) {
		container.name = tick == 2 ? "late" : NULL;
		put_cgroup(&writing.sample, "/9a",
			   tick ? sample_add_container(&writing.sample, &container)
				: SAMPLE_UNKNOWN,
			   false);
		put_process(&writing.sample, 1, 0, SAMPLE_UNKNOWN);
		write_tick(&writing);
	}
	end_writing(&writing);
	assert_non_null(strstr(writing.text, "interval_ns=0\n"
					     "cgroup ref=0 path=/9a\n"
					     "process pid=1 start_ns=0 cgroup=0 comm=\n"
					     "end tick=0\n"));
	assert_non_null(strstr(writing.text, "interval_ns=0\n"
					     "container ref=0 runtime=podman id=9a path=/9a\n"
					     "cgroup ref=1 container=0 path=/9a\n"
					     "process pid=1 start_ns=0 cgroup=1 comm=\n"
					     "end tick=1\n"));
	assert_non_null(strstr(writing.text,
			       "interval_ns=0\n"
			       "container ref=1 runtime=podman id=9a path=/9a name=late\n"
			       "cgroup ref=2 container=1 path=/9a\n"
			       "process pid=1 start_ns=0 cgroup=2 comm=\n"
			       "end tick=2\n"));
	assert_stable(writing.text);
	free(writing.text);
}

/* In one tick one of the path went and one came: what ran in which stays told apart. */
static void a_cgroup_that_comes_again_is_two(void **state)
{
	struct writing writing;

	(void)state;
	begin_writing(&writing);
	put_cgroup(&writing.sample, "/a", SAMPLE_UNKNOWN, true);
	put_cgroup(&writing.sample, "/a", SAMPLE_UNKNOWN, false);
	put_cgroup(&writing.sample, "/a", SAMPLE_UNKNOWN, true); /* that one went too */
	for (int32_t i = 0; i < 3; i++)
		put_process(&writing.sample, (uint32_t)i + 1, i, SAMPLE_UNKNOWN);
	write_tick(&writing);
	put_cgroup(&writing.sample, "/a", SAMPLE_UNKNOWN, false);
	put_process(&writing.sample, 2, 0, SAMPLE_UNKNOWN);
	write_tick(&writing);
	end_writing(&writing);
	assert_non_null(strstr(writing.text, "cgroup ref=0 path=/a\n"
					     "cgroup ref=1 path=/a\n"
					     "process pid=1 start_ns=0 cgroup=0 comm=\n"
					     "process pid=2 start_ns=0 cgroup=1 comm=\n"
					     "process pid=3 start_ns=0 cgroup=0 comm=\n"
					     "removed cgroup=0\n"
					     "end tick=0\n"));
	assert_non_null(strstr(writing.text, "interval_ns=0\n"
					     "process pid=2 start_ns=0 cgroup=0 comm=\n"
					     "end tick=1\n"));
	assert_stable(writing.text);
	free(writing.text);
}

static void a_name_of_4096_bytes_survives(void **state)
{
	struct sample sample = {0};
	struct record_reader *reader;
	struct writing writing;
	char path[4097];
	FILE *stream;

	(void)state;
	for (size_t i = 0; i < sizeof(path) - 1; i++)
		path[i] = (char)(i % 255 + 1);
	path[sizeof(path) - 1] = '\0';
	begin_writing(&writing);
	put_cgroup(&writing.sample, path, SAMPLE_UNKNOWN, false);
	put_process(&writing.sample, 1, 0, SAMPLE_UNKNOWN)->cmdline = path;
	write_tick(&writing);
	end_writing(&writing);
	assert_stable(writing.text);
	reader = open_record(writing.text, &stream);
	assert_int_equal(record_read_sample(reader, &sample, NULL), 1);
	assert_string_equal(sample.cgroups[0].path, path);
	assert_string_equal(sample.processes[0].cmdline, path);
	sample_done(&sample);
	record_reader_free(reader);
	fclose(stream);
	free(writing.text);
}

/* A definition in mid-tick holds from there on, also for what names it. */
static void any_name_may_be_defined_anew(void **state)
{
	struct sample sample = {0};
	struct record_reader *reader;
	FILE *stream;

	(void)state;
	reader = open_record(PLAIN PLAIN_TICK "container ref=0 runtime=r id=i path=/i name=old\n"
					      "cgroup ref=0 container=0 path=/i\n"
					      "user ref=0 uid=1 name=a\n"
					      "process pid=1 start_ns=1 cgroup=0 user=0 comm=x\n"
					      "user ref=0 uid=2 name=b\n"
					      "container ref=0 runtime=r id=i path=/i name=new\n"
					      "cgroup ref=0 container=0 path=/i/j\n"
					      "task process=0 tid=1 start_ns=1 cgroup=0 user=0"
					      " cpu_ns=0 comm=x\n" END_TICK,
			     &stream);
	assert_int_equal(record_read_sample(reader, &sample, NULL), 1);
	assert_int_equal(sample.n_containers, 2);
	assert_int_equal(sample.n_users, 2);
	assert_string_equal(sample.cgroups[sample.processes[0].cgroup].path, "/i");
	assert_string_equal(sample.cgroups[sample.tasks[0].cgroup].path, "/i/j");
	assert_string_equal(sample.containers[sample.cgroups[0].container].name, "old");
	assert_string_equal(sample.containers[sample.cgroups[1].container].name, "new");
	assert_string_equal(sample.users[sample.processes[0].user].name, "a");
	assert_string_equal(sample.users[sample.tasks[0].user].name, "b");
	sample_done(&sample);
	record_reader_free(reader);
	fclose(stream);
}

static void a_definition_that_nothing_uses_is_not_in_the_sample(void **state)
{
	struct sample sample = {0};
	struct record_reader *reader;
	FILE *stream;

	(void)state;
	reader = open_record(PLAIN PLAIN_TICK "container ref=0 runtime=r id=i path=/i\n"
					      "cgroup ref=0 container=0 path=/i\n"
					      "user ref=0 uid=1\n"
					      "process pid=1 start_ns=1 comm=x\n" END_TICK,
			     &stream);
	assert_int_equal(record_read_sample(reader, &sample, NULL), 1);
	assert_int_equal(sample.n_containers + sample.n_cgroups + sample.n_users, 0);
	assert_int_equal(sample.processes[0].user, SAMPLE_UNKNOWN);
	sample_done(&sample);
	record_reader_free(reader);
	fclose(stream);
}

/* The highest number that the text gives to lines of the kind. */
static unsigned long highest_ref(const char *text, const char *kind)
{
	unsigned long highest = 0;

	for (const char *at = text; (at = strstr(at, kind)); at++) {
		unsigned long ref = strtoul(at + strlen(kind), NULL, 10);

		highest = ref > highest ? ref : highest;
	}
	return highest;
}

/* 30,000 containers come and go, 100 a tick. Their numbers are given again, and all still means itself. */
static void numbers_of_what_is_gone_are_given_again(void **state)
{
	struct writing writing;
	char path[32], name[32];
	const char *at;

	(void)state;
	begin_writing(&writing);
	for (int tick = 0; tick < 300; tick++) {
		for (int i = 0; i < 100; i++) {
			struct sample_container container = {
				.runtime = "r", .id = path, .path = path, .name = name};
			int32_t index;

			snprintf(path, sizeof(path), "/c%d", tick * 100 + i);
			snprintf(name, sizeof(name), "n%d", tick * 100 + i);
			index = sample_add_container(&writing.sample, &container);
			put_process(&writing.sample, 1 + (uint32_t)i,
				    put_cgroup(&writing.sample, path, index, true), SAMPLE_UNKNOWN);
		}
		if (tick % 50 == 0)
			put_process(&writing.sample, 1000,
				    put_cgroup(&writing.sample, "/steady", SAMPLE_UNKNOWN, false),
				    SAMPLE_UNKNOWN);
		write_tick(&writing);
	}
	end_writing(&writing);
	at = strstr(writing.text, " path=/steady\n");
	assert_non_null(at);
	assert_null(strstr(at + 1, " path=/steady\n")); /* in use: not forgotten */
	assert_true(highest_ref(writing.text, "\ncontainer ref=") < 13000);
	assert_true(highest_ref(writing.text, "\ncgroup ref=") < 13000);
	assert_stable(writing.text);
	assert_non_null(strstr(writing.text, " path=/c29999 name=n29999\n"));
	free(writing.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_have_this_exact_text),
		cmocka_unit_test(names_are_read_back),
		cmocka_unit_test(empty_is_not_missing),
		cmocka_unit_test(a_late_name_is_another_number),
		cmocka_unit_test(a_cgroup_that_comes_again_is_two),
		cmocka_unit_test(a_name_of_4096_bytes_survives),
		cmocka_unit_test(any_name_may_be_defined_anew),
		cmocka_unit_test(a_definition_that_nothing_uses_is_not_in_the_sample),
		cmocka_unit_test(numbers_of_what_is_gone_are_given_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
