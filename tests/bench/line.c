// SPDX-License-Identifier: BSD-2-Clause
#include "line.h"

#include "bench.h"
#include "carbon/carbon.h"

#include <string.h>

int line_open(struct line *line, uint32_t rows, const char *spec, struct errmsg *msg)
{
	const struct collector_options options = {
		.source = "estimate",
		.estimate = "1:4",
		.sysfs = "/sys",
		.procfs = "/proc",
		.ledger_rows = rows,
	};
	struct reporter_options reporter_options = {.window = 10, .model = &attribution_share};
	struct output_options output_options = {};
	int err;

	err = collector_open(&options, &line->collector, msg);
	if (!err)
		err = carbon_parse(CARBON_DEFAULT, &reporter_options.carbon, msg);
	if (err)
		return err;
	err = reporter_new(&reporter_options, collector_run(line->collector), &line->reporter);
	if (err)
		return errmsg_set(msg, err, "out of memory");
	output_options.run = collector_run(line->collector);
	return output_open(spec, &output_options, &line->output, msg);
}

int line_tick(struct line *line, struct line_times *ret, struct errmsg *msg)
{
	const struct report *report;
	uint64_t at[4];
	int err;

	at[0] = bench_cpu_ns();
	err = collector_tick(line->collector, &line->sample, msg);
	if (err)
		return err;
	at[1] = bench_cpu_ns();
	err = reporter_tick(line->reporter, &line->sample, &report);
	if (err)
		return errmsg_set(msg, err, "out of memory");
	at[2] = bench_cpu_ns();
	err = output_report(line->output, report, msg);
	if (err || !ret)
		return err;
	at[3] = bench_cpu_ns();
	*ret = (struct line_times){
		.collector_ns = at[1] - at[0],
		.reporter_ns = at[2] - at[1],
		.output_ns = at[3] - at[2],
		.n_tasks = line->sample.n_tasks,
		.n_lines = report->n_entities,
	};
	return 0;
}

void line_close(struct line *line)
{
	output_close(line->output);
	reporter_free(line->reporter);
	collector_close(line->collector);
	sample_done(&line->sample);
	memset(line, 0, sizeof(*line));
}
