// SPDX-License-Identifier: BSD-2-Clause
/* Which differences are real: the tests, against counts by hand and tables, and the verdicts. */
#include "telemetry_fixture.h"

#include "base/random.h"
#include "telemetry/compare.h"
#include "telemetry/student.h"

#include <errno.h>
#include <math.h>

static void test_rank_test_of_few(void **state)
{
	static const double low[] = {1, 2, 3}, high[] = {4, 5, 6}, mixed[] = {1.5, 2.5, 3.5};
	struct rank_test test;

	(void)state;
	/* All 9 pairs; one of the 20 ways to choose three ranks, and its mirror image. */
	assert_int_equal(rank_test(low, 3, high, 3, &test), 0);
	assert_true(test.exact);
	assert_near(9, test.u, 0);
	assert_near(1, test.delta, 0);
	assert_near(0.1, test.p, 1e-15);
	assert_int_equal(rank_test(high, 3, low, 3, &test), 0);
	assert_near(0, test.u, 0);
	assert_near(-1, test.delta, 0);
	assert_near(0.1, test.p, 1e-15);
	/* 1 < 1.5 < 2 < 2.5 < 3 < 3.5: 3 + 2 + 1 of 9 pairs; sums 12 or more, or 9 or less: 14 of 20. */
	assert_int_equal(rank_test(low, 3, mixed, 3, &test), 0);
	assert_near(6, test.u, 0);
	assert_near(0.7, test.p, 1e-15);
	assert_int_equal(rank_test(low, 3, low, 3, &test), 0);
	assert_near(4.5, test.u, 0);
	assert_near(0, test.delta, 0);
	assert_near(1, test.p, 0);
	assert_int_equal(rank_test(low, 0, high, 3, &test), -EINVAL);
}

/* The same by trying all choices of n_b of the values. */
static double p_by_brute_force(const double *values, size_t n, size_t n_b, double u)
{
	double middle = (double)(n_b * (n - n_b)) / 2;
	size_t all = 0, as_far = 0;

	for (uint32_t choice = 0; choice < 1U << n; choice++) {
		double of_choice = 0;

		if ((size_t)__builtin_popcount(choice) != n_b)
			continue;
		for (size_t i = 0; i < n; i++) {
			for (size_t j = 0; j < n; j++) {
				if (!(choice & 1U << i) || choice & 1U << j)
					continue;
				of_choice += values[i] > values[j] ? 1 : 0;
				of_choice += values[i] == values[j] ? 0.5 : 0;
			}
		}
		all++;
		as_far += fabs(of_choice - middle) >= fabs(u - middle);
	}
	return (double)as_far / (double)all;
}

static void test_rank_test_with_ties(void **state)
{
	struct random random = {.state = 1};

	(void)state;
	for (int round = 0; round < 60; round++) {
		double values[11], a[6], b[5];
		struct rank_test test;

		/* Small whole numbers: most of them tie. */
		for (int i = 0; i < 11; i++)
			values[i] = random_below(&random, 2 + (uint32_t)round / 6);
		memcpy(a, values, sizeof(a));
		memcpy(b, values + 6, sizeof(b));
		telemetry_sort(a, 6);
		telemetry_sort(b, 5);
		assert_int_equal(rank_test(a, 6, b, 5, &test), 0);
		assert_near(p_by_brute_force(values, 11, 5, test.u), test.p, 1e-12);
	}
}

