// SPDX-License-Identifier: BSD-2-Clause
/* The block of an entity, whatever its kind, and that no name of one breaks a line. */
#include "output/utf8.h"
#include "report_fixture.h"

/* What every block has of the worker, between what it is and what else is known of it. */
#define USE                                                                                    \
	"\"active\":true,\"cpuShare\":0.75,"                                                   \
	"\"window\":{\"samples\":3,\"cpuTicks\":{\"unit\":\"jiffies\",\"hostActive\":\"200\"," \
	"\"processActive\":\"150\"},\"energy\":{\"unit\":\"joules\",\"host\":60}},"            \
	"\"energy\":{\"unit\":\"joules\",\"value\":45},"
#define SUMS                                                                                   \
	"\"tick\":{\"cpuNs\":\"500000000\",\"energy\":{\"unit\":\"joules\",\"value\":19.88},"  \
	"\"emissions\":{\"unit\":\"gCO2e\",\"value\":0.00262}},"                               \
	"\"total\":{\"cpuNs\":\"1500000000\",\"energy\":{\"unit\":\"joules\",\"value\":45.5}," \
	"\"emissions\":{\"unit\":\"gCO2e\",\"value\":0.006}}"
#define COMMAND "\"comm\":\"worker\",\"startTime\":\"2026-01-12T10:16:41.500Z\","

static const struct entity_container container = {
	.runtime = "podman",
	.id = "4f1c0a77d2b3e5f6",
	.path = "/machine.slice/libpod-4f1c.scope",
	.label = "prod/front/web",
	.name = "web",
	.image = "nginx:1.25",
	.pod = "front",
	.pod_namespace = "prod",
};

#define CONTAINER_LABELS                                                                     \
	"\"runtime\":\"podman\",\"container\":\"web\",\"containerId\":\"4f1c0a77d2b3e5f6\"," \
	"\"image\":\"nginx:1.25\",\"pod\":\"front\",\"namespace\":\"prod\"}"

/* The worker as an entity of the kind, all alone. */
static struct entity *only(struct fixture *fixture, enum entity_kind kind)
{
	struct entity *entity = &fixture->worker;

	fixture_init(fixture);
	fixture->report.kind = entity->kind = kind;
	fixture->entities[0] = entity;
	fixture->report.n_entities = 1;
	return entity;
}

static struct entity *only_named(struct fixture *fixture, enum entity_kind kind, const char *id,
				 const char *name)
{
	struct entity *entity = only(fixture, kind);

	entity->id = id;
	entity->name = name;
	entity->cgroup = NULL;
	if (kind <= ENTITY_TREE)
		return entity;
	entity->pid = entity->ppid = 0;
	entity->start_ns = 0;
	entity->comm[0] = '\0';
	return entity;
}

/* The line has this between the host and the carbon, and nothing else. */
static void assert_block(const struct fixture *fixture, const char *block)
{
	char *text = fixture_render(&output_jsonl, &fixture->report), *wanted;

	assert_true(asprintf(&wanted, "\"spanNs\":\"2000000000\"},%s,\"carbon\":{", block) > 0);
	if (!strstr(text, wanted))
		fail_msg("no %s in %s", wanted, text);
	free(wanted);
	free(text);
}

static void test_thread(void **state)
{
	struct entity *entity;
	struct fixture fixture;

	(void)state;
	fixture_init(&fixture);
	entity = only_named(&fixture, ENTITY_THREAD, "95031", fixture.worker.comm);
	entity->tid = 95031;
	entity->cgroup = "/a";
	entity->cmdline = "worker --all";
	entity->ended = true;
	assert_block(&fixture,
		     "\"thread\":{\"id\":\"95031\",\"name\":\"worker\",\"pid\":95030,"
		     "\"tid\":95031," USE COMMAND "\"cgroup\":\"/a\",\"container\":null," SUMS
		     ",\"labels\":{\"cmdline\":\"worker --all\"},\"ended\":true}");
	entity->cmdline = NULL;
	entity->kernel = true;
	entity->ended = false;
	assert_block(&fixture, "\"thread\":{\"id\":\"95031\",\"name\":\"worker\",\"pid\":95030,"
			       "\"tid\":95031," USE COMMAND
			       "\"cgroup\":\"/a\",\"container\":null," SUMS ",\"kernel\":true}");
}

