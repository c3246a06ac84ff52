/*
 * percentile.h
 *	  Percentiles and medians of values that are sorted here, in place.
 *
 * Percentiles are nearest rank: the smallest value with at least p percent of
 * all at or below it.  So each is a value that was measured, and min <= p95 <=
 * p99 <= max holds for every n.
 */
#ifndef PERCENTILE_H
#define PERCENTILE_H

#include <stdint.h>

/* none of the values may be NAN */
extern void sort_doubles(double *values, int n);

/* nearest rank, of sorted values; 0 < p <= 100, n >= 1 */
extern double percentile_double(const double *sorted, int n, double p);

/*
 * The middle value, or the mean of the two: of an even number the lower one
 * alone lies below the median by a good part of a block's error, in every block.
 * NAN for n < 1; no value may be NAN.
 */
extern double median_double(double *values, int n);

/* nearest rank, since sizes are what they are; UNKNOWN for n < 1 */
extern int64_t median_int64(int64_t *values, int n);

#endif							/* PERCENTILE_H */
