// SPDX-License-Identifier: BSD-2-Clause
/* Quantiles, bins and the aggregates of a kernel, against figures computed by hand. */
#include "telemetry_fixture.h"

#include "telemetry/stats.h"

#include <math.h>

static double *copy_of(const double *values, size_t n)
{
	double *copy = malloc((n + 1) * sizeof(*copy));

	memcpy(copy, values, n * sizeof(*copy));
	return copy;
}

static void test_quantiles_of_type_7(void **state)
{
	static const double four[] = {10, 20, 30, 40};
	static const double one[] = {7};

	(void)state;
	/* h = 3p: 1.5, 2.85, 0.75. */
	assert_near(25, telemetry_quantile(four, 4, 0.5), 1e-12);
	assert_near(38.5, telemetry_quantile(four, 4, 0.95), 1e-12);
	assert_near(17.5, telemetry_quantile(four, 4, 0.25), 1e-12);
	assert_near(10, telemetry_quantile(four, 4, 0), 0);
	assert_near(40, telemetry_quantile(four, 4, 1), 0);
	/* An odd number: the middle one. */
	assert_near(20, telemetry_quantile(four, 3, 0.5), 0);
	assert_near(7, telemetry_quantile(one, 1, 0.99), 0);
	assert_true(isnan(telemetry_quantile(one, 0, 0.5)));
}

static void test_a_distribution(void **state)
{
	static const double values[] = {9, 1, 5, 3, 7};
	struct telemetry_distribution distribution;

	(void)state;
	telemetry_distribution_make(copy_of(values, 5), 5, &distribution);
	assert_near(1, distribution.sorted[0], 0);
	assert_near(9, distribution.sorted[4], 0);
	assert_near(1, distribution.min, 0);
	assert_near(9, distribution.max, 0);
	assert_near(1.4, distribution.p5, 1e-12);
	assert_near(3, distribution.p25, 0);
	assert_near(5, distribution.p50, 0);
	assert_near(7, distribution.p75, 0);
	assert_near(8.6, distribution.p95, 1e-12);
	assert_near(8.92, distribution.p99, 1e-12);
	assert_near(25, distribution.sum, 0);
	assert_near(5, distribution.mean, 0);
	assert_near(sqrt(10), distribution.deviation, 1e-15); /* 40 / 4 */
	telemetry_distribution_done(&distribution);
	telemetry_distribution_make(copy_of(values, 1), 1, &distribution);
	assert_near(9, distribution.p99, 0);
	assert_true(isnan(distribution.deviation));
	telemetry_distribution_done(&distribution);
	telemetry_distribution_make(copy_of(values, 0), 0, &distribution);
	assert_true(isnan(distribution.mean) && isnan(distribution.p50) && isnan(distribution.min));
	telemetry_distribution_done(&distribution);
}

static void test_bins_of_freedman_and_diaconis(void **state)
{
	double values[1000];

	(void)state;
	for (int i = 0; i < 1000; i++)
		values[i] = i;
	/* IQR 499.5, n^(1/3) 10: bins of 99.9, ten of them in 999. */
	assert_int_equal(telemetry_bins(values, 1000, 0, 999, 1, 80), 10);
	assert_int_equal(telemetry_bins(values, 1000, 0, 99.8, 1, 80), 1);
	assert_int_equal(telemetry_bins(values, 1000, 0, 99900, 1, 80), 80);
	assert_int_equal(telemetry_bins(values, 1000, 0, 999, 16, 80), 16);
	/* Half of them are one: 1 + log2 64. */
	for (int i = 0; i < 64; i++)
		values[i] = i < 60 ? 5 : 5 + i;
	assert_int_equal(telemetry_bins(values, 64, 5, 68, 1, 80), 7);
	assert_int_equal(telemetry_bins(values, 64, 5, 5, 8, 80), 1);
	assert_int_equal(telemetry_bins(values, 0, 0, 1, 8, 80), 1);
}