static void test_rank_test_of_many(void **state)
{
	double a[40], b[30];
	struct rank_test test;

	(void)state;
	/* 0, 1, … 39 and 10, 11, … 39: each of b is above 10 + i of a and ties with one. */
	for (int i = 0; i < 40; i++)
		a[i] = i;
	for (int i = 0; i < 30; i++)
		b[i] = 10 + i;
	assert_int_equal(rank_test(a, 40, b, 30, &test), 0);
	assert_false(test.exact);
	assert_near(30 * 10 + 29 * 30 / 2.0 + 15, test.u, 0);
	assert_near(0.25, test.delta, 1e-15);
	/* z = (750 - 600 - 0.5) / sqrt(1200 / 12 × (71 - 30 × 6 / (70 × 69))). */
	assert_near(erfc(149.5 / sqrt(100 * (71 - 180 / 4830.0)) / sqrt(2)), test.p, 1e-15);
	assert_near(0.0759, test.p, 1e-4);
	/* All values are one: nothing can be said. */
	for (int i = 0; i < 40; i++)
		a[i] = 5;
	for (int i = 0; i < 30; i++)
		b[i] = 5;
	assert_int_equal(rank_test(a, 40, b, 30, &test), 0);
	assert_near(1, test.p, 0);
}

static void test_holm(void **state)
{
	static const double p[] = {0.01, 0.04, 0.03, 0.005};
	static const double expected[] = {0.03, 0.06, 0.06,
					  0.02}; /* × 3; 2 and 1, not below; × 4 */
	double adjusted[4];

	(void)state;
	assert_int_equal(rank_test_holm(p, 4, adjusted), 0);
	for (int i = 0; i < 4; i++)
		assert_near(expected[i], adjusted[i], 1e-15);
	assert_int_equal(rank_test_holm((double[]){0.6, 0.7}, 2, adjusted), 0);
	assert_near(1, adjusted[0], 0);
	assert_near(1, adjusted[1], 0);
	assert_int_equal(rank_test_holm(NULL, 0, adjusted), 0);
}

static void test_student(void **state)
{
	(void)state;
	/* One degree of freedom is Cauchy's, two have a closed form. */
	assert_near(0.5, student_p(1, 1), 1e-14);
	assert_near(1 - 2 / M_PI * atan(3), student_p(3, 1), 1e-14);
	assert_near(1 - 3 / sqrt(11), student_p(3, 2), 1e-14);
	assert_near(student_p(3, 2), student_p(-3, 2), 0);
	assert_near(1, student_p(0, 4.5), 1e-14);
	/* The tables' 2.306 of 8, 4.303 of 2, and nearly the normal's 1.96. */
	assert_near(2.306004135, student_t(0.05, 8), 1e-9);
	assert_near(4.302652730, student_t(0.05, 2), 1e-9);
	assert_near(1.959963985, student_t(0.05, 1e9), 1e-6);
	assert_near(0.05, student_p(student_t(0.05, 3.7), 3.7), 1e-13);
	assert_near(63.65674116, student_t(0.01, 1), 1e-7);
}

static void test_random_numbers(void **state)
{
	struct random random = {.state = 1234567};
	uint32_t counts[7] = {0};

	(void)state;
	/* The first numbers of the reference implementation for this seed. */
	assert_true(random_u64(&random) == UINT64_C(6457827717110365317));
	assert_true(random_u64(&random) == UINT64_C(3203168211198807973));
	for (int i = 0; i < 70000; i++)
		counts[random_below(&random, 7)]++;
	for (int i = 0; i < 7; i++)
		assert_in_range(counts[i], 9600, 10400);
}

/* A normal number, by the central limit: the sum of twelve. */
static double normal(struct random *random)
{
	double sum = -6;

	for (int i = 0; i < 12; i++)
		sum += (double)(random_u64(random) >> 11) * 0x1p-53;
	return sum;
}

struct make {
	const char *name;
	double median_ms, spread, drift; /* drift: from repeat to repeat */
	uint32_t repeats;
	size_t n;	      /* in each */
	double joules_per_ms; /* 0: none */
	const char *kind;
};

