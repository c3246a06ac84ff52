/*
 * percentile.h
 *	  Percentiles by nearest rank: the smallest value with at least p percent of
 *	  all at or below it.  So each is a value that was measured, and min <= p50
 *	  <= p95 <= p99 <= max holds for every n.
 */
#ifndef PERCENTILE_H
#define PERCENTILE_H

#include <stdint.h>

/* of sorted values, 0 < p <= 100, n >= 1 */
extern int64_t percentile_int64(const int64_t *sorted, int n, double p);

/* sorts the values, none of them NAN, in place; UNKNOWN, NAN for n < 1 */
extern int64_t median_int64(int64_t *values, int n);
extern double median_double(double *values, int n);

#endif							/* PERCENTILE_H */
