/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ENERGYTRACE_TELEMETRY_QUANTITY_H
#define ENERGYTRACE_TELEMETRY_QUANTITY_H

/* Figures as people read them: in a unit that fits, with as many digits as they are good for. */

#include <stddef.h>

/* What a number is a number of, and the unit it is kept in. */
enum quantity {
	QUANTITY_TIME,	  /* ns */
	QUANTITY_ENERGY,  /* J */
	QUANTITY_POWER,	  /* W */
	QUANTITY_CARBON,  /* gCO2e */
	QUANTITY_BYTES,	  /* bytes */
	QUANTITY_RATE,	  /* windows per second */
	QUANTITY_PERCENT, /* 1 is 100 % */
	QUANTITY_COUNT,
};

/* The number shown is the number kept / `size`. */
struct unit {
	double size;
	const char *symbol; /* UTF-8; "" for none */
};

/* The unit in which `magnitude` has one to three digits before the point, or the nearest there is. */
struct unit unit_for(enum quantity quantity, double magnitude);

#define QUANTITY_TEXT_SIZE 48

/*
 * `value` with four significant digits and no exponent, commas between thousands; "–" for what is not
 * finite.
 */
void quantity_number(double value, char text[QUANTITY_TEXT_SIZE]);

/* The same with a number of decimals. */
void quantity_decimals(double value, int decimals, char text[QUANTITY_TEXT_SIZE]);

/* In its own best unit, without zeros at the end: "1.234 ms". */
void quantity_text(enum quantity quantity, double value, char text[QUANTITY_TEXT_SIZE]);

/* A count, with its commas. */
void quantity_count(size_t count, char text[QUANTITY_TEXT_SIZE]);

#endif
