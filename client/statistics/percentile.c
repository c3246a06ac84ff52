/*
 * percentile.c
 *	  Percentiles by nearest rank.
 */
#include <math.h>
#include <stdlib.h>

#include "sample/sample.h"
#include "statistics/percentile.h"
#include "util/compare.h"

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

int64_t
percentile_int64(const int64_t *sorted, int n, double p)
{
	return sorted[nearest_rank(n, p)];
}

int64_t
median_int64(int64_t *values, int n)
{
	if (n < 1)
		return UNKNOWN;
	qsort(values, (size_t) n, sizeof(int64_t), compare_int64);
	return values[nearest_rank(n, 50.0)];
}

double
median_double(double *values, int n)
{
	if (n < 1)
		return NAN;
	qsort(values, (size_t) n, sizeof(double), compare_double);
	return values[nearest_rank(n, 50.0)];
}
