/*
 * estimate.c
 *	  Means of blocks, their intervals by Student's t, and Holm's procedure.
 */
#include <math.h>
#include <stdlib.h>

#include "statistics/estimate.h"
#include "util/memory.h"

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

static double
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

	while (student_two_sided(high, df) > p && high < 1e12)
		high *= 2.0;
	for (int i = 0; i < 200 && high - low > 1e-12 * high; i++)
	{
		double		middle = (low + high) / 2.0;

		if (student_two_sided(middle, df) > p)
			low = middle;
		else
			high = middle;
	}
	return (low + high) / 2.0;
}

/* The mean and its standard error; how many values there are. */
static int
mean_and_error(const double *values, int n, double *mean, double *error)
{
	double		sum = 0.0;
	double		squares = 0.0;
	int			known = 0;

	for (int i = 0; i < n; i++)
	{
		if (!isnan(values[i]))
		{
			sum += values[i];
			known++;
		}
	}
	*mean = known > 0 ? sum / known : NAN;
	for (int i = 0; i < n; i++)
	{
		if (!isnan(values[i]))
			squares += (values[i] - *mean) * (values[i] - *mean);
	}
	*error = known > 1 ? sqrt(squares / (known - 1) / known) : NAN;
	return known;
}

/* The t of an interval; nearly all that are asked for have as many blocks as the last. */
static double
interval_t(int df)
{
	static int	last_df = 0;
	static double last_t;

	if (df != last_df)
	{
		last_t = student_critical(1.0 - CONFIDENCE_PERCENT / 100.0, df);
		last_df = df;
	}
	return last_t;
}

Estimate
estimate_blocks(const double *values, int n)
{
	Estimate	estimate = {NAN, NAN, NAN, 0};
	double		error;

	estimate.nblocks = mean_and_error(values, n, &estimate.value, &error);
	if (estimate.nblocks >= LEAST_INTERVAL_BLOCKS)
	{
		double		half = error * interval_t(estimate.nblocks - 1);

		estimate.low = estimate.value - half;
		estimate.high = estimate.value + half;
	}
	return estimate;
}

Estimate
estimate_exp(Estimate estimate)
{
	return (Estimate) {exp(estimate.value), exp(estimate.low), exp(estimate.high), estimate.nblocks};
}

double
estimate_p_value(const double *values, int n)
{
	double		mean;
	double		error;
	int			known = mean_and_error(values, n, &mean, &error);

	if (known < LEAST_INTERVAL_BLOCKS || mean == 0.0)
		return 1.0;
	return error > 0.0 ? student_two_sided(mean / error, known - 1) : 0.0;
}

bool
estimate_has_interval(const Estimate *estimate)
{
	return !isnan(estimate->low) && !isnan(estimate->high);
}

double
estimate_precision_percent(const Estimate *estimate)
{
	if (!estimate_has_interval(estimate) || estimate->value == 0.0)
		return NAN;
	return 100.0 * (estimate->high - estimate->low) / 2.0 / fabs(estimate->value);
}

typedef struct Hypothesis
{
	double		p;
	int			index;
} Hypothesis;

static int
compare_hypotheses(const void *left, const void *right)
{
	double		a = ((const Hypothesis *) left)->p;
	double		b = ((const Hypothesis *) right)->p;

	return (a > b) - (a < b);
}

/* The k-th smallest is held against alpha / (n - k), until the first that is not below. */
void
holm(const double *p, int n, bool *rejected)
{
	Hypothesis *order = xcalloc((size_t) n + 1, sizeof(Hypothesis));
	bool		still = true;

	for (int i = 0; i < n; i++)
		order[i] = (Hypothesis) {p[i], i};
	if (n > 1)
		qsort(order, (size_t) n, sizeof(Hypothesis), compare_hypotheses);
	for (int k = 0; k < n; k++)
	{
		still = still && order[k].p <= (1.0 - CONFIDENCE_PERCENT / 100.0) / (n - k);
		rejected[order[k].index] = still;
	}
	free(order);
}
