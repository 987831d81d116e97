// SPDX-License-Identifier: BSD-2-Clause
/* report.html and analysis/: what they say, and what they leave alone. */
#include "telemetry_fixture.h"

#include "telemetry/analyze.h"
#include "telemetry/recorder.h"
#include "telemetry/report.h"

#include <errno.h>
#include <sys/stat.h>

#define STARTED_NS (INT64_C(1768213218428) * 1000000)

struct make {
	size_t n_kernels, n; /* windows of each */
	const char *kind;    /* of the joules, NULL: none */
	double slow;	     /* times the latency */
	bool ended;
};

/* Records a run, and gives its path. */
static const char *record(const char *dir, const char *name, const struct make *make)
{
	struct telemetry_recorder *recorder;
	struct telemetry_facts facts;
	struct errmsg msg = {""};
	char plugin[32];
	const char *path;

	telemetry_facts_clear(&facts);
	facts.started_ns = STARTED_NS;
	facts.carbon_g_per_kwh = 360; /* 1e-4 g a joule */
	if (telemetry_recorder_new(dir, name, TELEMETRY_NDJSON, &facts, &recorder, &msg) != 0)
		fail_msg("%s", msg.text);
	for (size_t kernel = 0; kernel < make->n_kernels; kernel++) {
		for (size_t i = 0; i < make->n; i++) {
			uint64_t latency = (1 + (i * 7) % 13) * MS;
			struct telemetry_window window =
				window_of(i, (uint64_t)((double)latency * make->slow));

			snprintf(plugin, sizeof(plugin), "k<%zu>", kernel);
			window.plugin = plugin;
			window.warmup = i == 0;
			if (make->kind)
				give_energy(&window, 0.25, "powercap", make->kind);
			assert_int_equal(telemetry_recorder_add(recorder, &window, &msg), 0);
		}
	}
	assert_int_equal(telemetry_recorder_flush(recorder, &msg), 0);
	path = path_of("%s", telemetry_recorder_path(recorder));
	facts.ended_ns = STARTED_NS + INT64_C(5000000000);
	if (make->ended)
		assert_int_equal(telemetry_recorder_finish(recorder, &facts, &msg), 0);
	telemetry_recorder_free(recorder);
	return path;
}

static char *report_of(const char *run, size_t kernel)
{
	return read_whole(path_of("%s/kernel-data/k%%3C%zu%%3E/report.html", run, kernel));
}

static size_t count(const char *text, const char *part)
{
	size_t n = 0;

	for (; (text = strstr(text, part)); text++)
		n++;
	return n;
}

static void test_a_report(void **state)
{
	static const struct make make = {
		.n_kernels = 2, .n = 41, .kind = "measured", .slow = 1, .ended = true};
	const char *run = record(*state, "a run & more", &make);
	char *html = report_of(run, 1);

	assert_has(html, "<h1>Telemetry of a run &amp; more</h1>");
	assert_has(html, "Generated at the end of the run, 2026-01-12 10:20:23 UTC");
	assert_has(html, "<dt>Duration</dt><dd>5 s</dd>");
	assert_has(html, "<dt>Windows that count</dt><dd>80</dd>");
	assert_has(html, "<dt>Warm-up, left out</dt><dd>2</dd>");
	assert_has(html, "<dt>Energy of the windows</dt><dd>20 J, measured (powercap)</dd>");
	assert_has(html, "<dt>Emissions</dt><dd>2 mgCO2e</dd>");
	/* 40 windows of 1 to 13 ms: those of 10 ms and more miss, with the microsecond before. */
	assert_has(html, "<th scope=\"row\">k&lt;1&gt;</th><td>10 ms</td><td>130 %</td><td>40</td>"
			 "<td>12</td><td>30 %</td>");
	assert_has(html, "<span class=\"tag\">measured (powercap)</span>");
	assert_has_not(html, "tag loud");
	/* Its own kernel first, and the other. */
	assert_true(strstr(html, "id=\"kernel-1\"") < strstr(html, "id=\"kernel-0\""));
	assert_int_equal(count(html, "<figure>"), 6 + 2 * 6);
	assert_int_equal(count(html, "<svg "), 6 + 2 * 6);
	assert_has(html, "<b>Figure 18. Energy against latency of k&lt;0&gt;.</b>");
	assert_has_not(html, "<script");
	assert_has_not(html, "class=\"problems\"");
	free(html);
}

