/*
 * estimate.h
 *	  The one estimator of every interval that is printed, saved or drawn.
 *
 * A block gives one value (a median over its iterations, a median log ratio, a
 * fitted floor …); the blocks' values are independent, since each block has
 * connections of its own, and so Student's t over them holds where iterations
 * within a block resemble each other.
 */
#ifndef ESTIMATE_H
#define ESTIMATE_H

#include <stdbool.h>

/* fewer blocks than this give no interval */
#define LEAST_INTERVAL_BLOCKS 6

#define CONFIDENCE_PERCENT 95

typedef struct Estimate
{
	double		value;			/* mean of the blocks' values; NAN: none is known */
	double		low;			/* NAN: fewer than LEAST_INTERVAL_BLOCKS */
	double		high;
	int			nblocks;		/* that have a value */
} Estimate;

/* values that are NAN are left out; the values are not changed */
extern Estimate estimate_blocks(const double *values, int n);

/* of logarithms a ratio: value, low and high are exp()s */
extern Estimate estimate_exp(Estimate estimate);

/* two-sided probability of a mean this far from zero, 1 where there is no interval */
extern double estimate_p_value(const double *values, int n);

/* half of the interval's width in percent of the value; NAN: no interval */
extern double estimate_precision_percent(const Estimate *estimate);

extern bool estimate_has_interval(const Estimate *estimate);

/*
 * Holm's procedure at 1 - CONFIDENCE_PERCENT / 100 over n probabilities:
 * rejected[i] where the i-th null hypothesis is.
 */
extern void holm(const double *p, int n, bool *rejected);

/* the t that is exceeded in absolute value with this probability, 0 < p < 1, df >= 1 */
extern double student_critical(double p, double df);

/* probability that |t| is at least this large */
extern double student_two_sided(double t, double df);

#endif							/* ESTIMATE_H */