static void make_stats(const struct make *make, uint64_t seed, struct telemetry_stats *ret)
{
	struct random random = {.state = seed};
	struct telemetry_series *series;

	assert_int_equal(telemetry_series_new(make->name, &series), 0);
	for (uint32_t repeat = 0; repeat < make->repeats; repeat++) {
		double drift = 1 + make->drift * normal(&random);

		for (size_t i = 0; i < make->n; i++) {
			double ms = make->median_ms * drift * (1 + make->spread * normal(&random));
			struct telemetry_window window =
				window_of(repeat * make->n + i, (uint64_t)(ms * MS));

			window.plugin = make->name;
			window.repeat = repeat;
			if (make->joules_per_ms > 0)
				give_energy(&window, make->joules_per_ms * ms, "powercap",
					    make->kind);
			add_window(series, &window);
		}
	}
	assert_int_equal(telemetry_stats_make(series, ret), 0);
}

static void free_stats(struct telemetry_stats *stats)
{
	telemetry_series_free((struct telemetry_series *)(uintptr_t)stats->series);
	telemetry_stats_done(stats);
}

static void test_difference_by_repeats(void **state)
{
	/* Each repeat is of one window: its statistics are that window. */
	static const uint64_t of_a[] = {10, 12, 14}, of_b[] = {20, 20, 26};
	struct telemetry_series *a = series_of_latencies(of_a, 3),
				*b = series_of_latencies(of_b, 3);
	struct difference difference[STATISTIC_N];
	struct telemetry_stats stats_a, stats_b;
	bool by_repeats;

	(void)state;
	for (uint32_t i = 0; i < 3; i++)
		a->points[i].repeat = b->points[i].repeat = i;
	assert_int_equal(telemetry_stats_make(a, &stats_a), 0);
	assert_int_equal(telemetry_stats_make(b, &stats_b), 0);
	assert_int_equal(
		difference_make(&stats_a, &stats_b, MEASURE_LATENCY, difference, &by_repeats), 0);
	assert_true(by_repeats);
	/* Means 12 and 22, variances 4 and 12: an error of sqrt(16 / 3), and 3.2 degrees of freedom. */
	assert_near(10, difference[STATISTIC_MEAN].estimate, 1e-12);
	assert_near(student_p(10 / sqrt(16 / 3.0), 3.2), difference[STATISTIC_MEAN].p, 1e-12);
	assert_near(10 - student_t(0.05, 3.2) * sqrt(16 / 3.0), difference[STATISTIC_MEAN].low,
		    1e-9);
	assert_near(10 + student_t(0.05, 3.2) * sqrt(16 / 3.0), difference[STATISTIC_MEAN].high,
		    1e-9);
	/* The medians over all: 20 less 12, the error of the same windows. */
	assert_near(8, difference[STATISTIC_P50].estimate, 1e-12);
	/* The same in each: nothing is left to chance. */
	for (int i = 0; i < 3; i++) {
		stats_a.repeats[i].latency_ns.p50 = 12;
		stats_b.repeats[i].latency_ns.p50 = 20;
	}
	difference_by_repeats(&stats_a, &stats_b, MEASURE_LATENCY, difference);
	assert_near(0, difference[STATISTIC_P50].p, 0);
	assert_near(8, difference[STATISTIC_P50].low, 0);
	difference_by_repeats(&stats_a, &stats_a, MEASURE_LATENCY, difference);
	assert_near(1, difference[STATISTIC_P50].p, 0);
	telemetry_stats_done(&stats_a);
	telemetry_stats_done(&stats_b);
	telemetry_series_free(a);
	telemetry_series_free(b);
}