static void test_the_same_run_gives_the_same_report(void **state)
{
	static const struct make make = {
		.n_kernels = 1, .n = 30, .kind = "measured", .slow = 1, .ended = true};
	const char *run = record(*state, "run", &make);
	char *first = report_of(run, 0), *again;
	struct errmsg msg;

	assert_int_equal(telemetry_report_write(run, &msg), 0);
	again = report_of(run, 0);
	assert_string_equal(first, again);
	free(first);
	free(again);
}

static void test_joules_that_are_not_measured_are_loud(void **state)
{
	struct make make = {.n_kernels = 1, .n = 30, .kind = "estimated", .slow = 1, .ended = true};
	char *html = report_of(record(*state, "estimated", &make), 0);

	assert_has(html, "<span class=\"tag loud\">estimated (powercap)</span>");
	assert_has(html, "J, estimated (powercap)</dd>");
	/* In each figure of energy: over time, the histogram, against latency. */
	assert_int_equal(count(html, "Joules estimated (powercap)."), 3);
	free(html);
	make.kind = NULL;
	html = report_of(record(*state, "none", &make), 0);
	assert_has(html, "No joules were recorded");
	assert_int_equal(count(html, "<figure>"), 3);
	free(html);
}

static void test_many_kernels(void **state)
{
	static const struct make make = {.n_kernels = 9, .n = 20, .slow = 1, .ended = true};
	char *html = report_of(record(*state, "run", &make), 4);

	assert_int_equal(count(html, "<h2 id=\"kernel-"), 1);
	assert_has(html, "<h2 id=\"kernel-4\">");
	assert_has(html, "The figures of each of the 9 kernels are in the report.html of its own");
	assert_has(html, "Grey: 3 other kernels.");
	free(html);
}

static void test_very_many_kernels(void **state)
{
	static const struct make make = {
		.n_kernels = 70, .n = 12, .kind = "measured", .slow = 1, .ended = true};
	char *html = report_of(record(*state, "run", &make), 69);

	/* In each of three tables sixty, and its own. */
	assert_int_equal(count(html, "<tr><th scope=\"row\">"), 3 * 61);
	assert_int_equal(count(html, "<tr><th scope=\"row\">k&lt;69&gt;</th>"), 3);
	assert_has(html, "The tables have the first 60 of 70 kernels");
	assert_has(html, "Grey: 34 other kernels. The first 40 kernels are drawn.");
	assert_in_range(strlen(html), 50000, 400000);
	free(html);
}

/* What analyze says to the user, a sentence a line. */
static void note(void *userdata, const char *text)
{
	fprintf(userdata, "%s\n", text);
}

static int analyze(struct analyze_options *options, struct memory *out, struct memory *notes,
		   struct errmsg *msg)
{
	int err;

	memory_open(out);
	memory_open(notes);
	options->out = out->stream;
	options->note = note;
	options->userdata = notes->stream;
	err = telemetry_analyze(options, msg);
	memory_text(out);
	memory_text(notes);
	return err;
}

static void test_an_analysis(void **state)
{
	static const struct make make = {
		.n_kernels = 2, .n = 41, .kind = "measured", .slow = 1, .ended = true};
	static const char *const files[] = {"latency-comparison", "deadline-misses",
					    "latency-cdf",	  "throughput",
					    "energy-per-window",  "power-over-time"};
	const char *run = record(*state, "run", &make);
	struct analyze_options options = {.run = run};
	struct memory out, notes;
	struct errmsg msg = {""};
	char *summary;

	if (analyze(&options, &out, &notes, &msg) != 0)
		fail_msg("%s", msg.text);
	summary = read_whole(path_of("%s/analysis/SUMMARY.md", run));
	assert_string_equal(summary, out.text);
	assert_string_equal(notes.text, "");
	for (size_t i = 0; i < 6; i++) {
		assert_int_equal(access(path_of("%s/analysis/%s.svg", run, files[i]), F_OK), 0);
		assert_has(summary, path_of("](%s.svg)", files[i]));
	}
	/* Three times each of 1 to 13 ms, and one of 8. */
	assert_has(summary,
		   "| k\\<1\\> | 40 | 7025 | 7000 | 13000 | 13000 | 1000 | 13000 | 3745 |");
	assert_has(summary, "| k\\<0\\> | 6000 | 6000 | 10 | 130 | 30 | 40 | 12 | 100 |");
	assert_has(summary, "- k\\<0\\>: 1 warm-up and 0 failed windows are left out.");
	assert_has(summary, "| k\\<0\\> | 250 | 250 | 250 | 250 | 25000 | 25000 | 10 | 0.001 | "
			    "measured (powercap) |");
	free(summary);
	memory_close(&out);
	memory_close(&notes);
}

