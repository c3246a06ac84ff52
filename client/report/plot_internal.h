/*
 * plot_internal.h
 *	  What the files of the plots share: the names of data files, and what
 *	  stands in them.
 */
#ifndef PLOT_INTERNAL_H
#define PLOT_INTERNAL_H

#include <stdio.h>

#include "sample/result.h"

#define PLOT_NAME_SIZE 100
#define PLOT_PARTS (LAST_PART - FIRST_PART + 1)

/* columns of a data file of parts, from 1 on: a label, bytes, n, low, p50, high, then the parts */
#define COLUMN_NAME 1
#define COLUMN_BYTES 2
#define COLUMN_COUNT 3
#define COLUMN_LOW 4
#define COLUMN_P50 5
#define COLUMN_HIGH 6
#define COLUMN_PARTS 7

/* a step, or a workflow as one (step -1), as a row of a data file */
typedef struct PlotRow
{
	const Series *series;
	int			step;
	char		name[PLOT_NAME_SIZE];
	int64_t		bytes;
	int			n;
	double		low;			/* ms; of the round trip, else of the server's total: p5 of a step, */
	double		p50;			/* the median's interval of a workflow */
	double		high;
	double		parts[PLOT_PARTS];	/* p50, ms; 0 where unknown or below 0 */
	double		sum;			/* of the parts */
} PlotRow;

/* rows of a series' steps by size (0 bytes has no place on a logarithmic axis and is left out) */
extern int	plot_step_rows(const Series *series, PlotRow **rows);

/* rows of all workflows as one: seven steps and the batch next to each other */
extern int	plot_workflow_rows(const Result *result, PlotRow **rows);

/* does any of the rows have this part? */
extern bool plot_has_part(const PlotRow *rows, int nrows, int part);

/* false where it could not be written */
extern bool plot_write_rows(FILE *file, const PlotRow *rows, int nrows, bool percent);

/* the scripts; name is that of the picture and of the data file, without the ending */
extern void plot_script_parts(FILE *file, const Result *result, const char *name,
							  const PlotRow *rows, int nrows, bool percent);
extern void plot_script_latency(FILE *file, const Result *result, const char *name,
								const char *const *data, const Series *const *series, int nseries);
extern void plot_script_approaches(FILE *file, const Result *result, const char *name,
								   const PlotRow *rows, int nrows);

#endif							/* PLOT_INTERNAL_H */
