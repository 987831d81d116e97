// SPDX-License-Identifier: BSD-2-Clause
#include "telemetry/analyze.h"

#include "base/cleanup.h"
#include "base/nearest.h"
#include "telemetry/array.h"
#include "telemetry/compare.h"
#include "telemetry/figures.h"
#include "telemetry/markdown.h"
#include "telemetry/report.h"
#include "telemetry/rundir.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#define FOLDER "analysis"
#define WORDS_MAX 16
#define WORD_SIZE 64
#define KERNELS_WORD "kernels" /* the figures of each kernel */
#define ALL_WORD "all"

/* A figure that was written; what a markdown_figure points to. */
struct written {
	char *file;
	char *title;
	struct figure_caption caption;
};

struct analysis {
	const struct analyze_options *options;
	struct telemetry_results results;
	char *folder;
	struct written *written;
	size_t n_written;
};

static size_t list_words(const char *words[WORDS_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < n_run_figures; i++)
		words[n++] = run_figures[i].word;
	words[n++] = KERNELS_WORD;
	words[n++] = ALL_WORD;
	return n;
}

static int unknown_plot(const char *plot, size_t length, struct errmsg *msg)
{
	const char *words[WORDS_MAX], *near;
	size_t n = list_words(words);
	char word[WORD_SIZE], all[256] = "";

	snprintf(word, sizeof(word), "%.*s", (int)length, plot);
	near = nearest_word(word, words, n);
	if (near)
		return errmsg_set(msg, -EINVAL, "unknown plot \"%s\": did you mean \"%s\"?", word,
				  near);
	for (size_t i = 0; i < n; i++) {
		size_t used = strlen(all);

		snprintf(all + used, sizeof(all) - used, "%s%s", i > 0 ? ", " : "", words[i]);
	}
	return errmsg_set(msg, -EINVAL, "unknown plot \"%s\": there are %s", word, all);
}

static bool is_word(const char *plot, size_t length, const char *word)
{
	return strlen(word) == length && memcmp(word, plot, length) == 0;
}

int analyze_check_plots(const char *plots, struct errmsg *msg)
{
	const char *words[WORDS_MAX];
	size_t n = list_words(words);

	for (;; plots++) {
		size_t length = strcspn(plots, ","), i = 0;

		while (i < n && !is_word(plots, length, words[i]))
			i++;
		if (i == n)
			return unknown_plot(plots, length, msg);
		plots += length;
		if (!*plots)
			return 0;
	}
}

static bool wants(const struct analyze_options *options, const char *word)
{
	const char *plots = options->plots ? options->plots : ANALYZE_PLOTS_DEFAULT;

	for (size_t length; *plots; plots += length + (plots[length] == ',')) {
		length = strcspn(plots, ",");
		if (is_word(plots, length, word) || is_word(plots, length, ALL_WORD))
			return true;
	}
	return false;
}

__attribute__((format(printf, 2, 3))) static void note(const struct analyze_options *options,
						       const char *format, ...)
{
	char text[1024];
	va_list args;

	if (!options->note)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	options->note(options->userdata, text);
}

static void note_file(const struct analyze_options *options, const char *run,
		      const struct telemetry_run_file *file)
{
	const struct telemetry_reading *reading = &file->reading;
	size_t named = reading->n_broken < TELEMETRY_PROBLEMS_MAX ? reading->n_broken
								  : TELEMETRY_PROBLEMS_MAX;

	for (size_t i = 0; i < named; i++)
		note(options, "%s/%s:%zu: %s", run, file->path, reading->problems[i].line,
		     reading->problems[i].text);
	if (reading->n_broken > named)
		note(options, "%s/%s: and %zu more lines that are no windows", run, file->path,
		     reading->n_broken - named);
	if (file->error[0])
		note(options, "%s/%s: %s: the rest of it is left out", run, file->path,
		     file->error);
}

static void note_problems(const struct analyze_options *options, const struct telemetry_run *run)
{
	for (size_t i = 0; i < run->n_files; i++)
		note_file(options, run->path, &run->files[i]);
	if (run->facts_error[0])
		note(options, "%s/run.json: %s", run->path, run->facts_error);
	if (run->facts.started_ns > 0 && run->facts.ended_ns == 0)
		note(options, "%s has no end: it still goes on, or was cut off", run->path);
}

static int out_of_memory(struct errmsg *msg)
{
	return errmsg_set(msg, -ENOMEM, "no memory for the analysis");
}