static void test_some_plots(void **state)
{
	static const struct make make = {.n_kernels = 2, .n = 30, .slow = 1, .ended = true};
	const char *run = record(*state, "run", &make);
	struct analyze_options options = {.run = run, .plots = "cdf,kernels"};
	struct memory out, notes;
	struct errmsg msg = {""};

	assert_int_equal(analyze(&options, &out, &notes, &msg), 0);
	memory_close(&out);
	memory_close(&notes);
	assert_int_equal(access(path_of("%s/analysis/latency-cdf.svg", run), F_OK), 0);
	assert_int_equal(access(path_of("%s/analysis/throughput.svg", run), F_OK), -1);
	assert_int_equal(access(path_of("%s/analysis/latency-histogram-k%%3C1%%3E.svg", run), F_OK),
			 0);
	/* No joules, no figure of them. */
	assert_int_equal(access(path_of("%s/analysis/energy-latency-k%%3C1%%3E.svg", run), F_OK),
			 -1);
}

static void test_plots_that_there_are_not(void **state)
{
	static const struct {
		const char *plots, *sentence;
	} cases[] = {
		{"latncy", "unknown plot \"latncy\": did you mean \"latency\"?"},
		{"latency,cdg", "unknown plot \"cdg\": did you mean \"cdf\"?"},
		{"",
		 "unknown plot \"\": there are latency, energy, deadline, throughput, cdf, power, "
		 "kernels, all"},
		{"latency,", "unknown plot \"\": there are"},
		{"latency cdf", "unknown plot \"latency cdf\": did you mean \"latency\"?"},
	};
	struct errmsg msg;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(analyze_check_plots(cases[i].plots, &msg), -EINVAL);
		assert_has(msg.text, cases[i].sentence);
	}
	assert_int_equal(analyze_check_plots("all", &msg), 0);
	assert_int_equal(analyze_check_plots(ANALYZE_PLOTS_DEFAULT, &msg), 0);
}

/* A report that is there is somebody's; one that lacks is made. */
static void test_reports_of_others_stay(void **state)
{
	static const struct make make = {.n_kernels = 2, .n = 30, .slow = 1};
	const char *run = record(*state, "run", &make);
	struct analyze_options options = {.run = run};
	struct memory out, notes;
	struct errmsg msg;
	char *html;

	write_whole(path_of("%s/kernel-data/k%%3C0%%3E/report.html", run), "theirs");
	assert_int_equal(analyze(&options, &out, &notes, &msg), 0);
	assert_has(notes.text, "has no end: it still goes on, or was cut off");
	memory_close(&out);
	memory_close(&notes);
	html = report_of(run, 0);
	assert_string_equal(html, "theirs");
	free(html);
	html = report_of(run, 1);
	assert_has(html, "The run was not ended");
	free(html);
}

static void test_broken_lines_are_told(void **state)
{
	static const struct make make = {.n_kernels = 1, .n = 30, .slow = 1, .ended = true};
	const char *run = record(*state, "run", &make);
	struct analyze_options options = {.run = run};
	struct memory out, notes;
	struct errmsg msg;
	FILE *file = fopen(path_of("%s/kernel-data/k%%3C0%%3E/telemetry.ndjson", run), "a");

	for (int i = 0; i < 10; i++)
		fputs("oops\n", file);
	fclose(file);
	assert_int_equal(analyze(&options, &out, &notes, &msg), 0);
	assert_has(notes.text, "telemetry.ndjson:31: byte 1: expected '{'");
	assert_has(notes.text, "telemetry.ndjson: and 2 more lines that are no windows");
	assert_int_equal(count(notes.text, "\n"), TELEMETRY_PROBLEMS_MAX + 1);
	assert_has(out.text,
		   "10 lines are no windows, the first is line 31: byte 1: expected '{'.");
	assert_has(out.text, "| 29 | ");
	memory_close(&out);
	memory_close(&notes);
}