static void test_process_with_all_labels(void **state)
{
	struct entity *entity;
	struct fixture fixture;

	(void)state;
	entity = only(&fixture, ENTITY_PROCESS);
	entity->cmdline = "worker --all";
	entity->user = "ann";
	entity->unit = "libpod-4f1c.scope";
	entity->container = &container;
	assert_block(&fixture, "\"process\":{\"pid\":95030," USE COMMAND
			       "\"cgroup\":\"/system.slice/worker.service\","
			       "\"container\":\"prod/front/web\"," SUMS
			       ",\"labels\":{\"cmdline\":\"worker --all\",\"user\":\"ann\","
			       "\"unit\":\"libpod-4f1c.scope\"," CONTAINER_LABELS "}");
}

static void test_tree(void **state)
{
	struct entity *entity;
	struct fixture fixture;

	(void)state;
	fixture_init(&fixture);
	entity = only_named(&fixture, ENTITY_TREE, "95030", fixture.worker.comm);
	entity->user = "1000";
	assert_block(&fixture,
		     "\"tree\":{\"id\":\"95030\",\"name\":\"worker\",\"pid\":95030," USE COMMAND
		     "\"cgroup\":null,\"container\":null," SUMS ",\"labels\":{\"user\":\"1000\"}}");
	entity = only_named(&fixture, ENTITY_TREE, "(kernel)", "(kernel)");
	entity->group = entity->kernel = true;
	assert_block(&fixture, "\"tree\":{\"id\":\"(kernel)\",\"name\":\"(kernel)\","
			       "\"group\":true," USE SUMS "}");
}

static void test_cgroup(void **state)
{
	struct entity *entity;
	struct fixture fixture;

	(void)state;
	entity = only_named(&fixture, ENTITY_CGROUP, "/a/b", "/a/b");
	entity->cgroup = "/a/b";
	entity->container = &container;
	entity->subtree_tick = (struct figures){600000000, 25, 0.003};
	entity->subtree_total = (struct figures){1600000000, 50, 0.0066};
	assert_block(&fixture,
		     "\"cgroup\":{\"id\":\"/a/b\",\"name\":\"/a/b\"," USE SUMS
		     ",\"subtree\":{\"tick\":{\"cpuNs\":\"600000000\",\"energy\":{\"unit\":"
		     "\"joules\",\"value\":25},\"emissions\":{\"unit\":\"gCO2e\",\"value\":0.003}},"
		     "\"total\":{\"cpuNs\":\"1600000000\",\"energy\":{\"unit\":\"joules\","
		     "\"value\":50},\"emissions\":{\"unit\":\"gCO2e\",\"value\":0.0066}}},"
		     "\"labels\":{" CONTAINER_LABELS "}");
	entity = only_named(&fixture, ENTITY_CGROUP, "(unknown)", "(unknown)");
	entity->group = true;
	assert_block(&fixture, "\"cgroup\":{\"id\":\"(unknown)\",\"name\":\"(unknown)\","
			       "\"group\":true," USE SUMS "}");
}

static void test_container(void **state)
{
	struct entity *entity;
	struct fixture fixture;

	(void)state;
	entity = only_named(&fixture, ENTITY_CONTAINER, container.id, container.label);
	entity->container = &container;
	entity->unit = "libpod-4f1c.scope";
	entity->ended = true;
	assert_block(
		&fixture,
		"\"container\":{\"id\":\"4f1c0a77d2b3e5f6\",\"name\":\"prod/front/web\"," USE SUMS
		",\"labels\":{\"unit\":\"libpod-4f1c.scope\",\"runtime\":\"podman\","
		"\"image\":\"nginx:1.25\",\"pod\":\"front\",\"namespace\":\"prod\"},"
		"\"ended\":true}");
}

