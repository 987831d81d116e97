// SPDX-License-Identifier: BSD-2-Clause
/* The table of each kind of entity. */
#include "output/table_rows.h"
#include "output/table_text.h"
#include "report_fixture.h"

#define LONG_PATH \
	"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod0a1b2c3d.slice/cri.scope"

static const struct entity_container container = {.runtime = "podman",
						  .id = "4f1c",
						  .path = "/c",
						  .label = "prod/front/web",
						  .image = "nginx"};

/* The worker and energytrace as entities of the kind, the first one so called. */
static struct entity *set_kind(struct fixture *fixture, enum entity_kind kind, const char *id,
			       const char *name)
{
	fixture_init(fixture);
	fixture->report.kind = fixture->worker.kind = fixture->self.kind = kind;
	fixture->worker.id = id;
	fixture->worker.name = name;
	fixture->report.host.idle = fixture->report.host.unattributed = (struct figures){0};
	return &fixture->worker;
}

/* What comes behind the head, up to the empty line. */
static void assert_rows(const struct fixture *fixture, const char *wanted)
{
	char *text = fixture_render(&output_table, &fixture->report), *rows = text;

	for (int lines = 0; rows && lines < 2; lines++) {
		rows = strchr(rows, '\n');
		rows = rows ? rows + 1 : NULL;
	}
	assert_non_null(rows);
	if (strcmp(rows, wanted) != 0)
		fail_msg("printed:\n%s\nwanted:\n%s", rows, wanted);
	free(text);
}

static void test_threads_and_trees_have_numbers(void **state)
{
	struct fixture fixture;
	struct entity *entity;

	(void)state;
	entity = set_kind(&fixture, ENTITY_THREAD, "95031", fixture.worker.comm);
	entity->tid = 95031;
	assert_rows(&fixture, "    TID   CPU%   WATTS    JOULES    gCO2e  THREAD           CGROUP\n"
			      "  95031  50.00  19.880    45.500 0.006000  worker           "
			      "…ice/worker.service\n"
			      "   4242   0.10   0.040     0.100 0.000013  energytrace\n\n");
	entity = set_kind(&fixture, ENTITY_TREE, "(kernel)", "(kernel)");
	entity->group = true;
	entity->cgroup = NULL;
	assert_rows(&fixture, "    PID   CPU%   WATTS    JOULES    gCO2e  TREE             CGROUP\n"
			      "      -  50.00  19.880    45.500 0.006000  (kernel)\n"
			      "   4242   0.10   0.040     0.100 0.000013  energytrace\n\n");
}

static void test_cgroups_and_units_have_the_room_for_their_names(void **state)
{
	struct fixture fixture;

	(void)state;
	set_kind(&fixture, ENTITY_CGROUP, LONG_PATH, LONG_PATH);
	assert_rows(&fixture, "   CPU%   WATTS    JOULES    gCO2e  CGROUP\n"
			      "  50.00  19.880    45.500 0.006000  "
			      "…pods-burstable-pod0a1b2c3d.slice/cri.scope\n"
			      "   0.10   0.040     0.100 0.000013  energytrace\n\n");
	set_kind(&fixture, ENTITY_UNIT, "/system.slice/ssh.service", "ssh.service");
	assert_rows(&fixture, "   CPU%   WATTS    JOULES    gCO2e  UNIT\n"
			      "  50.00  19.880    45.500 0.006000  ssh.service\n"
			      "   0.10   0.040     0.100 0.000013  energytrace\n\n");
}

static void test_containers_have_images(void **state)
{
	struct fixture fixture;

	(void)state;
	set_kind(&fixture, ENTITY_CONTAINER, "4f1c", "prod/front/web")->container = &container;
	fixture.self.group = true;
	fixture.self.id = fixture.self.name = "(host)";
	assert_rows(&fixture,
		    "   CPU%   WATTS    JOULES    gCO2e  CONTAINER                       IMAGE\n"
		    "  50.00  19.880    45.500 0.006000  prod/front/web                  nginx\n"
		    "   0.10   0.040     0.100 0.000013  (host)\n\n");
}

static char *row_of(const struct fixture *fixture, size_t columns)
{
	struct table_layout layout = table_layout(fixture->report.kind, columns);
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	table_heading(stream, &layout);
	table_entity(stream, &layout, &fixture->report, &fixture->worker);
	fclose(stream);
	return text;
}

static void assert_row(const struct fixture *fixture, size_t columns, const char *wanted)
{
	char *text = row_of(fixture, columns);

	assert_string_equal(text, wanted);
	free(text);
}

static void test_a_narrow_window_has_no_room_for_the_image(void **state)
{
	struct fixture fixture;

	(void)state;
	set_kind(&fixture, ENTITY_CONTAINER, "4f1c", "prod/front/web")->container = &container;
	assert_row(&fixture, 70,
		   "   CPU%   WATTS    JOULES    gCO2e  CONTAINER\n"
		   "  50.00  19.880    45.500 0.006000  prod/front/web\n");
}

static void test_users_have_numbers_of_ten_digits(void **state)
{
	struct fixture fixture;

	(void)state;
	set_kind(&fixture, ENTITY_USER, "4294967294", "4294967294");
	fixture.self.id = "0";
	fixture.self.name = "root";
	assert_rows(&fixture, "       UID   CPU%   WATTS    JOULES    gCO2e  USER\n"
			      "4294967294  50.00  19.880    45.500 0.006000  4294967294\n"
			      "         0   0.10   0.040     0.100 0.000013  root\n\n");
	assert_row(&fixture, TABLE_LEAST_COLUMNS,
		   "       UID  USER\n"
		   "4294967294  …4967294\n");
}

