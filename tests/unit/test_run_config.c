// SPDX-License-Identifier: BSD-2-Clause
/* Run configurations: what becomes of the harness's and of our own words, and what is wrong with them. */
#include "cli/run_config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* After what it needs. */
#include <cmocka.h>

/* All sections that the harness has, with every word that it was ever given in them. */
static const char harness[] = "cortex_version: 1\n"
			      "device: \"local://\"  # this machine\n"
			      "system:\n"
			      "  name: \"cortex\"\n"
			      "  description: \"EEG-first benchmark: all kernels\"\n"
			      "dataset:\n"
			      "  path: \"datasets/S001R03.float32\"\n"
			      "  format: \"float32\"\n"
			      "  params: {signal_type: pink_noise, seed: 42}\n"
			      "  channels: 64\n"
			      "  sample_rate_hz: 160\n"
			      "realtime:\n"
			      "  scheduler: fifo\n"
			      "  priority: 90\n"
			      "  cpu_affinity: [0]\n"
			      "  deadline: {runtime_us: 1, period_us: 2, deadline_us: 2}\n"
			      "  deadline_ms: 500\n"
			      "power:\n"
			      "  governor: \"performance\"\n"
			      "  turbo: false\n"
			      "benchmark:\n"
			      "  metrics: [latency, jitter, energy_consumption]\n"
			      "  parameters:\n"
			      "    duration_seconds: 125\n"
			      "    repeats: 3\n"
			      "    warmup_seconds: 5\n"
			      "  load_profile: \"medium\"\n"
			      "output:\n"
			      "  directory: \"results\"\n"
			      "  format: \"csv\"\n"
			      "  include_raw_data: false\n"
			      "pipelines:\n"
			      "  - name: preprocessing\n"
			      "    kernels: [notch_iir, car]\n"
			      "plugins:\n"
			      "  - name: \"notch_iir\"\n"
			      "    status: draft\n"
			      "    spec_uri: null\n"
			      "    spec_version: null\n"
			      "    adapter_path: \"adapters/native\"\n"
			      "    calibration_state: \"a.cortex_state\"\n"
			      "    runtime:\n"
			      "      window_length_samples: 320\n"
			      "      hop_samples: 40\n"
			      "      channels: 32\n"
			      "      dtype: \"q15\"\n"
			      "      allow_in_place: false\n"
			      "    params:\n"
			      "      f0_hz: 60.0\n"
			      "    tolerances: null\n"
			      "    oracle: null\n"
			      "  - name: car\n"
			      "    status: ready\n"
			      "    spec_uri: \"kernels/v1/car@f32\"\n";

/* To be given to run_config_done. */
static struct run_config parsed(const char *text)
{
	struct run_config config = {0};
	struct errmsg msg = {.text = ""};

	if (run_config_parse("c.yaml", text, strlen(text), &config, &msg) != 0)
		fail_msg("%s", msg.text);
	assert_string_equal(msg.text, "");
	return config;
}

static void assert_wrong(const char *text, const char *complaint)
{
	struct run_config config = {0};
	struct errmsg msg = {.text = ""};

	assert_int_equal(run_config_parse("c.yaml", text, strlen(text), &config, &msg), -EINVAL);
	assert_string_equal(msg.text, complaint);
	assert_null(config.texts.chunks);
	assert_null(config.plugins);
}

static void assert_shape(const struct telemetry_shape *shape, uint32_t w, uint32_t h, uint32_t c,
			 double fs_hz, const char *dtype)
{
	assert_int_equal(shape->w, w);
	assert_int_equal(shape->h, h);
	assert_int_equal(shape->c, c);
	assert_float_equal(shape->fs_hz, fs_hz, 0);
	assert_int_equal(!shape->dtype, !dtype);
	if (dtype)
		assert_string_equal(shape->dtype, dtype);
}

static void test_configuration_of_the_harness(void **state)
{
	struct run_config config = parsed(harness);
	const struct telemetry_settings *settings = &config.settings;

	(void)state;
	assert_shape(&settings->shape, 0, 0, 64, 160, NULL);
	assert_string_equal(settings->load_profile, "medium");
	assert_float_equal(settings->deadline_s, 0.5, 1e-12);
	assert_float_equal(settings->warmup_s, 5, 0);
	assert_int_equal(settings->warmup, 0);
	assert_int_equal(settings->repeat, 0); /* "repeats" is how many */
	assert_true(settings->format_given);
	assert_int_equal(settings->format, TELEMETRY_CSV);
	assert_null(settings->plugin); /* there are two */
	assert_int_equal(settings->n_plugins, 2);
	assert_string_equal(settings->plugins[0].name, "notch_iir");
	assert_shape(&settings->plugins[0].shape, 320, 40, 32, 0, "q15");
	assert_string_equal(settings->plugins[1].name, "car");
	assert_shape(&settings->plugins[1].shape, 0, 0, 0, 0, NULL);
	run_config_done(&config);
	run_config_done(&config);
}

