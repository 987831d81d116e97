/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_BENCH_LINE_H
#define ENERGYTRACE_BENCH_LINE_H

/* All that a tick goes through, as the program has it in line, with a watch at each stage. */

#include "output/output.h"
#include "report/report.h"
#include "sample/collect.h"

struct line {
	struct collector *collector;
	struct reporter *reporter;
	struct output *output;
	struct sample sample;
};

struct line_times {
	uint64_t collector_ns, reporter_ns, output_ns;
	size_t n_tasks, n_lines;
};

/* `spec` is that of an output. 0 or a negative errno with `msg` filled; line_close in any case. */
int line_open(struct line *line, uint32_t rows, const char *spec, struct errmsg *msg);

/* One tick; the first is the start mark. `ret` may be NULL. */
int line_tick(struct line *line, struct line_times *ret, struct errmsg *msg);

void line_close(struct line *line);

#endif
