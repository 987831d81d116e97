// SPDX-License-Identifier: BSD-2-Clause
#include "report_fixture.h"

#define TICK_LINE                                                                             \
	"{\"timestamp\":\"2026-01-12T10:20:18.428Z\",\"intervalSeconds\":1,"                  \
	"\"host\":{\"cpu\":{\"unit\":\"jiffies\",\"deltaActive\":\"50\","                     \
	"\"deltaIdle\":\"150\",\"deltaTotal\":\"200\"},\"energy\":{\"unit\":\"joules\","      \
	"\"delta\":20,\"perPackage\":[{\"node\":\"intel-rapl:0\",\"delta\":20,\"wraps\":1}]," \
	"\"meta\":{\"internalClampedDt\":1,\"source\":\"powercap\",\"kind\":\"measured\","    \
	"\"resets\":0,\"gaps\":0},\"domains\":[{\"node\":\"intel-rapl:0:1\",\"delta\":1.25,"  \
	"\"wraps\":0,\"type\":\"dram\"}]},\"idle\":{\"cpuNs\":\"1497000000\","                \
	"\"energy\":{\"unit\":\"joules\",\"value\":0},\"emissions\":{\"unit\":\"gCO2e\","     \
	"\"value\":0}},\"unattributed\":{\"cpuNs\":\"2000000\","                              \
	"\"energy\":{\"unit\":\"joules\",\"value\":0.08},\"emissions\":{\"unit\":\"gCO2e\","  \
	"\"value\":1e-05}},\"cpus\":2,\"spanNs\":\"2000000000\"},"

#define SELF_LINE                                                                              \
	"\"process\":{\"pid\":4242,\"active\":true,\"cpuShare\":0.0015,"                       \
	"\"window\":{\"samples\":3,\"cpuTicks\":{\"unit\":\"jiffies\",\"hostActive\":\"200\"," \
	"\"processActive\":\"0\"},\"energy\":{\"unit\":\"joules\",\"host\":60}},"              \
	"\"energy\":{\"unit\":\"joules\",\"value\":0.09},\"comm\":\"energytrace\","            \
	"\"startTime\":\"2026-01-12T10:20:10.000Z\",\"cgroup\":null,\"container\":null,"       \
	"\"tick\":{\"cpuNs\":\"1000000\",\"energy\":{\"unit\":\"joules\",\"value\":0.04},"     \
	"\"emissions\":{\"unit\":\"gCO2e\",\"value\":5e-06}},"                                 \
	"\"total\":{\"cpuNs\":\"3000000\",\"energy\":{\"unit\":\"joules\",\"value\":0.1},"     \
	"\"emissions\":{\"unit\":\"gCO2e\",\"value\":1.3e-05}},\"self\":true},"

#define WORKER_LINE                                                                            \
	"\"process\":{\"pid\":95030,\"active\":true,\"cpuShare\":0.75,"                        \
	"\"window\":{\"samples\":3,\"cpuTicks\":{\"unit\":\"jiffies\",\"hostActive\":\"200\"," \
	"\"processActive\":\"150\"},\"energy\":{\"unit\":\"joules\",\"host\":60}},"            \
	"\"energy\":{\"unit\":\"joules\",\"value\":45},\"comm\":\"worker\","                   \
	"\"startTime\":\"2026-01-12T10:16:41.500Z\","                                          \
	"\"cgroup\":\"/system.slice/worker.service\",\"container\":null,"                      \
	"\"tick\":{\"cpuNs\":\"500000000\",\"energy\":{\"unit\":\"joules\",\"value\":19.88},"  \
	"\"emissions\":{\"unit\":\"gCO2e\",\"value\":0.00262}},"                               \
	"\"total\":{\"cpuNs\":\"1500000000\",\"energy\":{\"unit\":\"joules\",\"value\":45.5}," \
	"\"emissions\":{\"unit\":\"gCO2e\",\"value\":0.006}}},"

#define SELF_CARBON                                                              \
	"\"carbon\":{\"scope\":\"cpu-electricity-only\","                        \
	"\"emissionFactor\":{\"countryCode\":\"GLOBAL\",\"unit\":\"gCO2e/kWh\"," \
	"\"value\":475},\"energy\":{\"unit\":\"kWh\",\"value\":2.5e-08},"        \
	"\"emissions\":{\"unit\":\"gCO2e\",\"value\":1.1875e-05}}}\n"

#define WORKER_CARBON                                                            \
	"\"carbon\":{\"scope\":\"cpu-electricity-only\","                        \
	"\"emissionFactor\":{\"countryCode\":\"GLOBAL\",\"unit\":\"gCO2e/kWh\"," \
	"\"value\":475},\"energy\":{\"unit\":\"kWh\",\"value\":1.25e-05},"       \
	"\"emissions\":{\"unit\":\"gCO2e\",\"value\":0.0059375}}}\n"