static void test_words_of_our_own(void **state)
{
	struct run_config config = parsed("W: 160\nH: 80\nC: 64\nFs: 160.5\ndtype: float32\n"
					  "load_profile: idle\nwarmup: 10\nrepeat: 2\n"
					  "plugin: goertzel\ndeadline: 0.25\nformat: ndjson\n");
	const struct telemetry_settings *settings = &config.settings;

	(void)state;
	assert_shape(&settings->shape, 160, 80, 64, 160.5, "float32");
	assert_string_equal(settings->load_profile, "idle");
	assert_int_equal(settings->warmup, 10);
	assert_int_equal(settings->repeat, 2);
	assert_string_equal(settings->plugin, "goertzel");
	assert_float_equal(settings->deadline_s, 0.25, 0);
	assert_true(settings->format_given);
	assert_int_equal(settings->format, TELEMETRY_NDJSON);
	assert_int_equal(settings->n_plugins, 0);
	assert_null(settings->plugins);
	run_config_done(&config);
}

static void test_what_is_not_said_is_not_told(void **state)
{
	static const struct telemetry_settings nothing;
	struct run_config config = parsed("W:\nFs: ~\nplugin: null\nplugins:\n  # - name: car\n"
					  "dataset:\nformat:\n");

	(void)state;
	assert_memory_equal(&config.settings, &nothing, sizeof(nothing));
	run_config_done(&config);
	config = parsed("plugins: []\n");
	assert_memory_equal(&config.settings, &nothing, sizeof(nothing));
	run_config_done(&config);
}

static void test_our_words_stand_before_those_of_the_harness(void **state)
{
	struct run_config config =
		parsed("W: 256\nC: 2\nFs: 1000\nwarmup: 3\ndeadline: 1\nformat: csv\n"
		       "load_profile: heavy\nplugin: mine\n"
		       "dataset: {channels: 64, sample_rate_hz: 160}\n"
		       "execution: {window_samples: 160, hop_samples: 80}\n"
		       "realtime: {deadline_ms: 500}\n"
		       "benchmark: {load_profile: idle, parameters: {warmup_seconds: 5}}\n"
		       "output: {format: ndjson}\n"
		       "plugins: [{name: car}]\n");
	const struct telemetry_settings *settings = &config.settings;

	(void)state;
	assert_shape(&settings->shape, 256, 80, 2, 1000, NULL);
	assert_int_equal(settings->warmup, 3);
	assert_float_equal(settings->warmup_s, 0, 0);
	assert_float_equal(settings->deadline_s, 1, 0);
	assert_int_equal(settings->format, TELEMETRY_CSV);
	assert_string_equal(settings->load_profile, "heavy");
	assert_string_equal(settings->plugin, "mine");
	assert_string_equal(settings->plugins[0].name, "car");
	run_config_done(&config);
	config = parsed("benchmark: {parameters: {warmup_seconds: 5}}\nwarmup: 0\n");
	assert_int_equal(config.settings.warmup, 0);
	assert_float_equal(config.settings.warmup_s, 0, 0);
	run_config_done(&config);
}

static void test_one_plugin_names_the_kernel(void **state)
{
	struct run_config config = parsed("plugins:\n- {name: car, W: 8, H: 4, C: 2, Fs: 250, "
					  "dtype: q7, runtime: {hop_samples: 2}}\n");

	(void)state;
	assert_string_equal(config.settings.plugin, "car");
	assert_shape(&config.settings.plugins[0].shape, 8, 4, 2, 250, "q7");
	run_config_done(&config);
}

