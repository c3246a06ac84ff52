/*
 * cells.h
 *	  The figures that two sides of result files have in common.
 */
#ifndef CELLS_H
#define CELLS_H

#include <stdbool.h>

#include "compare/contrast.h"
#include "compare/result_file.h"

/* a part is looked at from this share of its round trip and this time on, on either side */
#define CELL_LEAST_PERCENT 1.0
#define CELL_LEAST_MS 0.002

#define NO_STEP (-1)

typedef enum CellState
{
	CELL_LOOKED_AT,
	CELL_TOO_SMALL,				/* below the limits above */
	CELL_MISSING,				/* not in every file */
	CELL_NOT_COMPARABLE			/* a median of 0 or less, or (single runs) without an interval */
} CellState;

typedef struct Cell
{
	WorkflowKind kind;
	Drive		drive;
	Origin		origin;
	int64_t		function_id;	/* NO_STEP: the workflow as one */
	int64_t		payload_bytes;	/* UNKNOWN likewise */
	Metric		metric;
	CellState	state;
	int			nmissing;		/* files without it */
	double	   *left;			/* logarithms of p50, one per file; owned */
	double	   *right;
	double		left_ms;		/* geometric mean of the medians */
	double		right_ms;
	double		single_variance;	/* of log p50 left - right within the runs; NAN: unknown */
} Cell;

typedef struct Cells
{
	int			n;
	Cell	   *cells;			/* owned: cells_free */
} Cells;

/*
 * Every cell of any file, with what becomes of it.  A workflow's total is left
 * out where it has one step, whose round trip it is; a workflow's parts are in
 * it only where its steps do not have them (pipeline, procedure).
 */
extern void cells_collect(const ResultFile *left, int nleft, const ResultFile *right, int nright,
						  Cells *cells);
extern void cells_free(Cells *cells);

/* one contrast per cell that is looked at, in order; *contrasts is malloc'd, the caller's */
extern int	cells_contrasts(const Cells *cells, int nleft, int nright, Contrast **contrasts);

/*
 * Logarithms of what the reference work took in each file, left ones first; the
 * caller's, NULL unless every file has it.
 */
extern double *files_reference(const ResultFile *files, int n);

/*
 * Do the two sides' runs alternate in time, so that runs 1 and 2, 3 and 4 … are
 * one of each side?  Then sort both sides by time, and left[i], right[i] are a
 * pair.
 */
extern bool runs_alternate(ResultFile *left, int nleft, ResultFile *right, int nright);

#endif							/* CELLS_H */
