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

static unsigned int count_digits(uint64_t value)
{
	static const uint64_t tens[] = {
		0U,
		10U,
		100U,
		1000U,
		10000U,
		100000U,
		1000000U,
		10000000U,
		100000000U,
		1000000000U,
		10000000000U,
		100000000000U,
		1000000000000U,
		10000000000000U,
		100000000000000U,
		1000000000000000U,
		10000000000000000U,
		100000000000000000U,
		1000000000000000000U,
		10000000000000000000U,
	};
	/* Bits times log10(2): the digits, or one less. */
	unsigned int n = (64U - (unsigned int)__builtin_clzll(value | 1)) * 1233 >> 12;

	return n + (value >= tens[n]);
}

static void put_pair(char *at, uint32_t value)
{
	static const char pairs[] = "00010203040506070809101112131415161718192021222324"
				    "25262728293031323334353637383940414243444546474849"
				    "50515253545556575859606162636465666768697071727374"
				    "75767778798081828384858687888990919293949596979899";

	memcpy(at, pairs + (size_t)2 * value, 2);
}

static void put_eight(char *at, uint32_t value)
{
	uint32_t high = value / 10000, low = value % 10000;

	put_pair(at, high / 100);
	put_pair(at + 2, high % 100);
	put_pair(at + 4, low / 100);
	put_pair(at + 6, low % 100);
}

/*
 * In place and from the last digit on: bytes that were written one by one are slow to copy as a
 * whole right after. In pairs and eights, because a division waits for the one before it.
 */
static size_t put_u64(uint64_t value, char *buffer)
{
	size_t length = count_digits(value);
	char *at = buffer + length;
	uint32_t rest;

	*at = '\0';
	for (; value >= 100000000; value /= 100000000)
		put_eight(at -= 8, (uint32_t)(value % 100000000));
	for (rest = (uint32_t)value; rest >= 100; rest /= 100)
		put_pair(at -= 2, rest % 100);
	if (rest >= 10)
		put_pair(buffer, rest);
	else
		*buffer = (char)('0' + rest);
	return length;
}

size_t number_u64(uint64_t value, char buffer[NUMBER_SIZE])
{
	return put_u64(value, buffer);
}

/* Up to 5^54, of which the products fit. */
static u128 power_of_5(int n)
{
	static const uint64_t powers[] = {
		1U,
		5U,
		25U,
		125U,
		625U,
		3125U,
		15625U,
		78125U,
		390625U,
		1953125U,
		9765625U,
		48828125U,
		244140625U,
		1220703125U,
		6103515625U,
		30517578125U,
		152587890625U,
		762939453125U,
		3814697265625U,
		19073486328125U,
		95367431640625U,
		476837158203125U,
		2384185791015625U,
		11920928955078125U,
		59604644775390625U,
		298023223876953125U,
		1490116119384765625U,
		7450580596923828125U,
	};

	return n < 28 ? powers[n] : (u128)powers[27] * powers[n - 27];
}

/* A value as `whole` and the fraction below it in 2^-bits; other doubles are `ulp` * 2^-bits away. */
struct scaled {
	uint64_t whole;
	u128 fraction, ulp;
	uint64_t whole_ulp; /* the whole part of it */
	int bits;
	bool even; /* the last bit of the double is 0: it gets what is halfway to the next */
	bool power_of_two; /* the next one below is half as far */
};

/*
 * Rounds to a multiple of `unit` (10 or 100), by the nearest, ties to even. Returns whether that
 * still reads back as the value. Always inlined: `unit` is a constant then, and nothing is divided.
 */
static inline __attribute__((always_inline)) bool round_to(const struct scaled *value,
							   unsigned int unit, uint64_t *ret)
{
	uint64_t over = value->whole % unit, off = over < unit / 2 ? over : unit - 1 - over;
	u128 step, rest, error;
	bool up;

	/* Too far off for the fraction to matter: nearly always so where 17 digits are needed. */
	if (2 * off > value->whole_ulp)
		return false;
	step = (u128)unit << value->bits;
	rest = ((u128)over << value->bits) | value->fraction;
	up = 2 * rest > step || (2 * rest == step && (value->whole / unit & 1));
	error = up ? step - rest : rest;
	if (!up && value->power_of_two)
		error *= 2;
	*ret = value->whole - over + (up ? unit : 0);
	return 2 * error < value->ulp || (2 * error == value->ulp && value->even);
}

