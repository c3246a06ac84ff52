/*
 * blocks.h
 *	  From values per iteration to figures over the blocks.
 *
 * A value per iteration is NAN where there is none.  Everything is in
 * milliseconds unless it is a logarithm.
 */
#ifndef BLOCKS_H
#define BLOCKS_H

#include "figures/figures.h"
#include "sample/measured.h"

/* one metric of one sample; NAN unless it was measured */
extern double sample_ms(const Sample *sample, Metric metric);

/* a step of a series (nsteps: the workflow as one) in an iteration */
extern const Sample *series_sample(const Series *series, int step, int iteration);

/* the median of each block's values, NAN of a block that has none, into medians[nblocks] */
extern void block_medians(const Measured *measured, const double *values, double *medians);

/* Student's t over the blocks' medians; the second: of logarithms, as a ratio */
extern Estimate estimate_medians(const Measured *measured, const double *values);
extern Estimate estimate_ratio(const Measured *measured, const double *logs);

/* medians[nblocks], NULL or filled with the blocks' medians; the values' order is lost */
extern void summary_make(const Measured *measured, double *values, double *medians,
						 Summary *summary);

/* log(a / b), NAN unless both are above zero */
extern double log_ratio(double a, double b);

#endif							/* BLOCKS_H */