/* Of the harness's experiments with many channels: other words for the same. */
static void test_configuration_of_an_experiment(void **state)
{
	struct run_config config =
		parsed("dataset: {path: p, params: {duration_s: 10.0}, channels: 512, "
		       "sample_rate_hz: 160, format: float32}\n"
		       "execution:\n  window_samples: 160\n  hop_samples: 80\n"
		       "  deadline_ms: 500000\n  warmup_iterations: 4\n  total_iterations: 3\n"
		       "load_profile:\n  type: \"constant\"\n  cpu_percent: 0\n"
		       "kernels:\n  - name: \"noop\"\n    path: \"kernels/v1/noop@f32\"\n");
	const struct telemetry_settings *settings = &config.settings;

	(void)state;
	assert_shape(&settings->shape, 160, 80, 512, 160, NULL);
	assert_float_equal(settings->deadline_s, 500, 1e-9);
	assert_int_equal(settings->warmup, 4);
	assert_null(settings->load_profile);
	assert_string_equal(settings->plugin, "noop");
	run_config_done(&config);
}

static void test_older_word_for_ndjson(void **state)
{
	struct run_config config = parsed("output: {directory: results, format: json}\n");

	(void)state;
	assert_true(config.settings.format_given);
	assert_int_equal(config.settings.format, TELEMETRY_NDJSON);
	run_config_done(&config);
	assert_wrong("format: json\n",
		     "c.yaml: line 1: unknown format \"json\"; did you mean \"ndjson\"?");
}

static void test_forms_of_yaml(void **state)
{
	struct run_config config =
		parsed("\xef\xbb\xbf%YAML 1.1\n---\n? W\n: !!int \"160\"\n\"H\": 80  # half\n"
		       "dataset: &d {channels: &c 64}\nC: *c\nplugins:\n- &p {name: 'a b', W: *c}\n"
		       "load_profile: >\n  idle,\n  mostly\n...\n");

	(void)state;
	assert_shape(&config.settings.shape, 160, 80, 64, 0, NULL);
	assert_string_equal(config.settings.plugin, "a b");
	assert_int_equal(config.settings.plugins[0].shape.w, 64);
	assert_string_equal(config.settings.load_profile, "idle, mostly\n");
	run_config_done(&config);
	config = parsed("{\"W\": 160, \"plugins\": [{\"name\": \"\\u00e9\"}]}"); /* is YAML too */
	assert_string_equal(config.settings.plugin, "\xc3\xa9");
	run_config_done(&config);
}

static void test_unknown_words_name_the_nearest(void **state)
{
	(void)state;
	assert_wrong("W: 1\nHH: 2\n", "c.yaml: line 2: unknown word \"HH\"; did you mean \"H\"?");
	assert_wrong("w: 160\n", "c.yaml: line 1: unknown word \"w\"; did you mean \"W\"?");
	assert_wrong(
		"load-profile: idle\n",
		"c.yaml: line 1: unknown word \"load-profile\"; did you mean \"load_profile\"?");
	assert_wrong("dataset:\n  channels: 1\n  sample_rate: 160\n",
		     "c.yaml: line 3: unknown word \"sample_rate\"; did you mean "
		     "\"sample_rate_hz\"?");
	assert_wrong("power:\n  govenor: performance\n",
		     "c.yaml: line 2: unknown word \"govenor\"; did you mean \"governor\"?");
	assert_wrong("plugins:\n- name: a\n  runtime:\n    hop_sample: 1\n",
		     "c.yaml: line 4: unknown word \"hop_sample\"; did you mean \"hop_samples\"?");
	assert_wrong("benchmark:\n  parameters:\n    seconds: 5\n",
		     "c.yaml: line 3: unknown word \"seconds\"");
	assert_wrong("<<: {W: 160}\n", "c.yaml: line 1: unknown word \"<<\"");
	assert_wrong("[W]: 160\n", "c.yaml: line 1: this is no word");
	assert_wrong("\"W\\0\": 160\n", "c.yaml: line 1: this is no word");
	assert_wrong("output:\n  format: cvs\n",
		     "c.yaml: line 2: unknown format \"cvs\"; did you mean \"csv\"?");
	assert_wrong("format: [csv]\n", "c.yaml: line 1: this is no format");
}

static void test_words_that_are_there_twice(void **state)
{
	(void)state;
	assert_wrong("W: 1\nH: 2\nW: 1\n", "c.yaml: line 3: \"W\" is there twice");
	assert_wrong("power:\n  turbo: 1\n  turbo: 1\n",
		     "c.yaml: line 3: \"turbo\" is there twice");
	assert_wrong("plugins:\n- name: a\n- name: b\n- name: a\n",
		     "c.yaml: line 4: a second plugin \"a\"");
	assert_wrong("plugins: [{name: a}]\nkernels:\n- name: a\n",
		     "c.yaml: line 3: a second plugin \"a\"");
}

