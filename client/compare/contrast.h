/*
 * contrast.h
 *	  Do two sets of runs differ in a cell?
 *
 * The unit is the run: each run brings one figure per cell, the logarithm of
 * its median, so whatever drifts between runs is noise and not a finding.
 * The contrast of a cell is the mean of its left runs minus the mean of its
 * right runs, that is the logarithm of a ratio.
 *
 * How its noise is found depends on the design:
 *
 * DESIGN_PAIRED	runs i of both sides are neighbours in time; the noise is that
 *					of the differences within a pair, so a drift slower than a
 *					pair cancels.
 * DESIGN_POOLED	the runs' scatter about their side's mean, both sides
 *					together (Student).
 * DESIGN_SINGLE	one run a side: only each median's own interval is known;
 *					ASSUMED_DRIFT stands in for the drift between runs.
 *
 * A machine that is shared changes its pace from run to run, and what is
 * measured of it changes along, cells and reference work alike.  So the first
 * two exist by reference as well (analysis of covariance): each cell's medians
 * are set against the reference's over the runs of a side (or over the pairs),
 * and the sides are compared as they would be at one pace.  How much of the
 * pace a cell follows is estimated for each cell, which costs a degree of
 * freedom.  Where the reference itself differs between the sides, none of this
 * can be done: contrasts_reference_differs().
 *
 * With five runs a side a cell's own scatter is poorly known, and a threshold
 * that allows for that and for fifty cells would find nothing.  So cells of one
 * group (the same part at its different sizes) lend each other what they know
 * about their noise, as far as they resemble each other: the moderated t of
 * Smyth (2004), where the weight of what is lent (prior degrees of freedom) is
 * itself estimated from how far the group's variances differ.  Three things
 * keep it honest where runs drift as a whole and cells are not alike: the
 * weight is at most that of the cell's own runs, the scatter of the variances
 * is taken one standard error larger, and what is lent never makes a cell's
 * noise smaller than its own runs show, only its quantile.
 * test/unit/test_compare.c simulates all this.
 *
 * All intervals hold together with 95 % (Bonferroni over the cells).
 */
#ifndef CONTRAST_H
#define CONTRAST_H

#include <stdbool.h>

/* runs of one set-up on one machine drift by a few percent: one standard deviation, as a logarithm */
#define ASSUMED_DRIFT 0.05

/* no median repeats better than this (standard deviation of its logarithm) */
#define LEAST_NOISE 0.001

/* from so many runs a side on a cell's share in the pace can be estimated: no reference before */
#define REFERENCE_RUNS 5

typedef enum Design
{
	DESIGN_PAIRED,
	DESIGN_POOLED,
	DESIGN_PAIRED_BY_REFERENCE,
	DESIGN_POOLED_BY_REFERENCE,
	DESIGN_SINGLE
} Design;

/* what the reference work took in each run, as logarithms; the caller's */
typedef struct ReferenceRuns
{
	const double *left;
	const double *right;
} ReferenceRuns;

typedef struct Contrast
{
	/* given */
	int			group;			/* cells of a group lend each other their noise */
	int			nleft;
	int			nright;
	const double *left;			/* logarithms, one per run; the caller's */
	const double *right;
	double		single_variance;	/* DESIGN_SINGLE: of left[0] - right[0] within the runs */

	/* found */
	double		estimate;		/* logarithm of left / right */
	double		variance;		/* of one run (one pair), as the cell's own runs show it */
	double		weight;			/* variance of the estimate for a variance of 1 */
	double		df;
	double		error;			/* standard error of the estimate, moderated */
	double		error_df;
	double		low;			/* simultaneous interval of the estimate */
	double		high;
	bool		differs;		/* the interval leaves out 0 */
} Contrast;

/*
 * Fill what is to be found in n contrasts.  DESIGN_PAIRED needs nleft = nright
 * >= 2, DESIGN_POOLED three runs in all, and by reference one more each.
 * reference is read by the designs that go by it only.
 */
extern void contrasts_solve(Contrast *contrasts, int n, Design design,
							const ReferenceRuns *reference, double confidence);

/*
 * The design with the narrowest intervals over all cells together (geometric
 * mean), so that no single cell chooses its own test.  Paired ones only where
 * the runs alternate, those by reference only where one is given (not NULL).
 */
extern Design contrasts_choose(Contrast *contrasts, int n, bool alternating,
							   const ReferenceRuns *reference, double confidence);

/*
 * Does the reference itself differ between the sides?  Its difference and
 * interval (99 %, as logarithms) go to *found, where nleft, nright are given.
 */
extern bool contrasts_reference_differs(const ReferenceRuns *reference, bool alternating,
										Contrast *found);

#endif							/* CONTRAST_H */
