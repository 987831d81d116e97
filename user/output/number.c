// SPDX-License-Identifier: BSD-2-Clause
#include "output/number.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef unsigned __int128 u128;

#define MANTISSA_BITS 52
#define TWO_TO_53 9007199254740992.0
#define EXACT_MIN 1e-15
#define DIGITS 17		      /* enough for any double */
#define TEN_TO_17 100000000000000000U /* 10^DIGITS */

/* Decimal digits, and the power of ten of the first. */
struct decimal {
	uint64_t digits;
	int exponent;
};

size_t number_u64(uint64_t value, char buffer[NUMBER_SIZE])
{
	char text[NUMBER_SIZE];
	size_t at = sizeof(text), length;

	do {
		text[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	length = sizeof(text) - at;
	memcpy(buffer, text + at, length);
	buffer[length] = '\0';
	return length;
}

static u128 power_of_5(int n)
{
	u128 power = 1;

	while (n-- > 0)
		power *= 5;
	return power;
}

/*
 * Rounds to fewer digits: `whole` and the fraction below it (`bits` bits) to a multiple of `unit`, by
 * the nearest, ties to even. Puts the result, in units, and how far off it is, in 2^-bits.
 */
static uint64_t round_to(uint64_t whole, u128 fraction, int bits, unsigned int unit,
			 u128 *ret_error, bool *ret_up)
{
	u128 step = (u128)unit << bits;
	u128 rest = ((u128)(whole % unit) << bits) | fraction;
	uint64_t rounded = whole / unit;

	*ret_up = 2 * rest > step || (2 * rest == step && (rounded & 1));
	*ret_error = *ret_up ? step - rest : rest;
	return *ret_up ? rounded + 1 : rounded;
}

/*
 * The shortest of 15, 16 and 17 digits that reads back as the value, for values in [EXACT_MIN, 2^53).
 * printf and strtod in turn cost over a microsecond, and a tick of 10,000 processes has 100,000
 * numbers. There the value times 10^k, cut to 17 digits before the point, is m * 5^k * 2^-bits with
 * m * 5^k below 2^128 (k <= 32), so integers give it exactly, and say exactly which other doubles
 * are near: they are 5^k away (half of that below a power of two).
 */
static struct decimal shortest(double value)
{
	uint64_t bits_of, mantissa, whole;
	int exponent, ten, bits;
	u128 ulp, scaled, fraction;
	struct decimal decimal;

	memcpy(&bits_of, &value, sizeof(bits_of));
	mantissa = (bits_of & ((UINT64_C(1) << MANTISSA_BITS) - 1)) | UINT64_C(1) << MANTISSA_BITS;
	exponent = (int)(bits_of >> MANTISSA_BITS) - 1023;
	/* log10(2) is 1233 / 4096 from below: the power of ten, or one less. */
	ten = (exponent * 1233 - (exponent < 0 ? 4095 : 0)) / 4096;
	for (;; ten++) {
		int k = DIGITS - 1 - ten;

		bits = MANTISSA_BITS - exponent - k;
		ulp = power_of_5(k);
		scaled = mantissa * ulp;
		if (scaled >> bits < TEN_TO_17)
			break;
	}
	whole = (uint64_t)(scaled >> bits);
	fraction = scaled - ((u128)whole << bits);
	for (unsigned int unit = 100;; unit /= 10) {
		u128 error;
		bool up;

		decimal.digits = round_to(whole, fraction, bits, unit, &error, &up) * unit;
		if (!up && mantissa == UINT64_C(1) << MANTISSA_BITS)
			error *= 2;
		if (unit == 1 || 2 * error < ulp || (2 * error == ulp && mantissa % 2 == 0))
			break;
	}
	decimal.exponent = ten;
	if (decimal.digits == TEN_TO_17) {
		decimal.digits /= 10;
		decimal.exponent++;
	}
	return decimal;
}

/* As %g does: plain from 1e-4 up. */
static size_t put_decimal(struct decimal decimal, char *buffer)
{
	char digits[NUMBER_SIZE];
	size_t n = number_u64(decimal.digits, digits), before;
	char *at = buffer;

	while (n > 1 && digits[n - 1] == '0')
		n--;
	if (decimal.exponent < -4) {
		*at++ = digits[0];
		if (n > 1)
			*at++ = '.';
		memcpy(at, digits + 1, n - 1);
		at += n - 1;
		*at++ = 'e';
		*at++ = '-';
		*at++ = (char)('0' + -decimal.exponent / 10);
		*at++ = (char)('0' + -decimal.exponent % 10);
		*at = '\0';
		return (size_t)(at - buffer);
	}
	if (decimal.exponent < 0) {
		before = (size_t)-decimal.exponent - 1;
		memcpy(at, "0.000", 2 + before);
		at += 2 + before;
		before = 0;
	} else {
		before = (size_t)decimal.exponent + 1; /* < n: the value has a fraction */
		memcpy(at, digits, before);
		at += before;
		*at++ = '.';
	}
	memcpy(at, digits + before, n - before);
	at += n - before;
	*at = '\0';
	return (size_t)(at - buffer);
}

/* Any value; whatever the locale has for a decimal point becomes one. */
static size_t print_double(double value, char buffer[NUMBER_SIZE])
{
	char text[NUMBER_SIZE];
	size_t length = 0;

	for (int digits = 15; digits <= DIGITS; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, value);
		if (strtod(text, NULL) == value)
			break;
	}
	for (const char *at = text; *at; at++) {
		if (strchr("0123456789+-e", *at))
			buffer[length++] = *at;
		else if (length > 0 && buffer[length - 1] != '.')
			buffer[length++] = '.';
	}
	buffer[length] = '\0';
	return length;
}

size_t number_double(double value, char buffer[NUMBER_SIZE])
{
	double size = fabs(value);
	size_t sign = value < 0;

	if (size < TWO_TO_53 && size == (double)(uint64_t)size) {
		buffer[0] = '-';
		return sign + number_u64((uint64_t)size, buffer + sign);
	}
	if (size >= EXACT_MIN && size < TWO_TO_53) {
		buffer[0] = '-';
		return sign + put_decimal(shortest(size), buffer + sign);
	}
	return print_double(value, buffer);
}
