// SPDX-License-Identifier: BSD-2-Clause
#include "telemetry/axis.h"

#include <math.h>
#include <stdio.h>

#define LEAST 1e-290 /* below, powers of ten are no longer exact */
#define ALIKE 1e-12  /* of a value: what two differ by that are drawn as one */
#define EPSILON 1e-9 /* of a step: what rounding may add to a tick */

/* The least of 1, 2 and 5 times a power of ten that is no less than `least`. */
static double round_step(double least)
{
	double power = pow(10, floor(log10(least)));

	if (least <= power * (1 + EPSILON))
		return power;
	if (least <= 2 * power * (1 + EPSILON))
		return 2 * power;
	return least <= 5 * power * (1 + EPSILON) ? 5 * power : 10 * power;
}

static void add_tick(struct axis *axis, double value)
{
	if (axis->n_ticks < AXIS_TICKS_MAX)
		axis->ticks[axis->n_ticks++].value = value;
}

static void make_linear(struct axis *axis, bool round, size_t n_ticks)
{
	double size = axis->unit.size, step, first;
	int decimals;

	step = round_step((axis->high - axis->low) / size / (double)n_ticks);
	if (axis->quantity == QUANTITY_COUNT && step < 1)
		step = 1;
	if (round) {
		axis->low = floor(axis->low / size / step + EPSILON) * step * size;
		axis->high = ceil(axis->high / size / step - EPSILON) * step * size;
	}
	decimals = step < 1 ? (int)ceil(-log10(step) - EPSILON) : 0;
	first = ceil(axis->low / size / step - EPSILON);
	for (double i = 0; (first + i) * step * size <= axis->high + step * size * EPSILON; i++) {
		if (axis->n_ticks == AXIS_TICKS_MAX)
			break;
		quantity_decimals((first + i) * step, decimals, axis->ticks[axis->n_ticks].label);
		add_tick(axis, (first + i) * step * size);
	}
}

/* 1, 2, 5, … as long as there is room; then powers of ten, then some of these. */
static void make_log(struct axis *axis, bool round, size_t n_ticks)
{
	int low = (int)floor(log10(axis->low)), high = (int)ceil(log10(axis->high));
	int skip = (high - low) / (int)(n_ticks + 1) + 1;
	double decades = log10(axis->high / axis->low);

	if (round) {
		axis->low = pow(10, low);
		axis->high = pow(10, high);
	}
	for (int power = low; power <= high; power += skip) {
		static const double factors[] = {1, 2, 5};

		for (int i = 0; i < 3; i++) {
			double value = factors[i] * pow(10, power);

			if (i > 0 && decades * 3 > (double)n_ticks)
				continue;
			if (value < axis->low * (1 - EPSILON) || value > axis->high * (1 + EPSILON))
				continue;
			add_tick(axis, value);
		}
	}
	for (size_t i = 0; i < axis->n_ticks; i++) {
		struct unit unit = unit_for(axis->quantity, axis->ticks[i].value * (1 + EPSILON));
		double shown = axis->ticks[i].value / unit.size;
		char number[QUANTITY_TEXT_SIZE];
		int decimals = shown < 1 ? (int)ceil(-log10(shown) - EPSILON) : 0;

		quantity_decimals(shown, decimals, number);
		snprintf(axis->ticks[i].label, sizeof(axis->ticks[i].label), "%.32s%s%s", number,
			 unit.symbol[0] ? " " : "", unit.symbol);
	}
}

void axis_make(struct axis *axis, enum quantity quantity, double low, double high, bool log,
	       bool round, size_t n_ticks)
{
	*axis = (struct axis){.quantity = quantity, .low = low, .high = high};
	axis->log = log && low > LEAST;
	/* One value, as far as a double can tell, or none: an axis of some length around it. */
	if (!(high - low > fmax(LEAST, ALIKE * fabs(high)))) {
		double half = fabs(low) > LEAST ? fabs(low) * 0.1 : 0.5;

		axis->low = isfinite(low) ? low - half : 0;
		axis->high = isfinite(low) ? low + half : 1;
		if (low >= 0 && axis->low < 0)
			axis->low = 0;
	}
	axis->unit = unit_for(quantity, axis->high);
	if (axis->log)
		make_log(axis, round, n_ticks);
	else
		make_linear(axis, round, n_ticks);
}

void axis_place(struct axis *axis, double from, double to)
{
	axis->from = from;
	axis->to = to;
}

double axis_at(const struct axis *axis, double value)
{
	double part;

	if (axis->log)
		part = value > 0 ? log(value / axis->low) / log(axis->high / axis->low) : 0;
	else
		part = (value - axis->low) / (axis->high - axis->low);
	part = part < 0 ? 0 : part;
	part = part > 1 ? 1 : part;
	return axis->from + part * (axis->to - axis->from);
}