/* To 17 digits, which always read back. */
static uint64_t round_off(const struct scaled *value)
{
	u128 step = (u128)1 << value->bits;

	return value->whole +
	       (2 * value->fraction > step || (2 * value->fraction == step && (value->whole & 1)));
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
	uint64_t bits_of, mantissa;
	int exponent, ten;
	struct decimal decimal;
	struct scaled scaled;
	u128 all;

	memcpy(&bits_of, &value, sizeof(bits_of));
	mantissa = (bits_of & ((UINT64_C(1) << MANTISSA_BITS) - 1)) | UINT64_C(1) << MANTISSA_BITS;
	exponent = (int)(bits_of >> MANTISSA_BITS) - 1023;
	/* log10(2) is 1233 / 4096 from below: the power of ten, or one less. */
	ten = (exponent * 1233 - (exponent < 0 ? 4095 : 0)) / 4096;
	for (;; ten++) {
		int k = DIGITS - 1 - ten;

		scaled.bits = MANTISSA_BITS - exponent - k;
		scaled.ulp = power_of_5(k);
		all = mantissa * scaled.ulp;
		if (all >> scaled.bits < TEN_TO_17)
			break;
	}
	scaled.whole = (uint64_t)(all >> scaled.bits);
	scaled.fraction = all - ((u128)scaled.whole << scaled.bits);
	scaled.even = mantissa % 2 == 0;
	scaled.power_of_two = mantissa == UINT64_C(1) << MANTISSA_BITS;
	scaled.whole_ulp = (uint64_t)(scaled.ulp >> scaled.bits);
	if (!round_to(&scaled, 100, &decimal.digits) && !round_to(&scaled, 10, &decimal.digits))
		decimal.digits = round_off(&scaled);
	decimal.exponent = ten;
	if (decimal.digits == TEN_TO_17) {
		decimal.digits /= 10;
		decimal.exponent++;
	}
	return decimal;
}

/* Puts a point behind the first `before` of `n` digits, which begin at buffer[1]. */
static size_t put_point(char *buffer, size_t before, size_t n)
{
	for (size_t i = 0; i < before; i++)
		buffer[i] = buffer[i + 1];
	if (n == before)
		return n;
	buffer[before] = '.';
	return n + 1;
}

/* As %g does: plain from 1e-4 up. */
static size_t put_decimal(struct decimal decimal, char *buffer)
{
	size_t zeros, length;

	while (decimal.digits % 10 == 0)
		decimal.digits /= 10;
	if (decimal.exponent < -4) {
		length = put_point(buffer, 1, put_u64(decimal.digits, buffer + 1));
		buffer[length++] = 'e';
		buffer[length++] = '-';
		buffer[length++] = (char)('0' + -decimal.exponent / 10);
		buffer[length++] = (char)('0' + -decimal.exponent % 10);
		buffer[length] = '\0';
		return length;
	}
	if (decimal.exponent < 0) {
		zeros = (size_t)-decimal.exponent - 1;
		memcpy(buffer, "0.000", 5);
		return 2 + zeros + put_u64(decimal.digits, buffer + 2 + zeros);
	}
	/* The value has a fraction, so the point is within the digits. */
	return put_point(buffer, (size_t)decimal.exponent + 1, put_u64(decimal.digits, buffer + 1));
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
		return sign + put_u64((uint64_t)size, buffer + sign);
	}
	if (size >= EXACT_MIN && size < TWO_TO_53) {
		buffer[0] = '-';
		return sign + put_decimal(shortest(size), buffer + sign);
	}
	return print_double(value, buffer);
}
