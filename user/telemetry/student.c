// SPDX-License-Identifier: BSD-2-Clause
#include "telemetry/student.h"

#include <math.h>

#define TERMS_MAX 500
#define PRECISION 1e-15
#define TINY 1e-300
#define HALVINGS 200

/*
 * The continued fraction of the incomplete beta function, NIST DLMF 8.17.22, by Lentz's method as Thompson
 * and Barnett changed it (Journal of Computational Physics 64, 1986): it converges fast for
 * x < (a + 1) / (a + b + 2).
 */
static double beta_fraction(double x, double a, double b)
{
	double c = 1, d = 1 / fmax(1 - (a + b) * x / (a + 1), TINY), value = d;

	for (int m = 1; m < TERMS_MAX; m++) {
		double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
		double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)), step;

		d = 1 / (1 + even * d);
		c = 1 + even / c;
		value *= d * c;
		d = 1 / (1 + odd * d);
		c = 1 + odd / c;
		step = d * c;
		value *= step;
		if (fabs(step - 1) < PRECISION)
			break;
	}
	return value;
}

/* The regularized incomplete beta function. */
static double incomplete_beta(double x, double a, double b)
{
	double front;

	if (x <= 0 || x >= 1)
		return x <= 0 ? 0 : 1;
	front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));
	if (x < (a + 1) / (a + b + 2))
		return front * beta_fraction(x, a, b) / a;
	return 1 - front * beta_fraction(1 - x, b, a) / b;
}

double student_p(double t, double freedom)
{
	return incomplete_beta(freedom / (freedom + t * t), freedom / 2, 0.5);
}

double student_t(double p, double freedom)
{
	double low = 0, high = 1;

	while (student_p(high, freedom) > p)
		high *= 2;
	for (int i = 0; i < HALVINGS && high - low > PRECISION * high; i++) {
		double middle = low + (high - low) / 2;

		if (student_p(middle, freedom) > p)
			low = middle;
		else
			high = middle;
	}
	return high;
}
