// SPDX-License-Identifier: BSD-2-Clause
#include "telemetry/difference.h"

#include "telemetry/student.h"

#include <math.h>

const struct telemetry_distribution *difference_of(const struct telemetry_stats *stats,
						   enum measure measure)
{
	return measure == MEASURE_ENERGY ? &stats->energy_j : &stats->latency_ns;
}

double difference_statistic(const struct telemetry_distribution *distribution,
			    enum statistic statistic)
{
	switch (statistic) {
	case STATISTIC_P50:
		return distribution->p50;
	case STATISTIC_P95:
		return distribution->p95;
	default:
		return distribution->mean;
	}
}

static const struct telemetry_distribution *of_repeat(const struct telemetry_repeat *repeat,
						      enum measure measure)
{
	return measure == MEASURE_ENERGY ? &repeat->energy_j : &repeat->latency_ns;
}

static size_t count_repeats(const struct telemetry_stats *stats, enum measure measure)
{
	size_t n = 0;

	for (size_t i = 0; i < stats->n_repeats; i++)
		n += of_repeat(&stats->repeats[i], measure)->n > 0;
	return n;
}

/* Of the mean of the repeats' statistics: its variance, and how many they are. */
struct witnesses {
	double n, variance;
};

static struct witnesses hear(const struct telemetry_stats *stats, enum measure measure,
			     enum statistic statistic)
{
	struct witnesses witnesses = {.n = (double)count_repeats(stats, measure)};
	double sum = 0, squares = 0;

	for (size_t i = 0; i < stats->n_repeats; i++) {
		if (of_repeat(&stats->repeats[i], measure)->n > 0)
			sum += difference_statistic(of_repeat(&stats->repeats[i], measure),
						    statistic);
	}
	for (size_t i = 0; i < stats->n_repeats; i++) {
		const struct telemetry_distribution *of = of_repeat(&stats->repeats[i], measure);
		double off = difference_statistic(of, statistic) - sum / witnesses.n;

		if (of->n > 0)
			squares += off * off;
	}
	witnesses.variance = squares / (witnesses.n - 1) / witnesses.n;
	return witnesses;
}

static void welch(const struct witnesses *a, const struct witnesses *b, struct difference *ret)
{
	double variance = a->variance + b->variance, error = sqrt(variance), freedom, reach;

	/* All repeats say the same. */
	if (!(variance > 0)) {
		ret->low = ret->high = ret->estimate;
		ret->p = ret->estimate == 0 ? 1 : 0;
		return;
	}
	freedom = variance * variance /
		  (a->variance * a->variance / (a->n - 1) + b->variance * b->variance / (b->n - 1));
	reach = student_t(1 - DIFFERENCE_LEVEL, freedom) * error;
	ret->low = ret->estimate - reach;
	ret->high = ret->estimate + reach;
	ret->p = student_p(ret->estimate / error, freedom);
}

void difference_by_repeats(const struct telemetry_stats *a, const struct telemetry_stats *b,
			   enum measure measure, struct difference ret[STATISTIC_N])
{
	for (int s = 0; s < STATISTIC_N; s++) {
		enum statistic statistic = (enum statistic)s;
		struct witnesses of_a = hear(a, measure, statistic);
		struct witnesses of_b = hear(b, measure, statistic);

		ret[s].estimate = difference_statistic(difference_of(b, measure), statistic) -
				  difference_statistic(difference_of(a, measure), statistic);
		welch(&of_a, &of_b, &ret[s]);
	}
}

int difference_make(const struct telemetry_stats *a, const struct telemetry_stats *b,
		    enum measure measure, struct difference ret[STATISTIC_N], bool *ret_by_repeats)
{
	*ret_by_repeats = count_repeats(a, measure) >= DIFFERENCE_REPEATS &&
			  count_repeats(b, measure) >= DIFFERENCE_REPEATS;
	if (!*ret_by_repeats)
		return difference_by_blocks(a->series, b->series, measure, ret);
	difference_by_repeats(a, b, measure, ret);
	return 0;
}
