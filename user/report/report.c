// SPDX-License-Identifier: BSD-2-Clause
#include "report/report.h"

double report_unresolved(const struct report *report)
{
	double interval_ns = (double)report->sample->interval_ns;
	double update_ns = (double)report->run->update_ns;

	if (interval_ns <= 0)
		return 0;
	return update_ns < interval_ns ? update_ns / interval_ns : 1;
}