#define START_TICK                                                                           \
	"{\"timestamp\":\"2026-01-12T10:20:18.428Z\",\"intervalSeconds\":null,"              \
	"\"host\":{\"cpu\":{\"unit\":\"jiffies\",\"deltaActive\":\"0\",\"deltaIdle\":\"0\"," \
	"\"deltaTotal\":\"0\"},\"energy\":{\"unit\":\"joules\",\"delta\":0,"                 \
	"\"perPackage\":[{\"node\":\"intel-rapl:0\",\"delta\":0,\"wraps\":0}],"              \
	"\"meta\":{\"internalClampedDt\":0.2,\"source\":\"powercap\",\"kind\":\"measured\"," \
	"\"resets\":0,\"gaps\":0},\"domains\":[{\"node\":\"intel-rapl:0:1\",\"delta\":0,"    \
	"\"wraps\":0,\"type\":\"dram\"}]},\"idle\":{\"cpuNs\":\"0\","                        \
	"\"energy\":{\"unit\":\"joules\",\"value\":0},\"emissions\":{\"unit\":\"gCO2e\","    \
	"\"value\":0}},\"unattributed\":{\"cpuNs\":\"0\",\"energy\":{\"unit\":\"joules\","   \
	"\"value\":0},\"emissions\":{\"unit\":\"gCO2e\",\"value\":0}},\"cpus\":2,"           \
	"\"spanNs\":\"0\"},"

#define START_WORKER                                                                         \
	"\"process\":{\"pid\":95030,\"active\":false,\"cpuShare\":0,"                        \
	"\"window\":{\"samples\":0,\"cpuTicks\":{\"unit\":\"jiffies\",\"hostActive\":\"0\"," \
	"\"processActive\":\"0\"},\"energy\":{\"unit\":\"joules\",\"host\":0}},"             \
	"\"energy\":{\"unit\":\"joules\",\"value\":0},\"comm\":\"worker\","                  \
	"\"startTime\":\"2026-01-12T10:16:41.500Z\","                                        \
	"\"cgroup\":\"/system.slice/worker.service\",\"container\":null,"                    \
	"\"tick\":{\"cpuNs\":\"0\",\"energy\":{\"unit\":\"joules\",\"value\":0},"            \
	"\"emissions\":{\"unit\":\"gCO2e\",\"value\":0}},\"total\":{\"cpuNs\":\"0\","        \
	"\"energy\":{\"unit\":\"joules\",\"value\":0},\"emissions\":{\"unit\":\"gCO2e\","    \
	"\"value\":0}}},"

#define START_CARBON                                                             \
	"\"carbon\":{\"scope\":\"cpu-electricity-only\","                        \
	"\"emissionFactor\":{\"countryCode\":\"GLOBAL\",\"unit\":\"gCO2e/kWh\"," \
	"\"value\":475},\"energy\":{\"unit\":\"kWh\",\"value\":0},"              \
	"\"emissions\":{\"unit\":\"gCO2e\",\"value\":0}}}\n"

#define NONE_TICK                                                                             \
	"{\"timestamp\":\"2026-01-12T10:20:18.428Z\",\"intervalSeconds\":1,"                  \
	"\"host\":{\"cpu\":{\"unit\":\"jiffies\",\"deltaActive\":\"50\","                     \
	"\"deltaIdle\":\"150\",\"deltaTotal\":\"200\"},\"energy\":{\"unit\":\"joules\","      \
	"\"delta\":null,\"perPackage\":[],\"meta\":{\"internalClampedDt\":1,"                 \
	"\"source\":\"none\",\"kind\":\"none\",\"resets\":0,\"gaps\":0}},"                    \
	"\"idle\":{\"cpuNs\":\"1497000000\",\"energy\":{\"unit\":\"joules\",\"value\":null}," \
	"\"emissions\":{\"unit\":\"gCO2e\",\"value\":null}},"                                 \
	"\"unattributed\":{\"cpuNs\":\"2000000\",\"energy\":{\"unit\":\"joules\","            \
	"\"value\":null},\"emissions\":{\"unit\":\"gCO2e\",\"value\":null}},\"cpus\":2,"      \
	"\"spanNs\":\"2000000000\"},"