#define A_COUNT " has to be a whole number from 1 to 4294967295"
#define A_RATE " has to be samples a second, from 0.000001 to 1000000000"

static void test_numbers_that_cannot_be(void **state)
{
	(void)state;
	assert_wrong("W: 0\n", "c.yaml: line 1: \"W\"" A_COUNT);
	assert_wrong("\n\nH: 4294967296\n", "c.yaml: line 3: \"H\"" A_COUNT);
	assert_wrong("C: -1\n", "c.yaml: line 1: \"C\"" A_COUNT);
	assert_wrong("repeat: 1.5\n", "c.yaml: line 1: \"repeat\"" A_COUNT);
	assert_wrong("W: 0x10\n", "c.yaml: line 1: \"W\"" A_COUNT);
	assert_wrong("W: [160]\n", "c.yaml: line 1: \"W\"" A_COUNT);
	assert_wrong("dataset:\n  channels: many\n", "c.yaml: line 2: \"channels\"" A_COUNT);
	assert_wrong("warmup: -1\n", "c.yaml: line 1: \"warmup\" has to be a whole number from 0 "
				     "to 4294967295");
	assert_wrong("Fs: 0\n", "c.yaml: line 1: \"Fs\"" A_RATE);
	assert_wrong("Fs: .inf\n", "c.yaml: line 1: \"Fs\"" A_RATE);
	assert_wrong("Fs: 1e10\n", "c.yaml: line 1: \"Fs\"" A_RATE);
	assert_wrong("Fs: \"16\\0\"\n", "c.yaml: line 1: \"Fs\"" A_RATE);
	assert_wrong("deadline: 0\n",
		     "c.yaml: line 1: \"deadline\" has to be seconds from 0.000001 to 3600");
	assert_wrong("realtime: {deadline_ms: 3600001}\n", "c.yaml: line 1: \"deadline_ms\" has to "
							   "be milliseconds from 0.001 to 3600000");
	assert_wrong("benchmark:\n  parameters:\n    warmup_seconds: -1\n",
		     "c.yaml: line 3: \"warmup_seconds\" has to be seconds from 0 to 86400");
	assert_wrong("cortex_version: 2\n", "c.yaml: line 1: \"cortex_version\" has to be 1: what "
					    "other versions mean is not known here");
}

static void test_values_of_another_kind(void **state)
{
	(void)state;
	assert_wrong("dtype: \"\"\n", "c.yaml: line 1: \"dtype\" has to be a text");
	assert_wrong("plugin: {name: a}\n", "c.yaml: line 1: \"plugin\" has to be a text");
	assert_wrong("load_profile: [idle]\n", "c.yaml: line 1: \"load_profile\" has to be a text");
	assert_wrong("load_profile:\n  idle: 1\n", "c.yaml: line 2: unknown word \"idle\"");
	assert_wrong("plugins:\n  name: car\n",
		     "c.yaml: line 2: \"plugins\" has to be a list: \"- name: …\"");
	assert_wrong("plugins:\n- name: a\n- status: ready\n",
		     "c.yaml: line 3: a plugin has no \"name\"");
	assert_wrong("plugins:\n- name:\n", "c.yaml: line 2: a plugin has no \"name\"");
	assert_wrong("plugins: [car]\n",
		     "c.yaml: line 1: words with values have to be here: \"word: value\"");
	assert_wrong("dataset: 160\n",
		     "c.yaml: line 1: words with values have to be here: \"word: value\"");
	assert_wrong("- W: 160\n",
		     "c.yaml: line 1: words with values have to be here: \"word: value\"");
	assert_wrong("W=160\n",
		     "c.yaml: line 1: words with values have to be here: \"word: value\"");
}

static void test_as_many_plugins_as_there_can_be(void **state)
{
	char text[4096] = "plugins:\n";
	struct run_config config;

	(void)state;
	for (int i = 0; i < 64; i++)
		snprintf(text + strlen(text), 32, "- name: k%d\n", i);
	config = parsed(text);
	assert_int_equal(config.settings.n_plugins, 64);
	assert_string_equal(config.settings.plugins[63].name, "k63");
	run_config_done(&config);
	strcat(text, "- name: k64\n");
	assert_wrong(text, "c.yaml: line 66: more than 64 plugins");
}

