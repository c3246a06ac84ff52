/*
 * distribution.c
 *	  Student's t through the incomplete beta function, and the polygamma
 *	  functions by which variances are pooled.
 */
#include <math.h>

#include "statistics/distribution.h"

/*
 * Continued fraction of the incomplete beta function by Lentz's method; quick
 * for x < (a + 1) / (a + b + 2).
 */
static double
beta_fraction(double a, double b, double x)
{
	const double tiny = 1e-300;
	double		c = 1.0;
	double		d = 1.0 - (a + b) * x / (a + 1.0);
	double		h;

	d = 1.0 / (fabs(d) < tiny ? tiny : d);
	h = d;
	for (int m = 1; m <= 1000; m++)
	{
		double		m2 = 2.0 * m;
		double		even = m * (b - m) * x / ((a + m2 - 1.0) * (a + m2));
		double		odd = -(a + m) * (a + b + m) * x / ((a + m2) * (a + m2 + 1.0));
		double		step;

		d = 1.0 + even * d;
		d = 1.0 / (fabs(d) < tiny ? tiny : d);
		c = 1.0 + even / c;
		c = fabs(c) < tiny ? tiny : c;
		h *= d * c;

		d = 1.0 + odd * d;
		d = 1.0 / (fabs(d) < tiny ? tiny : d);
		c = 1.0 + odd / c;
		c = fabs(c) < tiny ? tiny : c;
		step = d * c;
		h *= step;
		if (fabs(step - 1.0) < 1e-15)
			break;
	}
	return h;
}

double
incomplete_beta(double a, double b, double x)
{
	double		front;

	if (x <= 0.0)
		return 0.0;
	if (x >= 1.0)
		return 1.0;
	front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));
	if (x < (a + 1.0) / (a + b + 2.0))
		return front * beta_fraction(a, b, x) / a;
	return 1.0 - front * beta_fraction(b, a, 1.0 - x) / b;
}

double
student_two_sided(double t, double df)
{
	/* beyond a million degrees of freedom the normal differs by less than 1e-6 of itself */
	if (df > 1e6)
		return erfc(fabs(t) / sqrt(2.0));
	return incomplete_beta(df / 2.0, 0.5, df / (df + t * t));
}

double
student_critical(double p, double df)
{
	double		low = 0.0;
	double		high = 1.0;

	if (!(p > 0.0))
		return INFINITY;
	while (student_two_sided(high, df) > p && high < 1e12)
		high *= 2.0;
	for (int i = 0; i < 200 && high - low > 1e-10 * high; i++)
	{
		double		middle = (low + high) / 2.0;

		if (student_two_sided(middle, df) > p)
			low = middle;
		else
			high = middle;
	}
	return (low + high) / 2.0;
}

/* both by recurrence up to where the asymptotic series is exact enough */
double
digamma(double x)
{
	double		sum = 0.0;
	double		r;

	for (; x < 10.0; x += 1.0)
		sum -= 1.0 / x;
	r = 1.0 / (x * x);
	return sum + log(x) - 0.5 / x
		- r * (1.0 / 12 - r * (1.0 / 120 - r * (1.0 / 252 - r / 240)));
}

double
trigamma(double x)
{
	double		sum = 0.0;
	double		r;

	for (; x < 10.0; x += 1.0)
		sum += 1.0 / (x * x);
	r = 1.0 / (x * x);
	return sum + 1.0 / x + r / 2.0
		+ r / x * (1.0 / 6 - r * (1.0 / 30 - r * (1.0 / 42 - r / 30)));
}

/* trigamma falls from infinity to 0, so bisection on the logarithm finds it */
double
trigamma_inverse(double y)
{
	double		low = log(1e-8);
	double		high = log(1e8);

	for (int i = 0; i < 200 && high - low > 1e-9; i++)
	{
		double		middle = (low + high) / 2.0;

		if (trigamma(exp(middle)) > y)
			low = middle;
		else
			high = middle;
	}
	return exp((low + high) / 2.0);
}
