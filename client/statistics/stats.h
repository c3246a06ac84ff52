/*
 * stats.h
 *	  Statistics of samples of time, and their intervals.
 *
 * Percentiles are nearest-rank (the smallest value with at least p percent of
 * the sample at or below it), so that min <= p50 <= p95 <= p99 <= max holds for
 * every n.  The interval of the median is that of order statistics (binomial
 * ranks, no assumption about the distribution), 95 %, from n = 6 on.  A figure
 * that cannot be had is NAN here, null in JSON and "n/a" in a table.
 */
#ifndef STATS_H
#define STATS_H

#include <stdbool.h>
#include <stdint.h>

/* in milliseconds */
typedef struct Summary
{
	int64_t		n;
	double		first;			/* first call of a fresh connection, not among the n */
	double		min;
	double		p50;
	double		p90;
	double		p95;
	double		p99;
	double		max;
	double		mean;
	double		stddev;			/* n - 1 in the denominator; NAN for n < 2 */
	double		ci_low;			/* of the median */
	double		ci_high;
} Summary;

typedef struct Interval
{
	double		estimate;
	double		low;
	double		high;
} Interval;

/* values (ns) are sorted in place; first_ns may be UNKNOWN */
extern void summarize(int64_t *values, int n, int64_t first_ns, Summary *summary);

/* nearest-rank percentile of sorted values, 0 < p <= 100; n >= 1 */
extern int64_t percentile_int64(const int64_t *sorted, int n, double p);

/* median (nearest rank), UNKNOWN for n = 0; the values are sorted in place */
extern int64_t median_int64(int64_t *values, int n);

/*
 * Ratio of the medians of a and b, with a 95 % percentile-bootstrap interval
 * (2,000 resamples, a fixed seed so that the same data give the same interval).
 * paired: a[i] and b[i] were measured in the same iteration and are drawn
 * together.  NAN interval for n < 6.
 */
extern Interval ratio_of_medians(const int64_t *a, int na, const int64_t *b, int nb, bool paired);

/* difference of the medians in ms, likewise */
extern Interval difference_of_medians(const int64_t *a, int na, const int64_t *b, int nb, bool paired);

#endif							/* STATS_H */
