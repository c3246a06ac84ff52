/*
 * line.h
 *	  A straight line through points, by weighted least squares.
 */
#ifndef LINE_H
#define LINE_H

#include <stdbool.h>

/* what is kept of the points: begins as {0} */
typedef struct Points
{
	int			n;
	double		weight;			/* of all */
	double		x;				/* means */
	double		y;
	double		xx;				/* weighted squares and products of what points are off the means */
	double		xy;
} Points;

/* y = at_zero + slope * x */
typedef struct Line
{
	double		at_zero;
	double		slope;
} Line;

/* a point, of a weight above 0 */
extern void line_add(Points *points, double x, double y, double weight);

/* false, and both NAN: fewer than two different x, or a number in it that is none */
extern bool line_through(const Points *points, Line *line);

#endif							/* LINE_H */
