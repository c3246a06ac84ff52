/*
 * compare.h
 *	  Result files against result files: what could not be measured in one run.
 *
 * Whole runs are compared, side B against side A.  A run's own iterations say
 * nothing about what differs from run to run, so the unit is a pair of runs of
 * either side that followed one another; where they came in an order in which a
 * machine that drifts would look like a difference, nothing is said.
 */
#ifndef FIGURES_COMPARE_H
#define FIGURES_COMPARE_H

#include "figures/figures.h"

typedef enum RunOrder
{
	ORDER_SINGLE,				/* one run a side: ratios, no verdict */
	ORDER_MIXED,				/* A B B A, or drawn: in some pairs A came first, in some B */
	ORDER_ALTERNATING,			/* A B A B: drift in one direction is not told from a difference */
	ORDER_SEPARATE				/* A A B B: nothing is */
} RunOrder;

typedef struct ComparedRun
{
	int			place;			/* on the command line */
	const char *path;			/* not owned */
	char		side;			/* 'A' or 'B' */
	Figures		figures;
} ComparedRun;

typedef struct RunPair
{
	int			left;			/* places among the runs */
	int			right;
} RunPair;

typedef struct Comparison
{
	int			nruns;
	ComparedRun *runs;			/* in the order in which they began */
	char	   *sequence;		/* their sides */
	RunOrder	order;
	int			npairs;
	RunPair    *pairs;
	int			ncells;
	Difference *cells;			/* right / left, over the pairs */
	int			nmissing;		/* cells of the first run that are not in every other */
} Comparison;

/*
 * Read all files and refuse what cannot be compared: copies of one run, files of
 * two sides, and other conditions unless ignore_conditions.  False, with messages on
 * stderr; either way the caller's, for comparison_free.
 */
extern bool comparison_read(const char *const *left, int nleft, const char *const *right, int nright,
							bool ignore_conditions, Comparison *comparison);

/* order, pairs and cells, of files that were read */
extern void comparison_make(Comparison *comparison);

/* the geometric mean of a cell's medians on one side of the pairs, in ms */
extern double comparison_ms(const Comparison *comparison, const Difference *cell, bool right);

/* of one cell: is B / A above a limit, by more than chance among all cells? */
typedef struct Slowdown
{
	Estimate	ratio;			/* over the pairs; of one run a side: within the runs, over their blocks */
	bool		slower;			/* Holm over all cells, in this direction alone */
} Slowdown;

/*
 * slowdowns[ncells], of a comparison that was made: which cells of B take more than so
 * many percent longer.  A cell whose ratio has no interval is not slower, nor said not
 * to be.
 */
extern void comparison_slower(const Comparison *comparison, double percent, Slowdown *slowdowns);

extern void comparison_free(Comparison *comparison);

#endif							/* FIGURES_COMPARE_H */