static int open_analysis(const struct analyze_options *options, struct analysis *ret,
			 struct errmsg *msg)
{
	struct analysis analysis = {.options = options};
	int err = telemetry_results_load(options->run, &analysis.results, msg);

	if (err)
		return err;
	note_problems(options, analysis.results.run);
	analysis.folder = telemetry_path(options->run, FOLDER);
	*ret = analysis;
	return analysis.folder ? 0 : out_of_memory(msg);
}

static void close_analysis(struct analysis *analysis)
{
	for (size_t i = 0; i < analysis->n_written; i++) {
		free(analysis->written[i].file);
		free(analysis->written[i].title);
	}
	free(analysis->written);
	free(analysis->folder);
	telemetry_results_done(&analysis->results);
}

/* Of two parts, so that it is unique: a kernel's folder has its name encoded. */
static char *figure_file(const struct analysis *analysis, const struct figure *figure,
			 const struct figure_subject *subject)
{
	const char *extension = image_format_name(analysis->options->format);
	char kernel[TELEMETRY_DIRNAME_SIZE];
	char *file;
	int length;

	if (figure->word) {
		length = asprintf(&file, "%s.%s", figure->name, extension);
	} else {
		telemetry_dirname(subject->stats[subject->kernel].series->name, kernel);
		length = asprintf(&file, "%s-%s.%s", figure->name, kernel, extension);
	}
	return length < 0 ? NULL : file;
}

static char *figure_title(const struct figure *figure, const struct figure_subject *subject)
{
	char *title;

	if (figure->word)
		return strdup(figure->title);
	if (asprintf(&title, "%s of %s", figure->title,
		     subject->stats[subject->kernel].series->name) < 0)
		return NULL;
	return title;
}

static struct written *add_written(struct analysis *analysis, char *file, char *title)
{
	struct written *written =
		reallocarray(analysis->written, analysis->n_written + 1, sizeof(*written));

	if (!written || !file || !title) {
		analysis->written = written ? written : analysis->written;
		free(file);
		free(title);
		return NULL;
	}
	analysis->written = written;
	written += analysis->n_written++;
	*written = (struct written){.file = file, .title = title};
	return written;
}

/* Draws into memory: what goes to the file is whole, and is converted as a whole. */
static int write_image(const struct analysis *analysis, const char *file, const char *svg,
		       size_t size, struct errmsg *msg)
{
	_cleanup_free_ char *path = telemetry_path(analysis->folder, file);

	return path ? image_write(path, analysis->options->format, svg, size, msg)
		    : out_of_memory(msg);
}

static int write_figure(struct analysis *analysis, const struct figure *figure,
			const struct figure_subject *subject, struct errmsg *msg)
{
	_cleanup_free_ char *svg = NULL;
	struct written *written;
	FILE *stream;
	size_t size;
	int err;

	if (!figure_possible(figure, subject))
		return 0;
	written = add_written(analysis, figure_file(analysis, figure, subject),
			      figure_title(figure, subject));
	stream = written ? open_memstream(&svg, &size) : NULL;
	if (!stream)
		return out_of_memory(msg);
	err = figure->draw(figure, subject, stream, &written->caption);
	if (fclose(stream) != 0 || err)
		return out_of_memory(msg);
	return write_image(analysis, written->file, svg, size, msg);
}

static int write_figures(struct analysis *analysis, struct errmsg *msg)
{
	struct figure_subject subject = {.run = analysis->results.run,
					 .stats = analysis->results.stats,
					 .n = analysis->results.n,
					 .alone = true};
	int err = 0;

	for (size_t i = 0; !err && i < n_run_figures; i++) {
		if (wants(analysis->options, run_figures[i].word))
			err = write_figure(analysis, &run_figures[i], &subject, msg);
	}
	if (!wants(analysis->options, KERNELS_WORD))
		return err;
	for (; !err && subject.kernel < subject.n; subject.kernel++) {
		for (size_t i = 0; !err && i < n_kernel_figures; i++)
			err = write_figure(analysis, &kernel_figures[i], &subject, msg);
	}
	return err;
}

