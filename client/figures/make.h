/*
 * make.h
 *	  What figures_make is made of.
 */
#ifndef MAKE_H
#define MAKE_H

#include "figures/figures.h"
#include "sample/measured.h"

typedef struct Making
{
	const Measured *measured;
	const FiguresContext *context;
	Figures    *figures;
	double	  **medians;		/* by series, which are the workflows: see making_medians */
} Making;

/*
 * The blocks' medians [nblocks] of a series' step (nsteps: the workflow as one),
 * as make_workflows left them.
 */
extern double *making_medians(const Making *making, int series, int step, Metric metric);

/* the metric that is a step's main time: round trip, or the server's total */
extern Metric making_main_metric(const Making *making, int series);

/* the place of the series of this kind, -1 where there is none */
extern int	making_series(const Making *making, int side, WorkflowKind kind, Drive drive,
						  Origin origin);

/* the place of the step with the smallest payload, -1 where there is none */
extern int	making_smallest(const Series *series);

/*
 * The smallest step's network in a block, which is what a round trip itself takes
 * there; where that is not known, or there is no such series (-1), an empty query's.
 */
extern double making_rtt(const Making *making, int side, int series, int block);

/* in this order */
extern void make_sides(Making *making);
extern void make_workflows(Making *making);
extern void make_baselines(Making *making);
extern void make_approaches(Making *making);
extern void make_models(Making *making);
extern void make_profiles(Making *making);
extern void make_differences(Making *making);

/*
 * Is this metric of a cell held against another side's?  The main time is, and
 * every part that is at least DIFFERENCE_LEAST_SHARE of it; a workflow of
 * several steps as one: its round trip, and what its steps have none of.
 */
extern bool is_compared(const WorkflowFigures *workflow, const Cell *cell, Metric metric);

#define DIFFERENCE_LEAST_SHARE 0.01

/*
 * Ratio, p, verdict and detectable difference of n differences, from the logs[i] of
 * their nlogs ratios (of blocks, or of pairs of runs): Student's t, and Holm over
 * all n of them.
 */
extern void differences_judge(Difference *differences, int n, double *const *logs, int nlogs);

#endif							/* MAKE_H */