static void test_latency_jitter_and_deadlines(void **state)
{
	/* 1 to 9 ms, and one that takes 11 of the 10. */
	static const uint64_t latencies[] = {1 * MS, 2 * MS, 3 * MS, 4 * MS,  5 * MS,
					     6 * MS, 7 * MS, 8 * MS, 11 * MS, 9 * MS};
	struct telemetry_series *series = series_of_latencies(latencies, 10);
	struct telemetry_stats stats;

	(void)state;
	assert_int_equal(telemetry_stats_make(series, &stats), 0);
	assert_int_equal(stats.latency_ns.n, 10);
	assert_near(5.5 * MS, stats.latency_ns.p50, 1e-6);
	assert_near(10.1 * MS, stats.latency_ns.p95, 1e-6);  /* h = 8.55 */
	assert_near(10.82 * MS, stats.latency_ns.p99, 1e-6); /* h = 8.91 */
	assert_near(4.6 * MS, stats.jitter_p95_ns, 1e-6);
	assert_near(5.32 * MS, stats.jitter_p99_ns, 1e-6);
	assert_near(10.0 * MS, stats.deadline_ns, 0);
	assert_near(1.082, stats.utilization, 1e-12);
	assert_int_equal(stats.n_due, 10);
	assert_int_equal(stats.n_missed, 1);
	assert_near(0.1, stats.miss_rate, 1e-15);
	assert_int_equal(stats.energy_j.n, 0);
	assert_true(isnan(stats.power_w.mean));
	telemetry_stats_done(&stats);
	telemetry_series_free(series);
}

static void test_windows_that_do_not_count(void **state)
{
	struct telemetry_series *series;
	struct telemetry_stats stats;

	(void)state;
	assert_int_equal(telemetry_series_new("fir", &series), 0);
	for (uint64_t i = 0; i < 6; i++) {
		struct telemetry_window window = window_of(i, 50 * MS);

		give_energy(&window, 100, "powercap", "measured");
		window.warmup = i < 2;
		window.window_failed = i == 2;
		if (i > 2) {
			window.end_ts_ns = window.start_ts_ns + 2 * MS;
			window.deadline_missed = false;
			window.energy_j = 1;
		}
		add_window(series, &window);
	}
	assert_int_equal(series->n, 3);
	assert_int_equal(series->n_warmup, 2);
	assert_int_equal(series->n_failed, 1);
	assert_int_equal(telemetry_stats_make(series, &stats), 0);
	assert_near(2.0 * MS, stats.latency_ns.max, 0);
	assert_near(3, stats.energy_j.sum, 0);
	assert_int_equal(stats.n_missed, 0);
	telemetry_stats_done(&stats);
	telemetry_series_free(series);
}

static void test_energy_and_power(void **state)
{
	struct telemetry_series *series;
	struct telemetry_stats stats;

	(void)state;
	assert_int_equal(telemetry_series_new("fir", &series), 0);
	for (uint64_t i = 0; i < 5; i++) {
		struct telemetry_window window = window_of(i, MS);

		if (i != 4) /* nobody counted the last */
			give_energy(&window, 0.01 * (double)(i + 1), "powercap", "measured");
		if (i == 1)
			window.power_mw = NAN; /* a file without watts */
		if (i == 2)
			window.energy_method = "shared";
		window.cpu_ns = 7;
		window.rss_bytes = 4096 * (5 - i);
		add_window(series, &window);
	}
	assert_int_equal(telemetry_stats_make(series, &stats), 0);
	assert_int_equal(stats.energy_j.n, 4);
	assert_near(0.1, stats.energy_j.sum, 1e-15);
	assert_near(0.025, stats.energy_j.p50, 1e-15);
	/* × Fs / H = 100 per second. */
	assert_int_equal(stats.power_w.n, 4);
	assert_near(2.5, stats.power_w.mean, 1e-12);
	assert_near(2.5, stats.power_w.p50, 1e-12);
	assert_int_equal(series->n_shared, 1);
	assert_int_equal(series->cpu_ns, 35);
	assert_int_equal(series->rss_bytes, 5 * 4096);
	assert_string_equal(series->energy_kind.text, "measured");
	assert_false(series->energy_kind.mixed);
	telemetry_stats_done(&stats);
	telemetry_series_free(series);
}

static void test_kinds_do_not_mix_in_silence(void **state)
{
	struct telemetry_series *series;

	(void)state;
	assert_int_equal(telemetry_series_new("fir", &series), 0);
	for (uint64_t i = 0; i < 3; i++) {
		struct telemetry_window window = window_of(i, MS);

		give_energy(&window, 1, i ? "estimate" : "powercap", i ? "estimated" : "measured");
		add_window(series, &window);
	}
	assert_string_equal(series->energy_kind.text, "measured");
	assert_true(series->energy_kind.mixed);
	assert_true(series->energy_source.mixed);
	telemetry_series_free(series);
}

