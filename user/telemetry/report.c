// SPDX-License-Identifier: BSD-2-Clause
#include "telemetry/report.h"

#include "base/cleanup.h"
#include "telemetry/figures.h"
#include "telemetry/page.h"
#include "telemetry/rundir.h"
#include "telemetry/style.h"
#include "telemetry/svg.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define REPORT_NAME "report.html"

struct report_page {
	FILE *stream;
	const struct telemetry_results *results;
	const struct telemetry_series *own;
	unsigned int n_figures;
};

static int write_figure(struct report_page *page, const struct figure *figure,
			const struct figure_subject *subject)
{
	struct figure_caption caption = {""};
	int err;

	if (!figure_possible(figure, subject))
		return 0;
	fputs("<figure>", page->stream);
	err = figure->draw(figure, subject, page->stream, &caption);
	fprintf(page->stream, "<figcaption><b>Figure %u. ", ++page->n_figures);
	svg_escape(page->stream, figure->title);
	if (!figure->word) {
		fputs(" of ", page->stream);
		svg_escape(page->stream, subject->stats[subject->kernel].series->name);
	}
	fputs(".</b> ", page->stream);
	svg_escape(page->stream, caption.text);
	fputs("</figcaption></figure>\n", page->stream);
	return err;
}

static int write_figures(struct report_page *page, const struct figure *figures, size_t n,
			 size_t kernel)
{
	struct figure_subject subject = {.run = page->results->run,
					 .stats = page->results->stats,
					 .n = page->results->n,
					 .kernel = kernel};
	int err = 0;

	fputs("<div class=\"figures\">\n", page->stream);
	for (size_t i = 0; !err && i < n; i++)
		err = write_figure(page, &figures[i], &subject);
	fputs("</div>\n", page->stream);
	return err;
}

static int write_comparison(struct report_page *page)
{
	int err;

	/* One kernel by itself is told all by its own figures. */
	if (page->results->n < 2)
		return 0;
	fputs("<section><h2 id=\"comparison\">Kernels side by side</h2>\n", page->stream);
	err = write_figures(page, run_figures, n_run_figures, 0);
	fputs("</section>\n", page->stream);
	return err;
}

static int write_kernel(struct report_page *page, size_t kernel)
{
	const struct telemetry_stats *stats = &page->results->stats[kernel];
	int err;

	fprintf(page->stream, "<section><h2 id=\"kernel-%zu\">Kernel <code>", kernel);
	svg_escape(page->stream, stats->series->name);
	fputs("</code></h2>\n", page->stream);
	page_conditions(page->stream, stats);
	page_repeats(page->stream, stats);
	err = write_figures(page, kernel_figures, n_kernel_figures, kernel);
	fputs("</section>\n", page->stream);
	return err;
}

/* The page's own kernel first. */
static int write_kernels(struct report_page *page)
{
	bool all = page->results->n <= REPORT_KERNELS_MAX;
	int err = 0;

	for (size_t i = 0; !err && i < page->results->n; i++) {
		if (page->results->stats[i].series == page->own)
			err = write_kernel(page, i);
	}
	for (size_t i = 0; all && !err && i < page->results->n; i++) {
		if (page->results->stats[i].series != page->own)
			err = write_kernel(page, i);
	}
	if (!all)
		fprintf(page->stream,
			"<p class=\"muted\">The figures of each of the %zu kernels are in the "
			"report.html of its own folder.</p>\n",
			page->results->n);
	return err;
}

static void write_beginning(struct report_page *page)
{
	FILE *stream = page->stream;

	fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>"
	      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>"
	      "<meta name=\"generator\" content=\"energytrace\"/><title>Telemetry of ",
	      stream);
	svg_escape(stream, page->results->run->facts.run);
	fputs("</title><style>", stream);
	style_write_page(stream);
	fputs("</style></head>\n<body><main>\n", stream);
	page_header(stream, page->results, page->own);
}

int telemetry_report(FILE *stream, const struct telemetry_results *results,
		     const struct telemetry_series *own)
{
	struct report_page page = {.stream = stream, .results = results, .own = own};
	int err;

	write_beginning(&page);
	fputs("<section><h2 id=\"summary\">Summary</h2>\n", stream);
	page_summary(stream, results, own);
	fputs("</section>\n", stream);
	err = write_comparison(&page);
	if (!err)
		err = write_kernels(&page);
	page_definitions(stream, results);
	fputs("<footer>The data is beside this page, in telemetry.ndjson or telemetry.csv. The page "
	      "needs no network and no script.</footer>\n</main></body></html>\n",
	      stream);
	return err;
}

static int write_file(const struct telemetry_results *results,
		      const struct telemetry_run_file *data, bool missing, struct errmsg *msg)
{
	_cleanup_free_ char *path = NULL;
	struct telemetry_file file;
	int err;

	if (asprintf(&path, "%s/%s%s" REPORT_NAME, results->run->path, data->folder,
		     data->folder[0] ? "/" : "") < 0) {
		path = NULL;
		return errmsg_set(msg, -ENOMEM, "no memory for a path");
	}
	if (missing && access(path, F_OK) == 0)
		return 0;
	err = telemetry_file_open(&file, path, msg);
	if (err)
		return err;
	err = telemetry_report(file.stream, results, data->series);
	if (!err)
		return telemetry_file_close(&file, msg);
	telemetry_file_drop(&file);
	return errmsg_set(msg, err, "no memory for %s", path);
}

int telemetry_report_files(const struct telemetry_results *results, bool missing,
			   struct errmsg *msg)
{
	int err = 0;

	for (size_t i = 0; i < results->run->n_files; i++) {
		struct errmsg later;
		int failed =
			write_file(results, &results->run->files[i], missing, err ? &later : msg);

		err = err ? err : failed;
	}
	return err;
}

int telemetry_report_write(const char *run_path, struct errmsg *msg)
{
	struct telemetry_results results;
	int err = telemetry_results_load(run_path, &results, msg);

	if (err == -ENOENT)
		return 0; /* the run had no windows */
	if (err)
		return err;
	err = telemetry_report_files(&results, false, msg);
	telemetry_results_done(&results);
	return err;
}