static void test_unit_and_user(void **state)
{
	struct entity *entity;
	struct fixture fixture;

	(void)state;
	entity = only_named(&fixture, ENTITY_UNIT, "/system.slice/ssh.service", "ssh.service");
	entity->unit = "ssh.service";
	assert_block(&fixture, "\"unit\":{\"id\":\"/system.slice/ssh.service\","
			       "\"name\":\"ssh.service\"," USE SUMS "}");
	only_named(&fixture, ENTITY_USER, "1000", "ann");
	assert_block(&fixture, "\"user\":{\"id\":\"1000\",\"name\":\"ann\"," USE SUMS "}");
}

static void test_without_energy_all_joules_are_null(void **state)
{
	struct fixture fixture;
	char *text;

	(void)state;
	only_named(&fixture, ENTITY_CGROUP, "/a", "/a")->subtree_tick =
		(struct figures){1000, 25, 1};
	fixture.run.kind = ENERGY_NONE;
	text = fixture_render(&output_jsonl, &fixture.report);
	assert_non_null(strstr(text, "\"subtree\":{\"tick\":{\"cpuNs\":\"1000\",\"energy\":{"
				     "\"unit\":\"joules\",\"value\":null}"));
	assert_null(strstr(text, "\"value\":25"));
	free(text);
}

/* One line, of UTF-8 without control characters, whose quotes are closed and brackets paired. */
static void assert_one_line(const char *text)
{
	bool quoted = false;
	int depth = 0;
	uint32_t code;

	for (size_t length; *text; text += length) {
		length = utf8_decode(text, &code);
		assert_true(length > 0);
		if (*text == '\n') {
			assert_int_equal(depth, 0);
			assert_int_equal(text[1], '\0');
			return;
		}
		assert_true(code >= 0x20);
		if (quoted && *text == '\\')
			length = 2;
		else if (*text == '"')
			quoted = !quoted;
		else if (!quoted)
			depth += (*text == '{' || *text == '[') - (*text == '}' || *text == ']');
	}
	fail_msg("no end of the line");
}

static void test_no_name_breaks_a_line(void **state)
{
	char name[4097];
	struct entity_container hostile;
	struct fixture fixture;

	(void)state;
	for (size_t i = 0; i < sizeof(name) - 1; i++)
		name[i] = (char)(i % 255 + 1); /* a newline, a quote, all that is no UTF-8 */
	name[sizeof(name) - 1] = '\0';
	hostile = (struct entity_container){name, name, name, name, name, name, name, name};
	for (int kind = 0; kind < ENTITY_N_KINDS; kind++) {
		struct entity *entity = only(&fixture, (enum entity_kind)kind);
		char *text;

		entity->id = entity->name = entity->cgroup = entity->unit = entity->user = name;
		entity->cmdline = name;
		entity->container = &hostile;
		memcpy(entity->comm, "\n\"\\\x1b\xff\xc3\x28}]\x7f\x01", 12);
		text = fixture_render(&output_jsonl, &fixture.report);
		assert_one_line(text);
		/* The bytes that are no UTF-8 have become something, and none is lost. */
		assert_non_null(strstr(text, "\\u0001\\u0002"));
		assert_non_null(strstr(text, "!\\\"#$"));
		assert_non_null(strstr(text, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"));
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_thread),
		cmocka_unit_test(test_process_with_all_labels),
		cmocka_unit_test(test_tree),
		cmocka_unit_test(test_cgroup),
		cmocka_unit_test(test_container),
		cmocka_unit_test(test_unit_and_user),
		cmocka_unit_test(test_without_energy_all_joules_are_null),
		cmocka_unit_test(test_no_name_breaks_a_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
