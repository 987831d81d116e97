// SPDX-License-Identifier: BSD-2-Clause
#include "telemetry/quantity.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIGNIFICANT 4
#define DECIMALS_MAX 12

static const struct unit times[] = {{1, "ns"}, {1e3, "µs"}, {1e6, "ms"}, {1e9, "s"}, {0, NULL}};
static const struct unit energies[] = {{1e-9, "nJ"}, {1e-6, "µJ"}, {1e-3, "mJ"}, {1, "J"},
				       {1e3, "kJ"},  {1e6, "MJ"},  {0, NULL}};
static const struct unit powers[] = {{1e-6, "µW"}, {1e-3, "mW"}, {1, "W"}, {1e3, "kW"}, {0, NULL}};
static const struct unit grams[] = {
	{1e-6, "µgCO2e"}, {1e-3, "mgCO2e"}, {1, "gCO2e"}, {1e3, "kgCO2e"}, {0, NULL}};
static const struct unit bytes[] = {
	{1, "B"}, {1024, "KiB"}, {1048576, "MiB"}, {1073741824, "GiB"}, {0, NULL}};
static const struct unit rates[] = {{1, "/s"}, {0, NULL}};
static const struct unit percents[] = {{0.01, "%"}, {0, NULL}};
static const struct unit counts[] = {{1, ""}, {0, NULL}};

static const struct unit *const units[] = {
	[QUANTITY_TIME] = times,       [QUANTITY_ENERGY] = energies, [QUANTITY_POWER] = powers,
	[QUANTITY_CARBON] = grams,     [QUANTITY_BYTES] = bytes,     [QUANTITY_RATE] = rates,
	[QUANTITY_PERCENT] = percents, [QUANTITY_COUNT] = counts,
};

struct unit unit_for(enum quantity quantity, double magnitude)
{
	const struct unit *unit = units[quantity];

	while (unit[1].symbol && fabs(magnitude) >= unit[1].size)
		unit++;
	return *unit;
}

/* Sets commas between the thousands before the point. */
static void put_commas(const char *digits, char text[QUANTITY_TEXT_SIZE])
{
	size_t sign = digits[0] == '-', whole = strspn(digits + sign, "0123456789"), used = 0;

	for (size_t i = 0; digits[i] && used + 2 < QUANTITY_TEXT_SIZE; i++) {
		if (i > sign && i < sign + whole && (sign + whole - i) % 3 == 0)
			text[used++] = ',';
		text[used++] = digits[i];
	}
	text[used] = '\0';
}

void quantity_decimals(double value, int decimals, char text[QUANTITY_TEXT_SIZE])
{
	char digits[QUANTITY_TEXT_SIZE];

	if (!isfinite(value)) {
		strcpy(text, "–");
		return;
	}
	/* Beyond that a double has no digits to show, and there is no room for them. */
	if (fabs(value) >= 1e20) {
		snprintf(text, QUANTITY_TEXT_SIZE, "%.3e", value);
		return;
	}
	snprintf(digits, sizeof(digits), "%.*f", decimals, value);
	if (strspn(digits, "-0.") == strlen(digits)) /* no "-0.00" */
		snprintf(digits, sizeof(digits), "%.*f", decimals, 0.0);
	put_commas(digits, text);
}

/* The power of ten of its first digit, once it is rounded to the digits that are shown. */
static int exponent_of(double value)
{
	char text[QUANTITY_TEXT_SIZE];

	snprintf(text, sizeof(text), "%.*e", SIGNIFICANT - 1, value);
	return (int)strtol(strchr(text, 'e') + 1, NULL, 10);
}

void quantity_number(double value, char text[QUANTITY_TEXT_SIZE])
{
	int decimals = 0;

	if (isfinite(value) && value != 0)
		decimals = SIGNIFICANT - 1 - exponent_of(value);
	if (decimals < 0)
		decimals = 0;
	quantity_decimals(value, decimals > DECIMALS_MAX ? DECIMALS_MAX : decimals, text);
}

static void strip_zeros(char *text)
{
	size_t length = strlen(text);

	if (!strchr(text, '.') || strchr(text, 'e'))
		return;
	while (text[length - 1] == '0')
		length--;
	text[text[length - 1] == '.' ? length - 1 : length] = '\0';
}

void quantity_text(enum quantity quantity, double value, char text[QUANTITY_TEXT_SIZE])
{
	struct unit unit = unit_for(quantity, value);
	char number[QUANTITY_TEXT_SIZE];

	quantity_number(value / unit.size, number);
	strip_zeros(number);
	if (!isfinite(value) || !unit.symbol[0])
		memcpy(text, number, sizeof(number));
	else
		snprintf(text, QUANTITY_TEXT_SIZE, "%.36s %s", number, unit.symbol);
}

void quantity_count(size_t count, char text[QUANTITY_TEXT_SIZE])
{
	char digits[QUANTITY_TEXT_SIZE];

	snprintf(digits, sizeof(digits), "%zu", count);
	put_commas(digits, text);
}
