// SPDX-License-Identifier: GPL-2.0-only
/* See model/student.h. */
#include <math.h>

#include "model/student.h"

#define MAX_TERMS	500
#define SMALL		1e-300

static double not_zero(double value)
{
	return fabs(value) < SMALL ? SMALL : value;
}

/* The even (@m, 0) and odd (@m, 1) terms of the fraction below. */
static double term(double a, double b, double x, int m, int odd)
{
	if (odd)
		return -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
	return m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
}

/*
 * The continued fraction of the incomplete beta function (NIST's Digital Library of
 * Mathematical Functions, 8.17.22), from its front by the method of Lentz.
 */
static double beta_fraction(double a, double b, double x)
{
	double c = 1, d = 1 / not_zero(1 + term(a, b, x, 0, 1)), value = d, factor;
	int i;

	for (i = 2; i < MAX_TERMS; i++) {
		double next = term(a, b, x, i / 2, i % 2);

		d = 1 / not_zero(1 + next * d);
		c = not_zero(1 + next / c);
		factor = c * d;
		value *= factor;
		if (fabs(factor - 1) < 1e-14)
			break;
	}
	return value;
}

/* The regularized incomplete beta function. */
static double beta(double a, double b, double x)
{
	double front;

	if (x <= 0 || x >= 1)
		return x > 0;
	front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) +
		    b * log1p(-x));
	if (x < (a + 1) / (a + b + 2))
		return front * beta_fraction(a, b, x) / a;
	return 1 - front * beta_fraction(b, a, 1 - x) / b;
}

double student_chance(double t, double freedom)
{
	return beta(freedom / 2, 0.5, freedom / (freedom + t * t));
}
