/*
 * compare.h
 *	  Comparison functions for qsort and bsearch.
 */
#ifndef COMPARE_H
#define COMPARE_H

#include <stdint.h>

static inline int
compare_int64(const void *left, const void *right)
{
	int64_t		a = *(const int64_t *) left;
	int64_t		b = *(const int64_t *) right;

	return (a > b) - (a < b);
}

/* not for NAN, which has no place in an order */
static inline int
compare_double(const void *left, const void *right)
{
	double		a = *(const double *) left;
	double		b = *(const double *) right;

	return (a > b) - (a < b);
}

#endif							/* COMPARE_H */
