// SPDX-License-Identifier: BSD-2-Clause
/*
 * Any bytes as a file of windows, NDJSON if they begin with a brace or a blank and CSV else, and as a
 * run.json: nothing but an error may come of them. What was read of them, once written, must read back
 * and be written as the same bytes. And a report of it must come about, whatever the numbers are.
 */

#define FUZZ_NAME "fuzz_telemetry"

#include "fuzz_main.h"
#include "telemetry/compare.h"
#include "telemetry/markdown.h"
#include "telemetry/read.h"
#include "telemetry/report.h"

#include <stdlib.h>
#include <string.h>

#define SERIES_MAX 12 /* kernels that a report is tried with */

#ifdef FUZZING_ENGINE
#define FUZZING true
#else
#define FUZZING false
#endif

struct text {
	char *bytes;
	size_t size;
};

static FILE *open_text(struct text *text)
{
	FILE *stream = open_memstream(&text->bytes, &text->size);

	check(stream != NULL, "no stream");
	return stream;
}

static void check_window(const struct telemetry_window *window)
{
	check(window->plugin && window->plugin[0], "a window of no kernel");
	check(window->window_failed || window->end_ts_ns >= window->start_ts_ns,
	      "a window ends before it starts");
	check(!(window->energy_j < 0), "a window has negative joules");
}

/* A kernel by its name; the last one takes those for which there is no room. */
static void collect(struct telemetry_run *run, const struct telemetry_window *window)
{
	size_t i = 0;

	while (i < run->n_series && strcmp(run->series[i]->name, window->plugin) != 0)
		i++;
	if (i == SERIES_MAX)
		i--;
	if (i == run->n_series)
		check(telemetry_series_new(window->plugin, &run->series[run->n_series++]) == 0,
		      "no series");
	check(telemetry_series_add(run->series[i], window) == 0, "a window was not added");
}

/* Reads the windows and writes them as `to`; puts them into `run` too, if there is one. */
static struct text rewrite(const struct text *in, enum telemetry_format from,
			   enum telemetry_format to, struct telemetry_run *run)
{
	FILE *stream = fmemopen(in->bytes, in->size, "r"), *out;
	struct telemetry_reader *reader;
	struct telemetry_window window;
	struct errmsg msg = {""};
	struct text copy = {0};
	size_t n = 0;
	int got;

	check(stream != NULL, "no stream");
	out = open_text(&copy);
	telemetry_write_head(out, to);
	check(telemetry_reader_new(stream, from, &reader) == 0, "no reader");
	while ((got = telemetry_read(reader, &window, &msg)) > 0) {
		check_window(&window);
		telemetry_write(out, to, &window);
		if (run)
			collect(run, &window);
		n++;
	}
	check(!got == !msg.text[0], "an error without a sentence, or the reverse");
	check(telemetry_reader_reading(reader)->n_windows == n, "windows are miscounted");
	check(run || (got == 0 && telemetry_reader_reading(reader)->n_broken == 0),
	      "what was written is not good");
	telemetry_reader_free(reader);
	fclose(stream);
	fclose(out);
	return copy;
}

static void check_rewrites(const struct text *in, enum telemetry_format from,
			   struct telemetry_run *run)
{
	for (unsigned int i = 0; i < 2; i++) {
		enum telemetry_format to = (enum telemetry_format)i;
		struct text once = rewrite(in, from, to, run), twice;

		twice = rewrite(&once, to, to, NULL);
		check(once.size == twice.size && memcmp(once.bytes, twice.bytes, once.size) == 0,
		      "what was written is not written the same again");
		free(once.bytes);
		free(twice.bytes);
	}
}

static void report(struct telemetry_run *run)
{
	struct telemetry_results results = {.run = run};
	struct comparison comparison;
	struct text text = {0};
	FILE *stream = open_text(&text);

	results.stats = calloc(run->n_series + 1, sizeof(*results.stats));
	check(results.stats != NULL, "no memory");
	for (; results.n < run->n_series; results.n++)
		check(telemetry_stats_make(run->series[results.n], &results.stats[results.n]) == 0,
		      "no stats");
	check(telemetry_report(stream, &results, run->n_series ? run->series[0] : NULL) == 0,
	      "no report");
	markdown_summary(stream, &results, NULL, 0);
	check(compare_runs(&results, &results, &comparison) == 0, "no comparison");
	for (size_t i = 0; i < comparison.n_kernels; i++)
		check(comparison.kernels[i].latency_ns.verdict == COMPARE_NOT_SHOWN ||
			      comparison.kernels[i].latency_ns.verdict == COMPARE_NOT_COMPARED,
		      "a run differs from itself");
	markdown_comparison(stream, &comparison, NULL);
	comparison_done(&comparison);
	check(fclose(stream) == 0, "no report");
	free(text.bytes);
	for (size_t i = 0; i < results.n; i++)
		telemetry_stats_done(&results.stats[i]);
	free(results.stats);
}

static void check_facts(const struct text *in, struct telemetry_facts *ret)
{
	struct telemetry_facts facts;
	struct text once = {0}, twice = {0};
	struct errmsg msg = {""};
	FILE *stream;
	int err = telemetry_facts_read(in->bytes, in->size, &facts, &msg);

	check(!err == !msg.text[0], "an error without a sentence, or the reverse");
	if (err)
		return;
	*ret = facts;
	stream = open_text(&once);
	telemetry_facts_write(stream, &facts);
	fclose(stream);
	/* Bytes that are no UTF-8, or were cut in the middle of it, are replaced the first time. */
	check(telemetry_facts_read(once.bytes, once.size, &facts, &msg) == 0,
	      "facts do not read back");
	stream = open_text(&twice);
	telemetry_facts_write(stream, &facts);
	fclose(stream);
	free(once.bytes);
	free(twice.bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool braces = size > 0 && (data[0] == '{' || data[0] == ' ');
	struct telemetry_series *series[SERIES_MAX];
	struct telemetry_run run = {.series = series};
	struct text in = {.bytes = malloc(size + 1), .size = size};

	if (size == 0 || !in.bytes) {
		free(in.bytes);
		return 0;
	}
	telemetry_facts_clear(&run.facts);
	memcpy(in.bytes, data, size);
	check_rewrites(&in, braces ? TELEMETRY_NDJSON : TELEMETRY_CSV, &run);
	check_facts(&in, &run.facts);
	/* Which takes as long as a hundred readings: a fuzzer tries it with some. */
	if (!FUZZING || size % 16 == 0)
		report(&run);
	for (size_t i = 0; i < run.n_series; i++)
		telemetry_series_free(run.series[i]);
	free(in.bytes);
	return 0;
}
