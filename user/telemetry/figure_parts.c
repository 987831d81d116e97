// SPDX-License-Identifier: BSD-2-Clause
#include "telemetry/figure_parts.h"

#include "telemetry/array.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

bool figure_possible(const struct figure *figure, const struct figure_subject *subject)
{
	return !figure->possible || figure->possible(subject);
}

void figure_energy_kind(const struct telemetry_series *series, char text[FIGURE_KIND_SIZE])
{
	const char *kind = series->energy_kind.text, *source = series->energy_source.text;

	if (!kind)
		text[0] = '\0';
	else if (series->energy_kind.mixed)
		snprintf(text, FIGURE_KIND_SIZE, "of several kinds");
	else if (!source || strcmp(kind, source) == 0)
		snprintf(text, FIGURE_KIND_SIZE, "%.40s", kind);
	else
		snprintf(text, FIGURE_KIND_SIZE, "%.40s (%.40s)", kind,
			 series->energy_source.mixed ? "several sources" : source);
}

bool figure_energy_kinds(const struct figure_subject *subject, char text[FIGURE_KIND_SIZE])
{
	char kind[FIGURE_KIND_SIZE];
	bool one = true;

	text[0] = '\0';
	for (size_t i = 0; i < subject->n; i++) {
		figure_energy_kind(subject->stats[i].series, kind);
		if (!kind[0])
			continue;
		one = one && !subject->stats[i].series->energy_kind.mixed &&
		      (!text[0] || strcmp(text, kind) == 0);
		memcpy(text, kind, sizeof(kind));
	}
	if (!one)
		snprintf(text, FIGURE_KIND_SIZE, "of several kinds");
	return one;
}

void figure_name(const struct figure *figure, const struct figure_subject *subject,
		 struct figure_names *names, struct chart_head *ret)
{
	if (figure->word) {
		snprintf(names->id, sizeof(names->id), "run-%s", figure->name);
		snprintf(names->title, sizeof(names->title), "%s", figure->title);
	} else {
		snprintf(names->id, sizeof(names->id), "k%zu-%s", subject->kernel, figure->name);
		snprintf(names->title, sizeof(names->title), "%s of %s", figure->title,
			 subject->stats[subject->kernel].series->name);
	}
	names->description[0] = '\0';
	*ret = (struct chart_head){.id = names->id,
				   .title = names->title,
				   .description = names->description,
				   .alone = subject->alone};
}

void figure_describe(struct figure_names *names, const char *format, ...)
{
	size_t used = strlen(names->description);
	va_list args;

	va_start(args, format);
	vsnprintf(names->description + used, sizeof(names->description) - used, format, args);
	va_end(args);
}

void caption_add(struct figure_caption *caption, const char *format, ...)
{
	size_t used = strlen(caption->text);
	va_list args;

	va_start(args, format);
	vsnprintf(caption->text + used, sizeof(caption->text) - used, format, args);
	va_end(args);
}

size_t figure_marks(const struct telemetry_distribution *distribution, double deadline_ns,
		    struct chart_mark ret[FIGURE_MARKS])
{
	ret[0] = (struct chart_mark){.value = distribution->p50, .label = "p50"};
	ret[1] = (struct chart_mark){.value = distribution->p95, .label = "p95"};
	ret[2] = (struct chart_mark){.value = distribution->p99, .label = "p99"};
	ret[3] = (struct chart_mark){.value = deadline_ns, .label = "deadline", .limit = true};
	return isfinite(deadline_ns) ? FIGURE_MARKS : FIGURE_MARKS - 1;
}

void figure_percentiles_text(const struct telemetry_distribution *distribution,
			     enum quantity quantity, char text[FIGURE_PERCENTILES_SIZE])
{
	char p50[QUANTITY_TEXT_SIZE], p95[QUANTITY_TEXT_SIZE], p99[QUANTITY_TEXT_SIZE];

	quantity_text(quantity, distribution->p50, p50);
	quantity_text(quantity, distribution->p95, p95);
	quantity_text(quantity, distribution->p99, p99);
	snprintf(text, FIGURE_PERCENTILES_SIZE, "p50 %s, p95 %s, p99 %s", p50, p95, p99);
}

static int by_time(const void *a, const void *b)
{
	const struct chart_moment *x = a, *y = b;

	return (x->time_ns > y->time_ns) - (x->time_ns < y->time_ns);
}

int figure_track(const struct telemetry_series *series,
		 double (*value)(const struct telemetry_point *point), struct chart_track *ret)
{
	struct chart_moment *moments = array_new(series->n, sizeof(*moments));
	uint64_t first_ns = UINT64_MAX;
	size_t n = 0;

	if (!moments)
		return -ENOMEM;
	for (size_t i = 0; i < series->n; i++) {
		if (series->points[i].start_ns < first_ns)
			first_ns = series->points[i].start_ns;
	}
	for (size_t i = 0; i < series->n; i++) {
		const struct telemetry_point *point = &series->points[i];
		double of_point = value(point);

		if (isfinite(of_point))
			moments[n++] = (struct chart_moment){
				.time_ns = (double)(point->start_ns - first_ns),
				.value = of_point,
				.missed = point->missed};
	}
	if (n > 1)
		qsort(moments, n, sizeof(*moments), by_time);
	*ret = (struct chart_track){.name = series->name, .moments = moments, .n = n};
	return 0;
}

double figure_power_of(const struct telemetry_point *point)
{
	return point->power_w;
}

const char *figure_power_text(const struct telemetry_stats *stats, size_t n)
{
	size_t told = 0;

	for (size_t i = 0; i < n; i++)
		told += stats[i].series->h > 0 && stats[i].series->fs_hz > 0;
	if (told == n)
		return "Joules of the window × Fs / H";
	return told ? "Joules of the window × Fs / H, or over its latency where these are not told"
		    : "Joules of the window over its latency";
}