#define NONE_WORKER                                                                            \
	"\"process\":{\"pid\":95030,\"active\":true,\"cpuShare\":0.75,"                        \
	"\"window\":{\"samples\":3,\"cpuTicks\":{\"unit\":\"jiffies\",\"hostActive\":\"200\"," \
	"\"processActive\":\"150\"},\"energy\":{\"unit\":\"joules\",\"host\":null}},"          \
	"\"energy\":{\"unit\":\"joules\",\"value\":null},\"comm\":\"worker\","                 \
	"\"startTime\":\"2026-01-12T10:16:41.500Z\","                                          \
	"\"cgroup\":\"/system.slice/worker.service\",\"container\":null,"                      \
	"\"tick\":{\"cpuNs\":\"500000000\",\"energy\":{\"unit\":\"joules\",\"value\":null},"   \
	"\"emissions\":{\"unit\":\"gCO2e\",\"value\":null}},"                                  \
	"\"total\":{\"cpuNs\":\"1500000000\",\"energy\":{\"unit\":\"joules\",\"value\":null}," \
	"\"emissions\":{\"unit\":\"gCO2e\",\"value\":null}}},"

#define NONE_CARBON                                                              \
	"\"carbon\":{\"scope\":\"cpu-electricity-only\","                        \
	"\"emissionFactor\":{\"countryCode\":\"GLOBAL\",\"unit\":\"gCO2e/kWh\"," \
	"\"value\":475},\"energy\":{\"unit\":\"kWh\",\"value\":null},"           \
	"\"emissions\":{\"unit\":\"gCO2e\",\"value\":null}}}\n"

/* That the line of the worker, after what a test changed, has this in it. */
#define assert_line_has(fixture, expected)                                       \
	do {                                                                     \
		char *text_ = fixture_render(&output_jsonl, &(fixture)->report); \
		if (!strstr(text_, (expected)))                                  \
			fail_msg("no %s in %s", (expected), text_);              \
		free(text_);                                                     \
	} while (0)

#define assert_line_lacks(fixture, unexpected)                                   \
	do {                                                                     \
		char *text_ = fixture_render(&output_jsonl, &(fixture)->report); \
		assert_null(strstr(text_, (unexpected)));                        \
		free(text_);                                                     \
	} while (0)

static void only_worker(struct fixture *fixture)
{
	fixture->entities[0] = &fixture->worker;
	fixture->report.n_entities = 1;
}

static void test_a_line_for_each_entity(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_init(&fixture);
	assert_renders(&output_jsonl, &fixture.report,
		       TICK_LINE SELF_LINE SELF_CARBON TICK_LINE WORKER_LINE WORKER_CARBON);
}

static void test_no_entity_no_line(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_init(&fixture);
	fixture.report.n_entities = 0;
	assert_renders(&output_jsonl, &fixture.report, "");
}

static void test_start_has_null_interval_and_zeros(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_start(&fixture);
	only_worker(&fixture);
	assert_renders(&output_jsonl, &fixture.report, START_TICK START_WORKER START_CARBON);
}

static void test_start_is_the_same_with_zero_energies(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_start(&fixture);
	only_worker(&fixture);
	memset(fixture.energy, 0, sizeof(fixture.energy));
	fixture.sample.n_energy = 2;
	assert_renders(&output_jsonl, &fixture.report, START_TICK START_WORKER START_CARBON);
}

static void test_without_energy_joules_and_grams_are_null(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_init(&fixture);
	only_worker(&fixture);
	fixture.run.kind = ENERGY_NONE;
	fixture.run.n_domains = 0;
	fixture.sample.n_energy = 0;
	assert_renders(&output_jsonl, &fixture.report, NONE_TICK NONE_WORKER NONE_CARBON);
}

static void test_kind_of_joules_is_named(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_init(&fixture);
	fixture.run.kind = ENERGY_SIMULATED;
	assert_line_has(&fixture, "\"source\":\"powercap\",\"kind\":\"simulated\"");
	fixture.run.kind = ENERGY_ESTIMATED;
	assert_line_has(&fixture, "\"source\":\"powercap\",\"kind\":\"estimated\"");
}

static void test_delta_is_the_sum_of_the_printed_packages(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_init(&fixture);
	fixture.domains[1].type = DOMAIN_PACKAGE;
	fixture.energy[0].uj = 100000;
	fixture.energy[1].uj = 200000;
	/* 0.1 + 0.2 in doubles, as a reader adds them up; whatever the model's sum is. */
	assert_line_has(&fixture, "\"delta\":0.30000000000000004,\"perPackage\":["
				  "{\"node\":\"intel-rapl:0\",\"delta\":0.1,\"wraps\":1},"
				  "{\"node\":\"intel-rapl:0:1\",\"delta\":0.2,\"wraps\":0}]");
	assert_line_lacks(&fixture, "\"domains\"");
}

static void test_resets_and_gaps_of_all_domains_count(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_init(&fixture);
	fixture.energy[0].resets = 1;
	fixture.energy[1].resets = 2;
	fixture.energy[1].gaps = 4;
	assert_line_has(&fixture, "\"resets\":3,\"gaps\":4}");
}

