// SPDX-License-Identifier: BSD-2-Clause
#include "telemetry/figure_parts.h"

#include "base/cleanup.h"
#include "telemetry/array.h"

#include <errno.h>
#include <math.h>

/* What an estimate points to. */
struct estimate_texts {
	char name[160];
	char text[64];
};

/* False where there is nothing to show: not compared, or a baseline of 0. */
static bool fill_estimate(const struct compare_kernel *kernel,
			  const struct compare_measure *measure, struct estimate_texts *texts,
			  struct chart_estimate *ret)
{
	const struct difference *median = &measure->difference[STATISTIC_P50];
	bool energy = measure == &kernel->energy_j;
	double of_a = measure->a[STATISTIC_P50];

	if (measure->verdict == COMPARE_NOT_COMPARED || !(of_a > 0))
		return false;
	snprintf(texts->name, sizeof(texts->name), "%.128s, %s", kernel->b->series->name,
		 energy ? "energy" : "latency");
	snprintf(texts->text, sizeof(texts->text), "%+.3g %%", median->estimate / of_a * 100);
	*ret = (struct chart_estimate){.name = texts->name,
				       .value = median->estimate / of_a,
				       .low = median->low / of_a,
				       .high = median->high / of_a,
				       .colour = energy ? FIGURE_ENERGY : FIGURE_LATENCY,
				       .shown = measure->verdict != COMPARE_NOT_SHOWN,
				       .text = texts->text};
	return true;
}

/* Of those whose joules are compared. */
static void add_kinds(struct figure_caption *caption, const struct comparison *comparison)
{
	char kind[FIGURE_KIND_SIZE];

	for (size_t i = 0; i < comparison->n_kernels; i++) {
		const struct compare_kernel *kernel = &comparison->kernels[i];

		if (kernel->energy_j.verdict == COMPARE_NOT_COMPARED)
			continue;
		figure_energy_kind(kernel->b->series, kind);
		caption_add(caption, " Joules of %s %s.", kernel->b->series->name, kind);
	}
}

int figure_comparison(const struct comparison *comparison, bool alone, FILE *stream,
		      struct figure_caption *ret)
{
	size_t most = comparison->n_kernels * 2, n = 0;
	_cleanup_free_ struct chart_estimate *estimates = array_new(most, sizeof(*estimates));
	_cleanup_free_ struct estimate_texts *texts = array_new(most, sizeof(*texts));
	struct chart_forest chart = {.scale = {QUANTITY_PERCENT, "Difference of the medians"},
				     .estimates = estimates};
	struct figure_names names = {.description = ""};
	struct chart_head head = {.id = "comparison",
				  .title = FIGURE_COMPARISON_TITLE,
				  .description = names.description,
				  .alone = alone};

	if (!estimates || !texts)
		return -ENOMEM;
	for (size_t i = 0; i < most; i++) {
		const struct compare_kernel *kernel = &comparison->kernels[i / 2];

		n += fill_estimate(kernel, i % 2 ? &kernel->energy_j : &kernel->latency_ns,
				   &texts[n], &estimates[n]);
	}
	for (size_t i = 0; i < n; i++)
		figure_describe(&names, "%s%s: %s", i > 0 ? "; " : "", texts[i].name,
				texts[i].text);
	chart.n = n;
	chart_forest(stream, &head, &chart);
	caption_add(
		ret,
		"Run less baseline, in percent of the baseline, with %.0f %% intervals. Filled: "
		"a difference by both tests; hollow: none shown.",
		DIFFERENCE_LEVEL * 100);
	add_kinds(ret, comparison);
	if (n > CHART_ROWS_MAX)
		caption_add(ret, " The first %d of %zu rows.", CHART_ROWS_MAX, n);
	return 0;
}