/* What exactly is wrong is the library's to say. */
static void assert_no_yaml(const char *text, unsigned int line)
{
	struct run_config config = {0};
	struct errmsg msg = {.text = ""};
	char expected[64];

	snprintf(expected, sizeof(expected), "c.yaml: line %u: no YAML: ", line);
	assert_int_equal(run_config_parse("c.yaml", text, strlen(text), &config, &msg), -EINVAL);
	assert_int_equal(strncmp(msg.text, expected, strlen(expected)), 0);
	assert_true(strlen(msg.text) > strlen(expected) + 10);
}

static void test_what_is_no_yaml(void **state)
{
	(void)state;
	assert_wrong("", "c.yaml is no run configuration: it is empty");
	assert_wrong("# nothing yet\n", "c.yaml is no run configuration: it is empty");
	assert_wrong("---\n", "c.yaml is no run configuration: it is empty");
	assert_wrong("W: 1\n---\nH: 1\n", "c.yaml: line 3: a second document");
	assert_wrong("W: 1\nC: *c\n", "c.yaml: line 2: no YAML: found undefined alias");
	assert_no_yaml("W: 1\n--- [\n", 3);
	assert_no_yaml("W: 1\n\tH: 2\n", 2);
	assert_no_yaml("W: 1\nplugins: [{name: a}\n", 3);
	assert_no_yaml("W: 1\ndtype: f\xff\n", 2);
	assert_no_yaml("W: 1\nH: 2\n\x01", 3);
	assert_no_yaml("W: &a 1\nH: &a 2\n", 2);
}

/* Nothing is followed that no table has: neither what goes round in a circle nor what doubles with each line. */
static void test_aliases_are_no_work(void **state)
{
	char text[4096] = "dataset:\n  params:\n    a0: &a0 [x, x]\n";
	struct run_config config;

	(void)state;
	for (int i = 1; i < 64; i++)
		snprintf(text + strlen(text), 48, "    a%d: &a%d [*a%d, *a%d]\n", i, i, i - 1,
			 i - 1);
	strcat(text, "W: 160\n");
	config = parsed(text);
	assert_int_equal(config.settings.shape.w, 160);
	run_config_done(&config);
	config = parsed("W: 160\npower: &p\n  turbo: *p\n");
	assert_int_equal(config.settings.shape.w, 160);
	run_config_done(&config);
	assert_wrong("plugins: &p [*p]\n",
		     "c.yaml: line 1: words with values have to be here: \"word: value\"");
}

static void test_file(void **state)
{
	char path[] = "/tmp/energytrace-test-XXXXXX";
	struct run_config config = {0};
	struct errmsg msg;
	char block[4096];
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, harness, sizeof(harness) - 1), sizeof(harness) - 1);
	assert_int_equal(run_config_read(path, &config, &msg), 0);
	assert_int_equal(config.settings.n_plugins, 2);
	run_config_done(&config);
	memset(block, '\n', sizeof(block));
	for (int i = 0; i < 16; i++)
		assert_int_equal(write(fd, block, sizeof(block)), sizeof(block));
	close(fd);
	assert_int_equal(run_config_read(path, &config, &msg), -EFBIG);
	assert_non_null(strstr(msg.text, "too big"));
	unlink(path);
	assert_int_equal(run_config_read(path, &config, &msg), -ENOENT);
	assert_non_null(strstr(msg.text, "can't open"));
	assert_int_equal(run_config_read("/", &config, &msg), -EISDIR);
	assert_string_equal(msg.text, "can't read /: Is a directory");
	assert_int_equal(config.settings.n_plugins, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_configuration_of_the_harness),
		cmocka_unit_test(test_words_of_our_own),
		cmocka_unit_test(test_what_is_not_said_is_not_told),
		cmocka_unit_test(test_our_words_stand_before_those_of_the_harness),
		cmocka_unit_test(test_one_plugin_names_the_kernel),
		cmocka_unit_test(test_configuration_of_an_experiment),
		cmocka_unit_test(test_older_word_for_ndjson),
		cmocka_unit_test(test_forms_of_yaml),
		cmocka_unit_test(test_unknown_words_name_the_nearest),
		cmocka_unit_test(test_words_that_are_there_twice),
		cmocka_unit_test(test_numbers_that_cannot_be),
		cmocka_unit_test(test_values_of_another_kind),
		cmocka_unit_test(test_as_many_plugins_as_there_can_be),
		cmocka_unit_test(test_what_is_no_yaml),
		cmocka_unit_test(test_aliases_are_no_work),
		cmocka_unit_test(test_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