static void test_against_a_baseline(void **state)
{
	struct make make = {.n_kernels = 1, .n = 41, .kind = "measured", .slow = 1, .ended = true};
	const char *a = record(*state, "a", &make), *b;
	struct analyze_options options = {.baseline = a};
	struct memory out, notes;
	struct errmsg msg = {""};
	char *text;

	make.slow = 2;
	b = record(*state, "b", &make);
	options.run = b;
	if (analyze(&options, &out, &notes, &msg) != 0)
		fail_msg("%s", msg.text);
	assert_has(out.text, "# b against the baseline a\n");
	assert_has(out.text, "- k\\<0\\>, latency: **slower**, +100 % in the median");
	assert_has(out.text, "- k\\<0\\>, energy: no difference shown, +0 % in the median");
	assert_has(out.text, "; joules measured (powercap).");
	assert_has(out.text, "| k\\<0\\> | median | 7000 | 14000 | 7000 | 100 | ");
	text = read_whole(path_of("%s/analysis/COMPARISON.md", b));
	assert_string_equal(text, out.text);
	free(text);
	assert_int_equal(access(path_of("%s/analysis/comparison.svg", b), F_OK), 0);
	assert_int_equal(access(path_of("%s/analysis", a), F_OK), -1);
	memory_close(&out);
	memory_close(&notes);
}

static void test_what_can_not_be_analyzed(void **state)
{
	const char *dir = *state;
	static const struct make make = {.n_kernels = 1, .n = 5, .slow = 1, .ended = true};
	const char *run = record(dir, "run", &make);
	struct analyze_options options = {.run = path_of("%s/no", dir)};
	struct memory out, notes;
	struct errmsg msg;

	assert_int_equal(analyze(&options, &out, &notes, &msg), -ENOENT);
	memory_close(&out);
	memory_close(&notes);
	options = (struct analyze_options){.run = run, .baseline = dir};
	assert_int_equal(analyze(&options, &out, &notes, &msg), -ENOENT);
	assert_has(msg.text, "holds runs: name one of them");
	assert_string_equal(out.text, "");
	memory_close(&out);
	memory_close(&notes);
	write_whole(path_of("%s/analysis-is-a-file", dir), "");
	assert_int_equal(rename(path_of("%s/run", dir), path_of("%s/moved", dir)), 0);
	assert_int_equal(system(path_of("rm -rf '%s/moved/analysis'", dir)), 0);
	write_whole(path_of("%s/moved/analysis", dir), "a file");
	options = (struct analyze_options){.run = path_of("%s/moved", dir)};
	assert_int_equal(analyze(&options, &out, &notes, &msg), -ENOTDIR);
	assert_has(msg.text, "moved/analysis is there and is no folder");
	memory_close(&out);
	memory_close(&notes);
}

static void test_formats_that_need_a_converter(void **state)
{
	static const struct make make = {.n_kernels = 1, .n = 5, .slow = 1, .ended = true};
	struct analyze_options options = {.run = record(*state, "run", &make), .format = IMAGE_PNG};
	char *path = strdup(getenv("PATH"));
	enum image_format format;
	struct memory out, notes;
	struct errmsg msg;

	setenv("PATH", "/nonexistent::/nothing", 1);
	assert_int_equal(analyze(&options, &out, &notes, &msg), -EOPNOTSUPP);
	assert_string_equal(msg.text,
			    "png needs rsvg-convert, which is not installed (Debian: apt-get "
			    "install librsvg2-bin); --format svg needs nothing");
	setenv("PATH", path, 1);
	free(path);
	memory_close(&out);
	memory_close(&notes);
	assert_int_equal(access(path_of("%s/analysis", options.run), F_OK), -1);
	assert_int_equal(image_format_from_name("pdf", &format, &msg), 0);
	assert_int_equal(format, IMAGE_PDF);
	assert_int_equal(image_format_from_name("pgn", &format, &msg), -EINVAL);
	assert_has(msg.text, "did you mean \"png\"?");
	assert_int_equal(image_format_from_name("bitmap", &format, &msg), -EINVAL);
	assert_has(msg.text, "svg, png or pdf");
}

#define folder_test(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		folder_test(test_a_report),
		folder_test(test_the_same_run_gives_the_same_report),
		folder_test(test_joules_that_are_not_measured_are_loud),
		folder_test(test_many_kernels),
		folder_test(test_very_many_kernels),
		folder_test(test_an_analysis),
		folder_test(test_some_plots),
		cmocka_unit_test(test_plots_that_there_are_not),
		folder_test(test_reports_of_others_stay),
		folder_test(test_broken_lines_are_told),
		folder_test(test_against_a_baseline),
		folder_test(test_what_can_not_be_analyzed),
		folder_test(test_formats_that_need_a_converter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