/* Counters that move in steps blur short ticks; of an estimate there is no such thing. */
static void test_steps_of_the_counters_are_told(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_init(&fixture);
	assert_line_lacks(&fixture, "updateSeconds");
	assert_line_lacks(&fixture, "unresolved");
	fixture.run.update_ns = 50000000;
	assert_line_has(&fixture, "\"gaps\":0,\"updateSeconds\":0.05,\"unresolved\":0.05}");
	fixture.sample.interval_ns = 20000000;
	assert_line_has(&fixture, "\"updateSeconds\":0.05,\"unresolved\":1}");
	fixture.sample.interval_ns = 0; /* the start mark */
	assert_line_has(&fixture, "\"updateSeconds\":0.05,\"unresolved\":0}");
}

static void test_clamped_interval(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_init(&fixture);
	fixture.sample.interval_ns = 10000000;
	assert_line_has(&fixture, "\"intervalSeconds\":0.01,");
	assert_line_has(&fixture, "\"internalClampedDt\":0.2,");
	fixture.sample.interval_ns = 1001824681;
	assert_line_has(&fixture, "\"intervalSeconds\":1.001824681,");
	assert_line_has(&fixture, "\"internalClampedDt\":1.001824681,");
	fixture.sample.interval_ns = 60000000000;
	assert_line_has(&fixture, "\"intervalSeconds\":60,");
	assert_line_has(&fixture, "\"internalClampedDt\":5,");
}

static void test_others_only_with_a_selection(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_init(&fixture);
	fixture.report.host.others = (struct figures){1234567, 0.25, 0.00003};
	assert_line_lacks(&fixture, "\"others\"");
	fixture.report.selective = true;
	assert_line_has(&fixture,
			"\"others\":{\"cpuNs\":\"1234567\",\"energy\":{\"unit\":\"joules\","
			"\"value\":0.25},\"emissions\":{\"unit\":\"gCO2e\",\"value\":3e-05}},"
			"\"cpus\":2");
}

static void test_losses_are_named_when_there_are_any(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_init(&fixture);
	assert_line_lacks(&fixture, "losses");
	fixture.sample.losses[LOSS_LEDGER_FULL] = 7;
	fixture.sample.losses[LOSS_SWITCH_MISSED] = 1;
	assert_line_has(&fixture,
			"\"spanNs\":\"2000000000\","
			"\"losses\":{\"ledger-full\":7,\"switch-missed\":1}},\"process\"");
}

static void test_suspend_is_named(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_init(&fixture);
	assert_line_lacks(&fixture, "suspended");
	fixture.sample.suspended_ns = 3000000001;
	assert_line_has(&fixture, "\"spanNs\":\"2000000000\",\"suspendedNs\":\"3000000001\"}");
}

static void test_end_of_a_process_is_marked(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_init(&fixture);
	assert_line_lacks(&fixture, "ended");
	fixture.worker.ended = true;
	assert_line_has(&fixture, "\"value\":0.006}},\"ended\":true},\"carbon\"");
}

static void test_active_is_of_the_window(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_init(&fixture);
	fixture.worker.tick = (struct figures){0};
	assert_line_has(&fixture, "\"pid\":95030,\"active\":true,");
	fixture.worker.window_ns = 0;
	assert_line_has(&fixture, "\"pid\":95030,\"active\":false,");
}

static void test_names_that_break_json_are_escaped(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_init(&fixture);
	strcpy(fixture.worker.comm, "a\"\\\n\xff");
	fixture.worker.cgroup = "/x\ty";
	assert_line_has(&fixture, "\"comm\":\"a\\\"\\\\\\n\xef\xbf\xbd\"");
	assert_line_has(&fixture, "\"cgroup\":\"/x\\ty\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_line_for_each_entity),
		cmocka_unit_test(test_no_entity_no_line),
		cmocka_unit_test(test_start_has_null_interval_and_zeros),
		cmocka_unit_test(test_start_is_the_same_with_zero_energies),
		cmocka_unit_test(test_without_energy_joules_and_grams_are_null),
		cmocka_unit_test(test_kind_of_joules_is_named),
		cmocka_unit_test(test_delta_is_the_sum_of_the_printed_packages),
		cmocka_unit_test(test_resets_and_gaps_of_all_domains_count),
		cmocka_unit_test(test_steps_of_the_counters_are_told),
		cmocka_unit_test(test_clamped_interval),
		cmocka_unit_test(test_others_only_with_a_selection),
		cmocka_unit_test(test_losses_are_named_when_there_are_any),
		cmocka_unit_test(test_suspend_is_named),
		cmocka_unit_test(test_end_of_a_process_is_marked),
		cmocka_unit_test(test_active_is_of_the_window),
		cmocka_unit_test(test_names_that_break_json_are_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
