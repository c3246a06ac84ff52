/*
 * percentile.c
 *	  Percentiles and medians.
 */
#include <math.h>
#include <stdlib.h>

#include "sample/sample.h"
#include "statistics/percentile.h"
#include "util/compare.h"

void
sort_doubles(double *values, int n)
{
	if (n > 1)
		qsort(values, (size_t) n, sizeof(double), compare_double);
}

/* the place, from 0 */
static int
nearest_rank(int n, double p)
{
	/* the subtraction keeps 95 % of 20 at rank 19 whatever the rounding */
	int			rank = (int) ceil(p * n / 100.0 - 1e-9);

	if (rank < 1)
		rank = 1;
	return (rank > n ? n : rank) - 1;
}

double
percentile_double(const double *sorted, int n, double p)
{
	return sorted[nearest_rank(n, p)];
}

double
median_double(double *values, int n)
{
	if (n < 1)
		return NAN;
	sort_doubles(values, n);
	return n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2.0;
}

int64_t
median_int64(int64_t *values, int n)
{
	if (n < 1)
		return UNKNOWN;
	qsort(values, (size_t) n, sizeof(int64_t), compare_int64);
	return values[nearest_rank(n, 50.0)];
}
