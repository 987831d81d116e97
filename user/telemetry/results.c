// SPDX-License-Identifier: BSD-2-Clause
#include "telemetry/results.h"

#include "telemetry/array.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

int telemetry_results_load(const char *path, struct telemetry_results *ret, struct errmsg *msg)
{
	struct telemetry_results results = {0};
	int err = telemetry_run_load(path, &results.run, msg);

	if (err)
		return err;
	results.stats = array_new(results.run->n_series, sizeof(*results.stats));
	err = results.stats ? 0 : -ENOMEM;
	while (!err && results.n < results.run->n_series) {
		err = telemetry_stats_make(results.run->series[results.n],
					   &results.stats[results.n]);
		results.n += !err;
	}
	if (err) {
		telemetry_results_done(&results);
		return errmsg_set(msg, err, "no memory for the run");
	}
	*ret = results;
	return 0;
}

void telemetry_results_done(struct telemetry_results *results)
{
	for (size_t i = 0; i < results->n; i++)
		telemetry_stats_done(&results->stats[i]);
	free(results->stats);
	telemetry_run_free(results->run);
	*results = (struct telemetry_results){0};
}

double telemetry_results_duration_ns(const struct telemetry_results *results)
{
	const struct telemetry_facts *facts = &results->run->facts;
	uint64_t first_ns = UINT64_MAX, last_ns = 0;

	if (facts->started_ns > 0 && facts->ended_ns > facts->started_ns)
		return (double)(facts->ended_ns - facts->started_ns);
	for (size_t i = 0; i < results->n; i++) {
		const struct telemetry_series *series = results->stats[i].series;

		for (size_t j = 0; j < series->n; j++) {
			if (series->points[j].start_ns < first_ns)
				first_ns = series->points[j].start_ns;
			if (series->points[j].end_ns > last_ns)
				last_ns = series->points[j].end_ns;
		}
	}
	return last_ns >= first_ns ? (double)(last_ns - first_ns) : NAN;
}
