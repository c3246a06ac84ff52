/*
 * line.c
 *	  A straight line through points.
 *
 * Of each point is summed how far it is off the means so far: sums of squares of sizes
 * in bytes, one taken from the other, would leave few digits of what lies in between.
 */
#include <math.h>

#include "statistics/line.h"

void
line_add(Points *points, double x, double y, double weight)
{
	double		off_x = x - points->x;
	double		off_y = y - points->y;
	double		share;

	points->n++;
	points->weight += weight;
	share = weight / points->weight;
	points->x += share * off_x;
	points->y += share * off_y;
	points->xx += weight * off_x * (x - points->x);
	points->xy += weight * off_x * (y - points->y);
}

bool
line_through(const Points *points, Line *line)
{
	double		slope = points->xx > 0.0 ? points->xy / points->xx : NAN;

	*line = (Line) {NAN, NAN};
	if (!isfinite(slope))
		return false;
	*line = (Line) {points->y - slope * points->x, slope};
	return true;
}