static void test_difference_by_blocks(void **state)
{
	static const struct make make_a = {
		.name = "x", .median_ms = 4, .spread = 0.1, .repeats = 2, .n = 500};
	static const struct make make_b = {
		.name = "x", .median_ms = 4.2, .spread = 0.1, .repeats = 2, .n = 500};
	struct difference first[STATISTIC_N], again[STATISTIC_N];
	struct telemetry_stats a, b;
	bool by_repeats;

	(void)state;
	make_stats(&make_a, 1, &a);
	make_stats(&make_b, 2, &b);
	assert_int_equal(difference_make(&a, &b, MEASURE_LATENCY, first, &by_repeats), 0);
	assert_false(by_repeats);
	/* By theory the mean's error is 0.4 ms × sqrt(2 / 1000): the interval is twice 1.96 of it. */
	assert_near(0.2 * MS, first[STATISTIC_MEAN].estimate, 0.06 * MS);
	assert_near(2 * 1.96 * 0.41 * sqrt(0.002) * MS,
		    first[STATISTIC_MEAN].high - first[STATISTIC_MEAN].low, 0.015 * MS);
	assert_true(first[STATISTIC_P50].low > 0 && first[STATISTIC_P50].p < 0.01);
	/* The least that a thousand draws can tell. */
	assert_near(2 / 1001.0, first[STATISTIC_MEAN].p, 1e-12);
	/* The seed is fixed: the same again, to the last bit. */
	assert_int_equal(difference_by_blocks(a.series, b.series, MEASURE_LATENCY, again), 0);
	assert_memory_equal(first, again, sizeof(first));
	/* Nobody counted joules: no values, no interval. */
	assert_int_equal(difference_by_blocks(a.series, b.series, MEASURE_ENERGY, again), 0);
	assert_true(isnan(again[STATISTIC_P50].estimate) && isnan(again[STATISTIC_P50].p));
	free_stats(&a);
	free_stats(&b);
}

/* Results that hold these kernels, without a folder. */
static void hold(struct telemetry_results *results, struct telemetry_run *run,
		 struct telemetry_stats *stats, size_t n)
{
	*run = (struct telemetry_run){0};
	*results = (struct telemetry_results){.run = run, .stats = stats, .n = n};
}

/* The comparison of one kernel made in two ways. */
static struct compare_kernel compare_makes(const struct make *make_a, const struct make *make_b,
					   uint64_t seed)
{
	struct telemetry_stats a, b;
	struct telemetry_results results_a, results_b;
	struct telemetry_run run_a, run_b;
	struct comparison comparison;
	struct compare_kernel kernel;

	make_stats(make_a, seed, &a);
	make_stats(make_b, seed + 1000, &b);
	hold(&results_a, &run_a, &a, 1);
	hold(&results_b, &run_b, &b, 1);
	assert_int_equal(compare_runs(&results_a, &results_b, &comparison), 0);
	assert_int_equal(comparison.n_kernels, 1);
	kernel = comparison.kernels[0];
	comparison_done(&comparison);
	free_stats(&a);
	free_stats(&b);
	return kernel;
}

static const struct make usual = {.name = "x",
				  .median_ms = 4,
				  .spread = 0.1,
				  .drift = 0.01,
				  .repeats = 5,
				  .n = 100,
				  .joules_per_ms = 0.01,
				  .kind = "measured"};

static void test_verdicts(void **state)
{
	struct make slower = usual, faster = usual;
	struct compare_kernel kernel;

	(void)state;
	slower.median_ms = 4.4;
	faster.median_ms = 3.6;
	faster.joules_per_ms = 0.0125; /* at a higher clock: the same joules in less time */
	kernel = compare_makes(&usual, &slower, 1);
	assert_int_equal(kernel.latency_ns.verdict, COMPARE_HIGHER);
	assert_int_equal(kernel.energy_j.verdict, COMPARE_HIGHER);
	assert_int_equal(kernel.latency_ns.n_a, 500);
	assert_true(kernel.latency_ns.by_repeats);
	assert_true(kernel.latency_ns.p_adjusted >= kernel.latency_ns.p);
	assert_false(kernel.shapes_differ);
	kernel = compare_makes(&usual, &faster, 1);
	assert_int_equal(kernel.latency_ns.verdict, COMPARE_LOWER);
	assert_int_equal(kernel.energy_j.verdict, COMPARE_HIGHER);
	slower.repeats = faster.repeats = 1;
	kernel = compare_makes(&faster, &slower, 1);
	assert_int_equal(kernel.latency_ns.verdict, COMPARE_HIGHER);
	assert_false(kernel.latency_ns.by_repeats);
}

/*
 * Runs of the same program, whose repeats drift: of a hundred comparisons five may be wrong by chance. A
 * rank test of the windows alone finds a difference in most of them.
 */