static void test_repeats(void **state)
{
	struct telemetry_series *series;
	struct telemetry_stats stats;

	(void)state;
	assert_int_equal(telemetry_series_new("fir", &series), 0);
	/* Two that take turns, 7 in the first and 4 in the second. */
	for (uint64_t i = 0; i < 11; i++) {
		struct telemetry_window window = window_of(i, (i + 1) * MS);

		window.repeat = i % 3 == 2 || i == 9 ? 5 : 3;
		give_energy(&window, (double)i, "powercap", "measured");
		add_window(series, &window);
	}
	assert_int_equal(telemetry_stats_make(series, &stats), 0);
	assert_int_equal(stats.n_repeats, 2);
	assert_int_equal(stats.repeats[0].repeat, 3);
	assert_int_equal(stats.repeats[0].latency_ns.n, 7);
	assert_near(5.0 * MS, stats.repeats[0].latency_ns.p50, 0); /* 1 2 4 5 7 8 11 */
	assert_near(31, stats.repeats[0].energy_j.sum, 0);	   /* 0 1 3 4 6 7 10 */
	assert_int_equal(stats.repeats[0].n_missed, 1);
	assert_int_equal(stats.repeats[1].repeat, 5);
	assert_int_equal(stats.repeats[1].latency_ns.n, 4);
	assert_near(7.5 * MS, stats.repeats[1].latency_ns.p50, 0); /* 3 6 9 10 */
	assert_int_equal(stats.repeats[1].first_end_ns, 1020001000 + 3 * MS);
	assert_int_equal(stats.repeats[1].last_end_ns, 1090001000 + 10 * MS);
	telemetry_stats_done(&stats);
	telemetry_series_free(series);
}

static void test_throughput(void **state)
{
	struct telemetry_series *series;
	struct telemetry_stats stats;

	(void)state;
	assert_int_equal(telemetry_series_new("fir", &series), 0);
	/* Two repeats of five windows at 100 a second, an hour apart. */
	for (uint64_t i = 0; i < 10; i++) {
		struct telemetry_window window = window_of(i, MS);

		window.repeat = i < 5 ? 1 : 2;
		if (i >= 5) {
			window.start_ts_ns += 3600 * UINT64_C(1000000000);
			window.end_ts_ns += 3600 * UINT64_C(1000000000);
		}
		add_window(series, &window);
	}
	assert_int_equal(telemetry_stats_make(series, &stats), 0);
	assert_near(100, stats.per_second, 1e-9);
	telemetry_stats_done(&stats);
	telemetry_series_free(series);
}

static void test_a_single_window_and_none(void **state)
{
	static const uint64_t latency = MS;
	struct telemetry_series *series = series_of_latencies(&latency, 1);
	struct telemetry_stats stats;

	(void)state;
	assert_int_equal(telemetry_stats_make(series, &stats), 0);
	assert_true(isnan(stats.per_second));
	assert_near(0, stats.jitter_p95_ns, 0);
	telemetry_stats_done(&stats);
	telemetry_series_free(series);
	series = series_of_latencies(NULL, 0);
	assert_int_equal(telemetry_stats_make(series, &stats), 0);
	assert_int_equal(stats.latency_ns.n, 0);
	assert_int_equal(stats.n_repeats, 0);
	assert_true(isnan(stats.miss_rate) && isnan(stats.jitter_p95_ns));
	telemetry_stats_done(&stats);
	telemetry_series_free(series);
}

static void test_windows_without_a_deadline(void **state)
{
	struct telemetry_series *series;
	struct telemetry_stats stats;

	(void)state;
	assert_int_equal(telemetry_series_new("fir", &series), 0);
	for (uint64_t i = 0; i < 4; i++) {
		struct telemetry_window window = window_of(i, MS);

		if (i > 0)
			window.deadline_ts_ns = i == 1 ? 0 : window.release_ts_ns;
		/* Says it missed what it has not. */
		window.deadline_missed = true;
		add_window(series, &window);
	}
	assert_int_equal(telemetry_stats_make(series, &stats), 0);
	assert_int_equal(stats.n_due, 1);
	assert_int_equal(stats.n_missed, 1);
	assert_near(1, stats.miss_rate, 0);
	telemetry_stats_done(&stats);
	telemetry_series_free(series);
}

static void test_grams(void **state)
{
	(void)state;
	assert_near(344, telemetry_grams(3.6e6, 344), 1e-9);
	assert_true(isnan(telemetry_grams(NAN, 344)) && isnan(telemetry_grams(1, NAN)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quantiles_of_type_7),
		cmocka_unit_test(test_a_distribution),
		cmocka_unit_test(test_bins_of_freedman_and_diaconis),
		cmocka_unit_test(test_latency_jitter_and_deadlines),
		cmocka_unit_test(test_windows_that_do_not_count),
		cmocka_unit_test(test_energy_and_power),
		cmocka_unit_test(test_kinds_do_not_mix_in_silence),
		cmocka_unit_test(test_repeats),
		cmocka_unit_test(test_throughput),
		cmocka_unit_test(test_a_single_window_and_none),
		cmocka_unit_test(test_windows_without_a_deadline),
		cmocka_unit_test(test_grams),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
