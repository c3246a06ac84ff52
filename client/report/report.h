/*
 * report.h
 *	  What the printed reports share.
 */
#ifndef REPORT_H
#define REPORT_H

#include <stdbool.h>

#include "sample/result.h"

/* an empty line, a heading, a line under it */
extern void report_heading(const char *format,...)
			__attribute__((format(printf, 1, 2)));

/*
 * How many of n columns of figures fit on a page beside a first column of that
 * width; at least 1.  names: their headings.
 */
extern int	report_fitting(int first_width, const char *const *names, int n);

/* the batched series that belongs to the multiple one at this place, or NULL */
extern const Series *report_partner(const Result *result, int place);

/* what report_split prints last: the differential arms and the network twice, */
extern void report_arms(const Result *result);

/* and the two approaches of every drive and origin, and how the figures are made */
extern void report_approaches(const Result *result);

#endif							/* REPORT_H */