static void test_drift_is_no_difference(void **state)
{
	unsigned int wrong = 0, by_ranks = 0;
	struct make drifting = usual;

	(void)state;
	drifting.drift = 0.03;
	for (uint64_t seed = 0; seed < 100; seed++) {
		struct compare_kernel kernel = compare_makes(&drifting, &drifting, 2 * seed);

		wrong += kernel.latency_ns.verdict != COMPARE_NOT_SHOWN;
		by_ranks += kernel.latency_ns.rank.p < COMPARE_ALPHA;
	}
	assert_in_range(wrong, 0, 7);
	assert_in_range(by_ranks, 40, 100);
}

static void test_what_is_not_compared(void **state)
{
	struct make estimated = usual, none = usual, few = usual;
	struct compare_kernel kernel;

	(void)state;
	estimated.kind = "estimated";
	none.joules_per_ms = 0;
	few.repeats = 1;
	few.n = 1;
	kernel = compare_makes(&usual, &estimated, 1);
	assert_int_equal(kernel.energy_j.verdict, COMPARE_NOT_COMPARED);
	assert_string_equal(kernel.energy_j.why, "the joules are not of the same kind");
	assert_int_not_equal(kernel.latency_ns.verdict, COMPARE_NOT_COMPARED);
	kernel = compare_makes(&usual, &none, 1);
	assert_string_equal(kernel.energy_j.why, "the run has no joules");
	kernel = compare_makes(&none, &usual, 1);
	assert_string_equal(kernel.energy_j.why, "the baseline has no joules");
	kernel = compare_makes(&none, &none, 1);
	assert_string_equal(kernel.energy_j.why, "neither run has joules");
	/* One window shows nothing. */
	kernel = compare_makes(&few, &usual, 1);
	assert_int_equal(kernel.latency_ns.verdict, COMPARE_NOT_SHOWN);
	assert_near(1, kernel.latency_ns.p_adjusted, 0);
}

static void test_kernels_that_only_one_has(void **state)
{
	struct telemetry_stats a[2], b[2];
	struct telemetry_results results_a, results_b;
	struct telemetry_run run_a, run_b;
	struct comparison comparison;
	struct make other = usual;

	(void)state;
	other.name = "y";
	make_stats(&usual, 1, &a[0]);
	make_stats(&other, 2, &b[0]);
	make_stats(&usual, 3, &b[1]);
	hold(&results_a, &run_a, a, 1);
	hold(&results_b, &run_b, b, 2);
	assert_int_equal(compare_runs(&results_a, &results_b, &comparison), 0);
	assert_int_equal(comparison.n_kernels, 1);
	assert_ptr_equal(comparison.kernels[0].b, &b[1]);
	comparison_done(&comparison);
	results_b.n = 1;
	assert_int_equal(compare_runs(&results_a, &results_b, &comparison), 0);
	assert_int_equal(comparison.n_kernels, 0);
	comparison_done(&comparison);
	free_stats(&a[0]);
	free_stats(&b[0]);
	free_stats(&b[1]);
}

static void test_magnitudes(void **state)
{
	(void)state;
	assert_string_equal(compare_magnitude(0.1), "negligible");
	assert_string_equal(compare_magnitude(-0.2), "small");
	assert_string_equal(compare_magnitude(0.4), "medium");
	assert_string_equal(compare_magnitude(-1), "large");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rank_test_of_few),
		cmocka_unit_test(test_rank_test_with_ties),
		cmocka_unit_test(test_rank_test_of_many),
		cmocka_unit_test(test_holm),
		cmocka_unit_test(test_student),
		cmocka_unit_test(test_random_numbers),
		cmocka_unit_test(test_difference_by_repeats),
		cmocka_unit_test(test_difference_by_blocks),
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_drift_is_no_difference),
		cmocka_unit_test(test_what_is_not_compared),
		cmocka_unit_test(test_kernels_that_only_one_has),
		cmocka_unit_test(test_magnitudes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
