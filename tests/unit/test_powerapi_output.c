// SPDX-License-Identifier: BSD-2-Clause
/* The format powerapi with its targets, as the program opens them: a directory and a connection. */
#include "output/csv.h"
#include "powerapi_fixture.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

struct place {
	struct scene *scene;
	char directory[64];
	struct output *output;
	struct errmsg msg;
};

static int set_up(void **state)
{
	struct place *place = calloc(1, sizeof(*place));
	void *scene;

	assert_non_null(place);
	scene_set_up(&scene);
	place->scene = scene;
	place->scene->options.run = &place->scene->fixture.run;
	strcpy(place->directory, "/tmp/energytrace-test-XXXXXX");
	assert_non_null(mkdtemp(place->directory));
	*state = place;
	return 0;
}

static int tear_down(void **state)
{
	struct place *place = *state;
	char command[128];
	void *scene = place->scene;

	output_close(place->output);
	snprintf(command, sizeof(command), "rm -r %s", place->directory);
	assert_int_equal(system(command), 0);
	scene_tear_down(&scene);
	free(place);
	return 0;
}

static int open_spec(struct place *place, const char *keys)
{
	char spec[256];

	snprintf(spec, sizeof(spec), "powerapi:%s/reports/%s", place->directory, keys);
	return output_open(spec, &place->scene->options, &place->output, &place->msg);
}

static void write_report(struct place *place)
{
	if (output_report(place->output, &place->scene->fixture.report, &place->msg) != 0)
		fail_msg("%s", place->msg.text);
}

static void assert_file(const struct place *place, const char *name, const char *expected)
{
	char path[128], text[4096] = "";
	FILE *file;

	snprintf(path, sizeof(path), "%s/reports/%s", place->directory, name);
	file = fopen(path, "re");
	if (!file)
		fail_msg("there is no %s", path);
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	assert_string_equal(text, expected);
}

static void test_directory_of_tables(void **state)
{
	struct place *place = *state;

	add_entity(place->scene, ENTITY_CGROUP, "zone,\"x\"", 1, 0.25);
	assert_int_equal(open_spec(place, ",sensor=s"), 0);
	write_report(place);
	assert_file(place, "power.csv",
		    "timestamp,sensor,target,power\n"
		    "1768213218428,s,/a,3\n"
		    "1768213218428,s,/b,1.5\n"
		    "1768213218428,s,all,6\n"
		    "1768213218428,s,\"zone,\"\"x\"\"\",0.5\n");
	assert_file(place, "rapl.csv",
		    "timestamp,sensor,target,socket,cpu,RAPL_ENERGY_DRAM,RAPL_ENERGY_PKG,"
		    "RAPL_ENERGY_PSYS\n"
		    "1768213218428,s,all,0,0,1073741824,6442450944,42949677255\n"
		    "1768213218428,s,all,1,1,536870912,6442450944,0\n");
	assert_file(place, "source.json", "{\"source\":\"powercap\",\"kind\":\"measured\"}\n");
}

static void test_tables_of_what_is_asked_for(void **state)
{
	struct place *place = *state;
	char path[128];

	assert_int_equal(open_spec(place, ",reports=hwpc,events=RAPL_ENERGY_PKG,timestamp=iso"), 0);
	write_report(place);
	assert_file(place, "rapl.csv",
		    "timestamp,sensor,target,socket,cpu,RAPL_ENERGY_PKG\n"
		    "2026-01-12T10:20:18.428999,testhost,all,0,0,6442450944\n"
		    "2026-01-12T10:20:18.428999,testhost,all,1,1,6442450944\n");
	snprintf(path, sizeof(path), "%s/reports/power.csv", place->directory);
	assert_int_equal(access(path, F_OK), -1);
}

static void test_next_run_is_added(void **state)
{
	struct place *place = *state;

	for (int i = 0; i < 2; i++) {
		assert_int_equal(open_spec(place, ",reports=power"), 0);
		place->scene->fixture.report.n_entities = 0;
		write_report(place);
		assert_int_equal(output_close(place->output), 0);
		place->output = NULL;
		place->scene->fixture.sample.realtime_ns += 1000000000;
	}
	assert_file(place, "power.csv",
		    "timestamp,sensor,target,power\n"
		    "1768213218428,testhost,all,6\n"
		    "1768213219428,testhost,all,6\n");
}

static void test_measured_and_estimated_are_not_mixed(void **state)
{
	struct place *place = *state;

	assert_int_equal(open_spec(place, ""), 0);
	output_close(place->output);
	place->output = NULL;
	place->scene->fixture.run.kind = ENERGY_ESTIMATED;
	assert_int_equal(open_spec(place, ""), -EEXIST);
	assert_null(place->output);
	assert_non_null(strstr(place->msg.text, "choose another directory"));
}

static void test_other_events_are_not_mixed(void **state)
{
	struct place *place = *state;

	assert_int_equal(open_spec(place, ""), 0);
	output_close(place->output);
	place->output = NULL;
	assert_int_equal(open_spec(place, ",events=RAPL_ENERGY_PKG"), -EEXIST);
	assert_non_null(strstr(place->msg.text, "rapl.csv is there and does not begin with"));
}

/* A socket that listens on this machine, with its port in *ret. */
static int listen_here(unsigned int *ret)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
	assert_int_equal(listen(fd, 1), 0);
	getsockname(fd, (struct sockaddr *)&address, &size);
	*ret = ntohs(address.sin_port);
	return fd;
}

static void test_connection(void **state)
{
	struct place *place = *state;
	char spec[128], text[4096] = "";
	unsigned int port;
	size_t used = 0;
	ssize_t n;
	int listening = listen_here(&port), receiver;

	snprintf(spec, sizeof(spec), "powerapi:tcp://127.0.0.1:%u,reports=procfs,sensor=s", port);
	assert_int_equal(output_open(spec, &place->scene->options, &place->output, &place->msg), 0);
	assert_true(output_wake_fd(place->output) >= 0);
	write_report(place);
	receiver = accept(listening, NULL, NULL);
	output_wake(place->output);
	write_report(place);
	output_finish(place->output);
	assert_null(output_complaint(place->output));
	while ((n = read(receiver, text + used, sizeof(text) - 1 - used)) > 0)
		used += (size_t)n;
	close(receiver);
	close(listening);
	assert_string_equal(
		text,
		"{\"timestamp\":1768213218428,\"sensor\":\"s\",\"target\":[\"/a\",\"/b\"],"
		"\"usage\":{\"/a\":100,\"/b\":40},\"global_cpu_usage\":150,\"metadata\":{}}\n"
		"{\"timestamp\":1768213218429,\"sensor\":\"s\",\"target\":[\"/a\",\"/b\"],"
		"\"usage\":{\"/a\":100,\"/b\":40},\"global_cpu_usage\":150,\"metadata\":{}}\n");
}

static void test_other_targets_have_nothing_between_ticks(void **state)
{
	struct place *place = *state;

	assert_int_equal(open_spec(place, ""), 0);
	assert_int_equal(output_wake_fd(place->output), -1);
	output_wake(place->output);
	output_finish(place->output);
	assert_null(output_complaint(place->output));
}

#define test_in_place(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test_in_place(test_directory_of_tables),
		test_in_place(test_tables_of_what_is_asked_for),
		test_in_place(test_next_run_is_added),
		test_in_place(test_measured_and_estimated_are_not_mixed),
		test_in_place(test_other_events_are_not_mixed),
		test_in_place(test_connection),
		test_in_place(test_other_targets_have_nothing_between_ticks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