static size_t columns_of(const char *line)
{
	size_t columns = 0;

	for (; *line; line++)
		columns += (*line & 0xc0) != 0x80;
	return columns;
}

/* Of no width, and whatever the names are. */
static void test_no_row_is_too_wide(void **state)
{
	struct entity_container hostile = {.runtime = "r", .id = "i", .path = "/p"};
	char name[4097];
	struct fixture fixture;

	(void)state;
	for (size_t i = 0; i < sizeof(name) - 1; i++)
		name[i] = (char)(i % 127 + 1);
	name[sizeof(name) - 1] = '\0';
	hostile.image = name;
	for (int kind = 0; kind < ENTITY_N_KINDS; kind++) {
		struct entity *entity = set_kind(&fixture, (enum entity_kind)kind, "4194304", name);

		entity->cgroup = name;
		entity->container = &hostile;
		for (size_t columns = TABLE_LEAST_COLUMNS; columns < 200; columns++) {
			char *text = row_of(&fixture, columns);
			int lines = 0;

			for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
				assert_in_range(columns_of(line), 1, columns);
				lines++;
			}
			assert_int_equal(lines, 2);
			free(text);
		}
	}
}

static void test_names_give_no_commands(void **state)
{
	struct fixture fixture;

	(void)state;
	for (int kind = 0; kind < ENTITY_N_KINDS; kind++) {
		char *text;

		set_kind(&fixture, (enum entity_kind)kind, "1",
			 "\x1b[2J\xc2\x9b\xff\r\n\x7f\xe2\x80\xae")
			->cgroup = "/\x1b]0;\x07";
		text = fixture_render(&output_table, &fixture.report);
		assert_non_null(strstr(text, "  ?[2J??????"));
		assert_null(strchr(text, '\x1b'));
		assert_null(strchr(text, '\x07'));
		free(text);
	}
}

static void test_start_counts_what_was_asked_for(void **state)
{
	static const char *const more[ENTITY_N_KINDS] = {
		[ENTITY_THREAD] = " | 2 threads\n\n",	    [ENTITY_PROCESS] = " | 2 processes\n\n",
		[ENTITY_TREE] = " | 2 trees\n\n",	    [ENTITY_CGROUP] = " | 2 cgroups\n\n",
		[ENTITY_CONTAINER] = " | 2 containers\n\n", [ENTITY_UNIT] = " | 2 units\n\n",
		[ENTITY_USER] = " | 2 users\n\n",
	};
	struct fixture fixture;

	(void)state;
	for (int kind = 0; kind < ENTITY_N_KINDS; kind++) {
		char *text;

		fixture_start(&fixture);
		fixture.report.selective = true;
		fixture.report.kind = (enum entity_kind)kind;
		text = fixture_render(&output_table, &fixture.report);
		assert_non_null(strstr(text, more[kind]));
		free(text);
		fixture.report.n_entities = 1;
		text = fixture_render(&output_table, &fixture.report);
		assert_null(strstr(text, more[kind]));
		assert_non_null(strstr(text, " | 1 "));
		assert_non_null(strstr(text, entity_kind_name((enum entity_kind)kind)));
		free(text);
	}
}

static void test_totals_are_named_for_the_kind(void **state)
{
	static const struct {
		enum entity_kind kind;
		const char *heading;
	} wanted[] = {
		{ENTITY_THREAD, "gCO2e  THREAD\n"},
		{ENTITY_CGROUP, "gCO2e  CGROUP\n"},
		{ENTITY_USER, "gCO2e  USER\n"},
	};
	struct total lines[] = {{(char[]){"a name of more columns than a command has"},
				 0,
				 2,
				 {5000000000, 150, 0.0198},
				 false}};
	struct fixture fixture;

	(void)state;
	fixture_init(&fixture);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
		const struct totals totals = {
			.run = &fixture.run,
			.carbon = &fixture.carbon,
			.kind = wanted[i].kind,
			.lines = lines,
			.n_lines = 1,
		};
		char *text = NULL;
		size_t size;
		FILE *stream = open_memstream(&text, &size);

		assert_int_equal(output_table.totals(NULL, stream, &totals), 0);
		fclose(stream);
		assert_non_null(strstr(text, wanted[i].heading));
		assert_non_null(strstr(text, wanted[i].kind <= ENTITY_TREE
						     ? "  … a command has\n"
						     : "  a name of more columns than a command "
						       "has\n"));
		assert_non_null(strstr(text, "\n      2       -       5.000     150.000"));
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_threads_and_trees_have_numbers),
		cmocka_unit_test(test_cgroups_and_units_have_the_room_for_their_names),
		cmocka_unit_test(test_containers_have_images),
		cmocka_unit_test(test_a_narrow_window_has_no_room_for_the_image),
		cmocka_unit_test(test_users_have_numbers_of_ten_digits),
		cmocka_unit_test(test_no_row_is_too_wide),
		cmocka_unit_test(test_names_give_no_commands),
		cmocka_unit_test(test_start_counts_what_was_asked_for),
		cmocka_unit_test(test_totals_are_named_for_the_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