/* To the file, and to who asked. */
static int write_text(const struct analysis *analysis, const char *name, const char *text,
		      size_t size, struct errmsg *msg)
{
	_cleanup_free_ char *path = telemetry_path(analysis->folder, name);
	struct telemetry_file file;
	int err;

	if (!path)
		return out_of_memory(msg);
	err = telemetry_file_open(&file, path, msg);
	if (err)
		return err;
	fwrite(text, 1, size, file.stream);
	err = telemetry_file_close(&file, msg);
	if (!err && analysis->options->out)
		fwrite(text, 1, size, analysis->options->out);
	return err;
}

static int write_summary(const struct analysis *analysis, struct errmsg *msg)
{
	_cleanup_free_ struct markdown_figure *figures =
		array_new(analysis->n_written, sizeof(*figures));
	_cleanup_free_ char *text = NULL;
	FILE *stream;
	size_t size;

	stream = figures ? open_memstream(&text, &size) : NULL;
	if (!stream)
		return out_of_memory(msg);
	for (size_t i = 0; i < analysis->n_written; i++)
		figures[i] = (struct markdown_figure){analysis->written[i].file,
						      analysis->written[i].title,
						      analysis->written[i].caption.text};
	markdown_summary(stream, &analysis->results, figures, analysis->n_written);
	if (fclose(stream) != 0)
		return out_of_memory(msg);
	return write_text(analysis, "SUMMARY.md", text, size, msg);
}

static int draw_comparison(struct analysis *analysis, const struct comparison *comparison,
			   struct errmsg *msg)
{
	_cleanup_free_ char *svg = NULL;
	struct written *written;
	char *name;
	FILE *stream;
	size_t size;
	int err;

	if (asprintf(&name, "comparison.%s", image_format_name(analysis->options->format)) < 0)
		name = NULL;
	written = add_written(analysis, name, strdup(FIGURE_COMPARISON_TITLE));
	stream = written ? open_memstream(&svg, &size) : NULL;
	if (!stream)
		return out_of_memory(msg);
	err = figure_comparison(comparison, true, stream, &written->caption);
	if (fclose(stream) != 0 || err)
		return out_of_memory(msg);
	return write_image(analysis, written->file, svg, size, msg);
}

static int write_comparison(struct analysis *analysis, const struct comparison *comparison,
			    struct errmsg *msg)
{
	struct markdown_figure figure;
	_cleanup_free_ char *text = NULL;
	FILE *stream;
	size_t size;
	int err = draw_comparison(analysis, comparison, msg);

	if (err)
		return err;
	figure = (struct markdown_figure){analysis->written[0].file, analysis->written[0].title,
					  analysis->written[0].caption.text};
	stream = open_memstream(&text, &size);
	if (!stream)
		return out_of_memory(msg);
	markdown_comparison(stream, comparison, comparison->n_kernels > 0 ? &figure : NULL);
	if (fclose(stream) != 0)
		return out_of_memory(msg);
	return write_text(analysis, "COMPARISON.md", text, size, msg);
}

static int compare_with(struct analysis *analysis, const struct telemetry_results *baseline,
			struct errmsg *msg)
{
	struct comparison comparison;
	int err = telemetry_mkdir(analysis->folder, msg);

	if (err)
		return err;
	if (compare_runs(baseline, &analysis->results, &comparison))
		return out_of_memory(msg);
	err = write_comparison(analysis, &comparison, msg);
	comparison_done(&comparison);
	return err;
}

static int analyze_against(struct analysis *analysis, struct errmsg *msg)
{
	struct telemetry_results baseline;
	int err = telemetry_results_load(analysis->options->baseline, &baseline, msg);

	if (err)
		return err;
	note_problems(analysis->options, baseline.run);
	err = compare_with(analysis, &baseline, msg);
	telemetry_results_done(&baseline);
	return err;
}

static int analyze_alone(struct analysis *analysis, struct errmsg *msg)
{
	int err = telemetry_mkdir(analysis->folder, msg);

	if (!err)
		err = telemetry_report_files(&analysis->results, true, msg);
	if (!err)
		err = write_figures(analysis, msg);
	if (!err)
		err = write_summary(analysis, msg);
	return err;
}

int telemetry_analyze(const struct analyze_options *options, struct errmsg *msg)
{
	struct analysis analysis = {0};
	int err = options->plots ? analyze_check_plots(options->plots, msg) : 0;

	if (!err)
		err = image_check(options->format, msg);
	if (!err)
		err = open_analysis(options, &analysis, msg);
	if (!err)
		err = options->baseline ? analyze_against(&analysis, msg)
					: analyze_alone(&analysis, msg);
	close_analysis(&analysis);
	return err;
}
