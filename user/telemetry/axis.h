/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_TELEMETRY_AXIS_H
#define ENERGYTRACE_TELEMETRY_AXIS_H

/* An axis: from values to places on the paper, with ticks at round numbers. */

#include "telemetry/quantity.h"

#include <stdbool.h>
#include <stddef.h>

#define AXIS_TICKS_MAX 16

struct axis_tick {
	double value;
	char label[QUANTITY_TEXT_SIZE];
};

struct axis {
	enum quantity quantity;
	double low, high; /* the values at its ends; low > 0 where it is logarithmic */
	bool log;
	struct unit unit; /* of the labels; a logarithmic axis has units in the labels */
	double from, to;  /* the places of its ends */
	struct axis_tick ticks[AXIS_TICKS_MAX];
	size_t n_ticks;
};

/*
 * An axis for values from `low` to `high` with about `n_ticks` ticks. It is logarithmic if `log` is set
 * and low is above 0 (by more than the least numbers that there are). Where `round` is set it ends at ticks.
 */
void axis_make(struct axis *axis, enum quantity quantity, double low, double high, bool log,
	       bool round, size_t n_ticks);

/* Where the axis lies; from the left to the right, or from the bottom up. */
void axis_place(struct axis *axis, double from, double to);

/* The place of a value; what is beyond an end is at that end. */
double axis_at(const struct axis *axis, double value);

#endif
