/*
 * report.h
 *	  What the printed reports share.
 */
#ifndef REPORT_H
#define REPORT_H

#include <stdbool.h>

#include "result.h"

/* an empty line, a heading, a line under it */
extern void report_heading(const char *format,...)
			__attribute__((format(printf, 1, 2)));

/* the batched series that belongs to the multiple one at this place, or NULL */
extern const Series *report_partner(const Result *result, int place);

/* what report_split prints last: the differential arms and the network twice, */
extern void report_arms(const Result *result);

/* and the two approaches of every drive and origin, and how the figures are made */
extern void report_approaches(const Result *result);

#endif							/* REPORT_H */
